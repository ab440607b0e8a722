#include "engine/runtime/run_control.h"

#include "engine/pipeline/parameters.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace streamwright {

namespace {

constexpr int64_t kAll = -1;
constexpr Duration kLongestPause = seconds(10);

std::optional<CrashPoint> pointIn(const char* variable)
{
    const char* text = std::getenv(variable);
    return text ? CrashPoint::parse(text) : std::nullopt;
}

// Of the process: it stands still once.
struct Halt {
    std::optional<CrashPoint> step = pointIn("STREAMWRIGHT_HALT");
    std::atomic<int> passes{0};
};
Halt& haltPoint()
{
    static Halt halt;
    return halt;
}

}

std::optional<CrashPoint> CrashPoint::parse(std::string_view text)
{
    const auto part = [&] {
        const std::string_view first = text.substr(0, text.find(':'));
        text.remove_prefix(std::min(text.size(), first.size() + 1));
        return first;
    };
    const auto number = [](std::string_view digits, auto& value) { std::from_chars(digits.data(), digits.data() + digits.size(), value); };
    const auto step = stepOf(part());
    if (!step) return std::nullopt;
    CrashPoint point{*step};
    number(part(), point.batch);
    number(part(), point.time);
    return point;
}

RunControl::RunControl(std::unique_ptr<Clock> clock, const RunOptions& options, std::shared_ptr<const Parameters> parameters)
    : clock_(std::move(clock)), parameters_(std::move(parameters)), recorder_(options.progress), observer_(options.stepObserver), log_(options.log), crash_(pointIn("STREAMWRIGHT_CRASH")), allowed_(options.paused ? 0 : kAll)
{
    watched_ = observer_ || crash_ || haltPoint().step;
}

void RunControl::stop()
{
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    clock_->wake();
}

void RunControl::stopNow()
{
    stopNow_.request();
    stop();
}

void RunControl::pause()
{
    {
        std::lock_guard lock(mutex_);
        allowed_ = 0;
    }
    clock_->wake();
}

void RunControl::resume()
{
    {
        std::lock_guard lock(mutex_);
        allowed_ = kAll;
    }
    changed_.notify_all();
}

void RunControl::allow(int64_t batches)
{
    {
        std::lock_guard lock(mutex_);
        allowed_ = std::max<int64_t>(allowed_, 0) + batches;
    }
    changed_.notify_all();
}

void RunControl::waitWhilePaused()
{
    if (!pausing() || stopping()) return;
    recorder_.update([](Snapshot& now) { now.state = RunState::Paused; });
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping() || !pausing(); });
    }
    if (!stopping()) recorder_.update([](Snapshot& now) { now.state = RunState::Running; });
}

void RunControl::batchEnded()
{
    std::lock_guard lock(mutex_);
    if (allowed_ > 0) --allowed_;
}

void RunControl::tell(Step step, int64_t batch)
{
    const auto meant = [&](const std::optional<CrashPoint>& point) { return point && point->step == step && (point->batch == batch || point->batch == CrashPoint::kAnyBatch); };
    if (Halt& halt = haltPoint(); meant(halt.step) && ++halt.passes == halt.step->time) ::raise(SIGSTOP);
    if (meant(crash_) && ++crashPasses_ == crash_->time) {
        ::kill(::getpid(), SIGKILL);
        for (;;) ::pause();
    }
    if (observer_) observer_(step, batch);
}

void RunControl::log(LogLevel level, const std::string& line)
{
    if (log_) log_(level, redact(line));
}

std::string RunControl::redact(std::string text) const { return parameters_ ? parameters_->redact(std::move(text)) : text; }

void RunControl::wait(const NodeId& who, const Error& error, Duration& pause)
{
    const std::string message = redact(fmt::format("waiting for {}: {}", who.name, error.message));
    bool isNew = false;
    {
        std::lock_guard lock(mutex_);
        ++failures_[who];
        std::string& shown = waiting_[who];
        isNew = shown != message;
        shown = message;
    }
    if (isNew) {
        log(LogLevel::Warning, error.hint.empty() ? message : message + "; " + error.hint);
        show();
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::microseconds(pause.micros), [this] { return stopping(); });
    pause = std::min(Duration{pause.micros * 2}, kLongestPause);
}

void RunControl::goOn(const NodeId& who)
{
    {
        std::lock_guard lock(mutex_);
        waiting_.erase(who);
    }
    log(LogLevel::Info, fmt::format("going on: {} answers", who.name));
    show();
}

Readings RunControl::health(const NodeId& who)
{
    std::lock_guard lock(mutex_);
    const auto failures = failures_.find(who);
    return {{"connected", waiting_.contains(who) ? 0.0 : 1.0}, {"errors", failures == failures_.end() ? 0.0 : static_cast<double>(failures->second)}};
}

// The first reason that still stands is the run's message.
void RunControl::show()
{
    recorder_.update([this](Snapshot& now) {
        std::lock_guard lock(mutex_);
        now.message = waiting_.empty() ? std::string() : waiting_.begin()->second;
        const bool goes = now.state == RunState::Starting || now.state == RunState::Recovering || now.state == RunState::Running;
        if (goes && !waiting_.empty()) waitsIn_ = std::exchange(now.state, RunState::Waiting);
        if (now.state == RunState::Waiting && waiting_.empty()) now.state = waitsIn_;
    });
}

}
