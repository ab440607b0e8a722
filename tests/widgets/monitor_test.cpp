// The monitor: where the time of a batch went, the sentence that names the bottleneck, charts over the history, one
// run laid over another.
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "tests/widgets/played_session.h"
#include "widgets/monitor/batch_parts.h"
#include "widgets/monitor/monitor.h"
#include "widgets/monitor/verdict_bar.h"
#include "widgets/theme/theme.h"

#include <QDialog>
#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace streamwright;

namespace {

constexpr char kKept[] = R"js({"format": "streamwright/1", "name": "kept", "settings": {"batch_interval": "10ms", "checkpoint": "checkpoint"},
"nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 10000, "columns": ["row % 7 AS word"]}},
"totals": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "1L", "update": "coalesce(state, 0L) + size(values)", "as": "total"}},
"out": {"type": "sink.discard"}}, "edges": ["in -> totals", "totals -> out"]})js";

int64_t sumOf(const std::vector<BatchPart>& parts)
{
    int64_t sum = 0;
    for (const BatchPart& part : parts) sum += part.nanos;
    return sum;
}

Batches playedBatches(int count, double share, double fillFrom = 0, double fillTo = 0)
{
    Batches batches;
    for (int i = 0; i < count; ++i) batches.push_back(playedBatch(i + 1, share, fillFrom + (fillTo - fillFrom) * i / std::max(1, count - 1)));
    return batches;
}

// A running session with so many batches.
std::unique_ptr<PlayedSession> played(int batches)
{
    auto session = std::make_unique<PlayedSession>();
    session->batches = playedBatches(batches, 0.1);
    session->run(RunState::Running);
    return session;
}

}

class MonitorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        document_ = std::make_unique<PipelineDocument>(catalog_);
        document_->openText(kPlayedPipeline);
        document_->checkNow();
    }
    void cleanup() { document_.reset(); }

    void partsSumToTheLatency()
    {
        for (const double share : {0.001, 0.1, 0.9}) {
            const auto batch = playedBatch(3, share);
            const auto parts = partsOf(*batch, *document_);
            QCOMPARE(sumOf(parts), latencyOf(*batch));
            QCOMPARE(latencyOf(*batch), batch->time.wait + batch->time.total);
            QVERIFY(std::ranges::find(parts, "unattributed", &BatchPart::name) != parts.end());
            QVERIFY(std::ranges::find(parts, NodeId{"totals"}, &BatchPart::node)->nanos > std::ranges::find(parts, NodeId{"lines"}, &BatchPart::node)->nanos);
        }
    }

    void partsOfRealBatchesSumToo()
    {
        const QTemporaryDir folder;
        const Batches batches = runFor(folder, 20);
        QCOMPARE(batches.size(), size_t{20});
        for (const auto& batch : batches) QCOMPARE(sumOf(partsOf(*batch, *document_)), latencyOf(*batch));
    }

    void theSentence_data()
    {
        QTest::addColumn<double>("share");
        QTest::addColumn<double>("fillTo");
        QTest::addColumn<int>("behind");
        QTest::addColumn<bool>("warns");
        QTest::addColumn<QString>("says");
        QTest::newRow("quiet") << 0.1 << 0.0 << 0 << false << "Nothing waits";
        QTest::newRow("just under") << 0.69 << 0.0 << 0 << false << "Nothing waits";
        QTest::newRow("from 70 %") << 0.71 << 0.0 << 0 << true << "Batches fill 71 % of the interval";
        QTest::newRow("late") << 1.2 << 0.0 << 4 << true << "4 batches wait";
        QTest::newRow("queue grows") << 0.1 << 0.3 << 0 << true << "The queue of received rows grows: it is 30 % full";
        QTest::newRow("queue full") << 0.1 << 0.9 << 0 << true << "The queue of received rows is 90 % full";
    }
    void theSentence()
    {
        QFETCH(double, share);
        QFETCH(double, fillTo);
        QFETCH(int, behind);
        QFETCH(bool, warns);
        QFETCH(QString, says);
        const Batches batches = playedBatches(20, share, 0, fillTo);
        const Verdict verdict = verdictOf(batches, seconds(1), behind, *document_);
        QVERIFY2(verdict.text.contains(says), qPrintable(verdict.text));
        QCOMPARE(verdict.level == Verdict::Level::Warning, warns);
        QCOMPARE(verdict.node, NodeId{"totals"});
        QCOMPARE(verdict.batch, 20);
        // The same figure as the waterfall's.
        const auto parts = partsOf(*batches.back(), *document_);
        QVERIFY2(verdict.text.contains("totals takes most of a batch: " + durationText(std::ranges::find(parts, NodeId{"totals"}, &BatchPart::node)->nanos)), qPrintable(verdict.text));
    }

    // What a burst left behind shrinks again: nothing to warn of.
    void aShrinkingQueueIsQuiet()
    {
        QVERIFY(verdictOf(playedBatches(20, 0.1, 0.5, 0.1), seconds(1), 0, *document_).level == Verdict::Level::Quiet);
    }

    void whatARunWaitsForIsSaid()
    {
        auto session = std::make_unique<PlayedSession>();
        PlayedSession& shown = *session;
        shown.run(RunState::Starting);
        RunController run(std::move(session));
        VerdictBar bar(*document_, run);
        const QLabel& sentence = *bar.findChildren<QLabel*>()[1];
        QTRY_COMPARE(sentence.text(), QString("Waiting for the first batch."));
        shown.run(RunState::Starting, "waiting for lines: nobody answers at localhost:9999");
        QTRY_COMPARE(sentence.text(), QString("Waiting for lines: nobody answers at localhost:9999"));
        shown.run(RunState::Running);
        QTRY_COMPARE(sentence.text(), QString("Waiting for the first batch."));
        shown.batches = playedBatches(5, 0.1);
        shown.run(RunState::Waiting, "waiting for out: no space left on device");
        QTRY_COMPARE(sentence.text(), QString("Waiting for out: no space left on device"));
        shown.run(RunState::Failed, "out: the table has other columns");
        QTRY_COMPARE(sentence.text(), QString("out: the table has other columns"));
    }

    void chartsShowTheRunAndAClickChoosesItsBatch()
    {
        RunController run(played(30));
        Monitor monitor(*document_, run);
        monitor.resize(1000, 500);
        monitor.show();
        QTRY_COMPARE(rowsOf(monitor), 30);
        const auto table = monitor.board().asTable();
        QStringList titles;
        for (int column = 0; column < table->columnCount(); ++column) titles += table->headerData(column, Qt::Horizontal).toString();
        for (const char* title : {"Input rate, rows/s", "Processing rate, rows/s", "Batch latency: processing", "Batch latency: waiting", "Throughput of nodes: totals, rows/s", "State, keys", "Size of the state", "Memory: used"}) {
            QVERIFY2(titles.contains(title), title);
        }
        const auto value = [&](int row, const char* title) { return table->data(table->index(row, static_cast<int>(titles.indexOf(title)))).toDouble(); };
        QCOMPARE(value(4, "Input rate, rows/s"), 500.0);
        QCOMPARE(value(4, "Batch latency: waiting"), 1e6);
        QCOMPARE(value(4, "Batch latency: processing"), static_cast<double>(playedBatch(5)->time.total));
        QCOMPARE(value(4, "Throughput of nodes: lines, rows/s"), 500.0);
        QCOMPARE(value(4, "State, keys"), 55.0);
        QCOMPARE(value(4, "Size of the state"), 4000.0);
        QSignalSpy requested(&monitor, &Monitor::batchRequested);
        Q_EMIT monitor.board().clicked(static_cast<double>(playedBatch(7)->started.micros) / 1e6 + 0.2);
        QCOMPARE(requested.size(), 1);
        QCOMPARE(requested[0][0].toLongLong(), 7);
        QVERIFY(run.moment() == Moment::ofBatch(7));
    }

    // The designer was closed and opened again: nothing runs, and the charts are there.
    void chartsSurviveARestart()
    {
        const QTemporaryDir folder;
        runFor(folder, 12);
        runFor(folder, 8);
        QVERIFY(document_->open(folder.filePath("kept.json").toStdString()));
        document_->checkNow();
        RunController run(localSession(catalog_));
        Monitor monitor(*document_, run);
        monitor.resize(1000, 500);
        monitor.show();
        // Both runs, and a gap between them.
        QTRY_COMPARE_WITH_TIMEOUT(rowsOf(monitor), 21, 10000);
        QCOMPARE(run.batches().size(), size_t{8});
        VerdictBar verdict(*document_, run);
        QVERIFY(!verdict.findChildren<QLabel*>()[1]->text().contains("takes most"));

        // One over the other, by their starts and batch by batch.
        std::vector<RecordedRun> runs;
        run.session().runs(run.call(&monitor), [&](Result<std::vector<RecordedRun>> found) { runs = found.value(); });
        QTRY_COMPARE(runs.size(), size_t{2});
        monitor.compareWith(runs[0], KeyKind::Number);
        QTRY_COMPARE_WITH_TIMEOUT(rowsOf(monitor), 12, 10000);
        const auto table = monitor.board().asTable(0);
        QCOMPARE(table->columnCount(), 3);
        QCOMPARE(table->data(table->index(11, 0)).toDouble(), 12.0);
        QVERIFY(table->data(table->index(7, 1)).isValid() && !table->data(table->index(8, 1)).isValid() && table->data(table->index(11, 2)).isValid());
        monitor.compareWith(runs[0], KeyKind::Elapsed);
        QTRY_COMPARE(monitor.board().asTable(0)->headerData(0, Qt::Horizontal).toString(), "Seconds since the start");
        QCOMPARE(monitor.board().asTable(0)->data(monitor.board().asTable(0)->index(0, 0)).toDouble(), 0.0);
        monitor.compareWith(std::nullopt);
        QTRY_COMPARE(rowsOf(monitor), 21);

        // A batch of the earlier run has its page.
        run.setMoment(Moment::ofBatch(3));
        QTRY_VERIFY(run.batchOf(Moment::ofBatch(3)));
        QCOMPARE(run.batchOf(Moment::ofBatch(3))->number, 3);
    }

    void everyChartIsShownAsATable()
    {
        RunController run(played(5));
        Monitor monitor(*document_, run);
        monitor.resize(1000, 500);
        monitor.show();
        QTRY_COMPARE(rowsOf(monitor), 5);
        for (size_t chart = 0; chart < monitor.board().charts(); ++chart) {
            Q_EMIT monitor.board().menuRequested(chart, monitor.mapToGlobal(QPoint(10, 10)));
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            QVERIFY(menu);
            menu->actions()[0]->trigger();
            menu->close();
            auto* window = monitor.findChild<QDialog*>();
            QVERIFY(window && window->windowTitle() == monitor.board().title(chart));
            QCOMPARE(window->findChild<QTableView*>()->model()->rowCount(), 5);
            delete window;
        }
    }

