#include "engine/checkpoint/history_writer.h"

#include "engine/base/files.h"
#include "engine/checkpoint/schema.h"
#include "engine/storage/migrations.h"
#include "engine/storage/transaction.h"

#include <chrono>

namespace streamwright {

namespace {

// Batches that wait to be written; the disk is slower than the stream if there are more.
constexpr size_t kMostWaiting = 20'000;
// A reader holds the file for moments only.
constexpr int kBusyMillis = 500;
constexpr int64_t kRowsAtOnce = 32;
// A row of batches is what is forgotten, and read, at once.
constexpr size_t kBatchesInARow = 4096;
constexpr Duration kTimeOfARow = seconds(60);

constexpr std::string_view kSettings = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA wal_autocheckpoint = 256;
PRAGMA journal_size_limit = 2097152;
PRAGMA cache_size = -2048;
)sql";

Result<void> setAside(const std::filesystem::path& database)
{
    for (const char* ending : {"-wal", "-shm"}) {
        if (auto gone = removeAll(database.string() + ending); !gone) return gone;
    }
    return replaceFile(database, database.string() + ".damaged");
}

Result<std::unique_ptr<Connection>> openFile(const std::filesystem::path& path)
{
    auto connection = Connection::open(path, OpenMode::Create, kBusyMillis);
    if (!connection) return connection;
    auto done = (*connection)->script(kSettings);
    if (done) done = migrate(**connection, historyMigrations());
    if (!done) return done.error();
    return connection;
}

}

HistoryWriter::HistoryWriter(const std::filesystem::path& checkpoint, RecordedRun run, std::function<void(const Error&)> tell, HistoryLimits limits)
    : file_(checkpoint / kHistoryName), run_(std::move(run)), tell_(std::move(tell)), limits_(limits), tiers_{{kTenSeconds, Summarizer(seconds(kTenSeconds))}, {kFiveMinutes, Summarizer(seconds(kFiveMinutes))}}
{
    thread_ = std::thread([this] { work(); });
}

HistoryWriter::~HistoryWriter()
{
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void HistoryWriter::add(std::shared_ptr<const BatchProgress> batch)
{
    bool many = false;
    {
        const std::scoped_lock lock(mutex_);
        added_.push_back(std::move(batch));
        many = added_.size() > kMostWaiting / 4;
        if (added_.size() > kMostWaiting) {
            added_.pop_front();
            ++lost_;
        }
    }
    if (many) changed_.notify_all();
}

void HistoryWriter::work()
{
    const auto every = std::chrono::microseconds(limits_.every.micros);
    for (bool ending = false; !ending;) {
        int64_t lost = 0;
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, every, [this] { return ending_ || added_.size() > kMostWaiting / 4; });
            ending = ending_;
            lost = std::exchange(lost_, 0);
            fresh_.insert(fresh_.end(), added_.begin(), added_.end());
            added_.clear();
        }
        if (lost > 0) fail(transient(fmt::format("the history leaves out {} batches: {} is written slower than batches end", lost, file_.string())));
        summarize();
        if (ending) {
            for (Tier& tier : tiers_) {
                if (auto last = tier.summarizer.close()) closed_.emplace_back(tier.seconds, std::move(*last));
            }
        }
        write();
    }
}

// Each batch goes into the summaries once, however often its writing is tried.
void HistoryWriter::summarize()
{
    for (; summarized_ < fresh_.size(); ++summarized_) {
        for (Tier& tier : tiers_) {
            if (auto done = tier.summarizer.add(*fresh_[summarized_])) closed_.emplace_back(tier.seconds, std::move(*done));
        }
    }
}

void HistoryWriter::write()
{
    if (connection_ && fresh_.empty() && closed_.empty()) return;
    auto done = connection_ ? Result<void>() : open();
    if (done) done = insert();
    if (done) done = forget();
    if (done) {
        told_.clear();
        return;
    }
    // A file that holds nothing readable begins anew at the next try.
    connection_.reset();
    if (done.error().kind == ErrorKind::Permanent && setAside(file_)) {
        fail(permanent(done.error().message, fmt::format("it is set aside as {}.damaged, a new one begins", file_.filename().string())));
        if (open() && insert()) return;
        connection_.reset();
    } else {
        fail(done.error());
    }
    // What cannot be written for long is given up, oldest first.
    if (fresh_.size() > kMostWaiting) {
        const size_t gone = fresh_.size() - kMostWaiting;
        fresh_.erase(fresh_.begin(), fresh_.begin() + static_cast<ptrdiff_t>(gone));
        summarized_ -= gone;
    }
}

void HistoryWriter::fail(const Error& error)
{
    if (std::exchange(told_, error.message) == error.message) return;
    tell_(error);
}

Result<void> HistoryWriter::open()
{
    auto connection = openFile(file_);
    if (!connection) return connection.error();
    connection_ = std::move(*connection);
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.error();
    auto done = completeEarlierRuns();
    if (done) done = beginRun();
    if (done) done = transaction->commit();
    return done;
}

Result<void> HistoryWriter::beginRun()
{
    auto done = connection_->run("INSERT OR IGNORE INTO runs (run_id, name, document_hash, started, complete) VALUES (?, ?, ?, ?, 0)", run_.runId, run_.name, run_.documentHash, run_.started.micros);
    if (!done) return done;
    auto row = connection_->prepare("SELECT id FROM runs WHERE run_id = ?");
    if (!row) return row.error();
    row->bindAll(run_.runId);
    if (auto found = row->step(); !found || !*found) return found ? broken("the history lost its run") : found.error();
    id_ = row->integer(0);
    return {};
}

