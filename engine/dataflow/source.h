// Where rows come from. Two contracts: a source that can read a range again, and a receiver whose bytes
// are gone once read. The runtime turns a receiver into a replayable source through the receive log; no
// node knows the log.
#pragma once
#include "engine/base/result.h"
#include "engine/dataflow/context.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace streamwright {

// A position in a source: JSON text that only the source understands. Empty: the very start.
struct Offset {
    std::string text;
    bool operator==(const Offset&) const = default;
};

// What one batch reads: logged before the batch runs, read again after a crash with the same result.
struct Range {
    Offset from;
    Offset until;
    std::string detail;     // JSON the source needs to read it again (file list …); may be empty
    int64_t rows = -1;      // if known before reading
    bool operator==(const Range&) const = default;
    bool empty() const { return from == until && detail.empty(); }
};

struct ReadLimit {
    std::optional<int64_t> rows;  // at most so many rows (sources may exceed it by one record's worth)
    bool all = false;             // all there is: limits of the source's own are left aside too
};

// Given once, before anything else.
struct SourceContext {
    NodeId node;
    Timestamp start;        // of the run's checkpoint: zero time
    int64_t seed = 0;       // stored in the checkpoint at first start
    bool virtualClock = false;
    bool continued = false; // the run resumes a checkpoint
};

class ReplayableSource {
public:
    virtual ~ReplayableSource() = default;
    // Errors here are of any kind; Transient ones are tried again while the stream waits.
    virtual Result<void> open(const SourceContext& context) = 0;
    // The next range after `from`, fixed for a batch at `batchTime`; an empty range if there is nothing.
    virtual Result<Range> plan(const Offset& from, const ReadLimit& limit, Timestamp batchTime) = 0;
    // Into how many pieces the range may be cut to be read by many workers; piece i comes before i + 1.
    virtual size_t pieces(const Range& range) const = 0;
    // Reads piece `piece`: emits batches in order. Called from many workers at once.
    virtual Result<void> read(const Range& range, size_t piece, const BatchContext& context, Emitter& out) = 0;
    // True when no more will ever come (replay at its end, available_now input read): ends `available_now`,
    // `once` and virtual-clock runs.
    virtual bool ended(const Offset& at) const = 0;
    // Makes rows for as long as it is asked: a run that has other sources does not wait for its end.
    virtual bool endless() const { return false; }
    // The epoch that holds `until` is decided: what lies before may be forgotten.
    virtual void committed(const Offset&) {}
    // Whether rows may have arrived after `at` (as_data_arrives asks this often; cheap).
    virtual bool hasMore(const Offset& at) { return !ended(at); }
    // What is wrong or waited for, for people; empty if all is well.
    virtual std::string status() const { return {}; }
    virtual std::string description() const = 0;  // "socket localhost:9999"
};

// The runtime's end of a receiver: a bounded queue with a low and a high mark.
class RecordQueue {
public:
    virtual ~RecordQueue() = default;
    // One whole record. Waits while the queue is over its high mark; false when the run stops.
    virtual bool push(std::string_view record) = 0;
    // Many records at once, each ended by '\n' in `lines` (a trailing piece without one is not taken):
    // returns the bytes taken, 0 when the run stops.
    virtual size_t pushLines(std::string_view lines) = 0;
    // A record that is refused (longer than max_record): goes to `rejected` with the reason.
    virtual bool pushRejected(std::string_view head, std::string reason) = 0;
    virtual bool stopping() const = 0;
    // Wakes `onStop` when the run stops, so that blocking reads can be ended. Called from another thread.
    virtual void onStop(std::function<void()> wake) = 0;
    virtual void setStatus(std::string status) = 0;   // "waiting for localhost:9999: connection refused"
    virtual void setConnected(bool connected) = 0;
};

class Receiver {
public:
    virtual ~Receiver() = default;
    // Runs on a thread of its own until the queue says stop; reconnects by itself.
    // An error returned ends the run; ok means that no more will come (stdin at its end).
    virtual Result<void> receive(RecordQueue& queue) = 0;
    // Records (without their line end) to rows: called from many workers. Records share `owner`.
    virtual void decode(std::span<const StringRef> records, const std::vector<Owner>& owners, const BatchContext& context, Emitter& out) const = 0;
    virtual std::string description() const = 0;
    virtual int64_t maxRecordBytes() const { return 16 << 20; }
};

}
