// The only way to the time. Operators never ask it: they get the batch time (base/README: determinism).
#pragma once
#include "engine/base/ids.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

namespace streamwright {

class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
    // Waits until `time`, or until `wake()` is called or `until` is true after a wake. Any thread.
    virtual void waitUntil(Timestamp time, const std::function<bool()>& until) = 0;
    // Makes every waiting thread look at its condition again. Any thread, also from a signal watcher.
    virtual void wake() = 0;
    virtual bool isVirtual() const { return false; }
};

// System time, UTC.
std::unique_ptr<Clock> wallClock();

// Starts at `start`; waiting moves it forward at once, so a replayed run takes no real time.
std::unique_ptr<Clock> virtualClock(Timestamp start);

// Elapsed nanoseconds of a steady clock, for measuring only.
int64_t steadyNanos();

}
