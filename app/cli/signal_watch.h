// SIGINT and SIGTERM stop a run after its batch, a second one at once. A thread waits for them, so that
// nothing runs inside of a signal handler.
#pragma once
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace streamwright {

class SignalWatch {
public:
    // Before any other thread is started: threads made later leave the signals to this one.
    SignalWatch();
    ~SignalWatch();
    // What is called for the first signal, for the second one, and with what a person at the terminal should know.
    struct Reactions {
        std::function<void()> stop;
        std::function<void()> stopNow;
        std::function<void(const std::string&)> say;
    };
    // From now on until it is destroyed.
    void watch(Reactions reactions);
    // A second signal has come.
    bool stoppedAtOnce() const { return signals_.load() > 1; }

private:
    void work(const Reactions& reactions);
    void giveUpSoon();

    sigset_t watched_{};
    std::atomic<int> signals_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_ = false;
    std::thread thread_;
};

}
