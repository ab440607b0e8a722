// Draws the canvas in both themes into the folder shots/ beside the programs, to be looked at.
#include "canvas_samples.h"
#include "engine/nodes/catalog.h"
#include "widgets/theme/theme.h"

#include <QDir>
#include <QTest>

using namespace streamwright;

namespace {

const QString kFolder = QStringLiteral(PROGRAM_FOLDER "/shots");

// Every state a node can be in, in one picture: fed from the left, so that nothing but what is shown is wrong.
std::string stateSheet()
{
    const char* names[] = {"idle", "warning", "error", "disabled", "bypassed", "unknown", "changed", "hover", "focused", "selected", "target", "busy", "join", "waiting"};
    std::string nodes = R"("lines": {"type": "source.rate", "options": {"rows_per_second": 10}}, "out": {"type": "union"}, "end": {"type": "sink.console"})";
    std::string places = R"("lines": [-312, 144], "out": [1248, 144], "end": [1560, 144])", edges = "\"out -> end\"";
    for (int i = 0; i < 14; ++i) {
        const std::string name = names[i];
        const std::string type = name == "unknown" ? "magnify" : name == "waiting" ? "source.socket" : name == "join" ? "join" : "filter";
        const std::string options = name == "error" ? "\"condition\": \"amount > 3\"" : type == "filter" ? "\"condition\": \"value > 3\"" : type == "join" ? "\"keys\": [\"value\"]" : type == "source.socket" ? "\"port\": 9999" : "";
        const std::string use = name == "disabled" ? "\"disabled\": true, " : name == "bypassed" ? "\"bypassed\": true, " : "";
        nodes += fmt::format(", \"{}\": {{\"type\": \"{}\", \"options\": {{{}}}, {}\"title\": \"{}\"}}", name, type, options, use, name);
        places += fmt::format(", \"{}\": [{}, {}]", name, (i % 4) * 312, (i / 4) * 132);
        if (type == "filter") edges += fmt::format(", \"lines -> {}\", \"{} -> out\"", name, name);
    }
    const std::string note = R"({"n": {"text": "A note: what is odd about this one, and whom to ask.", "rect": [624, 396, 216, 84]}})";
    return fmt::format("{{\"format\": \"streamwright/1\", \"nodes\": {{{}}}, \"edges\": [{}], \"layout\": {{\"nodes\": {{{}}}, \"notes\": {}}}}}", nodes, edges, places, note);
}

}

class CanvasShotsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
        QDir().mkpath(kFolder);
    }

    void shots_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    void shots()
    {
        QFETCH(bool, dark);
        ThemeHost::instance().choose(dark ? ThemeHost::Choice::Dark : ThemeHost::Choice::Light);
        const Catalog catalog = builtInNodes();
        const QString theme = dark ? QStringLiteral("dark") : QStringLiteral("light");
        const auto save = [&](ShownCanvas& canvas, const QString& name) {
            QVERIFY(canvas.view.grab().save(QStringLiteral("%1/canvas-%2-%3.png").arg(kFolder, name, theme)));
        };

        ShownCanvas idle(catalog, kWordCount, {900, 520});
        idle.document.checkNow();
        QCoreApplication::processEvents();
        save(idle, QStringLiteral("idle"));

        ShownCanvas running(catalog, kWordCount, {900, 520});
        running.run();
        running.document.checkNow();
        running.document.selection().setNodes({{"running"}});
        const auto live = [&] { return running.view.canvas().live().node(0).figures.text().contains(QStringLiteral("rows/s")); };
        QTRY_VERIFY(live());
        save(running, QStringLiteral("running"));
        running.view.openSearchForWire({{"words"}, Side::Output, 0}, {560, 100});
        save(running, QStringLiteral("search"));

        ShownCanvas sheet(catalog, stateSheet(), {1500, 620});
        sheet.run();
        for (Node& node : sheet.session->running.nodes) {
            if (node.id.name == "changed") node.options.set("condition", Json::string("value > 4"));
        }
        sheet.document.checkNow();
        sheet.view.canvas().setFocusNode(NodeId{"focused"});
        sheet.document.selection().setNodes({{"selected"}});
        const CanvasGraph& graph = sheet.view.canvas().graph();
        sheet.view.canvas().setHover({Hit::Kind::Node, *graph.indexOf({"hover"})});
        sheet.view.canvas().setDropTarget({Hit::Kind::Node, *graph.indexOf({"target"})});
        QTRY_VERIFY(sheet.view.canvas().live().node(0).busy >= 0);
        save(sheet, QStringLiteral("states"));

        ShownCanvas large(catalog, largePipeline(1000), {1280, 720});
        large.run();
        QTRY_VERIFY(large.view.canvas().live().node(0).busy >= 0);
        save(large, QStringLiteral("far"));
        large.view.zoomTo(0.35);
        save(large, QStringLiteral("middle"));

        ShownCanvas empty(catalog, R"({"format": "streamwright/1", "nodes": {}, "edges": []})", {600, 300});
        save(empty, QStringLiteral("empty"));
        QVERIFY(running.view.exportPicture(QStringLiteral("%1/picture-%2.svg").arg(kFolder, theme)).has_value());
        QVERIFY(running.view.exportPicture(QStringLiteral("%1/picture-%2.png").arg(kFolder, theme)).has_value());
    }
};

QTEST_MAIN(CanvasShotsTest)
#include "canvas_shots_test.moc"
