#include "engine/control/past.h"

#include "engine/checkpoint/history_reader.h"

#include <algorithm>

namespace streamwright {

namespace {

// The checkpoint, then those that were set aside beside it (preparation.cpp names them).
std::vector<std::filesystem::path> checkpointsAt(const std::filesystem::path& checkpoint)
{
    std::vector<std::filesystem::path> found{checkpoint};
    const std::string start = checkpoint.filename().string() + ".aside-";
    std::error_code failure;
    for (auto entry = std::filesystem::directory_iterator(checkpoint.parent_path(), failure); !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
        if (entry->path().filename().string().starts_with(start)) found.push_back(entry->path());
    }
    std::sort(found.begin() + 1, found.end());
    return found;
}

// Null: there is none yet.
Result<std::unique_ptr<HistoryReader>> openIfThere(const std::filesystem::path& checkpoint)
{
    auto reader = HistoryReader::open(checkpoint);
    if (!reader && reader.error().kind == ErrorKind::Mistake) return std::unique_ptr<HistoryReader>();
    return reader;
}

// The history that holds the run; null: none does. Those that were set aside may be damaged or of another version.
Result<std::unique_ptr<HistoryReader>> holderOf(const std::filesystem::path& checkpoint, const std::string& runId)
{
    for (const std::filesystem::path& folder : checkpointsAt(checkpoint)) {
        auto reader = openIfThere(folder);
        if (!reader && folder != checkpoint) continue;
        if (!reader) return reader;
        if (!*reader) continue;
        auto runs = (*reader)->runs();
        if (!runs) return runs.error();
        if (std::ranges::find(*runs, runId, &RecordedRun::runId) != runs->end()) return reader;
    }
    return std::unique_ptr<HistoryReader>();
}

}

Result<std::vector<RecordedRun>> recordedRuns(const std::filesystem::path& checkpoint)
{
    std::vector<RecordedRun> all;
    for (const std::filesystem::path& folder : checkpointsAt(checkpoint)) {
        auto reader = openIfThere(folder);
        if (!reader && folder != checkpoint) continue;
        if (!reader) return reader.error();
        if (!*reader) continue;
        auto runs = (*reader)->runs();
        if (!runs) return runs.error();
        all.insert(all.end(), runs->begin(), runs->end());
    }
    std::ranges::stable_sort(all, {}, &RecordedRun::started);
    return all;
}

Result<Timeline> recordedTimeline(const std::filesystem::path& checkpoint, const TimelineQuery& query)
{
    auto reader = query.run.empty() ? openIfThere(checkpoint) : holderOf(checkpoint, query.run);
    if (!reader) return reader.error();
    if (*reader) return (*reader)->timeline(query);
    if (query.run.empty()) return Timeline();
    return mistake(fmt::format("the history holds no run {}", query.run), "it has gone with age, or belongs to another checkpoint");
}

void cut(Batches& batches, const HistoryQuery& query)
{
    std::erase_if(batches, [&](const auto& batch) { return batch->number <= query.after || (query.moment.batch && batch->number > *query.moment.batch); });
    if (batches.size() > query.most) batches.erase(batches.begin(), batches.end() - static_cast<ptrdiff_t>(query.most));
}

Result<Batches> withRecorded(const std::filesystem::path& checkpoint, const HistoryQuery& query, int64_t first, Batches held)
{
    std::string runId = query.run;
    if (runId.empty()) {
        auto runs = recordedRuns(checkpoint);
        if (!runs) return runs.error();
        if (runs->empty()) return held;
        runId = runs->back().runId;
    }
    auto reader = holderOf(checkpoint, runId);
    if (!reader) return reader.error();
    if (!*reader) return held;
    int64_t until = query.moment.batch.value_or(INT64_MAX);
    if (first > 0) until = std::min(until, first - 1);
    auto earlier = (*reader)->batches(runId, query.after, until, query.most - held.size());
    if (!earlier) return earlier.error();
    earlier->insert(earlier->end(), held.begin(), held.end());
    return earlier;
}

}
