#include "engine/checkpoint/history_reader.h"

#include "engine/checkpoint/schema.h"
#include "engine/storage/migrations.h"
#include "engine/storage/transaction.h"

namespace streamwright {

namespace {

// A second of the quickest stream is read in one piece; more batches than this are summed up instead.
constexpr size_t kLeastBatches = 4000;

Timestamp endOf(const BatchSummary& summary) { return summary.from + summary.length; }

}

HistoryReader::HistoryReader(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
HistoryReader::~HistoryReader() = default;

Result<std::unique_ptr<HistoryReader>> HistoryReader::open(const std::filesystem::path& checkpoint)
{
    const std::filesystem::path file = checkpoint / kHistoryName;
    std::error_code failure;
    if (!std::filesystem::exists(file, failure)) return mistake(fmt::format("there is no history at {}", file.string()), "a run with this checkpoint writes one");
    auto connection = Connection::open(file, OpenMode::ReadOnly);
    if (!connection) return connection.error();
    if (auto fine = checkVersion(**connection, historyMigrations()); !fine) return fine.error();
    return std::unique_ptr<HistoryReader>(new HistoryReader(std::move(*connection)));
}

Result<std::vector<HistoryReader::Stored>> HistoryReader::storedRuns()
{
    std::vector<Stored> found;
    auto done = connection_->eachRow(R"sql(
        SELECT id, run_id, name, document_hash, started,
               min(coalesce((SELECT min(first) FROM batches WHERE run = r.id), 9223372036854775807), coalesce((SELECT min(first) FROM summaries WHERE run = r.id), 9223372036854775807)),
               max(coalesce((SELECT max(last) FROM batches WHERE run = r.id), 0), coalesce((SELECT max(last) FROM summaries WHERE run = r.id), 0)),
               max(coalesce((SELECT max(until_time) FROM batches WHERE run = r.id), 0), coalesce((SELECT max(from_time) FROM summaries WHERE run = r.id), 0))
        FROM runs r ORDER BY started, id)sql",
                        [&](const Statement& at) -> Result<void> {
                            Stored stored{at.integer(0), {std::string(at.text(1)), std::string(at.text(2)), std::string(at.text(3)), {at.integer(4)}, at.integer(5), at.integer(6), {at.integer(7)}}};
                            // A run that ended before its first batch left nothing.
                            if (stored.run.last > 0) found.push_back(std::move(stored));
                            return {};
                        });
    if (!done) return done.error();
    return found;
}

Result<std::vector<RecordedRun>> HistoryReader::runs()
{
    auto stored = storedRuns();
    if (!stored) return stored.error();
    std::vector<RecordedRun> runs;
    for (Stored& one : *stored) runs.push_back(std::move(one.run));
    return runs;
}

Result<BatchesOfRun> HistoryReader::batches(const std::string& runId, int64_t after, int64_t until, size_t most)
{
    auto rows = connection_->prepare("SELECT batches, nodes, sources, sinks FROM batches WHERE run = (SELECT id FROM runs WHERE run_id = ?) AND last > ? AND first <= ? ORDER BY id DESC");
    if (!rows) return rows.error();
    rows->bindAll(runId, after, until);
    BatchesOfRun found;     // newest first
    while (found.size() < most) {
        auto row = rows->step();
        if (!row) return row.error();
        if (!*row) break;
        auto batches = decodeBatches({rows->blob(0), rows->blob(1), rows->blob(2), rows->blob(3)});
        if (!batches) return batches.error();
        for (auto batch = batches->rbegin(); batch != batches->rend() && found.size() < most; ++batch) {
            if ((*batch)->number > after && (*batch)->number <= until) found.push_back(std::move(*batch));
        }
    }
    std::ranges::reverse(found);
    return found;
}

Result<void> HistoryReader::addSummaries(int64_t run, int64_t seconds, Timestamp from, Timestamp until, size_t place, std::vector<BatchSummary>& points)
{
    return connection_->eachRow(fmt::format("SELECT from_time, length, first, last, batches, figures FROM summaries WHERE run = {} AND seconds = {} AND from_time >= {} AND from_time < {} ORDER BY from_time", run, seconds, from.micros, until.micros),
                   [&](const Statement& at) -> Result<void> {
                       BatchSummary& point = points.emplace_back(BatchSummary{place, {at.integer(0)}, {at.integer(1)}, at.integer(2), at.integer(3), at.integer(4), {}, {}});
                       return decodeFigures(at.blob(5), point);
                   });
}

Result<void> HistoryReader::addBatches(int64_t run, Timestamp from, Timestamp until, size_t place, std::vector<BatchSummary>& points)
{
    std::shared_ptr<const BatchProgress> before;
    const size_t begin = points.size();
    auto done = connection_->eachRow(fmt::format("SELECT batches, nodes, sources, sinks FROM batches WHERE run = {} AND until_time >= {} AND from_time < {} ORDER BY id", run, from.micros, until.micros), [&](const Statement& at) -> Result<void> {
        auto batches = decodeBatches({at.blob(0), at.blob(1), at.blob(2), at.blob(3)});
        if (!batches) return batches.error();
        for (const auto& batch : *batches) {
            const Duration length = before ? lengthAfter(before->started, before->batchTime, *batch) : seconds(1);
            before = batch;
            if (batch->started < from || batch->started >= until) continue;
            points.push_back(summaryOf(*batch, length));
            points.back().run = place;
        }
        return {};
    });
    // Nothing is known of what came before the first: it covers as much time as the one after it.
    if (points.size() > begin + 1) points[begin].length = points[begin + 1].length;
    return done;
}

// From coarse to fine: each tier goes on where the coarser one before it ended.
Result<void> HistoryReader::addPoints(const Stored& run, const TimelineQuery& query, size_t place, std::vector<BatchSummary>& points)
{
    const Timestamp until = query.until.micros == INT64_MAX ? query.until : query.until + Duration{1};
    const auto firstOf = [&](const std::string& sql) -> Result<Timestamp> {
        auto first = connection_->integer(sql);
        if (!first) return first.error();
        return first->has_value() ? Timestamp{**first} : until;
    };
    const std::string inRange = fmt::format("FROM batches WHERE run = {} AND until_time >= {} AND from_time < {}", run.id, query.from.micros, until.micros);
    auto count = connection_->integer("SELECT sum(last - first + 1) " + inRange);
    auto firstBatch = firstOf("SELECT min(from_time) " + inRange);
    auto firstTen = firstOf(fmt::format("SELECT min(from_time) FROM summaries WHERE run = {} AND seconds = {}", run.id, kTenSeconds));
    auto tenUntil = connection_->integer(fmt::format("SELECT max(from_time + length) FROM summaries WHERE run = {} AND seconds = {}", run.id, kTenSeconds));
    if (!count || !firstBatch || !firstTen || !tenUntil) return !count ? count.error() : !firstBatch ? firstBatch.error() : !firstTen ? firstTen.error() : tenUntil.error();
    // Too many: only those that no summary holds yet.
    const bool many = static_cast<size_t>(count->value_or(0)) > std::max(query.most, kLeastBatches);
    const Timestamp batchesFrom = many ? std::max(query.from, Timestamp{tenUntil->value_or(0)}) : *firstBatch;
    const size_t begin = points.size();
    const auto goOn = [&] { return points.size() > begin ? std::max(query.from, endOf(points.back())) : query.from; };
    auto done = addSummaries(run.id, kFiveMinutes, query.from, std::min(*firstTen, batchesFrom), place, points);
    if (done) done = addSummaries(run.id, kTenSeconds, goOn(), batchesFrom, place, points);
    if (done) done = addBatches(run.id, goOn(), until, place, points);
    return done;
}

Result<Timeline> HistoryReader::timeline(const TimelineQuery& query)
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    auto stored = storedRuns();
    if (!stored) return stored.error();
    Timeline timeline;
    for (Stored& run : *stored) {
        if (!query.run.empty() && run.run.runId != query.run) continue;
        if (run.run.lastStarted < query.from || run.run.started > query.until) continue;
        if (auto added = addPoints(run, query, timeline.runs.size(), timeline.points); !added) return added.error();
        timeline.runs.push_back(std::move(run.run));
    }
    fit(timeline.points, query.most);
    return timeline;
}

}
