#include "engine/runtime/tap_ring.h"

#include "engine/base/clock.h"

#include <algorithm>

namespace streamwright {

namespace {

constexpr int64_t kWishNanos = 5'000'000'000;

}

TapRing::TapRing(std::vector<TapPort> ports, TapOptions options) : ports_(std::move(ports)), options_(options) {}

std::optional<size_t> TapRing::find(const NodeId& node, const std::string& port) const
{
    for (size_t i = 0; i < ports_.size(); ++i) {
        if (ports_[i].node == node && (port.empty() || ports_[i].port == port)) return i;
        if (port.empty() && std::ranges::find(ports_[i].sinks, node) != ports_[i].sinks.end()) return i;
    }
    return std::nullopt;
}

std::optional<TapRing::Page> TapRing::page(size_t port, std::optional<int64_t> batch) const
{
    std::lock_guard lock(mutex_);
    for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept) {
        if (batch && kept->batch != *batch) continue;
        if (const auto rows = kept->ports.find(port); rows != kept->ports.end()) return Page{kept->batch, kept->batchTime, rows->second};
        if (batch) return Page{kept->batch, kept->batchTime, std::make_shared<const TapRows>(TapRows{emptyBatch(ports_[port].schema)})};
    }
    return std::nullopt;
}

std::vector<int64_t> TapRing::batches(size_t port) const
{
    std::lock_guard lock(mutex_);
    std::vector<int64_t> numbers;
    for (const Kept& kept : kept_) {
        if (kept.ports.contains(port)) numbers.push_back(kept.batch);
    }
    return numbers;
}

void TapRing::wish(size_t port, TapWish wish)
{
    std::lock_guard lock(mutex_);
    std::vector<Wished>& wished = wishes_[port];
    const int64_t now = steadyNanos();
    std::erase_if(wished, [&](const Wished& one) { return one.wish == wish || now - one.at >= kWishNanos; });
    wished.push_back({wish, now});
}

std::vector<TapWish> TapRing::wishes() const
{
    std::vector<TapWish> wishes(ports_.size(), TapWish{.rows = options_.rows});
    std::lock_guard lock(mutex_);
    const int64_t now = steadyNanos();
    for (const auto& [port, wished] : wishes_) {
        if (wished.empty() || now - wished.back().at >= kWishNanos) continue;
        TapWish& wish = wishes[port] = wished.back().wish;
        for (const Wished& one : wished) {
            if (now - one.at >= kWishNanos) continue;
            if (one.wish.sampling == wish.sampling) wish.rows = std::max(wish.rows, one.wish.rows);
            wish.profile |= one.wish.profile;
        }
    }
    return wishes;
}

void TapRing::add(int64_t batch, Timestamp batchTime, std::vector<TapRows> ports)
{
    Kept kept{batch, batchTime};
    for (size_t i = 0; i < ports.size(); ++i) {
        if (ports[i].rowsInBatch == 0) continue;
        kept.bytes += ports[i].bytes;
        kept.ports[i] = std::make_shared<const TapRows>(std::move(ports[i]));
    }
    std::deque<Kept> gone;              // freed outside of the lock
    std::lock_guard lock(mutex_);
    bytes_ += kept.bytes;
    kept_.push_back(std::move(kept));
    while (!kept_.empty() && (kept_.size() > options_.batches || bytes_ > options_.bytes)) {
        bytes_ -= kept_.front().bytes;
        gone.push_back(std::move(kept_.front()));
        kept_.pop_front();
    }
}

int64_t TapRing::bytes() const
{
    std::lock_guard lock(mutex_);
    return bytes_;
}

}
