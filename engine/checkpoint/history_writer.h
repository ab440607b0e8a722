// Writes what a run shows of its batches to `history.sqlite` in the checkpoint, once a second, on a thread and a
// connection of its own: no batch waits for it. Kept are every batch for an hour, a summary of 10 s for a day and
// one of 5 min beyond, all of them in at most 64 MiB: what is finest goes first. Not synced: a loss of power costs
// what was written last.
#pragma once
#include "engine/checkpoint/history_block.h"
#include "engine/telemetry/timeline.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <thread>

namespace streamwright {

class Connection;

struct HistoryLimits {
    Duration batches = seconds(3600);           // how long each tier is kept
    Duration tenSeconds = seconds(86400);
    int64_t bytes = int64_t{60} << 20;          // of the file; its log takes up to 4 MiB more
    Duration every = seconds(1);
};

class HistoryWriter {
public:
    // `tell` hears, on the thread of the writer, what keeps the history from being written; the run goes on.
    // A file that is damaged is set aside as `history.sqlite.damaged`.
    HistoryWriter(const std::filesystem::path& checkpoint, RecordedRun run, std::function<void(const Error&)> tell, HistoryLimits limits = {});
    // Writes what is left, and the summaries that are open.
    ~HistoryWriter();

    // Any thread; never waits for the disk.
    void add(std::shared_ptr<const BatchProgress> batch);

private:
    struct Tier {
        int64_t seconds;
        Summarizer summarizer;
    };
    void work();
    void summarize();
    void write();
    Result<void> open();
    Result<void> insert();
    Result<void> insertBatches(const BatchesOfRun& batches);
    Result<void> beginRun();
    Result<void> completeEarlierRuns();
    Result<void> insertSummary(int64_t run, int64_t seconds, const BatchSummary& summary);
    Result<void> forget();
    void fail(const Error& error);

    const std::filesystem::path file_;
    RecordedRun run_;
    const std::function<void(const Error&)> tell_;
    const HistoryLimits limits_;

    // Of the thread alone.
    std::unique_ptr<Connection> connection_;    // null: not open yet, or lost
    int64_t id_ = 0;                            // of the run in the file
    std::vector<Tier> tiers_;
    BatchesOfRun fresh_;                        // not written yet
    size_t summarized_ = 0;                     // of them
    Timestamp newest_;                          // start of the newest batch that was written
    std::vector<std::pair<int64_t, BatchSummary>> closed_;  // not written yet, with the seconds of their tier
    std::string told_;                          // the message told last

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<const BatchProgress>> added_;
    int64_t lost_ = 0;                          // batches that found no room
    bool ending_ = false;
    std::thread thread_;
};

}
