// The rows of each key of a keyed table, keys in insertion order, rows of a key in input order.
#pragma once
#include "engine/dataflow/keyed_table.h"

namespace streamwright {

struct EntryGroups {
    std::vector<KeyedTable::Entry> entries;     // ascending, each once
    std::vector<uint32_t> offsets;              // rows of entry g: order[offsets[g]] … order[offsets[g + 1] - 1]
    std::vector<uint32_t> order;                // row numbers
    size_t size() const { return entries.size(); }
    size_t rowsOf(size_t group) const { return offsets[group + 1] - offsets[group]; }
};

EntryGroups groupByEntry(std::span<const KeyedTable::Entry> entries);

// The column's rows in the order of the groups; the column itself where that is its order.
ColumnPtr inGroupOrder(const ColumnPtr& column, const EntryGroups& groups);
// An ARRAY per group out of `elements` in group order.
ColumnPtr arraysOf(const std::vector<uint32_t>& offsets, ColumnPtr elements);

// The rows in which two columns of one type differ, bit by bit.
std::vector<uint32_t> differingRows(const Column& a, const Column& b);

}
