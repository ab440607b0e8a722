// One batch of a window aggregation.
#pragma once
#include "engine/dataflow/keyed_table.h"
#include "engine/nodes/windows/shared/window_aggregation.h"

namespace streamwright {

// `totals` and `counted` (CountedPanes::shape) for LeavingKeys::Kept, else null.
std::unique_ptr<BatchWork> makeWindowWork(const WindowAggregation& node, const PaneColumns& columns, const BatchContext& context, Panes& panes, KeyedTable* totals, KeyedTable* counted, size_t workers);

}