// A run that was killed left its last summaries open: they are made of the batches that are there.
Result<void> HistoryWriter::completeEarlierRuns()
{
    auto runs = connection_->prepare("SELECT id FROM runs WHERE complete = 0 AND run_id <> ?");
    if (!runs) return runs.error();
    runs->bindAll(run_.runId);
    std::vector<int64_t> open;
    for (auto row = runs->step(); row && *row; row = runs->step()) open.push_back(runs->integer(0));
    for (const int64_t run : open) {
        for (const int64_t length : {kTenSeconds, kFiveMinutes}) {
            auto rows = connection_->prepare("SELECT batches, nodes, sources, sinks FROM batches WHERE run = ?1 AND until_time >= coalesce((SELECT max(from_time + length) FROM summaries WHERE run = ?1 AND seconds = ?2), 0) ORDER BY id");
            if (!rows) return rows.error();
            rows->bindAll(run, length);
            Summarizer summarizer(seconds(length));
            const auto since = connection_->integer(fmt::format("SELECT max(from_time + length) FROM summaries WHERE run = {} AND seconds = {}", run, length));
            if (!since) return since.error();
            for (auto row = rows->step(); row && *row; row = rows->step()) {
                auto batches = decodeBatches({rows->blob(0), rows->blob(1), rows->blob(2), rows->blob(3)});
                if (!batches) return batches.error();
                for (const auto& batch : *batches) {
                    if (batch->started.micros < since->value_or(0)) continue;
                    if (auto closed = summarizer.add(*batch)) {
                        if (auto done = insertSummary(run, length, *closed); !done) return done;
                    }
                }
            }
            if (auto last = summarizer.close()) {
                if (auto done = insertSummary(run, length, *last); !done) return done;
            }
        }
        if (auto done = connection_->run("UPDATE runs SET complete = 1 WHERE id = ?", run); !done) return done;
    }
    return {};
}

Result<void> HistoryWriter::insertSummary(int64_t run, int64_t seconds, const BatchSummary& summary)
{
    return connection_->run("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", run, seconds, summary.from.micros, summary.length.micros, summary.first, summary.last, summary.batches, Blob{encodeFigures(summary)});
}

Result<void> HistoryWriter::insertBatches(const BatchesOfRun& batches)
{
    const BatchBlocks blocks = encodeBatches(batches);
    newest_ = std::max(newest_, batches.back()->started);
    return connection_->run("INSERT INTO batches (run, first, last, from_time, until_time, batches, nodes, sources, sinks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", id_, batches.front()->number, batches.back()->number,
                            batches.front()->started.micros, batches.back()->started.micros, Blob{blocks.batches}, Blob{blocks.nodes}, Blob{blocks.sources}, Blob{blocks.sinks});
}

Result<void> HistoryWriter::insert()
{
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.error();
    Result<void> done;
    for (size_t from = 0; done && from < fresh_.size();) {
        size_t end = from + 1;
        while (end < fresh_.size() && end - from < kBatchesInARow && fresh_[end]->started - fresh_[from]->started < kTimeOfARow) ++end;
        done = insertBatches({fresh_.begin() + static_cast<ptrdiff_t>(from), fresh_.begin() + static_cast<ptrdiff_t>(end)});
        from = end;
    }
    for (const auto& [seconds, summary] : closed_) {
        if (done) done = insertSummary(id_, seconds, summary);
    }
    if (done) done = transaction->commit();
    if (!done) return done;
    fresh_.clear();
    summarized_ = 0;
    closed_.clear();
    return {};
}

// By age, then by room: batches before summaries of 10 s before those of 5 min, the oldest first.
Result<void> HistoryWriter::forget()
{
    const std::string batches = fmt::format("DELETE FROM batches WHERE until_time < {}", (newest_ + Duration{-limits_.batches.micros}).micros);
    const std::string tenSeconds = fmt::format("DELETE FROM summaries WHERE seconds = {} AND from_time < {}", kTenSeconds, (newest_ + Duration{-limits_.tenSeconds.micros}).micros);
    const std::string runs = fmt::format("DELETE FROM runs WHERE id <> {} AND NOT EXISTS (SELECT 1 FROM batches WHERE run = runs.id) AND NOT EXISTS (SELECT 1 FROM summaries WHERE run = runs.id)", id_);
    for (const std::string& sql : {batches, tenSeconds, runs}) {
        if (auto done = connection_->script(sql); !done) return done;
    }
    const auto used = [this]() -> Result<int64_t> {
        auto pages = connection_->integer("PRAGMA page_count");
        auto freed = connection_->integer("PRAGMA freelist_count");
        auto size = connection_->integer("PRAGMA page_size");
        if (!pages || !freed || !size) return !pages ? pages.error() : !freed ? freed.error() : size.error();
        return (pages->value_or(0) - freed->value_or(0)) * size->value_or(0);
    };
    const std::string oldest[] = {
        fmt::format("DELETE FROM batches WHERE id IN (SELECT id FROM batches ORDER BY id LIMIT {})", kRowsAtOnce),
        fmt::format("DELETE FROM summaries WHERE (run, seconds, from_time) IN (SELECT run, seconds, from_time FROM summaries WHERE seconds = {} ORDER BY from_time LIMIT {})", kTenSeconds, kRowsAtOnce),
        fmt::format("DELETE FROM summaries WHERE (run, seconds, from_time) IN (SELECT run, seconds, from_time FROM summaries ORDER BY from_time LIMIT {})", kRowsAtOnce),
    };
    for (const std::string& sql : oldest) {
        for (;;) {
            auto bytes = used();
            if (!bytes) return bytes.error();
            if (*bytes <= limits_.bytes) return {};
            if (auto done = connection_->script(sql); !done) return done;
            if (connection_->changedRows() == 0) break;
        }
    }
    return {};
}

}
