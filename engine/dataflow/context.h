// What an operator is told about the batch it works on, and where its rows go.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/stop_token.h"
#include "engine/columns/batch.h"

#include <optional>
#include <string>

namespace streamwright {

// Constant for the whole batch; the same when a batch is run again. Operators know no other time.
struct BatchContext {
    Timestamp batchTime;
    int64_t number = 0;             // 1 for the first batch of a checkpoint
    Timestamp zeroTime;             // batch times are zeroTime + n * interval (Spark: first batch - interval)
    Duration interval;              // batch interval; 0 when the trigger is not `interval`
    std::string timeZone = "UTC";
    bool hasData = true;
    std::optional<Timestamp> lateWatermark;      // none until event time comes
    std::optional<Timestamp> evictionWatermark;
    const StopToken* stop = nullptr;             // never null in a run
};

// A row that could not be parsed or evaluated. The runtime adds batch time and node, and sends it to
// the port `rejected`; unconnected, it is counted and shown.
struct Rejected {
    std::string field;                 // option whose evaluation failed, or the column; may be empty
    std::string reason;
    std::string row;                   // the original row as JSON; empty if it never was a row
    std::optional<std::string> raw;    // the original bytes if it never was a row
};

// The one schema of every port `rejected`:
// batch_time TIMESTAMP, node STRING, field STRING, reason STRING, row STRING, raw BINARY.
SchemaPtr rejectedSchema();

// Takes what an operator puts out. One per task, used by one thread; order is kept.
class Emitter {
public:
    virtual ~Emitter() = default;
    // `partition` is the logical partition (part-NNNNN); operators that work row by row leave it out and
    // keep that of their input.
    virtual void emit(BatchPtr batch, size_t port = 0, std::optional<uint32_t> partition = std::nullopt) = 0;
    virtual void reject(Rejected row) = 0;
    // False when nothing is connected to output `port`: its rows would be made in vain.
    virtual bool wants(size_t port) const { return (void)port, true; }
};

// Where a morsel stands among all rows of the batch on its input: order is part of the contract
// (engine/README.md). Comparing ordinals gives input order whatever the workers did.
struct Ordinal {
    uint32_t task = 0;      // ascending over the tasks that made the input
    uint32_t sequence = 0;  // ascending within a task
    auto operator<=>(const Ordinal&) const = default;
};

// A piece of a batch, at most kVectorRows rows when it comes from a source.
struct Morsel {
    BatchPtr batch;
    Ordinal ordinal;
    uint32_t partition = 0;  // logical
};

}
