#include "engine/base/clock.h"

#include <chrono>

namespace streamwright {

namespace {

class WallClock final : public Clock {
public:
    Timestamp now() const override
    {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
    }

    void waitUntil(Timestamp time, const std::function<bool()>& until) override
    {
        std::unique_lock lock(mutex_);
        const auto deadline = std::chrono::system_clock::time_point(std::chrono::microseconds(time.micros));
        changed_.wait_until(lock, deadline, until);
    }

    void wake() override
    {
        std::lock_guard lock(mutex_);
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

class VirtualClock final : public Clock {
public:
    explicit VirtualClock(Timestamp start) : now_(start) {}

    Timestamp now() const override
    {
        std::lock_guard lock(mutex_);
        return now_;
    }

    void waitUntil(Timestamp time, const std::function<bool()>& until) override
    {
        if (until()) return;
        std::lock_guard lock(mutex_);
        if (time > now_) now_ = time;
    }

    void wake() override {}
    bool isVirtual() const override { return true; }

private:
    mutable std::mutex mutex_;
    Timestamp now_;
};

}

std::unique_ptr<Clock> wallClock() { return std::make_unique<WallClock>(); }
std::unique_ptr<Clock> virtualClock(Timestamp start) { return std::make_unique<VirtualClock>(start); }

int64_t steadyNanos()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}
