// Every text that a person reads goes through a translation: in the pseudo language nothing of ours is left in English.
#include "app/designer/dialogs.h"
#include "app/designer/plurals.h"
#include "app/designer/pseudo_locale.h"
#include "engine/pipeline/document_json.h"
#include "tests/designer/room.h"
#include "widgets/theme/names.h"

#include <QComboBox>
#include <QDialog>
#include <QDockWidget>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QRegularExpression>
#include <QTabBar>
#include <QTreeView>
#include <QTreeWidget>

using namespace streamwright;

namespace {

// What is left of a text without its translated parts, markup and what the pipeline itself says.
QStringList english(QString text, const std::set<QString>& known)
{
    static const QRegularExpression translated(u"⟦[^⟦⟧]*⟧"_qs), markup(u"<[^>]*>"_qs), word(u"[A-Za-z]{3,}[A-Za-z_]*"_qs);
    // Texts stand within others.
    for (QString before; before != text;) {
        before = text;
        text.replace(translated, u" "_qs);
    }
    text.replace(markup, u" "_qs);
    QStringList left;
    for (auto found = word.globalMatch(text); found.hasNext();) {
        const QString one = found.next().captured();
        if (!known.contains(one)) left += one;
    }
    return left;
}

void add(QStringList& texts, const QString& text)
{
    if (!text.isEmpty()) texts += text;
}

void addModel(QStringList& texts, const QAbstractItemModel* model)
{
    if (!model) return;
    for (int column = 0; column < model->columnCount(); ++column) {
        add(texts, model->headerData(column, Qt::Horizontal).toString());
        add(texts, model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString());
    }
}

QStringList textsOf(QWidget& widget)
{
    QStringList texts;
    add(texts, widget.toolTip());
    add(texts, widget.accessibleName());
    add(texts, widget.accessibleDescription());
    add(texts, widget.windowTitle());
    if (auto* label = qobject_cast<QLabel*>(&widget)) add(texts, label->text());
    if (auto* button = qobject_cast<QAbstractButton*>(&widget)) add(texts, button->text());
    if (auto* group = qobject_cast<QGroupBox*>(&widget)) add(texts, group->title());
    if (auto* edit = qobject_cast<QLineEdit*>(&widget)) add(texts, edit->placeholderText());
    if (auto* edit = qobject_cast<QPlainTextEdit*>(&widget)) add(texts, edit->placeholderText());
    if (auto* tree = qobject_cast<QTreeView*>(&widget); tree && !tree->isHeaderHidden()) addModel(texts, tree->model());
    if (auto* tabs = qobject_cast<QTabBar*>(&widget)) {
        for (int i = 0; i < tabs->count(); ++i) add(texts, tabs->tabText(i));
    }
    for (const QAction* action : widget.actions()) add(texts, action->text());
    return texts;
}

}

class TranslationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QApplication::installTranslator(&pseudo_); }
    void oneNodeIsNoNodes()
    {
        const Plurals plurals;
        QCOMPARE(plurals.translate("", "Move %n node(s)", nullptr, 1), QString("Move %n node"));
        QCOMPARE(plurals.translate("", "Move %n node(s)", nullptr, 2), QString("Move %n nodes"));
        QVERIFY(plurals.translate("", "Move %n node(s)", nullptr, -1).isNull() && plurals.translate("", "Move", nullptr, 2).isNull());
    }
    void cleanupTestCase() { QApplication::removeTranslator(&pseudo_); }

    void thePseudoLanguage_data()
    {
        QTest::addColumn<QString>("english");
        QTest::addColumn<QString>("pseudo");
        QTest::newRow("mnemonic") << "Save &as…" << u"⟦Šåvé &aš…~⟧"_qs;
        QTest::newRow("arguments") << "batch %1 of %L2, %n row(s)" << u"⟦båtçh %1 öf %L2, %n röw(š)~~~~~~~~⟧"_qs;
        QTest::newRow("markup") << "<b>no</b>" << u"⟦<b>ñö</b>~⟧"_qs;
        QTest::newRow("nothing") << " " << " ";
    }
    void thePseudoLanguage()
    {
        QFETCH(QString, english);
        QTEST(pseudoText(english), "pseudo");
    }
    void itIsFortyPercentLonger() { QCOMPARE(pseudoText("a text of forty characters, which is long").size(), qsizetype{57}); }

    void theStartPage()
    {
        Room room;
        look(*room.window, {"Streamwright", "designer"});
    }

    void aPipelineThatRuns()
    {
        Room room;
        PipelineTab& tab = room.open("a.json", demoPipeline(R"("batch_interval": "50ms", "checkpoint": "a.checkpoint")"));
        room.window->startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
        QTRY_VERIFY(tab.run().batches().size() > 3);
        for (const DockSpec& spec : dockSpecs()) room.window->docks().open(spec.id);
        for (const char* node : {"rows", "totals", "out"}) {
            tab.document().selection().setNodes({NodeId{node}});
            QCoreApplication::processEvents();
            look(*room.window, ofPipeline());
        }
        tab.document().selection().clear();
        look(*room.window, ofPipeline());
        tab.run().stop(StopHow::AtOnce);
        QTRY_VERIFY(!tab.run().isRunning());
        look(*room.window, ofPipeline());
    }

    void theDialogs()
    {
        Room room;
        room.open("a.json", demoPipeline());
        for (void (*show)(MainWindow&) : {showShortcutSheet, showKeyDialog, showPreferences, showFind, showCommandPalette}) {
            show(*room.window);
            look(*room.window, ofPipeline());
            for (QDialog* dialog : room.window->findChildren<QDialog*>()) delete dialog;
        }
    }

    // The way that a translator takes: texts are gathered, translated («text»), and read back.
    void aTranslationReachesTheDesignerAndTheEngine()
    {
        QTemporaryDir folder;
        const QString texts = folder.filePath("streamwright_de.ts"), compiled = folder.filePath("streamwright_de.qm");
        run("/usr/bin/python3", {PROJECT_FOLDER "/tests/designer/extract_texts.py", PROGRAM_FOLDER, texts, "--pseudo"});
        run("/usr/lib/qt6/bin/lrelease", {texts, "-qm", compiled});
        QApplication::removeTranslator(&pseudo_);
        QTranslator german;
        QVERIFY(german.load(QLocale(QLocale::German), "streamwright", "_", folder.path()));
        QApplication::installTranslator(&german);
        {
            Room room;
            for (const ActionSpec& spec : actionSpecs()) QCOMPARE(room.window->actions().find(spec.id)->text(), u"«%1»"_qs.arg(QString::fromUtf8(spec.text)));
            for (const DockSpec& spec : dockSpecs()) QCOMPARE(room.window->docks().dock(spec.id)->windowTitle(), u"«%1»"_qs.arg(QString::fromUtf8(spec.title)));
            for (const NodeType& type : catalog().types()) {
                QCOMPARE(engineText(type.spec.summary), u"«%1»"_qs.arg(QString::fromStdString(type.spec.summary)));
                QVERIFY(typeTitle(type.spec.type).startsWith(u'«'));
                for (const FieldSpec& field : type.spec.fields) QCOMPARE(engineText(field.help), u"«%1»"_qs.arg(QString::fromStdString(field.help)));
            }
        }
        // What varies in a sentence comes back in its place, also where it looks like a place itself.
        for (const Diagnostic& diagnostic : mistakes()) {
            QString translated = engineText(diagnostic.message);
            QVERIFY2(translated.contains(u'«'), qPrintable(translated));
            QCOMPARE(translated.remove(u'«').remove(u'»'), QString::fromStdString(diagnostic.message));
        }
        QApplication::removeTranslator(&german);
        QApplication::installTranslator(&pseudo_);
    }

private:
    static void run(const QString& program, const QStringList& arguments)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(program, arguments);
        if (!process.waitForFinished(60'000) || process.exitCode() != 0) qFatal("%s", process.readAll().constData());
    }

    // Sentences with arguments, as check() tells them.
    static Diagnostics mistakes()
    {
        const QByteArray text = demoPipeline(R"("batch_interval": "%1")").replace("\"rows\": {", "\"broken\": {\"type\": \"filterr%2\"}, \"rows\": {");
        const DocumentRead read = readDocument(text.toStdString());
        if (!read.document) qFatal("no document");
        Diagnostics found = check(*read.document, catalog(), {}).diagnostics;
        if (found.size() < 2) qFatal("too few mistakes");
        return found;
    }

    // Names, types, options and figures: what the pipeline and the machine say.
    static std::set<QString> ofPipeline()
    {
        return {"Streamwright", "json", "rows", "totals", "out", "demo", "row", "word", "concat", "values", "coalesce", "state", "size", "total", "BIGINT", "STRING", "source", "generate", "sink", "discard",
                "update_state_by_key", "checkpoint", "batch_interval", "rows_per_second", "columns", "keys", "update", "NULL", "designer"};
    }

    // Keys ("Ctrl"), and what Qt says itself, stay.
    void look(QWidget& window, std::set<QString> known)
    {
        for (const char* key : {"Ctrl", "Shift", "Alt", "Del", "Backspace", "Space", "Left", "Right", "Down", "Home", "Tab", "Esc"}) known.insert(key);
        QStringList problems;
        for (QWidget* widget : window.findChildren<QWidget*>()) {
            // Parts of Qt's own.
            if (widget->objectName().startsWith("qt_")) continue;
            for (const QString& text : textsOf(*widget)) {
                const QStringList left = english(text, known);
                if (!left.isEmpty()) problems += QStringLiteral("%1 %2: \"%3\" has %4").arg(widget->metaObject()->className(), widget->objectName(), text, left.join(' '));
            }
        }
        problems.removeDuplicates();
        for (const QString& problem : problems) qWarning("%s", qPrintable(problem));
        QVERIFY2(problems.isEmpty(), qPrintable(QString("%1 texts are not translated").arg(problems.size())));
    }

    PseudoLocale pseudo_;
};

QTEST_MAIN(TranslationTest)
#include "translation_test.moc"
