// When batches begin and which times they have (contracts: time). Batch times strictly increase by at
// least a millisecond, also across restarts and clock jumps.
#pragma once
#include "engine/base/clock.h"
#include "engine/dataflow/settings.h"

#include <functional>
#include <optional>

namespace streamwright {

struct Tick {
    Timestamp batchTime;
    Timestamp due;              // when it should have begun
    int64_t skipped = 0;        // ticks before it that are left out
    int64_t behind = 0;         // ticks after it that are due already
};

// What every trigger but interval looks at; called often, also with the clock's lock held.
struct DataWatch {
    std::function<bool()> waiting;                  // a batch can begin: rows may have arrived
    std::function<std::optional<Timestamp>()> poll; // when to look again at sources that do not call
};

class Triggers {
public:
    // `last`: time of the last decided batch, none at the first start. `zeroTime` counts under a virtual
    // clock; wall-clock ticks are multiples of the interval since 1970, as in Spark.
    Triggers(Clock& clock, const Settings& settings, Timestamp zeroTime, std::optional<Timestamp> last);

    // Waits for the next batch; none when `stopping` came first.
    std::optional<Tick> next(const std::function<bool()>& stopping, const DataWatch& data, std::optional<Timestamp> wake);
    // When the next interval batch is due.
    Timestamp due() const;
    // A logged batch of before is run again at its own time.
    void ranAt(Timestamp batchTime) { last_ = batchTime; }

    bool everyInterval() const { return kind_ == Trigger::Interval || clock_.isVirtual(); }
    // The first zero time: the tick before the first batch.
    static Timestamp zeroTimeAt(Timestamp now, Duration interval);

private:
    std::optional<Tick> nextInterval(const std::function<bool()>& stopping);
    std::optional<Tick> nextData(const std::function<bool()>& stopping, const DataWatch& data, std::optional<Timestamp> wake);
    Timestamp floorMillis(Timestamp time) const { return {time.micros / 1000 * 1000}; }

    Clock& clock_;
    Trigger kind_;
    Duration interval_;
    CatchUp catchUp_;
    Timestamp zeroTime_;
    std::optional<Timestamp> last_;
};

}
