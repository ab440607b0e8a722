#include "engine/nodes/windows/shared/window_fold.h"

#include <numeric>

namespace streamwright {

namespace {

constexpr uint32_t kNone = 0xFFFFFFFF;

// Count and integer sums: what leaves is taken away.
class SubtractingFold final : public WindowFold {
public:
    explicit SubtractingFold(const AggregateCall& call) : total_(call.makeAccumulators()) {}

    void enter(const std::deque<PaneRows>& panes, size_t groups) override
    {
        total_->resize(groups);
        total_->merge(*panes.back().groups, panes.back().partials);
    }
    void leave(const std::deque<PaneRows>& panes) override { total_->subtract(*panes.front().groups, panes.front().partials); }
    ColumnPtr results(const std::deque<PaneRows>&, std::span<const uint32_t> groups, size_t allGroups, std::vector<RowError>& errors) const override
    {
        total_->resize(allGroups);
        return total_->results(groups, errors);
    }

private:
    std::unique_ptr<Accumulators> total_;
};

// Two stacks: the front holds, per row of the older panes, the fold of that row and all newer ones of its
// key among the panes that were there when the front was made; the back is one fold of what came since. A
// pane that leaves pops its rows. Each row is folded into the front once, so that the cost per slide is flat.
class StackFold final : public WindowFold {
public:
    explicit StackFold(const AggregateCall& call) : call_(call), front_(call.makeAccumulators()), back_(call.makeAccumulators()) {}

    void enter(const std::deque<PaneRows>& panes, size_t groups) override
    {
        top_.resize(std::max(top_.size(), groups), kNone);
        back_->resize(top_.size());
        back_->merge(*panes.back().groups, panes.back().partials);
    }

    void leave(const std::deque<PaneRows>& panes) override
    {
        if (bases_.empty()) turn(panes);
        const std::vector<uint32_t>& groups = *panes.front().groups;
        for (size_t row = 0; row < groups.size(); ++row) top_[groups[row]] = next_[bases_.front() + row];
        bases_.pop_front();
    }

    ColumnPtr results(const std::deque<PaneRows>&, std::span<const uint32_t> groups, size_t allGroups, std::vector<RowError>& errors) const override
    {
        auto total = call_.makeAccumulators();
        total->resize(groups.size());
        std::vector<uint32_t> ours, tops;
        for (uint32_t g = 0; g < groups.size(); ++g) {
            if (groups[g] >= top_.size() || top_[groups[g]] == kNone) continue;
            ours.push_back(g);
            tops.push_back(top_[groups[g]]);
        }
        total->merge(ours, front_->partials(tops));
        back_->resize(allGroups);
        const std::vector<uint32_t> all = countedNumbers(groups.size());
        total->merge(all, back_->partials(groups));
        return total->results(all, errors);
    }

private:
    // Makes the front of all panes, newest first.
    void turn(const std::deque<PaneRows>& panes)
    {
        size_t rows = 0;
        for (const PaneRows& pane : panes) rows += pane.groups->size();
        front_ = call_.makeAccumulators();
        front_->resize(rows);
        next_.assign(rows, kNone);
        uint32_t base = 0;
        for (auto pane = panes.rbegin(); pane != panes.rend(); ++pane) {
            const std::vector<uint32_t>& groups = *pane->groups;
            std::vector<uint32_t> ids(groups.size()), with, newer;
            for (uint32_t row = 0; row < groups.size(); ++row) {
                ids[row] = base + row;
                uint32_t& top = top_[groups[row]];
                if (top != kNone) {
                    with.push_back(ids[row]);
                    newer.push_back(top);
                }
                next_[ids[row]] = top;
                top = ids[row];
            }
            front_->merge(ids, pane->partials);
            if (!with.empty()) front_->merge(with, front_->partials(newer));
            bases_.push_front(base);
            base += static_cast<uint32_t>(groups.size());
        }
        back_ = call_.makeAccumulators();
        back_->resize(top_.size());
    }

    const AggregateCall& call_;
    std::unique_ptr<Accumulators> front_;
    std::unique_ptr<Accumulators> back_;
    std::deque<uint32_t> bases_;        // of the panes in the front, oldest first
    std::vector<uint32_t> next_;        // per row of the front: the next newer row of its key
    std::vector<uint32_t> top_;         // per key: its oldest row in the front
};

// Sums of FLOAT and DOUBLE and what else depends on the order: oldest pane first, every time.
class RepeatedFold final : public WindowFold {
public:
    explicit RepeatedFold(const AggregateCall& call) : call_(call) {}

    void enter(const std::deque<PaneRows>&, size_t) override {}
    void leave(const std::deque<PaneRows>&) override {}
    ColumnPtr results(const std::deque<PaneRows>& panes, std::span<const uint32_t> groups, size_t allGroups, std::vector<RowError>& errors) const override
    {
        auto total = call_.makeAccumulators();
        total->resize(allGroups);
        for (const PaneRows& pane : panes) total->merge(*pane.groups, pane.partials);
        return total->results(groups, errors);
    }

private:
    const AggregateCall& call_;
};

}

std::vector<uint32_t> countedNumbers(size_t count)
{
    std::vector<uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0u);
    return numbers;
}

std::unique_ptr<WindowFold> makeWindowFold(const AggregateCall& call)
{
    if (call.invertible()) return std::make_unique<SubtractingFold>(call);
    if (call.exactMerge()) return std::make_unique<StackFold>(call);
    return std::make_unique<RepeatedFold>(call);
}

}
