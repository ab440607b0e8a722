// A thread that does one piece of work after the other. Any thread may add.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace streamwright {

class WorkQueue {
public:
    WorkQueue() : thread_([this](const std::stop_token& stop) { work(stop); }) {}
    // Work that has not begun is dropped.
    ~WorkQueue() = default;

    void add(std::function<void()> work)
    {
        {
            std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(work));
        }
        added_.notify_one();
    }

private:
    void work(const std::stop_token& stop)
    {
        std::unique_lock lock(mutex_);
        while (added_.wait(lock, stop, [this] { return !waiting_.empty(); }) && !stop.stop_requested()) {
            const auto next = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            next();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable_any added_;
    std::deque<std::function<void()>> waiting_;
    std::jthread thread_;
};

}
