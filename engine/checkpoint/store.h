// The checkpoint of a run: a directory with checkpoint.sqlite, received/, staged/, history.sqlite and lock.
// The only writer of it. All writes are transactions with synchronous=FULL in WAL mode.
// Called from the run's thread and from its commit thread; each call is atomic, the store locks itself.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/columns/batch.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace streamwright {

// Pinned when the checkpoint is made.
struct CheckpointIdentity {
    std::string id;                 // UUID
    int64_t incarnation = 1;        // rises with every rewind, reset and fork
    Timestamp zeroTime;
    Duration interval;              // may change unless window state exists (the runtime decides)
    std::string timeZone = "UTC";
    int keyHashVersion = 0;
    std::string documentHash;
    int64_t seed = 0;
};

// What a batch reads, logged before it runs.
struct LoggedBatch {
    int64_t number = 0;
    Timestamp batchTime;
    std::string documentHash;
    std::map<NodeId, std::string> ranges;   // source node to the runtime's text of its Range
};

// Whose state it is and whether it still fits.
struct StateIdentity {
    NodeId node;
    std::string name;               // StateLayout::name
    std::string nodeType;
    int stateVersion = 1;
    std::string layout;             // DDL of the changes, identity count first: "2: key STRING, …"
    std::vector<std::string> keys;  // StateLayout::keys, for browsing
    std::string fingerprint;        // of the fields that reset
    bool operator==(const StateIdentity&) const = default;
};

struct StateChange {
    NodeId node;
    std::string name;
    std::vector<BatchPtr> blocks;   // encoded and compressed by the store, on the thread that calls decide
    // Of earlier batches that are decided with it, in their order. Blocks of two batches must not become one: a key stands
    // in a block at most once, and restoring relies on it.
    std::vector<std::vector<BatchPtr>> earlier;
    int64_t rows = 0;               // after the batch
    int64_t bytes = 0;
};

struct PendingOutput {
    NodeId sink;
    Epoch epoch;
    Epoch previous;
    Timestamp batchTime;
    std::string staged;             // short text; bytes in the outbox if `outbox`
    bool outbox = false;
    int64_t incarnation = 1;        // of the run that decided it
    std::string delivered;          // what noteDelivered kept of it
};

// One transaction: the epoch exists, and with it its state, offsets and pending outputs, or none of it.
struct Decision {
    Epoch epoch;                    // = batch number of the last batch in it
    Timestamp batchTime;
    std::map<NodeId, std::string> offsets;   // after the batch, every source
    std::vector<StateChange> states;
    std::vector<PendingOutput> pending;
    std::string watermarks;         // JSON, "none" until event time comes
    int64_t rowsIn = 0;
};

struct Restored {
    Epoch epoch;                    // last decided, 0 for none
    Timestamp batchTime;            // of that epoch
    std::map<NodeId, std::string> offsets;
    std::vector<LoggedBatch> undecided;      // logged after that epoch, ascending: commits lag behind
    std::vector<PendingOutput> pending;      // decided, not yet cleared
    std::map<NodeId, Epoch> published;       // last epoch that each sink published (cleared), for `previous`; 0 once it was opened
    std::set<NodeId> resolved;               // sinks whose target counts as holding that epoch, whatever it says
    std::string watermarks = "none";
};

struct Retention {
    int64_t epochs = 100;
    int64_t bytes = int64_t{1} << 30;
};

// Where decisions are shipped to, so that another machine can go on from there.
struct CheckpointCopy {
    std::string place;                  // hdfs://… or a folder
    std::string token;                  // delegation token of HDFS; may be empty
    int64_t snapshotEvery = 100;        // links of the chain between two snapshots
};

class Store {
public:
    // Makes the directory when `create` is given, else opens what is there. Refused: locked by another
    // process (names its host and pid), corrupt (names the newest epoch that can still be read, and
    // `streamwright checkpoint rewind`), made by a newer version.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create, const std::optional<CheckpointCopy>& copy = std::nullopt);
    virtual ~Store() = default;

