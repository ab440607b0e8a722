// streamwright-designer [FILE…]: draws, runs and watches pipelines.
#include "app/designer/main_window.h"
#include "app/designer/plurals.h"
#include "app/designer/preferences.h"
#include "app/designer/pseudo_locale.h"
#include "app/designer/single_window.h"
#include "app/designer/start_page.h"
#include "engine/base/memory.h"
#include "engine/nodes/catalog.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QIcon>
#include <QLocale>

#include <clocale>

namespace {

void describe(QCommandLineParser& line)
{
    line.setApplicationDescription(QStringLiteral("Draws, runs and watches stream pipelines."));
    line.addHelpOption();
    line.addVersionOption();
    line.addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("Pipeline files to open"), QStringLiteral("[FILE…]"));
    line.addOption({QStringLiteral("quick-start"), QStringLiteral("Open the quick start, running")});
    line.addOption({QStringLiteral("pseudo-locale"), QStringLiteral("Show every text 40 % longer and with accents, to find those that do not fit or are not translated")});
    line.addOption({QStringLiteral("run"), QStringLiteral("Run the first file at once")});
}

}

int main(int argc, char** argv)
{
    using namespace streamwright;
    keepFreedMemory();
    QCoreApplication::setOrganizationName(QStringLiteral("streamwright"));
    QCoreApplication::setApplicationName(QStringLiteral("designer"));
    QCoreApplication::setApplicationVersion(QStringLiteral(STREAMWRIGHT_VERSION));
    Preferences::applyBeforeStart();
    QApplication application(argc, argv);
    // Qt takes the user's locale; the engine reads and writes numbers as files do.
    std::setlocale(LC_NUMERIC, "C");
    QApplication::setDesktopFileName(QStringLiteral("streamwright"));
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/streamwright.svg")));

    QCommandLineParser line;
    describe(line);
    line.process(application);
    QStringList files;
    for (const QString& file : line.positionalArguments()) files += QFileInfo(file).absoluteFilePath();

    SingleWindow single;
    const bool special = line.isSet(QStringLiteral("quick-start")) || line.isSet(QStringLiteral("run"));
    if (!special && single.handOver(files)) return 0;

    Plurals plurals;
    QApplication::installTranslator(&plurals);
    // Where one is installed for the user's language.
    QTranslator translation;
    if (translation.load(QLocale(), QStringLiteral("streamwright"), QStringLiteral("_"), QApplication::applicationDirPath() + QStringLiteral("/../share/streamwright/translations"))) QApplication::installTranslator(&translation);
    PseudoLocale pseudo;
    if (line.isSet(QStringLiteral("pseudo-locale"))) QApplication::installTranslator(&pseudo);
    Preferences::apply();
    const Catalog catalog = builtInNodes();
    MainWindow window(catalog);
    single.listen(window);
    window.show();
    window.recoverUntitled();
    for (const QString& file : files) window.openFile(file.toStdString());
    if (line.isSet(QStringLiteral("quick-start"))) window.openExample(examplesFolder() / "quickstart" / "demo_word_count.json");
    if (line.isSet(QStringLiteral("run")) && window.tab()) window.startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
    return QApplication::exec();
}
