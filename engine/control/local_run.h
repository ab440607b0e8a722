// One run in this process, on a thread of its own or of who prepared it: made ready, run to its end, and looked at.
// What can be seen of it stays after its end.
#pragma once
#include "engine/control/log_ring.h"
#include "engine/control/open_calls.h"
#include "engine/dataflow/catalog.h"
#include "engine/runtime/tap_ring.h"

#include <deque>

namespace streamwright {

class LocalRun {
public:
    // `started` is answered when the run is ready, or could not be made.
    LocalRun(StartRequest request, const Catalog& catalog, Reply<Started> started);
    // A run that another prepares and executes, and hands on by the three below, each once and in this order.
    LocalRun(StartRequest request, const Catalog& catalog, const CheckedPipeline& pipeline);
    void listen(RunOptions& options);                   // before prepare(); what is set there is called too
    void ready(std::shared_ptr<Run> run);
    void end(const Error& failure);
    bool isHosted() const { return !started_; }

    // Stops it at once, as a crash would: nothing is lost, what is not decided is run again.
    ~LocalRun();

    bool ended() const;
    void pause(Reply<void> reply);
    void resume(Reply<void> reply);
    void step(int64_t batches, Reply<void> reply);
    void stop(StopHow how, Reply<void> reply);

    const StartRequest& request() const { return request_; }
    const LogRing& log() const { return log_; }
    SnapshotPtr snapshot() const;
    Error failure() const;
    std::string documentHash() const;
    Settings settings() const;                          // as checked; defaults before that
    // Null before it is ready.
    std::shared_ptr<const History> history() const;
    std::shared_ptr<TapRing> taps() const;
    std::shared_ptr<const LiveView> live(const NodeId& node) const;     // null: it is no live sink
    std::optional<std::filesystem::path> checkpoint() const;
    std::string redact(std::string text) const;         // without the secrets that the pipeline names

private:
    // Answered when the run is as it was asked to be.
    struct Waiting {
        Reply<void> reply;
        std::function<bool(const Snapshot& now)> holds;
        bool outlives = false;                          // the end of the run answers it too
        bool pauses = false;                            // no longer when the run goes on
    };
    void live();
    Result<std::unique_ptr<Run>> prepareRun();
    void know(const CheckedPipeline& pipeline);
    void look(const SnapshotPtr& now);
    void await(Waiting waiting);
    // The run, if it goes on; else the reply is answered.
    std::shared_ptr<Run> running(const Reply<void>& reply);

    const StartRequest request_;
    const Catalog& catalog_;
    const std::optional<Reply<Started>> started_;       // none: hosted
    LogRing log_;

    mutable std::mutex mutex_;
    std::shared_ptr<Run> run_;                          // told things without the lock: it tells back
    std::shared_ptr<const Parameters> parameters_;
    Settings settings_;
    std::string documentHash_;
    SnapshotPtr latest_;
    std::shared_ptr<const History> history_;
    std::shared_ptr<TapRing> taps_;
    std::map<NodeId, std::shared_ptr<const LiveView>> live_;
    std::optional<std::filesystem::path> checkpoint_;
    std::vector<Waiting> waiting_;
    std::optional<StopHow> stop_;                       // asked for before it was ready
    bool ended_ = false;
    bool pausing_ = false;                              // asked for, and not taken back
    int64_t stepsUntil_ = 0;                            // number of batches after which the steps end
    Error failure_;
    std::thread thread_;
};

}
