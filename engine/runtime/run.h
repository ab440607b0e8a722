// The facade of the runtime: a checked pipeline becomes a run. Command line, flows and sessions use this
// header only.
//
//   auto run = prepare(std::move(checked), options);
//   if (!run) …                              // mistakes, a locked or corrupt checkpoint
//   for (const PlannedState& state : (*run)->plan()) …
//   const Outcome outcome = (*run)->execute();   // blocks until it is done
#pragma once
#include "engine/dataflow/check.h"
#include "engine/runtime/step.h"
#include "engine/telemetry/history.h"
#include "engine/telemetry/snapshot.h"

#include <functional>
#include <memory>

namespace streamwright {

// Writes every row that leaves a port: one line of JSON a batch, an array of objects, the format of
// sink.record that source.replay reads. A new checkpoint (or none)
// starts the file anew, a resumed one appends.
struct Recording {
    NodeId node;
    std::string port;                       // empty: the first output, or what reaches a sink
    std::filesystem::path file;             // may be empty if `line` is set
    std::function<void(int64_t batch, const std::string& line)> line;  // on the run's thread
    bool sorted = false;                    // rows sorted by their JSON text
};

// How much of what leaves the ports a run keeps, charged to its memory budget: at most an eighth of it.
struct TapOptions {
    size_t batches = 120;
    size_t rows = 256;                      // of a port in a batch
    int64_t bytes = int64_t{64} << 20;      // of all
};
class TapRing;

enum class LogLevel : unsigned char { Info, Warning, Error };

struct RunOptions {
    size_t workers = 0;                     // 0: settings.parallelism, else one per core. With 1 everything runs on the calling thread
    size_t vectorRows = kVectorRows;        // outputs of sources and gathering operators are cut to this
    bool virtualClock = false;
    Timestamp virtualStart;                 // the first batch is one interval later
    std::optional<int64_t> batches;         // end after so many batches of this run
    Duration drain;                         // virtual clock: go on so long after the last replay has ended
    std::vector<Recording> records;
    std::optional<TapOptions> taps;         // keep what leaves the ports in the last batches (tap_ring.h)
    std::vector<NodeId> resets;             // states that may be dropped when they do not fit
    bool paused = false;                    // begins with a pause
    // Every sink discards (but live ones, which only show): none is opened. The checkpoint is a temporary folder, which goes with the run; what
    // sources receive stays in memory. Nothing else is written.
    bool preview = false;
    bool planOnly = false;                  // nothing is written; execute() is not allowed
    bool history = true;                    // what batches did is written into the checkpoint (history_writer.h)
    // Called on the run's or its commit thread; must not block or throw.
    std::function<void(Step step, int64_t batch)> stepObserver;
    std::function<void(const SnapshotPtr& snapshot)> progress;
    std::function<void(LogLevel level, const std::string& line)> log;
};

// What happens to the kept state of a node when the run goes on.
enum class StateFate : unsigned char {
    Fresh,      // nothing was kept
    Kept,
    Reset,      // asked for
    Refused,    // does not fit; prepare fails unless planOnly
};
std::string_view stateFateName(StateFate fate);

struct PlannedState {
    NodeId node;
    std::string state;      // its name in the node; empty when the whole node is meant
    StateFate fate = StateFate::Fresh;
    std::string reason;     // "keys changed: …", "renamed from old"; may be empty
};

struct Outcome {
    enum class Kind : unsigned char { Finished, Stopped, Failed };
    Kind kind = Kind::Finished;
    Error error;            // when Failed
    int64_t batches = 0;    // ended in this run
    // 0 finished or stopped gracefully, 1 failed while running or a pending epoch left, 2 a mistake.
    int exitCode() const;
};

class Run {
public:
    virtual ~Run() = default;
    virtual const std::vector<PlannedState>& plan() const = 0;  // every stateful node, in topological order
    // Notes for people about the resume ("a logged batch of an older document is planned again").
    virtual const std::vector<std::string>& notes() const = 0;
    // Recovers, then runs batches on the calling thread. Once.
    virtual Outcome execute() = 0;
    // The current batch ends, commits and publishes, the sources close. Any thread; a signal handler must
    // not call it, a thread that waits for signals may.
    virtual void stop() = 0;
    // Does not wait for the batch: what is not decided is run again by the next start. Any thread.
    virtual void stopNow() = 0;
    // No batch begins until `resume`, or as many as `step` allows; the one that runs ends. A source that
    // receives goes on receiving. What the pause made late is met as ticks that were missed (`catch_up`).
    virtual void pause() = 0;                                   // these three from any thread
    virtual void resume() = 0;
    virtual void step(int64_t batches) = 0;                     // and then pause
    virtual SnapshotPtr snapshot() const = 0;                   // the latest; any thread
    virtual std::shared_ptr<const History> history() const = 0; // the last batches
    virtual std::optional<std::filesystem::path> checkpoint() const = 0;    // of a preview too
    virtual std::shared_ptr<TapRing> taps() const = 0;          // null if none were asked for
    virtual std::map<NodeId, std::shared_ptr<const LiveView>> live() const = 0;    // what live sinks show
};

// Opens the checkpoint (makes it unless planOnly) and decides what happens to kept state.
Result<std::unique_ptr<Run>> prepare(CheckedPipeline pipeline, RunOptions options);

}
