// The value of one aggregate over the panes of a window, for many keys (dense numbers), kept up to date as
// panes enter and leave. What a slide costs does not depend on the window's length where the aggregate
// allows it: taken away again if invertible, two stacks if its merge is exact, else folded anew.
#pragma once
#include "engine/expression/aggregate.h"

#include <deque>

namespace streamwright {

// The rows of a pane: key numbers, each once, and the partials of one aggregate.
struct PaneRows {
    std::shared_ptr<const std::vector<uint32_t>> groups;
    std::vector<ColumnPtr> partials;
};

class WindowFold {
public:
    virtual ~WindowFold() = default;
    // The panes of the window, oldest first, are `panes`; the newest has just come.
    virtual void enter(const std::deque<PaneRows>& panes, size_t groups) = 0;
    // The oldest of `panes` is about to go. A key without a pane may afterwards be used for another one.
    virtual void leave(const std::deque<PaneRows>& panes) = 0;
    virtual ColumnPtr results(const std::deque<PaneRows>& panes, std::span<const uint32_t> groups, size_t allGroups, std::vector<RowError>& errors) const = 0;
};

std::unique_ptr<WindowFold> makeWindowFold(const AggregateCall& call);

// 0, 1, 2, …
std::vector<uint32_t> countedNumbers(size_t count);

}
