// The workers of a run. Threads live as long as the scheduler; no thread is started for a batch.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace streamwright {

class Scheduler {
public:
    // With one worker everything runs on the calling thread, which always is worker 0.
    explicit Scheduler(size_t workers);
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    size_t workers() const { return threads_.size() + 1; }

    // Small work is not worth waking other threads.
    enum class Size : unsigned char { Small, Large };
    // Calls `work(task, worker)` for every task, tasks taken in ascending order; returns after the last.
    // Of the exceptions thrown the one of the lowest task is thrown again, when all workers have left.
    void run(size_t tasks, Size size, const std::function<void(size_t task, size_t worker)>& work);

private:
    void serve(size_t worker, const std::stop_token& stop);
    void pull(size_t worker);

    std::mutex mutex_;
    std::condition_variable_any begun_;
    std::condition_variable ended_;
    uint64_t round_ = 0;
    size_t busy_ = 0;                       // workers still in this round
    const std::function<void(size_t, size_t)>* work_ = nullptr;
    size_t tasks_ = 0;
    std::atomic<size_t> next_{0};
    std::atomic<bool> failed_{false};
    size_t failedTask_ = 0;
    std::exception_ptr failure_;
    std::vector<std::jthread> threads_;
};

}
