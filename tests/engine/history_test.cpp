// The history of a checkpoint: what is written is read again, in tiers, within its room, whatever happened to the
// file before.
#define QT_NO_EMIT
#include "engine/checkpoint/history_reader.h"
#include "engine/checkpoint/history_writer.h"
#include "engine/checkpoint/schema.h"
#include "engine/storage/transaction.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <condition_variable>
#include <random>

using namespace streamwright;

namespace {

constexpr Timestamp kBegin{1'700'000'000'000'000};

std::shared_ptr<const BatchProgress> batchAt(int64_t number, Timestamp started, int64_t rows = 100)
{
    BatchProgress batch{.number = number, .batchTime = started, .started = started, .attempts = number % 10 == 0 ? 2 : 1, .rowsIn = rows, .rowsOut = 7, .rejected = 1};
    batch.inputRowsPerSecond = static_cast<double>(rows);
    batch.processedRowsPerSecond = static_cast<double>(rows) * 10;
    batch.decided = number % 2 == 1;
    batch.memoryUsed = 1'000'000 + number;
    batch.time = {.wait = 1000, .plan = 1, .logRanges = 2, .compute = 3'000'000 + number, .stage = 4, .freeze = 5, .handOver = 6, .commit = 7, .publish = 8, .total = 3'000'026 + number};
    batch.nodes = {{NodeId{"words"}, rows, 2 * rows, 1, 2'000'000, 0, 0, 0}, {NodeId{"totals"}, 2 * rows, 7, 0, 900'000, 50 + number, 4000, 7}};
    batch.sources = {{NodeId{"lines"}, "socket localhost:9999", "1:0", "1:400", rows, 12, 3, 0.25, 1000, "waits"}};
    batch.sinks = {{NodeId{"out"}, "console", 7, Epoch{number - 1}}};
    return std::make_shared<const BatchProgress>(std::move(batch));
}

RecordedRun runNamed(const std::string& id, Timestamp started = kBegin) { return {.runId = id, .name = "words", .documentHash = "hash", .started = started}; }

// What a writer told, for a test that waits for it.
class Told {
public:
    std::function<void(const Error&)> ear()
    {
        return [this](const Error& error) {
            const std::scoped_lock lock(mutex_);
            errors_.push_back(error);
            changed_.notify_all();
        };
    }
    std::vector<Error> errors()
    {
        const std::scoped_lock lock(mutex_);
        return errors_;
    }
    bool waitForOne()
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !errors_.empty(); });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Error> errors_;
};

struct Place {
    QTemporaryDir folder;
    std::filesystem::path path() const { return folder.path().toStdString(); }
    std::filesystem::path file() const { return path() / kHistoryName; }
    // A second after the other from `first` on.
    void write(const std::string& run, int64_t first, int64_t count, Timestamp begin, HistoryLimits limits = {})
    {
        HistoryWriter writer(path(), runNamed(run, begin), told.ear(), limits);
        for (int64_t i = 0; i < count; ++i) writer.add(batchAt(first + i, begin + seconds(i)));
    }
    std::unique_ptr<HistoryReader> read() const
    {
        auto reader = HistoryReader::open(path());
        if (!reader) qFatal("%s", reader.error().message.c_str());
        return std::move(*reader);
    }
    int64_t integer(const std::string& sql) const
    {
        auto connection = Connection::open(file(), OpenMode::ReadOnly);
        return (*connection)->integer(sql)->value_or(-1);
    }
    Told told;
};

}

class HistoryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsRead()
    {
        Place place;
        place.write("first", 1, 5, kBegin);
        const auto reader = place.read();
        const auto runs = *reader->runs();
        QCOMPARE(runs.size(), size_t{1});
        QVERIFY(runs[0].runId == "first" && runs[0].name == "words" && runs[0].documentHash == "hash" && runs[0].first == 1 && runs[0].last == 5 && runs[0].lastStarted == kBegin + seconds(4));
        const auto batches = *reader->batches("first", 1, 4, 2);
        QCOMPARE(batches.size(), size_t{2});
        const BatchProgress expected = *batchAt(3, kBegin + seconds(2)), &read = *batches[0];
        QCOMPARE(read.number, 3);
        QVERIFY(read.started == expected.started && read.batchTime == expected.batchTime && read.attempts == 1 && read.decided && read.rowsIn == 100 && read.rowsOut == 7 && read.rejected == 1);
        QVERIFY(read.inputRowsPerSecond == 100 && read.processedRowsPerSecond == 1000 && read.memoryUsed == 1'000'003 && read.watermark == "none");
        QVERIFY(read.time.wait == 1000 && read.time.compute == 3'000'003 && read.time.handOver == 6 && read.time.commit == 7 && read.time.publish == 8 && read.time.total == 3'000'029);
        QVERIFY(read.nodes.size() == 2 && read.nodes[1].node.name == "totals" && read.nodes[1].stateRows == 53 && read.nodes[1].stateUpdated == 7 && read.nodes[0].busyNanos == 2'000'000);
        QVERIFY(read.sources.size() == 1 && read.sources[0].description == "socket localhost:9999" && read.sources[0].endOffset == "1:400" && read.sources[0].queueFill == 0.25 && read.sources[0].status == "waits");
        QVERIFY(read.sinks.size() == 1 && read.sinks[0].published == Epoch{2});
        QVERIFY(reader->batches("other", 0, 100, 100)->empty());
        QVERIFY(place.told.errors().empty());
    }

