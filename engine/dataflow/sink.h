// Where rows go, exactly once: stage, decide, publish (engine/README.md, "Exactly once").
#pragma once
#include "engine/base/reading.h"
#include "engine/base/result.h"
#include "engine/dataflow/context.h"
#include "engine/dataflow/live_view.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace streamwright {

// Rows that a target refused when their epoch was decided already: they leave by the port `rejected` in a later batch,
// as part of what that batch has logged.
class LateRejects {
public:
    virtual ~LateRejects() = default;
    // Durable when it returns. What was rejected under the same key by a run before this one is not rejected again.
    virtual Result<void> reject(const std::string& key, std::span<const Rejected> rows) = 0;
};

// Who writes: a checkpoint (a UUID made at creation) and its node; `incarnation` rises with every rewind,
// reset and fork.
struct SinkContext {
    NodeId node;
    std::string checkpointId;   // empty without a checkpoint
    int64_t incarnation = 0;
    std::string owner;          // random per process start, with host and pid
    bool continued = false;     // this sink was opened with this checkpoint before
    std::optional<Epoch> resolved;  // the target counts as holding this epoch, whatever it says (`checkpoint resolve`)
    std::string checkpoint;     // its directory, for messages
    LateRejects* late = nullptr;    // of sinks that reject late; lives as long as they
    const StopToken* stop = nullptr;    // requested when the run is to end at once; null in tests
};

// One sink's part of a decided epoch, as it stands in the checkpoint's `pending` row.
struct Pending {
    Epoch epoch;
    Epoch previous;             // the last epoch that this sink published, 0 for none
    Timestamp batchTime;
    std::string staged;         // what `stage` returned
    int64_t incarnation = 0;    // of the run that decided it, which may be older than this run's
    // How far a publish of the same epoch had come before it failed or the program died, and how to say so: durable
    // when it returns. Of sinks that publish an epoch in many parts.
    std::string delivered;
    std::function<Result<void>(std::string)> deliver;
};

// What a target says it holds.
struct Published {
    int64_t incarnation = 0;
    Epoch epoch;
    std::string owner;
};

// The output of one batch, gathered by many workers, made durable but invisible by `stage`.
class SinkWork {
public:
    virtual ~SinkWork() = default;
    // Called from many workers at once, each input morsel once.
    virtual void consume(const Morsel& in, size_t worker, Emitter& rejects) = 0;
    // After the last consume. Makes the output durable and returns what publish needs (JSON or bytes for
    // the outbox, see Sink::usesOutbox). nullopt: the epoch has nothing for this sink, it is not touched.
    // Transient errors are tried again while the stream waits.
    virtual Result<std::optional<std::string>> stage(Epoch epoch) = 0;
};

// `begin`, consuming and `stage` of a later epoch may run while the commit thread is inside `publish` of an
// earlier one; publish itself is never called twice at once, and in epoch order.
class Sink {
public:
    virtual ~Sink() = default;
    // First open: whatever the target needs; refuses a target that belongs to someone else.
    virtual Result<void> open(const SinkContext& context) = 0;
    virtual std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t partitions, size_t workers) = 0;
    // True: what `stage` returns is kept in the outbox (a segment in the checkpoint, one fsync per epoch
    // for all sinks), and `publish` gets it back. False: it is a short text kept in the pending row, or, of a sink
    // that is declared at_least_once, published before the decision.
    virtual bool usesOutbox() const { return false; }
    // True: `publish` may find rows that the target refuses (SinkContext::late).
    virtual bool rejectsLate() const { return false; }
    // Makes the staged output visible. Idempotent: may be called again after a crash or a lost reply.
    virtual Result<void> publish(const Pending& pending) = 0;
    // Removes staged output of epochs that were never decided (after a crash, before the first batch).
    virtual Result<void> discardUndecided(Epoch lastDecided) { (void)lastDecided; return {}; }
    // What the target holds; nullopt where the target keeps no marker (rule: publish is idempotent by name).
    virtual Result<std::optional<Published>> published() { return std::optional<Published>(); }
    virtual void close() {}
    // What it shows to people, of a sink declared `live`. Lives on when the sink has gone.
    virtual std::shared_ptr<const LiveView> live() const { return nullptr; }
    // True: it reaches nothing outside the process, and a preview opens it too.
    virtual bool onlyShows() const { return false; }
    // What it counts of its connection. Asked after each batch, on the run's thread, while others may publish.
    virtual Readings readings() const { return {}; }
    virtual std::string description() const = 0;
};

}
