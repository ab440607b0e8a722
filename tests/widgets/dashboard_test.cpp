// The dashboard: live sinks of a real run as lines, bars and tables.
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "widgets/dashboard/dashboard.h"
#include "widgets/dashboard/live_model.h"
#include "widgets/dashboard/live_tile.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QPlainTextEdit>
#include <QStackedWidget>
#include <QTableView>
#include <QTest>

#include <cmath>

using namespace streamwright;

namespace {

constexpr char kPipeline[] = R"js({"format": "streamwright/1", "name": "live", "settings": {"batch_interval": "10ms"},
"nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 10000, "columns": ["concat('word', row % 7) AS word", "row % 7 AS n"]}},
"counts": {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["max(n) AS n"]}},
"lines": {"type": "sink.chart", "options": {"y": ["n"], "series": "word"}},
"bars": {"type": "sink.chart", "title": "The greatest", "options": {"kind": "top", "x": "word", "y": ["n"], "count": 3}},
"rows": {"type": "sink.table", "options": {"show": "per_key", "keys": ["word"]}},
"off": {"type": "sink.table", "disabled": true},
"print": {"type": "sink.console"}},
"edges": ["in -> counts", "counts -> lines", "counts -> bars", "counts -> rows", "counts -> off", "counts -> print"]})js";

LivePage pageOf(LiveLayout layout, const std::string& schema, const std::vector<std::vector<std::string>>& rows)
{
    LivePage page{.layout = std::move(layout), .batch = 1};
    page.grid.schema = *parseSchema(schema);
    for (const auto& row : rows) {
        auto& cells = page.grid.rows.emplace_back();
        for (const std::string& text : row) cells.push_back(text == "NULL" ? Cell{.null = true} : Cell{.text = text});
    }
    return page;
}

}

class DashboardTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsBecomeLines()
    {
        const LivePage page = pageOf({LiveLayout::Kind::Line, "t", {"n"}, "word"}, "t TIMESTAMP, word STRING, n BIGINT",
                                     {{"2024-01-31 10:00:00.5", "a", "1"}, {"2024-01-31 10:00:00.5", "b", "2"}, {"2024-01-31 10:00:01", "a", "NULL"}, {"2024-01-31 10:00:02", "b", "7"}});
        const LiveCurve curve = curveOf(page);
        QVERIFY(curve.kind == KeyKind::Time && curve.series == std::vector<QString>({"a", "b"}) && curve.more == 0);
        QCOMPARE(curve.keys, (std::vector<double>{1706695200.5, 1706695201, 1706695202}));
        QVERIFY(curve.values[0][0] == 1 && std::isnan(curve.values[0][1]) && std::isnan(curve.values[0][2]));
        QVERIFY(curve.values[1][0] == 2 && std::isnan(curve.values[1][1]) && curve.values[1][2] == 7);
        // A number as axis, several columns, and more series than can be told apart.
        const LiveCurve two = curveOf(pageOf({LiveLayout::Kind::Line, "x", {"a", "b"}, ""}, "x INT, a DOUBLE, b DOUBLE", {{"2", "1.5", "NULL"}, {"1", "1.0E3", "-2"}}));
        QVERIFY(two.kind == KeyKind::Value && two.keys == std::vector<double>({1, 2}) && two.values[0] == std::vector<double>({1000, 1.5}) && two.values[1][0] == -2);
        std::vector<std::vector<std::string>> many;
        for (int i = 0; i < 9; ++i) many.push_back({"1", "s" + std::to_string(i), "1"});
        const LiveCurve crowded = curveOf(pageOf({LiveLayout::Kind::Line, "x", {"n"}, "word"}, "x INT, word STRING, n INT", many));
        QVERIFY(crowded.series.size() == kMostSeries && crowded.more == 3);
    }

    void rowsBecomeBars()
    {
        const auto bars = barsOf(pageOf({LiveLayout::Kind::Bar, "word", {"n"}, ""}, "word STRING, n DOUBLE", {{"a", "2.5"}, {"NULL", "NULL"}, {"c", "12400"}}));
        QCOMPARE(bars.size(), size_t{3});
        QVERIFY(bars[0] == (BarList::Bar{"a", 2.5, "2.5"}) && bars[1].name == "NULL" && std::isnan(bars[1].value) && bars[1].text.isEmpty() && bars[2].text == countText(12400));
    }

    void aRunIsShownLive()
    {
        const Catalog catalog = builtInNodes();
        PipelineDocument document(catalog);
        document.openText(kPipeline);
        document.checkNow();
        RunController run(localSession(catalog));
        Dashboard dashboard(document, run);
        dashboard.resize(1200, 400);
        dashboard.show();
        const auto tiles = dashboard.findChildren<LiveTile*>();
        QCOMPARE(tiles.size(), 4);
        QCOMPARE(tiles[1]->accessibleName(), "The greatest");
        run.start({.document = document.document(), .paused = true});
        QTRY_VERIFY(run.isPaused());
        for (int i = 0; i < 4; ++i) run.step();
        const auto tableOf = [&](int tile) { return tiles[tile]->findChild<QTableView*>()->model(); };
        QTRY_COMPARE_WITH_TIMEOUT(tableOf(0)->rowCount(), 28, 10000);
        QTRY_COMPARE(tableOf(2)->rowCount(), 7);
        auto* bars = tiles[1]->findChild<BarList*>();
        QTRY_COMPARE(bars->bars().size(), size_t{3});
        QCOMPARE(bars->bars()[0].name, "word6");
        QVERIFY(bars->isVisible() && bars->accessibleDescription().startsWith("word6 6, word5 5"));
        QVERIFY(tiles[0]->findChild<ChartBoard*>()->isVisible());
        // What the console prints, frame after frame.
        auto* print = tiles[3]->findChild<QPlainTextEdit*>();
        QTRY_COMPARE(print->toPlainText().count("Time: "), 4);
        QVERIFY(print->isVisible() && print->toPlainText().contains("\n(word0,"));
        QVERIFY(tiles[0]->findChild<ChartBoard*>()->asTable()->rowCount() == 4);
        // As it was after the second batch, like all docks.
        run.setMoment(Moment::ofBatch(2));
        QTRY_COMPARE(tableOf(0)->rowCount(), 14);
        // Every tile is also there as a table.
        for (QAction* action : tiles[1]->findChildren<QAction*>()) {
            if (action->isCheckable()) action->trigger();
        }
        QVERIFY(!bars->isVisible() && tiles[1]->findChild<QTableView*>()->isVisible());
        // A node that is taken away takes its tile along.
        document.openText(R"js({"format": "streamwright/1", "nodes": {}, "edges": []})js");
        document.checkNow();
        QTRY_COMPARE(dashboard.findChildren<LiveTile*>().size(), 0);
        run.stop(StopHow::AtOnce);
        QTRY_VERIFY(!run.isRunning());
    }

    void theModelHoldsItsPromises()
    {
        LiveModel model;
        const QAbstractItemModelTester tester(&model);
        model.setGrid(pageOf({}, "a INT, b STRING", {{"1", "x"}, {"2", "NULL"}}).grid);
        QCOMPARE(model.index(1, 1).data().toString(), "NULL");
        model.setGrid(pageOf({}, "a INT, b STRING", {{"3", "x"}, {"4", "y"}}).grid);
        QCOMPARE(model.index(0, 0).data().toString(), "3");
        model.setGrid({});
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_MAIN(DashboardTest)
#include "dashboard_test.moc"
