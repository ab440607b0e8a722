// A run from start to end: triggers under the wall clock, what holds sources back, the memory budget, stops
// and what a stopped run leaves to the next one.
#include "tests/engine/toy_nodes.h"

#include "engine/base/clock.h"

#include <QTemporaryDir>
#include <QTest>

#include <future>

using namespace streamwright;

namespace {

const Catalog& catalog()
{
    static const Catalog made = [] {
        Catalog all;
        addToys(all);
        return all;
    }();
    return made;
}

// Without the rate estimator, which may make any batch smaller.
CheckedPipeline chain(const std::string& source, const std::string& middle = R"({"type": "sums"})")
{
    return checkedOf(fmt::format(R"({{"format": "streamwright/1", "name": "chain", "settings": {{"batch_interval": "1ms", "backpressure": false}},
        "nodes": {{"in": {}, "middle": {}, "out": {{"type": "sink.collect"}}}}, "edges": ["in -> middle", "middle -> out"]}})", source, middle), catalog());
}

std::string numbersSource(int64_t rows, int64_t batches) { return fmt::format(R"({{"type": "source.numbers", "options": {{"rows": {}, "batches": {}}}}})", rows, batches); }
std::string spring(int64_t rows, int64_t step) { return fmt::format(R"({{"type": "source.spring", "options": {{"rows": {}, "step": {}}}}})", rows, step); }

// Waits on the steps and the snapshots of a run that goes on another thread.
class Watched {
public:
    explicit Watched(RunOptions options = {}) : options_(std::move(options))
    {
        options_.workers = options_.workers ? options_.workers : 2;
        options_.stepObserver = [this](Step step, int64_t batch) { note([&] { last_[step] = batch; }); };
        options_.progress = [this](const SnapshotPtr& now) { note([&] { latest_ = now; }); };
        options_.log = [this](LogLevel, const std::string& line) { note([&] { log_ += line + "\n"; }); };
    }
    ~Watched()
    {
        if (run_ && ending_.valid()) {
            shared->open();
            run_->stopNow();
            ending_.wait();
        }
    }

    void start(CheckedPipeline pipeline)
    {
        auto run = prepare(std::move(pipeline), options_);
        if (!run) qFatal("%s", run.error().message.c_str());
        run_ = std::move(*run);
        ending_ = std::async(std::launch::async, [this] { return run_->execute(); });
    }
    Outcome finish() { return ending_.get(); }
    Outcome runToEnd(CheckedPipeline pipeline)
    {
        start(std::move(pipeline));
        return finish();
    }
    Run& run() { return *run_; }

    // False after ten seconds without it.
    bool waitFor(const std::function<bool()>& holds)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), holds);
    }
    bool waitForStep(Step step, int64_t batch)
    {
        return waitFor([&] { return last_.contains(step) && last_[step] >= batch; });
    }
    int64_t last(Step step)
    {
        const std::scoped_lock lock(mutex_);
        return last_.contains(step) ? last_[step] : 0;
    }
    SnapshotPtr latest()
    {
        const std::scoped_lock lock(mutex_);
        return latest_;
    }
    std::string log()
    {
        const std::scoped_lock lock(mutex_);
        return log_;
    }

private:
    template <class F>
    void note(const F& change)
    {
        const std::scoped_lock lock(mutex_);
        change();
        changed_.notify_all();
    }

    RunOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Step, int64_t> last_;
    SnapshotPtr latest_;
    std::string log_;
    std::unique_ptr<Run> run_;
    std::future<Outcome> ending_;
};

// The values that reached the sink, in order: the second number of each published row.
int64_t publishedRows()
{
    const std::scoped_lock lock(shared->mutex);
    int64_t rows = 0;
    for (const std::string& line : shared->lines) rows += std::ranges::count(line, ',') / 2;
    return rows;
}

// The sum that each key has last: what all rows together give, if none is lost or taken twice.
int64_t lastSums()
{
    const std::scoped_lock lock(shared->mutex);
    std::map<int64_t, int64_t> sums;
    for (const std::string& line : shared->lines) {
        const char* at = line.c_str() + line.find(": ") + 2;
        while (*at) {
            char* end = nullptr;
            const int64_t key = std::strtoll(at, &end, 10);
            sums[key] = std::strtoll(end + 1, &end, 10);
            at = end + 1;
        }
    }
    int64_t total = 0;
    for (const auto& [key, sum] : sums) total += sum;
    return total;
}

}

