// The runtime on toy nodes: the same bytes with any workers and vectors, resume after every step, triggers,
// rates, failures.
#include "tests/engine/toy_nodes.h"

#include "engine/runtime/backpressure.h"
#include "engine/runtime/receiver_source.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/triggers.h"

#include <QTemporaryDir>
#include <QTest>

using namespace streamwright;

namespace {

// A diamond: numbers -> a, b -> sums; and everything that was rejected.
constexpr const char* kDiamond = R"({"format": "streamwright/1", "name": "diamond",
    "nodes": {
        "in": {"type": "source.numbers", "options": {"rows": 100, "batches": 5}},
        "a": {"type": "add", "options": {"amount": 1000}},
        "b": {"type": "add", "options": {"amount": 2}},
        "sums": {"type": "sums"},
        "out": {"type": "sink.collect"},
        "bad": {"type": "sink.collect"}},
    "edges": ["in -> a", "in -> b", "b -> sums", "a -> sums", "sums -> out",
              "in.rejected -> bad", "a.rejected -> bad", "b.rejected -> bad", "sums.rejected -> bad"]})";

CheckedPipeline checkedOf(const char* text)
{
    static const Catalog catalog = [] {
        Catalog made;
        addToys(made);
        return made;
    }();
    return checkedOf(text, catalog);
}

}

class RuntimeTest : public QObject {
    Q_OBJECT

private slots:
    void init() { shared = &shared_, shared_.lines.clear(), shared_.batchTimes.clear(), shared_.breakSums = shared_.transientPublishes = 0; }

    void pidAsSpark()
    {
        RateEstimator estimator(seconds(1));
        QVERIFY(!estimator.compute(2000, 1000, 2000, 0));
        QCOMPARE(*estimator.compute(4000, 1500, 2000, 1000), 600.0);
    }