private:
    static int rowsOf(Monitor& monitor) { return monitor.board().asTable()->rowCount(); }

    // A run of the kept pipeline in the folder, in a session of its own; its batches.
    Batches runFor(const QTemporaryDir& folder, int64_t batches)
    {
        QFile file(folder.filePath("kept.json"));
        if (!file.open(QFile::WriteOnly) || file.write(kKept) < 0) qFatal("the folder cannot be written");
        file.close();
        PipelineDocument document(catalog_);
        if (!document.open(folder.filePath("kept.json").toStdString())) qFatal("the file cannot be read");
        RunController run(localSession(catalog_));
        run.start({.document = document.document(), .folder = document.folder(), .paused = true});
        if (!QTest::qWaitFor([&] { return run.isPaused(); }, 10000)) qFatal("the run did not begin");
        for (int64_t i = 0; i < batches; ++i) run.step();
        if (!QTest::qWaitFor([&] { return static_cast<int64_t>(run.batches().size()) == batches; }, 20000)) qFatal("the run did not go on");
        const Batches made = run.batches();
        run.stop(StopHow::AfterBatch);
        if (!QTest::qWaitFor([&] { return !run.isRunning(); }, 10000)) qFatal("the run did not end");
        return made;
    }

    const Catalog catalog_ = builtInNodes();
    std::unique_ptr<PipelineDocument> document_;
};

QTEST_MAIN(MonitorTest)
#include "monitor_test.moc"
