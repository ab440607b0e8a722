#include "engine/runtime/scheduler.h"

namespace streamwright {

Scheduler::Scheduler(size_t workers)
{
    for (size_t worker = 1; worker < workers; ++worker) threads_.emplace_back([this, worker](const std::stop_token& stop) { serve(worker, stop); });
}

Scheduler::~Scheduler()
{
    for (std::jthread& thread : threads_) thread.request_stop();
}

void Scheduler::run(size_t tasks, Size size, const std::function<void(size_t, size_t)>& work)
{
    if (tasks == 0) return;
    if (tasks == 1 || size == Size::Small || threads_.empty()) {
        for (size_t task = 0; task < tasks; ++task) work(task, 0);
        return;
    }
    {
        std::lock_guard lock(mutex_);
        work_ = &work;
        tasks_ = tasks;
        next_ = 0;
        failed_ = false;
        failure_ = nullptr;
        busy_ = threads_.size();
        ++round_;
    }
    begun_.notify_all();
    pull(0);
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return busy_ == 0; });
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Scheduler::pull(size_t worker)
{
    while (!failed_.load(std::memory_order_relaxed)) {
        const size_t task = next_.fetch_add(1, std::memory_order_relaxed);
        if (task >= tasks_) return;
        try {
            (*work_)(task, worker);
        } catch (...) {
            std::lock_guard lock(mutex_);
            if (!failure_ || task < failedTask_) {
                failure_ = std::current_exception();
                failedTask_ = task;
            }
            failed_ = true;
        }
    }
}

void Scheduler::serve(size_t worker, const std::stop_token& stop)
{
    uint64_t seen = 0;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (!begun_.wait(lock, stop, [&] { return round_ != seen; })) return;
            seen = round_;
        }
        pull(worker);
        std::lock_guard lock(mutex_);
        if (--busy_ == 0) ended_.notify_one();
    }
}

}
