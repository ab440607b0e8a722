// The distinct values of each group, numbered in the order of their first appearance; private to this room.
#pragma once
#include "engine/columns/builder.h"
#include "engine/columns/key_index.h"
#include "engine/columns/row_keys.h"

#include <string>

namespace streamwright {

class DistinctCells {
public:
    struct Entry {
        StringRef key;
        uint64_t hash;
        uint32_t group;
    };

    // Calls `use(row, number, isNew)` for each row of `rows` rows, the values given by `columns`.
    template <class Use>
    void number(std::span<const uint32_t> groups, std::span<const ColumnPtr> columns, Use&& use)
    {
        const RowKeys keys = rowKeys(columns, groups.size());
        for (size_t row = 0; row < groups.size(); ++row) {
            const uint64_t hash = mix(keys.hashes[row], groups[row] ^ 0x9E3779B97F4A7C15ull);
            bool isNew = false;
            const uint32_t number = index_.findOrAdd(
                hash, [&](uint32_t known) { return entries_[known].group == groups[row] && entries_[known].key == keys.keys[row]; },
                [&] {
                    isNew = true;
                    const StringRef key = keys.keys[row];
                    entries_.push_back({isNullKey(key) ? key : heap_.copy(key.view()), hash, groups[row]});
                    return static_cast<uint32_t>(entries_.size() - 1);
                });
            use(row, number, isNew);
        }
    }
    size_t size() const { return entries_.size(); }
    const Entry& operator[](size_t number) const { return entries_[number]; }
    size_t bytes() const { return index_.bytes() + entries_.size() * sizeof(Entry); }

private:
    KeyIndex index_;
    std::vector<Entry> entries_;
    TextHeap heap_;
};

}
