// Where rows come from. Two contracts: a source that can read a range again, and a receiver whose bytes
// are gone once read. The runtime turns a receiver into a replayable source through the receive log; no
// node knows the log.
#pragma once
#include "engine/base/reading.h"
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
    // No retained epoch ends before this offset: what only ranges before it need may be deleted. On the commit thread.
    virtual void forgetBefore(const Offset&) {}
    // Whether rows may have arrived after `at` (as_data_arrives asks this often; cheap).
    virtual bool hasMore(const Offset& at) { return !ended(at); }
    // What is wrong or waited for, for people; empty if all is well.
    virtual std::string status() const { return {}; }
    // What it counts of its connection. Asked after each batch, on the run's thread.
    virtual Readings readings() const { return {}; }
    virtual std::string description() const = 0;  // "socket localhost:9999"
};

// Records that a receiver hands over in one piece.
struct Arrival {
    enum class Kind : unsigned char { Lines, Record, Rejected };
    Kind kind = Kind::Lines;
    std::string_view bytes;     // Lines: whole ones, each ended by '\n'; Record: any; Rejected: the first of them
    std::string_view reason;    // Rejected: why
    std::string_view key;       // what comes again under it is not taken again (Receiver::keys); not of Rejected
    static constexpr size_t kLongestKey = 255;
};
enum class Taken : unsigned char { Now, Before };

// Called once, from a thread of the runtime: what was handed over survives a crash, or why nobody knows.
using Durable = std::function<void(const Result<void>&)>;

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
    // For receivers that answer their peers: takes all of it or nothing, and never waits. Transient, with the reason,
    // when the queue is over its high mark, the disk is full or no more keys can be remembered; a Mistake when the key
    // came with other bytes before. Many that wait share one fsync, which comes after 5 ms or 1 MiB at the latest.
    virtual Result<Taken> offer(const Arrival& arrival, Durable durable) = 0;
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
    // How long keys of arrivals are remembered, also by the runs that follow, and how many at once.
    struct Keys {
        Duration time;
        size_t most = 0;        // 0: arrivals have no keys
    };
    virtual Keys keys() const { return {}; }
    // Besides what the runtime counts (bytes, connected). Called while `receive` runs.
    virtual Readings readings() const { return {}; }
};

}
