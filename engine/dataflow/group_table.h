// Keys to dense group numbers, in the order in which keys are added. It copies the keys. Not thread-safe.
#pragma once
#include "engine/columns/builder.h"
#include "engine/columns/key_index.h"
#include "engine/columns/row_keys.h"

namespace streamwright {

class GroupTable {
public:
    size_t size() const { return keys_.size(); }
    const StringRef& key(uint32_t group) const { return keys_.data()[group]; }
    uint64_t hash(uint32_t group) const { return hashes_.data()[group]; }
    std::span<const uint64_t> hashes() const { return {hashes_.data(), hashes_.size()}; }

    // Makes room for so many more groups.
    void reserve(size_t more);
    // The group of each row; new keys get new groups.
    void add(std::span<const StringRef> keys, std::span<const uint64_t> hashes, uint32_t* groups);
    // The rows of the last add() that made a group, ascending: groups size() - added().size() and on.
    std::span<const uint32_t> added() const { return added_; }

    // The key columns of the groups. The table keeps its numbers but no text afterwards: the last call before clear().
    std::vector<ColumnPtr> takeKeys(std::span<const uint32_t> groups, std::span<const Type> types);

    // No groups; the memory stays.
    void clear()
    {
        index_.clear();
        keys_.shrinkTo(0);
        hashes_.shrinkTo(0);
        heap_ = {};
        added_.clear();
    }

    size_t bytes() const { return index_.bytes() + keys_.size() * (sizeof(StringRef) + sizeof(uint64_t)); }

private:
    struct Asked;
    KeyIndex index_;
    FixedBuilder<StringRef> keys_;
    FixedBuilder<uint64_t> hashes_;
    TextHeap heap_;
    std::vector<uint32_t> added_;
};

}
