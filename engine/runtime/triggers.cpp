#include "engine/runtime/triggers.h"

#include <algorithm>

namespace streamwright {

namespace {

// More missed ticks than this are skipped unless `catch_up` says otherwise.
constexpr int64_t kMissedTicks = 100;
constexpr Duration kStep = milliseconds(1);

int64_t floorDivide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

}

Triggers::Triggers(Clock& clock, const Settings& settings, Timestamp zeroTime, std::optional<Timestamp> last)
    : clock_(clock), kind_(settings.trigger), interval_(settings.batchInterval), catchUp_(settings.catchUp), zeroTime_(zeroTime), last_(last)
{
}

Timestamp Triggers::zeroTimeAt(Timestamp now, Duration interval) { return {floorDivide(now.micros, interval.micros) * interval.micros}; }

Timestamp Triggers::due() const
{
    const Timestamp phase = clock_.isVirtual() ? zeroTime_ : Timestamp{0};
    const Timestamp after = last_.value_or(zeroTime_);
    return phase + Duration{(floorDivide((after - phase).micros, interval_.micros) + 1) * interval_.micros};
}

std::optional<Tick> Triggers::next(const std::function<bool()>& stopping, const DataWatch& data, std::optional<Timestamp> wake)
{
    std::optional<Tick> tick = everyInterval() ? nextInterval(stopping) : nextData(stopping, data, wake);
    if (tick) last_ = tick->batchTime;
    return tick;
}

std::optional<Tick> Triggers::nextInterval(const std::function<bool()>& stopping)
{
    Tick tick{.batchTime = due()};
    const Timestamp before = clock_.now();
    // A clock that was set back must not stop the stream: ticks go on at their pace.
    const Timestamp until = clock_.isVirtual() ? tick.batchTime : std::min(tick.batchTime, before + interval_);
    if (before < until) clock_.waitUntil(until, stopping);
    if (stopping()) return std::nullopt;
    tick.due = std::min(until, tick.batchTime);
    const int64_t missed = std::max<int64_t>(0, (clock_.now() - tick.batchTime).micros / interval_.micros);
    if (missed > 0 && !clock_.isVirtual() && (catchUp_ == CatchUp::Skip || (catchUp_ == CatchUp::Automatic && missed > kMissedTicks))) {
        tick.skipped = missed;
        tick.batchTime = tick.due = tick.batchTime + Duration{missed * interval_.micros};
    } else {
        tick.behind = clock_.isVirtual() ? 0 : missed;
    }
    return tick;
}

std::optional<Tick> Triggers::nextData(const std::function<bool()>& stopping, const DataWatch& data, std::optional<Timestamp> wake)
{
    const auto atOnce = [&] { return data.waiting() || (wake && clock_.now() >= *wake); };
    while (!stopping()) {
        const Timestamp now = clock_.now();
        const Timestamp earliest = last_ ? *last_ + kStep : now;
        if (now < earliest && earliest - now <= kStep) {
            clock_.waitUntil(earliest, stopping);
            continue;
        }
        if (atOnce()) return Tick{.batchTime = std::max(floorMillis(now), earliest), .due = now};
        Timestamp until = now + seconds(3600);
        if (wake) until = std::min(until, *wake);
        if (auto poll = data.poll()) until = std::min(until, *poll);
        clock_.waitUntil(until, [&] { return stopping() || data.waiting(); });
    }
    return std::nullopt;
}

}