    // A rate that fell to the least, 100 rows/s, rises again, though so few rows take no whole millisecond.
    void rateRisesFromTheLeast()
    {
        Settings settings;
        settings.batchInterval = milliseconds(500);
        Backpressure pressure(settings, true);
        constexpr int64_t kMilli = 1'000'000;
        const auto at = [](int64_t millis) { return Timestamp{millis * 1000}; };
        pressure.batchEnded(at(6'000), 4'000'000, 6'000 * kMilli, 0);
        pressure.batchEnded(at(7'000), 300'000, 900 * kMilli, 5'500 * kMilli);
        QCOMPARE(*pressure.limit(settings.batchInterval).rows, 50);
        pressure.batchEnded(at(7'001), 50, kMilli / 5, 0);
        QVERIFY(*pressure.limit(settings.batchInterval).rows >= 10'000);
    }

    // After a pause on a slow disk: each batch is late and takes longer than its interval, but not for its rows.
    void aLowRateDoesNotStayWhereBatchesCostMoreThanTheirInterval()
    {
        Settings settings;
        settings.batchInterval = milliseconds(50);
        Backpressure pressure(settings, true);
        constexpr int64_t kMilli = 1'000'000;
        int64_t now = 10'000;
        const auto ended = [&](int64_t rows, int64_t took, int64_t late) { pressure.batchEnded(Timestamp{(now += took) * 1000}, rows, took * kMilli, late * kMilli); };
        ended(50'000, 300, 200);
        ended(50'000, 300, 40'000);
        QCOMPARE(*pressure.limit(settings.batchInterval).rows, 5);
        for (int i = 0; i < 15; ++i) ended(*pressure.limit(settings.batchInterval).rows, 80, 200);
        QVERIFY(*pressure.limit(settings.batchInterval).rows > 100'000);
        ended(100'000, 400, 200);
        QVERIFY(*pressure.limit(settings.batchInterval).rows < 20'000);
    }

    void ticks()
    {
        auto clock = virtualClock(Timestamp{0});
        Settings settings;
        Triggers triggers(*clock, settings, Timestamp{0}, std::nullopt);
        const auto no = [] { return false; };
        QCOMPARE(triggers.next(no, {}, std::nullopt)->batchTime.micros, 1'000'000);
        QCOMPARE(triggers.next(no, {}, std::nullopt)->batchTime.micros, 2'000'000);
        // The wall clock of this machine is far behind no tick: a run that was down skips more than 100.
        auto wall = wallClock();
        settings.batchInterval = milliseconds(10);
        Triggers late(*wall, settings, Timestamp{0}, Timestamp{wall->now().micros - 10'000'000});
        const auto tick = late.next(no, {}, std::nullopt);
        QVERIFY(tick->skipped > 900);
        QCOMPARE(tick->batchTime.micros % 10'000, 0);
        settings.catchUp = CatchUp::EveryTick;
        Triggers every(*wall, settings, Timestamp{0}, Timestamp{wall->now().micros - 10'000'000});
        QCOMPARE(every.next(no, {}, std::nullopt)->skipped, 0);
    }

    void schedulerRunsEveryTaskOnceAndCarriesTheFirstException()
    {
        Scheduler scheduler(4);
        std::vector<std::atomic<int>> seen(1000);
        scheduler.run(1000, Scheduler::Size::Large, [&](size_t task, size_t) { ++seen[task]; });
        for (const auto& count : seen) QCOMPARE(count.load(), 1);
        try {
            scheduler.run(100, Scheduler::Size::Large, [](size_t task, size_t) {
                if (task >= 10) throw std::runtime_error(std::to_string(task));
            });
            QFAIL("nothing was thrown");
        } catch (const std::runtime_error& error) {
            QCOMPARE(std::string(error.what()), "10");
        }
    }

    void sameBytesWithAnyWorkersAndVectors()
    {
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        QVERIFY(expected.size() >= 10);
        for (const size_t workers : {1, 2, 4}) {
            for (const size_t vectorRows : {1, 3, 4096}) QVERIFY(linesOf(kDiamond, virtualRun(workers, vectorRows), std::nullopt) == expected);
        }
    }

    void resumedAfterEveryBatch()
    {
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        QTemporaryDir folder;
        shared_.lines.clear();
        for (int run = 0; run < 7; ++run) {
            RunOptions options = virtualRun(static_cast<size_t>(1 + run % 3));
            options.batches = 1;
            if (run < 5) runOnce(kDiamond, options, folder.path());
        }
        QVERIFY(sorted(shared_.lines) == sorted(expected));
    }

    void brokenOperatorIsRolledBackAndTriedAgain()
    {
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        shared_.breakSums = 3;
        QVERIFY(linesOf(kDiamond, virtualRun(), std::nullopt) == expected);
        shared_.breakSums = 4;
        const Outcome outcome = runOnce(kDiamond, virtualRun(), {});
        QCOMPARE(outcome.kind, Outcome::Kind::Failed);
        QVERIFY(outcome.error.message.find("sums: the toy is broken") != std::string::npos);
    }

    void targetThatIsAwayIsWaitedFor()
    {
        QTemporaryDir folder;
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        shared_.transientPublishes = 2;
        std::vector<std::string> log;
        RunOptions options = virtualRun();
        options.log = [&](LogLevel, const std::string& line) { log.push_back(line); };
        shared_.lines.clear();
        QCOMPARE(runOnce(kDiamond, options, folder.path()).kind, Outcome::Kind::Finished);
        QVERIFY(sorted(shared_.lines) == sorted(expected));
        QVERIFY(std::ranges::any_of(log, [](const std::string& line) { return line.find("the toy is away") != std::string::npos; }));
    }

    void refusesStateThatDoesNotFit()
    {
        QTemporaryDir folder;
        RunOptions options = virtualRun();
        options.batches = 2;
        runOnce(kDiamond, options, folder.path());
        CheckedPipeline changed = checkedOf(kDiamond);
        changed.settings.checkpoint = folder.filePath("c").toStdString();
        static NodeType other = *changed.nodes[3].type;
        for (PlannedNode& node : changed.nodes) {
            if (node.id.name != "sums") continue;
            other = *node.type;
            other.spec.stateVersion = 2;
            node.type = &other;
        }
        auto refused = prepare(changed, virtualRun());
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("sums") != std::string::npos);
        options.resets = {NodeId{"sums"}};
        auto reset = prepare(changed, options);
        QVERIFY(reset.has_value());
        QCOMPARE((*reset)->plan().front().fate, StateFate::Reset);
        QCOMPARE((*reset)->execute().kind, Outcome::Kind::Finished);
    }

private:
    Outcome runOnce(const char* text, RunOptions options, const QString& folder)
    {
        CheckedPipeline checked = checkedOf(text);
        if (!folder.isEmpty()) checked.settings.checkpoint = (folder + "/c").toStdString();
        auto run = prepare(std::move(checked), std::move(options));
        if (!run) {
            qWarning("%s", run.error().message.c_str());
            return {Outcome::Kind::Failed, run.error(), 0};
        }
        const Outcome outcome = (*run)->execute();
        if (outcome.kind == Outcome::Kind::Failed) qWarning("%s", outcome.error.message.c_str());
        return outcome;
    }

    std::vector<std::string> linesOf(const char* text, RunOptions options, std::optional<QString> folder)
    {
        shared_.lines.clear();
        runOnce(text, std::move(options), folder.value_or(QString()));
        return shared_.lines;
    }

    static std::vector<std::string> sorted(std::vector<std::string> lines)
    {
        std::ranges::sort(lines);
        return lines;
    }

    Shared shared_;
};

QTEST_GUILESS_MAIN(RuntimeTest)
#include "runtime_test.moc"
