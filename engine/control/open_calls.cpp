#include "engine/control/open_calls.h"

#include "engine/base/duration.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

// What was answered is let go when so many calls have come since.
constexpr size_t kTidyEvery = 64;
// A deadline beyond it is none.
constexpr Duration kLongest = seconds(int64_t{10} * 365 * 86'400);

Error closedError() { return transient("the session was closed"); }

}

OpenCalls::OpenCalls() : timer_([this](const std::stop_token& stop) { keepTime(stop); }) {}

OpenCalls::~OpenCalls() { close(); }

void OpenCalls::close()
{
    std::multimap<Clock::time_point, Watched> left;
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        left.swap(calls_);
    }
    for (const auto& [when, watched] : left) watched.call->fail(closedError());
}

void OpenCalls::watch(const std::shared_ptr<OpenCall>& call, Duration deadline, Cancel cancel)
{
    bool closed = false;
    {
        std::lock_guard lock(mutex_);
        closed = closed_;
        if (!closed) {
            if (calls_.size() % kTidyEvery == 0) std::erase_if(calls_, [](const auto& entry) { return !entry.second.call->open(); });
            calls_.emplace(Clock::now() + std::chrono::microseconds(std::min(deadline, kLongest).micros), Watched{call, deadline});
        }
    }
    changed_.notify_one();
    if (closed) call->fail(closedError());
    cancel.onRequest([weak = std::weak_ptr(call)] {
        if (const auto cancelled = weak.lock()) cancelled->fail(transient("cancelled"));
    });
}

void OpenCalls::keepTime(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        std::erase_if(calls_, [](const auto& entry) { return !entry.second.call->open(); });
        if (calls_.empty()) {
            changed_.wait(lock, stop, [this] { return !calls_.empty(); });
            continue;
        }
        const auto first = calls_.begin();
        if (first->first > Clock::now()) {
            const auto until = first->first;
            changed_.wait_until(lock, stop, until, [this, until] { return calls_.empty() || calls_.begin()->first < until; });
            continue;
        }
        const Watched late = first->second;
        calls_.erase(first);
        lock.unlock();
        late.call->fail(transient(fmt::format("no answer within {}", printDuration(late.deadline))));
        lock.lock();
    }
}

}
