// SIGINT and SIGTERM stop a run after its batch, a second one at once. A thread waits for them, so that
// nothing runs inside of a signal handler.
#pragma once
#include "engine/runtime/run.h"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace streamwright {

class SignalWatch {
public:
    // Before any other thread is started: threads made later leave the signals to this one.
    SignalWatch();
    ~SignalWatch();
    // From now on until it is destroyed; `say` gets what a person at the terminal should know.
    void watch(Run& run, std::function<void(const std::string&)> say);
    // A second signal has come.
    bool stoppedAtOnce() const { return signals_.load() > 1; }

private:
    void work(Run& run, const std::function<void(const std::string&)>& say);
    void giveUpSoon();

    sigset_t watched_{};
    std::atomic<int> signals_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

}
