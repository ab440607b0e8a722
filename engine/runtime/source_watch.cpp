#include "engine/runtime/source_watch.h"

#include "engine/runtime/receiver_source.h"

#include <algorithm>

namespace streamwright {

namespace {

// Sources that do not call when data arrives are looked at this often.
constexpr Duration kPoll = milliseconds(10);

const ReceiverSource* receiverOf(const PlanNode& node) { return dynamic_cast<const ReceiverSource*>(node.source.get()); }

}

bool SourceWatch::allEnded(const std::vector<Offset>& offsets) const
{
    bool known = false;
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
        const ReplayableSource& source = *plan_.nodes[plan_.sources[i]].source;
        if (source.endless()) continue;
        if (!source.ended(offsets[i])) return false;
        // What a sink rejects late has no end of its own.
        known |= !plan_.nodes[plan_.sources[i]].sink;
    }
    return known;
}

bool SourceWatch::receiversRead(const std::vector<Offset>& offsets) const
{
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
        const auto* receiver = receiverOf(plan_.nodes[plan_.sources[i]]);
        if (receiver && !receiver->ended(offsets[i])) return false;
    }
    return true;
}

bool SourceWatch::receiversDone() const
{
    return std::ranges::all_of(plan_.sources, [this](size_t node) {
        const auto* receiver = receiverOf(plan_.nodes[node]);
        return !receiver || receiver->done();
    });
}

bool SourceWatch::lateRejects(const std::vector<Offset>& offsets) const
{
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
        const PlanNode& node = plan_.nodes[plan_.sources[i]];
        if (node.sink && node.source->hasMore(offsets[i])) return true;
    }
    return false;
}

void SourceWatch::askForEnds(const std::vector<Offset>& offsets)
{
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
        ReplayableSource& source = *plan_.nodes[plan_.sources[i]].source;
        if (!source.ended(offsets[i])) (void)source.plan(offsets[i], ReadLimit{}, clock_.now());
    }
}

bool SourceWatch::waiting(const std::vector<Offset>& offsets) const
{
    // `once` takes all there is: of a receiver that is known when it has ended. Then, and when only sources
    // are left that are read as they are, there is nothing to wait for.
    if (trigger_ != Trigger::AsDataArrives && receiversDone()) return true;
    if (trigger_ == Trigger::Once) return false;
    for (size_t i = 0; i < plan_.sources.size(); ++i) {
        const PlanNode& node = plan_.nodes[plan_.sources[i]];
        if (!receiverOf(node) && clock_.now() < quietUntil_) continue;
        if (node.source->hasMore(offsets[i])) return true;
    }
    return false;
}

DataWatch SourceWatch::watch(const std::vector<Offset>& offsets)
{
    DataWatch watch;
    watch.waiting = [this, &offsets] { return waiting(offsets); };
    const bool polled = std::ranges::any_of(plan_.sources, [this](size_t node) { return !receiverOf(plan_.nodes[node]) && !plan_.nodes[node].sink; });
    watch.poll = [this, polled]() -> std::optional<Timestamp> {
        if (!polled) return std::nullopt;
        return std::max(quietUntil_, clock_.now() + milliseconds(1));
    };
    return watch;
}

void SourceWatch::foundNothing() { quietUntil_ = clock_.now() + kPoll; }

}
