// A disk that becomes full under the checkpoint, the staged output or the target: the stream waits and says
// so, goes on when there is space again, and leaves what an undisturbed run leaves, to the byte.
#include "tests/engine/small_disk.h"
#include "tests/engine/toy_nodes.h"

#include "engine/base/files.h"
#include "engine/nodes/catalog.h"
#include "engine/storage/connection.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <set>
#include <sstream>

using namespace streamwright;

namespace {

namespace fs = std::filesystem;

const Catalog& catalog()
{
    static const Catalog made = [] {
        Catalog all = builtInNodes();
        addToys(all);
        return all;
    }();
    return made;
}

// Where each part of a run keeps its files.
struct Places {
    fs::path checkpoint, texts, lines, table;
};

CheckedPipeline pipeline(const Places& places, const std::string& source)
{
    CheckedPipeline checked = checkedOf(fmt::format(R"({{"format": "streamwright/1", "name": "disk", "settings": {{"batch_interval": "10ms"}},
        "nodes": {{
            "in": {},
            "sums": {{"type": "sums"}},
            "texts": {{"type": "sink.text_files", "options": {{"prefix": "{}/sums"}}}},
            "lines": {{"type": "sink.files", "options": {{"path": "{}", "format": "json"}}}},
            "table": {{"type": "sink.sqlite", "options": {{"file": "{}/t.sqlite", "table": "t"}}}},
            "out": {{"type": "sink.collect"}}}},
        "edges": ["in -> sums", "sums -> texts", "sums -> lines", "sums -> table", "sums -> out"]}})",
                                                    source, places.texts.string(), (places.lines / "lines").string(), places.table.string()),
                                        catalog());
    checked.settings.checkpoint = places.checkpoint / "checkpoint";
    return checked;
}

const std::string kNumbersSource = R"({"type": "source.numbers", "options": {"rows": 2000, "batches": 8}})";

// Name and content of every file that a sink has published, and the rows of the table.
std::map<std::string, std::string> contentOf(const Places& places)
{
    std::map<std::string, std::string> found;
    for (const fs::path& folder : std::set<fs::path>{places.texts, places.lines}) {
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            const std::string name = fs::relative(entry.path(), folder).string();
            const bool published = name.starts_with("sums-") || name.starts_with("lines/part");
            if (!entry.is_regular_file() || !published) continue;
            found[name] = readFile(entry.path()).value();
        }
    }
    auto connection = Connection::open(places.table / "t.sqlite", OpenMode::ReadOnly).value();
    auto rows = connection->prepare("SELECT k, v FROM t ORDER BY 1, 2").value();
    for (auto row = rows.step(); row.value(); row = rows.step()) found["table"] += fmt::format("{}|{}\n", rows.integer(0), rows.integer(1));
    return found;
}

}

class FullDiskTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        disk_ = std::make_unique<SmallDisk>(fs::path(smallFolder_.path().toStdString()));
        qInfo("%s", disk_->isMounted() ? "a mounted disk of 4 MiB" : "no disk can be mounted here: the limit of file sizes stands in");
        shared = &shared_;
        const Places places = roomyPlaces(expectedFolder_);
        auto run = prepare(pipeline(places, kNumbersSource), virtualRun());
        QVERIFY(run.has_value());
        QCOMPARE((*run)->execute().kind, Outcome::Kind::Finished);
        expected_ = contentOf(places);
        expectedRows_ = shared_.lines;
        QVERIFY(expected_.size() > 12);
        QVERIFY(expected_["table"].size() > 10'000);
    }

    void init()
    {
        disk_->free();
        shared_.lines.clear();
        for (const auto& entry : fs::directory_iterator(disk_->folder())) fs::remove_all(entry);
    }

    void waitsAndGoesOn_data()
    {
        QTest::addColumn<QString>("small");
        QTest::addColumn<QString>("step");
        QTest::addColumn<QString>("who");
        QTest::newRow("checkpoint, ranges") << "checkpoint" << "ranges_planned" << "checkpoint";
        QTest::newRow("checkpoint, outbox") << "checkpoint" << "computed" << "checkpoint";
        QTest::newRow("checkpoint, decision") << "checkpoint" << "deciding" << "checkpoint";
        QTest::newRow("checkpoint, pending cleared") << "checkpoint" << "published" << "checkpoint";
        QTest::newRow("staged folders") << "texts" << "computed" << "texts";
        QTest::newRow("staged files") << "lines" << "computed" << "lines";
        QTest::newRow("target, a table") << "table" << "deciding" << "table";
    }

    void waitsAndGoesOn()
    {
        QFETCH(QString, small);
        QFETCH(QString, step);
        QFETCH(QString, who);
        QTemporaryDir folder;
        const Places places = placesWith(small, folder);
        const Disturbed run = disturbed(places, *stepOf(step.toStdString()), virtualRun(2));
        QCOMPARE(run.outcome.kind, Outcome::Kind::Finished);
        verifyWaited(run, who.toStdString());
        QVERIFY(contentOf(places) == expected_);
        QVERIFY(shared_.lines == expectedRows_);
    }

    // A stop while the disk is full ends the run with a message; the next run loses nothing.
    void stoppedWhileFull_data() { waitsAndGoesOn_data(); }
    void stoppedWhileFull()
    {
        QFETCH(QString, small);
        QFETCH(QString, step);
        QTemporaryDir folder;
        const Places places = placesWith(small, folder);
        std::unique_ptr<Run> run;
        std::atomic<bool> full{false};
        RunOptions options = virtualRun(2);
        options.stepObserver = [&](Step at, int64_t batch) {
            if (batch == 3 && at == *stepOf(step.toStdString()) && !full.exchange(true)) disk_->fill();
        };
        options.log = [&](LogLevel, const std::string& line) {
            if (line.starts_with("waiting for")) run->stop();
        };
        run = std::move(prepare(pipeline(places, kNumbersSource), options).value());
        const Outcome stopped = run->execute();
        QVERIFY(stopped.kind != Outcome::Kind::Finished);
        // A batch before may be the one that waits for its commit.
        if (stopped.kind == Outcome::Kind::Failed) QVERIFY2(QRegularExpression("(batch|epoch) [123] ").match(QString::fromStdString(stopped.error.message)).hasMatch(), stopped.error.message.c_str());
        QVERIFY(stopped.batches < 8);
        run.reset();
        disk_->free();
        auto again = prepare(pipeline(places, kNumbersSource), virtualRun(2));
        QVERIFY2(again.has_value(), again ? "" : again.error().message.c_str());
        QCOMPARE((*again)->execute().kind, Outcome::Kind::Finished);
        QVERIFY(contentOf(places) == expected_);
        QVERIFY(shared_.lines == expectedRows_);
    }

    // What a receiver gets while the disk is full waits at the peer.
    void receiveLog()
    {
        QTemporaryDir folder;
        const Places places = placesWith("checkpoint", folder);
        std::atomic<bool> full{false};
        std::set<std::string> waited;
        std::mutex mutex;
        RunOptions options;
        options.workers = 1;
        options.stepObserver = [&](Step at, int64_t) {
            if (at == Step::RangesPlanned && !full.exchange(true)) disk_->fill();
        };
        options.log = [&](LogLevel, const std::string& line) {
            const std::scoped_lock lock(mutex);
            if (!line.starts_with("waiting for")) return;
            waited.insert(line.substr(12, line.find(':') - 12));
            if (waited.contains("in")) disk_->free();
        };
        CheckedPipeline checked = pipeline(places, R"({"type": "source.spring", "options": {"rows": 60000, "step": 3}})");
        checked.settings.trigger = Trigger::AvailableNow;
        auto run = prepare(std::move(checked), options);
        QVERIFY(run.has_value());
        const Outcome outcome = (*run)->execute();
        QVERIFY2(outcome.kind == Outcome::Kind::Finished, outcome.error.message.c_str());
        QVERIFY(waited.contains("in"));
        // Every row once: the table holds the running sum of each row's key.
        std::map<std::string, int64_t> sums;
        int64_t rows = 0, total = 0;
        std::istringstream table(contentOf(places)["table"]);
        for (std::string line; std::getline(table, line); ++rows) {
            const size_t bar = line.find('|');
            int64_t& sum = sums[line.substr(0, bar)];
            sum = std::max<int64_t>(sum, std::stoll(line.substr(bar + 1)));
        }
        for (const auto& [key, sum] : sums) total += sum;
        QCOMPARE(rows, 60000);
        QCOMPARE(total, int64_t{60000} * 59999 / 2);
    }

