// What a run shows of itself: immutable values, made after each batch and whenever what it waits for changes.
// Widgets and the command line read them; nobody outside of the run touches its objects.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/reading.h"

#include <memory>
#include <string>
#include <vector>

namespace streamwright {

// One node in one batch.
struct NodeProgress {
    NodeId node;
    int64_t rowsIn = 0;
    int64_t rowsOut = 0;        // all ports but `rejected`
    int64_t rejected = 0;
    int64_t busyNanos = 0;      // summed over the workers
    int64_t stateRows = 0;      // after the batch
    int64_t stateBytes = 0;
    int64_t stateUpdated = 0;   // entries changed by the batch
    std::string rejectedBecause;    // why one of the rejected rows was; empty if there are none
};

// One source in one batch.
struct SourceProgress {
    NodeId node;
    std::string description;    // "socket localhost:9999"
    std::string startOffset;
    std::string endOffset;
    int64_t rows = 0;
    int64_t received = 0;       // records safe in the receive log so far; 0 for replayable sources
    int64_t queued = 0;         // records received and not yet in a batch
    double queueFill = 0;       // of the high mark, 0 to 1
    double rateLimit = 0;       // rows/s allowed by backpressure, 0 for none
    std::string status;         // what is waited for; empty if all is well
    Readings readings;          // of its connection; not kept in the history
};

struct SinkProgress {
    NodeId node;
    std::string description;
    int64_t rows = 0;
    Epoch published;            // the last epoch that this sink made visible
    Readings readings;          // of its connection; not kept in the history
};

// Where the time of a batch went, in nanoseconds; the parts sum to `total`.
struct Waterfall {
    int64_t wait = 0;           // from the tick to the start: scheduling delay
    int64_t plan = 0;           // ranges fixed
    int64_t logRanges = 0;
    int64_t compute = 0;        // sources read, operators run
    int64_t stage = 0;
    int64_t freeze = 0;         // state changes taken out
    int64_t handOver = 0;       // waiting for the commit thread, which is behind
    int64_t commit = 0;         // on the commit thread, beside later batches: not part of `total`
    int64_t publish = 0;        // by this thread; what the commit thread publishes is part of `commit`
    int64_t total = 0;
};

struct BatchProgress {
    int64_t number = 0;
    Timestamp batchTime;
    Timestamp started;          // wall (or virtual) time of the start
    int attempts = 1;
    int64_t rowsIn = 0;         // of all sources
    int64_t rowsOut = 0;        // into all sinks
    int64_t rejected = 0;
    double inputRowsPerSecond = 0;      // rows / (this start - previous start)
    double processedRowsPerSecond = 0;  // rows / duration
    bool decided = false;       // false: it wrote nothing
    int64_t memoryUsed = 0;     // bytes of the run's budget at its end
    Waterfall time;
    std::vector<NodeProgress> nodes;    // in topological order
    std::vector<SourceProgress> sources;
    std::vector<SinkProgress> sinks;
    std::string watermark = "none";
};

enum class RunState : unsigned char { Starting, Recovering, Running, Waiting, Paused, Stopping, Finished, Stopped, Failed };
std::string_view runStateName(RunState state);  // "starting", …

// What tells one run from another.
struct RunIdentity {
    std::string name;           // of the pipeline
    std::string id;             // UUID of the checkpoint: the same in every run that goes on from it; random without one
    std::string runId;          // UUID of this start
};

struct Snapshot {
    RunIdentity run;
    RunState state = RunState::Starting;
    std::string message;        // "waiting for out: no space left on device"
    int64_t working = 0;        // the batch that is at work; 0: none
    int64_t batches = 0;        // ended in this run
    int64_t rows = 0;           // read in this run
    int64_t rejected = 0;
    int64_t skippedTicks = 0;
    int64_t behind = 0;         // ticks that are due and wait
    Epoch decided;              // the last epoch that is safe
    int64_t stateRows = 0;
    int64_t stateBytes = 0;
    int64_t memoryUsed = 0;
    int64_t memoryLimit = 0;
    int64_t fsyncs = 0;
    std::shared_ptr<const BatchProgress> last;  // null before the first batch
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}