    virtual const std::filesystem::path& directory() const = 0;
    virtual const CheckpointIdentity& identity() const = 0;
    virtual bool created() const = 0;                                    // by this open
    virtual const std::string& owner() const = 0;                       // random per open, with host and pid
    virtual Result<Restored> restore() = 0;
    virtual std::vector<StateIdentity> states() const = 0;              // with live state at the last epoch
    // Calls `apply` with the blocks that rebuild the state at the last epoch: newest snapshot, then changes.
    virtual Result<void> readState(const NodeId& node, const std::string& name, const std::function<Result<void>(const Batch&)>& apply) = 0;

    // Document hash, interval and zone of the run that goes on; states that will be written. A state not in
    // `states` is dropped only when it is in `reset`.
    // Renamed states (the identity they were stored under, the node now) go on under their new name.
    using Renamed = std::vector<std::pair<StateIdentity, NodeId>>;
    virtual Result<void> beginRun(const CheckpointIdentity& now, const std::vector<StateIdentity>& states, const std::vector<std::pair<NodeId, std::string>>& reset, const Renamed& renamed = {}) = 0;

    virtual Result<void> logRanges(const LoggedBatch& batch) = 0;
    // Durable when it returns. Disk full and busy are Transient: call again.
    virtual Result<void> decide(const Decision& decision) = 0;
    // A store that ships counts a decision only when it is shipped. Transient: call again. Permanent when another run has taken
    // the checkpoint over: nothing that it does not hold may be published.
    virtual bool ships() const { return false; }
    virtual Result<void> ship() { return {}; }
    // How far a sink has come with a pending epoch that it publishes in many parts; kept until it is cleared.
    virtual Result<void> noteDelivered(const NodeId& sink, Epoch epoch, std::string_view text) = 0;
    virtual Result<void> clearPending(const NodeId& sink, Epoch epoch) = 0;
    // The targets of these sinks have answered and hold their first marker; what was resolved is settled.
    virtual Result<void> sinksOpened(const std::vector<NodeId>& sinks) = 0;

    // The outbox: staged bytes under staged/, one segment per epoch for all sinks, fsynced once by `seal`.
    virtual Result<void> stageOutbox(Epoch epoch, const NodeId& sink, std::string_view bytes) = 0;
    virtual Result<void> sealOutbox(Epoch epoch) = 0;
    virtual Result<std::string> readOutbox(Epoch epoch, const NodeId& sink) = 0;

    // A full snapshot of one state, chunk by chunk (each its own short transaction), valid only after
    // finishSnapshot. Batches run between the chunks: chunks hold entries as of `epoch` or later, so that
    // the snapshot and all changes after `epoch` rebuild any epoch from `complete` on, none before.
    virtual Result<void> writeSnapshotChunk(const NodeId& node, const std::string& name, Epoch epoch, int chunk, const Batch& rows) = 0;
    virtual Result<void> finishSnapshot(const NodeId& node, const std::string& name, Epoch epoch, int chunks, Epoch complete) = 0;
    // Bytes of changes since the last valid snapshot, and of that snapshot: the runtime decides when to take one.
    struct StateSize {
        int64_t changedBytes = 0;
        int64_t snapshotBytes = 0;
    };
    virtual StateSize stateSize(const NodeId& node, const std::string& name) const = 0;

    // Deletes what retention no longer wants, in short transactions, and asks after each whether to go on. False:
    // it was told not to, and there is more. Also wakes the copying of the write-ahead log.
    virtual Result<bool> tidy(const Retention& retention, const std::function<bool()>& goOn) = 0;

    // Where a source stood after each retained epoch, ascending.
    virtual Result<std::vector<std::pair<Epoch, std::string>>> offsetsOf(const NodeId& source) = 0;
    // Offsets of the oldest epoch that is retained: sources and receive logs may forget what lies before.
    virtual Result<std::map<NodeId, std::string>> oldestOffsets() = 0;

    virtual std::filesystem::path receivedFolder() const = 0;           // for the receive log
    virtual int64_t fsyncs() const = 0;                                 // so far, for metrics and the README
};

}
