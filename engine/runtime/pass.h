// One attempt at the work of one batch: the sources' ranges go through the plan until every sink has its
// rows. Nothing of it is visible outside before the sinks stage; thrown away when it fails.
#pragma once
#include "engine/runtime/plan.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/tap_sample.h"

namespace streamwright {

// Thrown for an Error that a source returned in the middle of a pass; caught in micro_batch.cpp.
class PassFailed : public std::exception {
public:
    PassFailed(NodeId node, Error error) : node_(std::move(node)), error_(std::move(error)) {}
    const char* what() const noexcept override { return error_.message.c_str(); }
    const NodeId& node() const { return node_; }
    const Error& error() const { return error_; }

private:
    NodeId node_;
    Error error_;
};

struct NodeCounters {
    int64_t rowsIn = 0;
    int64_t rowsOut = 0;
    int64_t rejected = 0;
    int64_t busyNanos = 0;
};

class Pass {
public:
    // `taps` may be null: nothing is kept of what leaves the ports.
    Pass(const Plan& plan, Scheduler& scheduler, const BatchContext& context, size_t vectorRows, std::shared_ptr<MemoryAccount> memory, const TapRing* taps = nullptr);

    // Runs every head in topological order. `ranges` by Plan::sources. Throws what operators throw.
    void run(const std::vector<Range>& ranges);

    // Whether a sink sees the batch at all (BatchOperator::emits).
    bool reaches(size_t node) const { return reached_[node] != 0; }
    SinkWork& sinkWork(size_t sink) { return *sinkWorks_[sink]; }   // by index into Plan::nodes
    NodeCounters counters(size_t node) const;
    // What reached each recording, in order, by index into Plan::records.
    std::vector<BatchPtr> recorded(size_t record);
    // What was kept of the rows of each port, by index into Plan::taps; empty without taps.
    std::vector<TapRows> tapped();
    // The first rejected row of each node whose port `rejected` is not connected.
    // One row of each node that rejected some.
    struct ShownReject {
        Rejected row;
        bool handedOn = false;          // the port `rejected` is connected
    };
    const std::map<size_t, ShownReject>& shownRejects() const { return shown_; }
    // The node in which the first exception was thrown.
    std::optional<size_t> failedNode() const { return failedNode_; }

private:
    friend class Task;
    friend class HeadEmitter;
    friend class StepEmitter;
    friend class LeafRejects;
    // A row that a leaf or a part refused: those of consume first, by port and ordinal, then those of finish by part.
    struct HeldReject {
        bool finishing;
        size_t port;
        Ordinal ordinal;
        Rejected row;
    };
    struct Recorded {
        Ordinal ordinal;
        BatchPtr batch;
    };

    void begin();
    void findReached();
    void reach(const std::vector<Target>& targets);
    void readSource(size_t node, const Range& range);
    void finishGather(size_t node);
    void deliverHeldRejects(size_t node);
    BatchPtr rejectedBatch(size_t node, std::vector<Rejected>& rows) const;
    void show(size_t node, ShownReject reject);
    void failedIn(size_t node);
    NodeCounters& counter(size_t worker, size_t node) { return counters_[worker * plan_.nodes.size() + node]; }
    std::vector<HeldReject>& held(size_t worker, size_t node) { return held_[worker * plan_.nodes.size() + node]; }

    const Plan& plan_;
    Scheduler& scheduler_;
    const BatchContext& context_;
    size_t vectorRows_;
    std::shared_ptr<MemoryAccount> memory_;
    std::vector<char> reached_;                             // by node, of gathering operators and sinks
    std::vector<std::unique_ptr<BatchWork>> works_;         // by node
    std::vector<std::unique_ptr<SinkWork>> sinkWorks_;      // by node
    std::vector<NodeCounters> counters_;                    // by worker, node
    std::vector<std::vector<HeldReject>> held_;             // by worker, node
    std::vector<std::vector<Recorded>> recorded_;           // by worker, record
    std::vector<TapSample> taps_;                           // by worker, tap
    std::mutex shownMutex_;
    std::map<size_t, ShownReject> shown_;
    std::optional<size_t> failedNode_;
};

}
