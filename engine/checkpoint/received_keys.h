// The keys of what was received lately, in memory. Whole spans of time are forgotten at once: a key is remembered for
// its time and at most a sixteenth longer. One thread at a time.
#pragma once
#include "engine/checkpoint/receive_log.h"

#include <deque>
#include <unordered_map>

namespace streamwright {

class ReceivedKeys {
public:
    ReceivedKeys(Duration time, size_t most) : time_(time), most_(most) {}

    struct Known {
        LogPosition until;      // of its records in the log
        uint32_t check = 0;     // of their bytes
    };
    // Forgets what is old enough by now; null when it is not known.
    const Known* find(const std::string& key, Timestamp now);
    // False: as many are remembered as may be, and none of them is old enough to go before `roomAt`.
    bool hasRoom() const { return count_ < most_; }
    Timestamp roomAt() const;
    void add(std::string key, Timestamp at, Known known);
    size_t count() const { return count_; }
    // Keys that are older are forgotten.
    Timestamp since(Timestamp now) const { return now - time_; }

private:
    struct Span {
        Timestamp until;        // no key in it is younger
        std::unordered_map<std::string, Known> keys;
    };
    void forget(Timestamp now);

    Duration time_;
    size_t most_;
    size_t count_ = 0;
    std::deque<Span> spans_;    // oldest first
};

}
