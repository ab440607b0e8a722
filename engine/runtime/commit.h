// Makes batches durable and visible, in order, beside the computation of later ones: seal the outbox,
// decide, publish, clear, tell the sources. One thread. Batches whose sinks published already, and that changed little
// state, are decided together (settings: checkpoint_interval); of others at most two wait.
#pragma once
#include "engine/checkpoint/store.h"
#include "engine/runtime/plan.h"
#include "engine/runtime/run_control.h"

#include <deque>
#include <thread>

namespace streamwright {

// What a sink staged for an epoch.
struct SinkOutput {
    size_t node = 0;
    std::string staged;
    bool outbox = false;
};

struct CommitJob {
    Decision decision;                  // `pending` is filled in here
    std::vector<SinkOutput> outputs;
    std::vector<Offset> offsets;        // by Plan::sources, for ReplayableSource::committed
    bool small = false;                 // filled in here: can wait for others
};

// A piece of a full snapshot of a state, or (without rows) its end.
struct SnapshotJob {
    NodeId node;
    std::string state;
    Epoch epoch;                        // changes after it complete the snapshot
    Epoch complete;                     // end: the epoch in which the last piece was taken
    int chunk = 0;                      // end: how many there are
    BatchPtr rows;
};

class Commit {
public:
    // `published`: the last epoch of each sink, by index into Plan::nodes.
    // `interval`: how long small batches may wait for company.
    Commit(Plan& plan, Store& store, RunControl& control, Retention retention, Duration interval, std::map<size_t, Epoch> published);
    ~Commit();

    // Waits while too much waits. The error that ended the commit thread, if any.
    Result<void> hand(CommitJob job);
    // The same error, which has woken the clock: there may be no batch to hand over.
    std::optional<Error> failure() const;
    void hand(SnapshotJob job);
    // Waits for a moment without work, a good one for snapshot pieces; false: there was none in time.
    bool idleWithin(Duration time);
    // A piece of a snapshot that was handed over is not written yet.
    bool hasPiece() const;
    // Waits until all is done; what remains after a stop is in the error.
    Result<void> finish();
    // States whose changes have outgrown their snapshot, asked once each.
    std::vector<std::pair<NodeId, std::string>> outgrown();
    // Changes of fewer bytes are not worth a snapshot.
    int64_t smallestSnapshot() const { return smallestSnapshot_; }
    Epoch decided() const { return decided_.load(); }
    int64_t lastCommitNanos() const { return lastNanos_.load(std::memory_order_relaxed); }

    // Publishes one decided output; used by recovery too, before the thread has work.
    static Result<void> publish(PlanNode& sink, Store& store, RunControl& control, const PendingOutput& pending, const std::string& staged, Step before, Step after);

private:
    using Job = std::variant<CommitJob, SnapshotJob>;
    void work();
    void gather(std::unique_lock<std::mutex>& lock);
    Result<void> commit(CommitJob& job);
    Result<void> snapshot(const SnapshotJob& job);
    void lookAtStates(const CommitJob& job);
    void tidyNowAndThen();
    CommitJob* nextFor(const CommitJob& first);
    static void merge(CommitJob& first, CommitJob next);

    Plan& plan_;
    Store& store_;
    RunControl& control_;
    Retention retention_;
    const int64_t interval_;            // ns
    std::map<size_t, Epoch> published_;
    std::atomic<Epoch> decided_{};
    std::atomic<int64_t> lastNanos_{0};
    int64_t smallestSnapshot_;
    int64_t tidied_ = 0;
    Epoch tidiedAt_;
    bool untidy_ = false;               // the last time it was told to stop before the end

    mutable std::mutex mutex_;
    std::condition_variable given_;
    std::condition_variable done_;
    std::deque<Job> jobs_;
    size_t batches_ = 0;                // CommitJobs in jobs_ or at work
    size_t large_ = 0;                  // of these, those that are not decided with others
    size_t pieces_ = 0;                 // SnapshotJobs in jobs_ or at work
    bool working_ = false;
    bool hurry_ = false;                // somebody waits for the end
    int64_t decidedAt_ = 0;
    bool ending_ = false;
    std::optional<Error> failure_;
    std::vector<std::pair<NodeId, std::string>> outgrown_;
    std::thread thread_;
};

}
