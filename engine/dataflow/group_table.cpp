#include "engine/dataflow/group_table.h"

namespace streamwright {

struct GroupTable::Asked {
    GroupTable& table;
    std::span<const StringRef> keys;
    std::span<const uint64_t> rowHashes;

    bool equals(uint32_t number, size_t row) const { return table.keys_.data()[number] == keys[row]; }
    void prefetch(uint32_t number) const { __builtin_prefetch(table.keys_.data() + number); }
    uint32_t add(size_t row)
    {
        const StringRef key = keys[row];
        // The NULL key has no bytes.
        table.keys_.push(isNullKey(key) ? key : table.heap_.copy(key.view()));
        table.hashes_.push(rowHashes[row]);
        table.added_.push_back(static_cast<uint32_t>(row));
        return static_cast<uint32_t>(table.keys_.size() - 1);
    }
};

void GroupTable::reserve(size_t more)
{
    index_.reserve(size() + more);
    keys_.reserve(size() + more);
    hashes_.reserve(size() + more);
}

void GroupTable::add(std::span<const StringRef> keys, std::span<const uint64_t> hashes, uint32_t* groups)
{
    added_.clear();
    // As if all were new: it lives for a batch, and keys lie nearer to their places in an index with room.
    index_.reserve(size() + keys.size());
    index_.findOrAddAll(hashes, Asked{*this, keys, hashes}, groups);
}

std::vector<ColumnPtr> GroupTable::takeKeys(std::span<const uint32_t> groups, std::span<const Type> types)
{
    FixedBuilder<StringRef> picked;
    StringRef* out = picked.extend(groups.size());
    bool anyNull = false;
    for (size_t i = 0; i < groups.size(); ++i) {
        out[i] = key(groups[i]);
        anyNull = anyNull || isNullKey(out[i]);
    }
    if (types.size() != 1 || !isText(types[0].kind()) || anyNull) return decodeKeys({out, groups.size()}, types);
    // Keys of a text column are its text.
    const size_t rows = picked.size();
    const auto values = picked.finish();
    std::vector<Owner> owners = heap_.finish();
    owners.push_back(values);
    return {Column::make(types[0], rows, values->data(), nullptr, std::move(owners))};
}

}
