#include "engine/control/log_ring.h"

#include "engine/base/clock.h"

#include <algorithm>

namespace streamwright {

void LogRing::add(LogLevel level, std::string text)
{
    static const std::unique_ptr<Clock> clock = wallClock();
    std::lock_guard lock(mutex_);
    lines_.push_back({++newest_, clock->now(), level, std::move(text)});
    if (lines_.size() > limit_) lines_.pop_front();
}

std::vector<LogLine> LogRing::after(int64_t number) const
{
    std::lock_guard lock(mutex_);
    const auto first = std::ranges::upper_bound(lines_, number, {}, &LogLine::number);
    return {first, lines_.end()};
}

int64_t LogRing::newest() const
{
    std::lock_guard lock(mutex_);
    return newest_;
}

}
