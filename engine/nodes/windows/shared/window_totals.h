// The totals of the keys of one partition, as Spark keeps them with an inverse function: at each slide what
// leaves the window is taken away from the total of a key that has one, and what came is added.
#pragma once
#include "engine/dataflow/keyed_table.h"
#include "engine/dataflow/panes.h"
#include "engine/nodes/windows/shared/window_aggregation.h"

namespace streamwright {

class WindowTotals {
public:
    WindowTotals(const WindowAggregation& node, const PaneColumns& columns, uint32_t partition, KeyedTable& table) : node_(node), columns_(columns), partition_(partition), table_(table) {}

    // Panes after `counted` have come, those at or before `until` go.
    void slide(const std::deque<Panes::Pane>& panes, Timestamp counted, Timestamp until);
    // All totals; keys that `having` drops are forgotten.
    void emit(const BatchContext& context, Emitter& out);

private:
    // Rows of panes and the entries of their keys.
    struct PaneEntries {
        std::vector<BatchPtr> batches;
        std::vector<std::vector<KeyedTable::Entry>> entries;
    };
    enum class Missing : unsigned char { Ignored, Added };
    PaneEntries entriesOf(const std::vector<BatchPtr>& batches, Missing missing);

    const WindowAggregation& node_;
    const PaneColumns& columns_;
    uint32_t partition_;
    KeyedTable& table_;
};

// Up to which batch the panes are in the totals: state of one row. The time of the last slide tells it only as
// long as no slide was skipped and `slide` is what it was when the checkpoint was written.
class CountedPanes {
public:
    explicit CountedPanes(KeyedTable& table) : table_(table) {}
    static KeyedTable::Shape shape() { return {"counted", {{"totals", TypeKind::Int}}, {{"until", TypeKind::Timestamp}}, false}; }

    std::optional<Timestamp> until() const;
    void note(Timestamp until);

private:
    KeyedTable& table_;
};

}