class RunLifeTest : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        shared_ = std::make_unique<Shared>();
        shared = shared_.get();
    }

    void everyMillisecond()
    {
        Watched watched({.batches = 300});
        QCOMPARE(watched.runToEnd(chain(numbersSource(50, 300))).kind, Outcome::Kind::Finished);
        QVERIFY(shared->batchTimes.size() == 300);
        for (size_t i = 0; i < 300; ++i) {
            QCOMPARE(shared->batchTimes[i] % 1000, 0);
            if (i > 0) QCOMPARE(shared->batchTimes[i] - shared->batchTimes[i - 1], 1000 * (watched.latest()->skippedTicks > 0 ? (shared->batchTimes[i] - shared->batchTimes[i - 1]) / 1000 : 1));
        }
    }

    void asDataArrives()
    {
        CheckedPipeline pipeline = chain(spring(5000, 7));
        pipeline.settings.trigger = Trigger::AsDataArrives;
        Watched watched;
        watched.start(std::move(pipeline));
        QVERIFY(watched.waitFor([] { return publishedRows() == 5000; }));
        // No batch without rows: the last one that ended had some.
        QVERIFY(watched.waitFor([&] { return watched.run().snapshot()->rows == 5000; }));
        QVERIFY(watched.run().snapshot()->last->rowsIn > 0);
        watched.run().stop();
        QCOMPARE(watched.finish().kind, Outcome::Kind::Stopped);
        QCOMPARE(lastSums(), int64_t{5000} * 4999 / 2);
        for (size_t i = 1; i < shared->batchTimes.size(); ++i) QVERIFY(shared->batchTimes[i] >= shared->batchTimes[i - 1] + 1000);
    }

    void availableNowKeepsToTheLimitsAndOnceDoesNot()
    {
        for (const auto& [trigger, batches] : {std::pair(Trigger::AvailableNow, 10), std::pair(Trigger::Once, 1)}) {
            init();
            CheckedPipeline pipeline = chain(spring(1000, 1000));
            pipeline.settings.trigger = trigger;
            pipeline.settings.maxRowsPerBatch = 100;
            Watched watched;
            const Outcome outcome = watched.runToEnd(std::move(pipeline));
            QCOMPARE(outcome.kind, Outcome::Kind::Finished);
            QCOMPARE(outcome.batches, batches);
            QCOMPARE(publishedRows(), 1000);
        }
    }

    // A sink that does not answer holds the batches back, not the receiver's peer alone.
    void slowSinkHoldsTheStreamBack()
    {
        QTemporaryDir folder;
        shared->shut = true;
        CheckedPipeline pipeline = chain(numbersSource(100, 50));
        pipeline.settings.checkpoint = folder.filePath("c").toStdString();
        Watched watched({.batches = 50});
        watched.start(std::move(pipeline));
        // One is being published and two wait; the next one waits to be handed over.
        QVERIFY(watched.waitForStep(Step::Staged, 4) && watched.waitForStep(Step::Decided, 1));
        QCOMPARE(watched.last(Step::Decided), 1);
        QCOMPARE(publishedRows(), 0);
        QVERIFY(watched.last(Step::BatchBegun) <= 5);
        shared->open();
        QCOMPARE(watched.finish().kind, Outcome::Kind::Finished);
        // Every fiftieth of the 5000 numbers is rejected.
        QCOMPARE(publishedRows(), 4900);
        QVERIFY(std::ranges::is_sorted(shared->batchTimes));
    }

    // The queue of a receiver is bounded: while no batch takes anything the peer waits.
    void fullQueueStopsTheReceiver()
    {
        // A quarter of the budget may wait: a mebibyte is the first 165,600 lines.
        constexpr int64_t kStep = 1000, kMost = 166'000;
        CheckedPipeline pipeline = chain(spring(2'000'000, kStep));
        pipeline.settings.memory = 4 << 20;
        pipeline.settings.trigger = Trigger::AvailableNow;
        pipeline.settings.maxRowsPerBatch = 1000;
        shared->shut = true;
        Watched watched;
        watched.start(std::move(pipeline));
        // Without a checkpoint the first batch waits in its own publish.
        QVERIFY(watched.waitForStep(Step::Staged, 1));
        QTRY_VERIFY(shared->pushed > 160'000);
        for (int i = 0; i < 10'000; ++i) std::this_thread::yield();
        QVERIFY2(shared->pushed <= kMost + 2 * kStep, qPrintable(QString::number(shared->pushed)));
        watched.run().stop();
        shared->open();
        QCOMPARE(watched.finish().kind, Outcome::Kind::Stopped);
    }

    void memoryBudgetNamesTheNode()
    {
        CheckedPipeline pipeline = chain(numbersSource(4000, 2), R"({"type": "hoard"})");
        pipeline.settings.memory = 64 << 20;
        Watched watched;
        const Outcome outcome = watched.runToEnd(std::move(pipeline));
        QCOMPARE(outcome.kind, Outcome::Kind::Failed);
        QCOMPARE(outcome.exitCode(), 1);
        QCOMPARE(outcome.batches, 0);
        QVERIFY2(outcome.error.message.find("memory budget of 64 MiB") != std::string::npos && outcome.error.message.find("node middle") != std::string::npos, outcome.error.message.c_str());
        QVERIFY(watched.latest()->state == RunState::Failed);
        // The budget is given back: the same pipeline runs where there is enough.
        CheckedPipeline small = chain(numbersSource(40, 2), R"({"type": "hoard"})");
        small.settings.memory = 64 << 20;
        Watched again({.batches = 2});
        QCOMPARE(again.runToEnd(std::move(small)).kind, Outcome::Kind::Finished);
        QVERIFY(again.latest()->memoryUsed < 1 << 20);
    }

    void gracefulStopEndsTheBatchAndLosesNothing()
    {
        QTemporaryDir folder;
        const auto pipeline = [&] {
            CheckedPipeline made = chain(numbersSource(100, 40));
            made.settings.checkpoint = folder.filePath("c").toStdString();
            return made;
        };
        int64_t batches = 0;
        for (int run = 0; batches < 40; ++run) {
            Watched watched({.batches = 40 - batches});
            watched.start(pipeline());
            QVERIFY(watched.waitForStep(Step::RangesLogged, std::min<int64_t>(40, batches + 1 + run % 3)));
            watched.run().stop();
            const Outcome outcome = watched.finish();
            QVERIFY2(outcome.kind != Outcome::Kind::Failed, outcome.error.message.c_str());
            batches += outcome.batches;
            // All that began was decided and published.
            QCOMPARE(watched.last(Step::SourcesTold), batches);
        }
        QCOMPARE(publishedRows(), 3920);
        QVERIFY(std::ranges::is_sorted(shared->batchTimes));
    }

    void stopAtOnceEndsALongKernel()
    {
        QTemporaryDir folder;
        const auto pipeline = [&](const char* middle) {
            CheckedPipeline made = chain(spring(1000, 1000), middle);
            made.settings.checkpoint = folder.filePath("c").toStdString();
            return made;
        };
        {
            Watched watched;
            watched.start(pipeline(R"({"type": "stall"})"));
            QTRY_VERIFY(shared->stalled);
            watched.run().stop();
            QVERIFY(watched.last(Step::Computed) < watched.last(Step::RangesLogged));
            const int64_t asked = steadyNanos();
            watched.run().stopNow();
            QCOMPARE(watched.finish().kind, Outcome::Kind::Stopped);
            QVERIFY(steadyNanos() - asked < 1'000'000'000);
        }
        // What had been received and logged is there for the next run, in the ranges that were logged.
        CheckedPipeline next = pipeline(R"({"type": "sums"})");
        next.settings.trigger = Trigger::Once;
        Watched watched;
        const Outcome outcome = watched.runToEnd(std::move(next));
        QVERIFY2(outcome.kind == Outcome::Kind::Finished, outcome.error.message.c_str());
        QVERIFY(publishedRows() >= 1000);
        QVERIFY(watched.log().find("another version of the pipeline") == std::string::npos);
    }

    // The state is as before the batch, and the batch has the rows that were logged for it.
    void brokenBatchIsTriedAgainFromItsLoggedRanges()
    {
        QTemporaryDir folder;
        CheckedPipeline pipeline = chain(spring(3000, 11));
        pipeline.settings.trigger = Trigger::AvailableNow;
        pipeline.settings.checkpoint = folder.filePath("c").toStdString();
        shared->breakSums = 2;
        Watched watched;
        watched.start(std::move(pipeline));
        const Outcome outcome = watched.finish();
        QVERIFY2(outcome.kind == Outcome::Kind::Finished, outcome.error.message.c_str());
        QVERIFY(watched.log().find("is rolled back and tried again (2 of 3): middle: the toy is broken") != std::string::npos);
        QCOMPARE(publishedRows(), 3000);
        QCOMPARE(lastSums(), int64_t{3000} * 2999 / 2);
    }

private:
    std::unique_ptr<Shared> shared_;
};

QTEST_GUILESS_MAIN(RunLifeTest)
#include "run_life_test.moc"
