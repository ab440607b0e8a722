// Reads `history.sqlite` of a checkpoint, also while a run writes it. Each call is one read transaction. One thread.
#pragma once
#include "engine/checkpoint/history_block.h"
#include "engine/telemetry/timeline.h"

#include <filesystem>

namespace streamwright {

class Connection;

class HistoryReader {
public:
    // A Mistake when there is no history; Permanent when it is damaged.
    static Result<std::unique_ptr<HistoryReader>> open(const std::filesystem::path& checkpoint);
    ~HistoryReader();

    // By their start.
    Result<std::vector<RecordedRun>> runs();
    // Batches of a run after `after` up to `until`, oldest first: the newest `most` of them that are kept whole.
    Result<BatchesOfRun> batches(const std::string& runId, int64_t after, int64_t until, size_t most);
    // Batches as far as they are kept and not too many, summaries of 10 s before them, of 5 min before these.
    Result<Timeline> timeline(const TimelineQuery& query);

private:
    struct Stored {
        int64_t id = 0;
        RecordedRun run;
    };
    explicit HistoryReader(std::unique_ptr<Connection> connection);
    Result<std::vector<Stored>> storedRuns();
    Result<void> addPoints(const Stored& run, const TimelineQuery& query, size_t place, std::vector<BatchSummary>& points);
    Result<void> addSummaries(int64_t run, int64_t seconds, Timestamp from, Timestamp until, size_t place, std::vector<BatchSummary>& points);
    Result<void> addBatches(int64_t run, Timestamp from, Timestamp until, size_t place, std::vector<BatchSummary>& points);

    std::unique_ptr<Connection> connection_;
};

}
