// The keys of a window's panes in one partition, worked out from the panes: which number each key has and
// how many panes hold it, and the folds of the aggregates. Thrown away and made anew whenever the panes
// are restored or rolled back; what it answers does not depend on which of both it was.
#pragma once
#include "engine/dataflow/keyed_partition.h"
#include "engine/dataflow/panes.h"
#include "engine/nodes/windows/shared/window_fold.h"

namespace streamwright {

// Columns of a pane: the sequence of the key, the key columns, the partials of each aggregate.
struct PaneColumns {
    size_t keys = 0;
    std::vector<std::pair<size_t, size_t>> partials;    // [from, until) of each aggregate

    static constexpr size_t kSequence = 0;
    static constexpr size_t kFirstKey = 1;
};

class WindowKeys final : public Panes::Derived {
public:
    WindowKeys(const PaneColumns& columns, std::span<const std::unique_ptr<AggregateCall>> calls, const std::deque<Panes::Pane>& panes);

    // The keys of the batch's pane get numbers; the sequence of each row, for the pane.
    ColumnPtr number(std::span<const StringRef> keys, std::span<const uint64_t> hashes);
    // The pane (of the rows just numbered) is the newest now.
    void enter(const Batch& pane);
    // The oldest pane goes.
    void leave(const Batch& pane);

    // All keys that a pane holds, in insertion order.
    struct Results {
        std::vector<StringRef> keys;            // views of this object
        std::vector<ColumnPtr> columns;         // one per aggregate
        std::vector<RowError> errors;
    };
    Results results() const;

private:
    void addPane(const Batch& pane, std::shared_ptr<const std::vector<uint32_t>> groups);
    std::vector<ColumnPtr> partialsOf(const Batch& pane, size_t call) const;
    void addGroups(std::span<const KeyedPartition::Entry> entries);
    std::vector<uint32_t> groupsOf(std::span<const KeyedPartition::Entry> entries) const;
    static RowKeys keysOf(const Batch& pane, const PaneColumns& columns);

    const PaneColumns& columns_;
    std::unique_ptr<RecordLayout> layout_;      // of `keys_`: one INT, the number of the key
    KeyedPartition keys_;
    std::vector<uint32_t> panesOf_;             // per number: how many panes hold the key
    std::vector<uint32_t> free_;                // numbers of keys that left
    std::shared_ptr<const std::vector<uint32_t>> numbered_;
    std::vector<std::unique_ptr<WindowFold>> folds_;
    std::vector<std::deque<PaneRows>> panes_;   // per aggregate
};

}
