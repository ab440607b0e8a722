// The entries of a state, rebuilt from its blocks by its layout alone.
#pragma once
#include "engine/checkpoint/state_rows.h"
#include "engine/columns/key_index.h"
#include "engine/columns/row_keys.h"

#include <map>

namespace streamwright {

class EntryTable {
public:
    explicit EntryTable(ParsedLayout layout);

    // Takes the rows of a change block: entries appear, change, or go.
    Result<void> apply(const BatchPtr& changes);

    // Identity and content columns, without `deleted`.
    const SchemaPtr& schema() const { return schema_; }
    size_t identity() const { return layout_.identity; }

    // Entries in the order in which they appeared, as (block, row).
    struct Entry {
        const Batch* block = nullptr;
        uint32_t row = 0;
    };
    std::vector<Entry> entries() const;
    // The same one by one, as find() gives them.
    template <class F>
    void each(const F& take) const
    {
        for (const Entry& entry : entries_) {
            if (entry.block) take(entry);
        }
    }
    // The rows of these entries, of schema().
    BatchPtr rows(std::span<const Entry> entries) const;
    // The entry with the same identity as `row` of a block of the same layout, or null.
    const Entry* find(const Batch& block, size_t row) const;
    // The same for every row of the block.
    std::vector<const Entry*> findAll(const Batch& block) const;

private:
    struct Key {
        StringRef bytes;
        uint64_t hash;
        bool operator==(const Key& other) const { return isNullKey(bytes) || isNullKey(other.bytes) ? isNullKey(bytes) && isNullKey(other.bytes) : bytes == other.bytes; }
    };
    struct Kept {
        BatchPtr batch;
        RowKeys keys;
    };
    RowKeys keysOf(const Batch& batch) const;

    ParsedLayout layout_;
    SchemaPtr schema_;
    std::vector<Kept> kept_;
    std::vector<Entry> entries_;                            // a null block: gone
    std::vector<Key> keys_;                                 // of entries_
    KeyIndex index_;                                        // to entries_
};

}
