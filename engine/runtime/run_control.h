// What all parts of a run share: the stop, the pauses, the steps, the log. Any thread.
#pragma once
#include "engine/base/clock.h"
#include "engine/base/reading.h"
#include "engine/base/stop_token.h"
#include "engine/runtime/run.h"
#include "engine/telemetry/recorder.h"

#include <condition_variable>
#include <map>
#include <mutex>

namespace streamwright {

// STREAMWRIGHT_CRASH=STEP:BATCH:TIME, for the tests of faults: dies the TIMEth time that the batch reaches the
// step, which it does once for each sink. BATCH and TIME may be left out. STREAMWRIGHT_HALT, the same: stands still there
// (SIGSTOP) until somebody continues it.
struct CrashPoint {
    static constexpr int64_t kAnyBatch = -1;
    Step step;
    int64_t batch = kAnyBatch;
    int time = 1;
    static std::optional<CrashPoint> parse(std::string_view text);
};

class RunControl {
public:
    // What leaves here for people is without the secrets that were inserted as parameters; null: there are none.
    RunControl(std::unique_ptr<Clock> clock, const RunOptions& options, std::shared_ptr<const Parameters> parameters);

    void stop();
    void stopNow();
    // The pause before a batch: none begins until it is over, or as many as are allowed.
    void pause();
    void resume();
    void allow(int64_t batches);
    bool pausing() const { return allowed_.load(std::memory_order_relaxed) == 0; }
    // Waits for the end of the pause or a stop, with the pause in view. On the run's thread.
    void waitWhilePaused();
    void batchEnded();      // one of those that were allowed

    bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
    bool stoppingNow() const { return stopNow_.requested(); }
    const StopToken& stopToken() const { return stopNow_; }

    Clock& clock() { return *clock_; }
    Recorder& recorder() { return recorder_; }
    // Tells the observer; dies or stands still here when the environment says so.
    void step(Step step, int64_t batch)
    {
        if (watched_) tell(step, batch);
    }
    void log(LogLevel level, const std::string& line);
    std::string redact(std::string text) const;

    // Calls `action` until it returns something else than a Transient error, with a growing pause (0.1 s
    // doubling to 10 s) and the reason in view. A stop ends the waiting after one more try.
    template <class F>
    auto patiently(const NodeId& who, const F& action) -> decltype(action())
    {
        Duration pause = kFirstPause;
        for (bool waited = false;; waited = true) {
            const bool last = stopping();
            auto result = action();
            if (result || result.error().kind != ErrorKind::Transient || last) {
                if (waited) goOn(who);
                return result;
            }
            wait(who, result.error(), pause);
        }
    }
    // The two parts of it, for work that is more than one call: waits with the reason in view and makes the
    // next pause longer; says that the waiting is over.
    static constexpr Duration kFirstPause = milliseconds(100);
    void wait(const NodeId& who, const Error& error, Duration& pause);
    void goOn(const NodeId& who);
    // Of a node that talks to a world outside: whether it is waited for now, and how often it had to be.
    Readings health(const NodeId& who);

private:
    void tell(Step step, int64_t batch);
    void show();

    std::unique_ptr<Clock> clock_;
    std::shared_ptr<const Parameters> parameters_;
    Recorder recorder_;
    std::function<void(Step, int64_t)> observer_;
    std::function<void(LogLevel, const std::string&)> log_;
    bool watched_ = false;
    std::optional<CrashPoint> crash_;
    std::atomic<int> crashPasses_{0};
    std::atomic<bool> stopping_{false};
    std::atomic<int64_t> allowed_;              // batches that may begin; negative: all
    StopToken stopNow_;
    std::mutex mutex_;
    std::condition_variable changed_;
    RunState waitsIn_ = RunState::Running;      // the state that goes on after the waiting
    std::map<NodeId, std::string> waiting_;     // who waits, and for what: many threads may at once
    std::map<NodeId, int64_t> failures_;        // attempts that were made again
};

}
