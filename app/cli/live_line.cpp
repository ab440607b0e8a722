#include "app/cli/live_line.h"

#include "engine/base/clock.h"

#include <array>
#include <chrono>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace streamwright {

namespace {

constexpr auto kBetweenDraws = std::chrono::milliseconds(200);
// Rates are means over this time.
constexpr int64_t kRateNanos = 3'000'000'000;
constexpr size_t kUsualColumns = 100;

std::string shortNumber(double value)
{
    static constexpr std::array<const char*, 5> units = {"", "k", "M", "G", "T"};
    size_t unit = 0;
    for (; value >= 9999.5 && unit + 1 < units.size(); ++unit) value /= 1000;
    return fmt::format("{:.{}f}{}", value, unit > 0 ? 1 : 0, units[unit]);
}

std::string shortTime(int64_t nanos)
{
    const double millis = static_cast<double>(nanos) / 1e6;
    return millis < 9999.5 ? fmt::format("{:.1f} ms", millis) : fmt::format("{:.1f} s", millis / 1e3);
}

size_t terminalColumns()
{
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualColumns;
}

// Cuts between characters, not inside of one.
void cutTo(std::string& text, size_t columns)
{
    size_t seen = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
        if (seen++ == columns) return text.resize(at);
    }
}

}

std::string liveText(const Snapshot& now, double rowsPerSecond, size_t columns)
{
    std::string text(runStateName(now.state));
    // What is waited for matters most: it comes first, before the end of the line cuts it.
    if (!now.message.empty()) text = now.message;
    if (now.last) {
        text += fmt::format(" | batch {} | {} rows/s | delay {} | took {}", now.last->number, shortNumber(rowsPerSecond), shortTime(now.last->time.wait), shortTime(now.last->time.total));
        if (now.stateRows > 0) text += fmt::format(" | state {} rows", shortNumber(static_cast<double>(now.stateRows)));
        if (now.behind > 0) text += fmt::format(" | {} batches behind", now.behind);
        for (const SourceProgress& source : now.last->sources) {
            if (!source.status.empty()) text += fmt::format(" | {}: {}", source.node.name, source.status);
        }
    }
    if (now.rejected > 0) text += fmt::format(" | {} rejected", now.rejected);
    cutTo(text, columns);
    return text;
}

LiveLine::~LiveLine()
{
    end();
    if (thread_.joinable()) thread_.join();
}

void LiveLine::watch(const Run& run)
{
    gone_ = false;
    thread_ = std::thread([this, &run] { work(run); });
}

void LiveLine::work(const Run& run)
{
    std::unique_lock lock(mutex_);
    while (!ended_) {
        const SnapshotPtr now = run.snapshot();
        if (!held_ || now->state == RunState::Waiting) draw(*now);
        changed_.wait_for(lock, kBetweenDraws, [this] { return ended_; });
    }
    // The last state stays in view.
    if (drawn_) {
        draw(*run.snapshot());
        fmt::print(stderr, "\n");
        drawn_ = false;
    }
    gone_ = true;
    changed_.notify_all();
}

double LiveLine::rowsPerSecond(const Snapshot& now)
{
    const int64_t at = steadyNanos();
    seen_.emplace_back(at, now.rows);
    while (seen_.size() > 2 && at - seen_[1].first >= kRateNanos) seen_.pop_front();
    const auto [then, rows] = seen_.front();
    return at > then ? static_cast<double>(now.rows - rows) / (static_cast<double>(at - then) / 1e9) : 0;
}

void LiveLine::draw(const Snapshot& now)
{
    // The last column stays free: some terminals wrap when it is written.
    fmt::print(stderr, "\r\033[K{}", liveText(now, rowsPerSecond(now), terminalColumns() - 1));
    drawn_ = true;
}

void LiveLine::clear()
{
    if (drawn_) fmt::print(stderr, "\r\033[K");
    drawn_ = false;
}

void LiveLine::hold()
{
    const std::scoped_lock lock(mutex_);
    held_ = true;
    clear();
}

void LiveLine::letGo()
{
    const std::scoped_lock lock(mutex_);
    held_ = false;
}

void LiveLine::print(const std::string& line)
{
    const std::scoped_lock lock(mutex_);
    clear();
    fmt::print(stderr, "{}\n", line);
}

void LiveLine::end()
{
    std::unique_lock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return gone_; });
}

}
