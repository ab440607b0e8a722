// Draws the window with a run, every dock in front once, both themes, small and large, and in a language that is longer,
// into the folder shots/ beside the programs, to be looked at. What does not fit fails. With QT_SCALE_FACTOR=2 the same
// pixels at twice the scale.
#include "app/designer/pseudo_locale.h"
#include "engine/pipeline/json.h"
#include "tests/designer/room.h"
#include "widgets/theme/theme_host.h"

#include <QDockWidget>
#include <QLabel>
#include <QScrollArea>
#include <QTabBar>
#include <QToolButton>
#include <algorithm>

using namespace streamwright;

namespace {

const QString kFolder = QStringLiteral(PROGRAM_FOLDER "/shots");

// Buttons and lines of text that are cut off.
QStringList cutOff(const QWidget& window)
{
    // What has just got another text gets its place first.
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    QStringList cut;
    for (const QWidget* widget : window.findChildren<QWidget*>()) {
        if (!widget->isVisible() || widget->visibleRegion().isEmpty() || widget->sizePolicy().horizontalPolicy() == QSizePolicy::Ignored) continue;
        const auto* label = qobject_cast<const QLabel*>(widget);
        const auto* button = qobject_cast<const QAbstractButton*>(widget);
        const bool lines = label && !label->wordWrap() && label->pixmap().isNull();
        if (!lines && !button) continue;
        const QString text = label ? label->text() : button->text();
        // What ends with dots was shortened on purpose.
        if (text.size() < 2 || text.endsWith(u'…')) continue;
        if (widget->minimumSizeHint().width() > widget->width() + 2) cut += QStringLiteral("%1 \"%2\" needs %3 and has %4").arg(widget->metaObject()->className(), text).arg(widget->minimumSizeHint().width()).arg(widget->width());
    }
    return cut;
}

}

class ShotsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        QDir().mkpath(kFolder);
    }

    void theWindow_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QSize>("pixels");
        QTest::addColumn<bool>("pseudo");
        for (const bool dark : {true, false}) {
            const char* theme = dark ? "dark" : "light";
            QTest::addRow("%s-1280x720", theme) << dark << QSize(1280, 720) << false;
            QTest::addRow("%s-3840x2160", theme) << dark << QSize(3840, 2160) << false;
        }
        QTest::newRow("pseudo-1440x900") << true << QSize(1440, 900) << true;
    }
    void theWindow()
    {
        QFETCH(bool, dark);
        QFETCH(QSize, pixels);
        QFETCH(bool, pseudo);
        const double scale = qApp->devicePixelRatio();
        if (scale > 1 && pixels.width() < 3840) QSKIP("too few pixels for this scale");
        ThemeHost::instance().choose(dark ? ThemeHost::Choice::Dark : ThemeHost::Choice::Light);
        PseudoLocale language;
        if (pseudo) QApplication::installTranslator(&language);
        {
            Room room;
            MainWindow& window = *room.window;
            const QSize size = (QSizeF(pixels) / scale).toSize();
            window.resize(size);
            shoot(window, "start");
            PipelineTab& tab = room.open("demo.json", demoPipeline(R"("batch_interval": "50ms", "checkpoint": "demo.checkpoint")"));
            QCOMPARE(window.size(), size);
            window.startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
            QTRY_VERIFY(tab.run().batches().size() > 30);
            tab.document().selection().setNodes({NodeId{"totals"}});
            QStringList cut;
            for (const DockSpec& spec : dockSpecs()) {
                window.docks().open(spec.id);
                window.docks().dock(spec.id)->raise();
                QCoreApplication::processEvents();
                const int64_t before = tab.run().batches().back()->number;
                QTRY_VERIFY(tab.run().batches().back()->number > before + 3);
                shoot(window, spec.id);
                for (const QString& one : cutOff(window)) cut += QStringLiteral("%1: %2").arg(QString::fromLatin1(spec.id), one);
            }
            tab.run().stop(StopHow::AtOnce);
            QTRY_VERIFY(!tab.run().isRunning());
            shoot(window, "stopped");
            QCOMPARE(window.size(), size);
            cut.removeDuplicates();
            for (const QString& one : cut) qWarning("%s", qPrintable(one));
            QVERIFY2(cut.isEmpty(), qPrintable(QString("%1 texts are cut off").arg(cut.size())));
        }
        QApplication::removeTranslator(&language);
    }

    // Every node of the catalog in the inspector, with all its fields filled in and unfolded.
    void everyNode_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<bool>("pseudo");
        QTest::newRow("dark") << true << false;
        QTest::newRow("light") << false << false;
        QTest::newRow("pseudo") << true << true;
    }
    void everyNode()
    {
        QFETCH(bool, dark);
        QFETCH(bool, pseudo);
        if (qApp->devicePixelRatio() > 1) QSKIP("the same at every scale");
        ThemeHost::instance().choose(dark ? ThemeHost::Choice::Dark : ThemeHost::Choice::Light);
        PseudoLocale language;
        if (pseudo) QApplication::installTranslator(&language);
        {
            Room room;
            MainWindow& window = *room.window;
            window.resize(1280, 720);
            PipelineTab& tab = room.open("all.json", everyNodeOnce());
            window.docks().open("inspector");
            auto* inspector = window.docks().dock("inspector")->findChild<QScrollArea*>();
            QVERIFY(inspector);
            QStringList cut;
            for (const NodeType& type : catalog().types()) {
                const std::string name = nodeName(type);
                tab.document().selection().setNodes({NodeId{name}});
                QCoreApplication::processEvents();
                for (QToolButton* fold : inspector->findChildren<QToolButton*>()) {
                    if (fold->isVisible() && fold->isCheckable() && !fold->isChecked()) fold->click();
                }
                QCoreApplication::processEvents();
                // All of it at once: the dock is as narrow as it is, and as high as it needs.
                QWidget* all = inspector->widget();
                all->resize(all->width(), all->sizeHint().height());
                QVERIFY(all->grab().save(QStringLiteral("%1/inspector-%2-%3.png").arg(kFolder, QString::fromLatin1(QTest::currentDataTag()), QString::fromStdString(name))));
                if (all->minimumSizeHint().width() > inspector->viewport()->width()) cut += QStringLiteral("%1 is %2 wide and has %3").arg(QString::fromStdString(name)).arg(all->minimumSizeHint().width()).arg(inspector->viewport()->width());
                for (const QString& one : cutOff(window)) cut += QStringLiteral("%1: %2").arg(QString::fromStdString(name), one);
            }
            for (const QString& one : cut) qWarning("%s", qPrintable(one));
            QVERIFY2(cut.isEmpty(), qPrintable(QString("%1 texts are cut off").arg(cut.size())));
        }
        QApplication::removeTranslator(&language);
    }

private:
    static std::string nodeName(const NodeType& type)
    {
        std::string name = type.spec.type;
        std::ranges::replace(name, '.', '_');
        return name;
    }

    static QByteArray everyNodeOnce()
    {
        Json nodes = Json::object();
        for (const NodeType& type : catalog().types()) {
            Json options = Json::object();
            for (const FieldSpec& field : type.spec.fields) {
                if (!field.example.isNull()) options.set(field.name, field.example);
            }
            nodes.set(nodeName(type), Json::object({{"type", Json::string(type.spec.type)}, {"options", options}}));
        }
        const Json document = Json::object({{"format", Json::string("streamwright/1")}, {"name", Json::string("all")}, {"nodes", nodes}, {"edges", Json::array({})}});
        return QByteArray::fromStdString(printJson(document));
    }

    static void shoot(QWidget& window, const char* name)
    {
        const QString scale = qApp->devicePixelRatio() > 1 ? QStringLiteral("@%1").arg(qApp->devicePixelRatio()) : QString();
        QVERIFY(window.grab().save(QStringLiteral("%1/window-%2%3-%4.png").arg(kFolder, QString::fromLatin1(QTest::currentDataTag()), scale, QString::fromLatin1(name))));
    }
};

QTEST_MAIN(ShotsTest)
#include "shots_test.moc"