private:
    struct Disturbed {
        Outcome outcome;
        std::vector<std::string> log;
        std::set<std::string> messages;     // of snapshots in the state waiting
        std::string lastMessage;
    };

    static Places roomyPlaces(const QTemporaryDir& folder)
    {
        const fs::path root = folder.path().toStdString();
        for (const char* name : {"checkpoint", "texts", "lines", "table"}) fs::create_directories(root / name);
        return {root / "checkpoint", root / "texts", root / "lines", root / "table"};
    }

    Places placesWith(const QString& small, const QTemporaryDir& folder) const
    {
        Places places = roomyPlaces(folder);
        if (small == "checkpoint") places.checkpoint = disk_->folder();
        if (small == "texts") places.texts = disk_->folder();
        if (small == "lines") places.lines = disk_->folder();
        if (small == "table") places.table = disk_->folder();
        return places;
    }

    // The disk is full from `step` of batch 3 on, until the run has said that it waits.
    Disturbed disturbed(const Places& places, Step step, RunOptions options)
    {
        Disturbed result;
        std::mutex mutex;
        std::atomic<bool> full{false};
        options.stepObserver = [&](Step at, int64_t batch) {
            if (batch == 3 && at == step && !full.exchange(true)) disk_->fill();
        };
        options.log = [&](LogLevel, const std::string& line) {
            const std::scoped_lock lock(mutex);
            result.log.push_back(line);
        };
        options.progress = [&](const SnapshotPtr& now) {
            const std::scoped_lock lock(mutex);
            result.lastMessage = now->message;
            if (now->state != RunState::Waiting) return;
            result.messages.insert(now->message);
            disk_->free();
        };
        auto run = prepare(pipeline(places, kNumbersSource), options);
        if (!run) return {{Outcome::Kind::Failed, run.error(), 0}, {run.error().message}, {}, {}};
        result.outcome = (*run)->execute();
        if (result.outcome.kind == Outcome::Kind::Failed) qWarning("%s", result.outcome.error.message.c_str());
        return result;
    }

    void verifyWaited(const Disturbed& run, const std::string& who)
    {
        const std::string start = fmt::format("waiting for {}: ", who);
        const std::string reason = "no space left under " + disk_->folder().string();
        // A limit of file sizes cannot be told from one disk to another: whoever writes first meets it, with words of its own.
        const auto waited = [&](const std::string& line) { return !disk_->isMounted() || (line.starts_with(start) && line.find(reason) != std::string::npos); };
        QVERIFY2(std::ranges::any_of(run.messages, waited), run.messages.empty() ? "nothing was waited for" : run.messages.begin()->c_str());
        QVERIFY(std::ranges::any_of(run.log, [](const std::string& line) { return line.starts_with("going on: "); }));
        QCOMPARE(run.lastMessage, std::string());
    }

    QTemporaryDir smallFolder_, expectedFolder_;
    Shared shared_;
    std::unique_ptr<SmallDisk> disk_;
    std::map<std::string, std::string> expected_;
    std::vector<std::string> expectedRows_;
};

QTEST_GUILESS_MAIN(FullDiskTest)
#include "full_disk_test.moc"