    // Two hours at a batch a second: each tier goes on where the coarser one ends, and no batch counts twice.
    void tiersFollowEachOther()
    {
        Place place;
        place.write("long", 1, 7200, kBegin);
        QVERIFY(place.integer("SELECT min(until_time) FROM batches") >= (kBegin + seconds(7199 - 3600)).micros);
        const auto reader = place.read();
        const Timeline all = *reader->timeline({.most = 100'000});
        QVERIFY(all.points.size() > 360 && all.points.size() < 7200);
        int64_t next = 1;
        for (const BatchSummary& point : all.points) {
            QCOMPARE(point.first, next);
            next = point.last + 1;
            QCOMPARE(point.nodes.size(), size_t{2});
        }
        QCOMPARE(next, 7201);
        const Spread memory = all.points.front().figures[batchMetric("memory")];
        QVERIFY(memory.least == 1'000'001 && memory.greatest == 1'000'000 + static_cast<double>(all.points.front().last));
        QCOMPARE(all.points.back().batches, 1);
        // Fewer points, the same batches.
        const Timeline few = *reader->timeline({.most = 100});
        QVERIFY(few.points.size() <= 100 && few.points.size() > 50);
        int64_t batches = 0;
        for (const BatchSummary& point : few.points) batches += point.batches;
        QCOMPARE(batches, 7200);
        // A part of it.
        const Timeline part = *reader->timeline({.from = kBegin + seconds(7000), .until = kBegin + seconds(7009), .most = 1000});
        QCOMPARE(part.points.size(), size_t{10});
        QCOMPARE(part.points[0].length.micros, seconds(1).micros);
    }

    void beyondADayThereAreFiveMinutes()
    {
        Place place;
        HistoryLimits limits{.batches = seconds(60), .tenSeconds = seconds(1200)};
        place.write("day", 1, 3600, kBegin, limits);
        QVERIFY(place.integer("SELECT min(from_time) FROM summaries WHERE seconds = 10") >= (kBegin + seconds(3599 - 1200)).micros);
        QCOMPARE(place.integer("SELECT sum(batches) FROM summaries WHERE seconds = 300"), 3600);
        int64_t batches = 0;
        const Timeline timeline = *place.read()->timeline({.most = 100'000});
        for (const BatchSummary& point : timeline.points) batches += point.batches;
        QCOMPARE(batches, 3600);
    }

    // What is finest goes first, and the file stays in its room.
    void theFileStaysInItsRoom()
    {
        Place place;
        const HistoryLimits limits{.bytes = 512 << 10};
        for (int part = 0; part < 40; ++part) place.write("part" + std::to_string(part), 1 + part * 200, 200, kBegin + seconds(part * 200), limits);
        QVERIFY2(std::filesystem::file_size(place.file()) < size_t{700} << 10, std::to_string(std::filesystem::file_size(place.file())).c_str());
        QCOMPARE(place.integer("SELECT sum(batches) FROM summaries WHERE seconds = 300"), 8000);
        QVERIFY(place.integer("SELECT count(*) FROM batches") < 40);
        QVERIFY(place.told.errors().empty());
    }

    void runsFollowEachOther()
    {
        Place place;
        place.write("first", 1, 20, kBegin);
        place.write("second", 21, 10, kBegin + seconds(100));
        const Timeline both = *place.read()->timeline({});
        QCOMPARE(both.runs.size(), size_t{2});
        QCOMPARE(both.points.size(), size_t{30});
        QVERIFY(both.points[19].run == 0 && both.points[20].run == 1 && both.points[20].first == 21);
        const Timeline one = *place.read()->timeline({.run = "second"});
        QVERIFY(one.runs.size() == 1 && one.runs[0].runId == "second" && one.points.size() == 10);
    }

    // A run that was killed has its batches there, but not the summaries that were open.
    void aKilledRunIsCompleted()
    {
        Place place, killed;
        {
            HistoryWriter writer(place.path(), runNamed("killed"), place.told.ear(), {.every = milliseconds(5)});
            for (int64_t i = 0; i < 25; ++i) writer.add(batchAt(1 + i, kBegin + seconds(i)));
            QTRY_COMPARE_WITH_TIMEOUT(std::filesystem::exists(place.file()) && HistoryReader::open(place.path()) ? place.read()->batches("killed", 0, 100, 100)->size() : 0, size_t{25}, 20000);
            for (const char* ending : {"", "-wal"}) {
                if (std::filesystem::exists(place.file().string() + ending)) std::filesystem::copy_file(place.file().string() + ending, killed.file().string() + ending);
            }
        }
        QCOMPARE(killed.integer("SELECT count(*) FROM summaries WHERE seconds = 300"), 0);
        killed.write("next", 26, 1, kBegin + seconds(60));
        QCOMPARE(killed.integer("SELECT sum(batches) FROM summaries WHERE seconds = 300 AND run = 1"), 25);
        QCOMPARE(killed.integer("SELECT sum(batches) FROM summaries WHERE seconds = 10 AND run = 1"), 25);
    }

    void aDamagedFileIsSetAside()
    {
        Place place;
        QFile file(QString::fromStdString(place.file().string()));
        QVERIFY(file.open(QFile::WriteOnly) && file.write(QByteArray(8192, 'x')) == 8192);
        file.close();
        place.write("run", 1, 3, kBegin);
        QCOMPARE(place.read()->batches("run", 0, 100, 100)->size(), size_t{3});
        QVERIFY(std::filesystem::exists(place.file().string() + ".damaged"));
        const auto told = place.told.errors();
        QVERIFY(told.size() == 1 && told[0].message.find("is damaged") != std::string::npos && told[0].hint.find("set aside") != std::string::npos);
    }

    // In its middle, while it is used.
    void damageInTheMiddleIsSetAsideToo()
    {
        Place place;
        place.write("first", 1, 2000, kBegin);
        QFile file(QString::fromStdString(place.file().string()));
        QVERIFY(file.open(QFile::ReadWrite));
        for (qint64 at = 4096; at < file.size(); at += 4096) QVERIFY(file.seek(at) && file.write(QByteArray(4096, 'x')) == 4096);
        file.close();
        place.write("second", 2001, 3, kBegin + seconds(2000));
        QCOMPARE(place.read()->batches("second", 0, 10'000, 100)->size(), size_t{3});
        QCOMPARE(place.told.errors().size(), size_t{1});
    }

    // Nothing is lost: it is written when the other lets go.
    void aLockedFileIsWaitedFor()
    {
        Place place;
        place.write("first", 1, 3, kBegin);
        auto other = std::move(*Connection::open(place.file(), OpenMode::ReadWrite));
        QVERIFY(other->script("BEGIN EXCLUSIVE"));
        {
            HistoryWriter writer(place.path(), runNamed("second"), place.told.ear(), {.every = milliseconds(5)});
            for (int64_t i = 0; i < 15; ++i) writer.add(batchAt(4 + i, kBegin + seconds(10 + i)));
            QVERIFY(place.told.waitForOne());
            QVERIFY(place.told.errors()[0].message.find("another process holds") != std::string::npos);
            QVERIFY(other->script("COMMIT"));
        }
        const auto batches = *place.read()->batches("second", 0, 100, 100);
        QCOMPARE(batches.size(), size_t{15});
        QCOMPARE(place.integer("SELECT sum(batches) FROM summaries WHERE seconds = 10 AND run = 2"), 15);
    }

    void whereNothingCanBeWrittenItIsTold()
    {
        Told told;
        HistoryWriter(std::filesystem::path("/proc/nowhere"), runNamed("run"), told.ear()).add(batchAt(1, kBegin));
        QCOMPARE(told.errors().size(), size_t{1});
        QVERIFY(!HistoryReader::open("/proc/nowhere") && HistoryReader::open("/proc/nowhere").error().kind == ErrorKind::Mistake);
    }

    void aPercentileIsNear()
    {
        std::mt19937_64 random(5);
        std::vector<double> values;
        Distribution distribution;
        for (int i = 0; i < 50'000; ++i) {
            values.push_back(std::exp(static_cast<double>(random() % 2000) / 100));
            distribution.add(values.back());
        }
        std::ranges::sort(values);
        const Spread spread = distribution.spread();
        const double exact = values[values.size() - 1 - values.size() / 100];
        QVERIFY2(std::abs(spread.p99 / exact - 1) < 0.011, std::to_string(spread.p99 / exact).c_str());
        QVERIFY(spread.least == values.front() && spread.greatest == values.back());
        Distribution few;
        for (const double value : {3.0, 0.0, 9.0}) few.add(value);
        QVERIFY((few.spread() == Spread{0, 4, 9, 9}));
    }
};

QTEST_APPLESS_MAIN(HistoryTest)
#include "history_test.moc"
