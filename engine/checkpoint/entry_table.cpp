#include "engine/checkpoint/entry_table.h"

namespace streamwright {

namespace {

// The index is fetched so many rows ahead.
constexpr size_t kAhead = 16;

}

EntryTable::EntryTable(ParsedLayout layout) : layout_(std::move(layout))
{
    std::vector<Field> fields = layout_.schema->fields();
    fields.erase(fields.begin() + static_cast<ptrdiff_t>(layout_.identity));
    schema_ = std::make_shared<const Schema>(std::move(fields));
}

RowKeys EntryTable::keysOf(const Batch& batch) const
{
    if (layout_.identity == 0) {
        // One entry, whose key is empty.
        RowKeys keys;
        keys.keys.resize(batch.rows());
        keys.hashes.assign(batch.rows(), 0);
        return keys;
    }
    RowKeys keys = rowKeys(std::span(batch.columns()).first(layout_.identity), batch.rows());
    return keys;
}

Result<void> EntryTable::apply(const BatchPtr& changes)
{
    if (!(changes->schema() == *layout_.schema)) {
        return permanent(fmt::format("a block holds ({}), but its state is ({})", changes->schema().toDdl(), layout_.schema->toDdl()));
    }
    kept_.push_back({changes, keysOf(*changes)});
    const Kept& kept = kept_.back();
    const Column& deleted = *changes->column(layout_.identity);
    for (size_t row = 0; row < changes->rows(); ++row) {
        const Key key{kept.keys.keys[row], kept.keys.hashes[row]};
        if (row + kAhead < changes->rows()) index_.prefetch(kept.keys.hashes[row + kAhead]);
        const auto same = [&](uint32_t number) { return keys_[number] == key; };
        if (!deleted.isNull(row) && deleted.value<uint8_t>(row)) {
            const uint32_t found = index_.find(key.hash, same);
            if (found == KeyIndex::kNone) continue;
            entries_[found] = {};
            index_.erase(key.hash, found);
            continue;
        }
        const uint32_t number = index_.findOrAdd(key.hash, same, [&] {
            keys_.push_back(key);
            entries_.emplace_back();
            return static_cast<uint32_t>(entries_.size() - 1);
        });
        entries_[number] = {changes.get(), static_cast<uint32_t>(row)};
    }
    return {};
}

std::vector<EntryTable::Entry> EntryTable::entries() const
{
    std::vector<Entry> live;
    live.reserve(index_.size());
    for (const Entry& entry : entries_) {
        if (entry.block) live.push_back(entry);
    }
    return live;
}

// Taken block by block and then put in order: entries of many epochs lie in turn.
BatchPtr EntryTable::rows(std::span<const Entry> entries) const
{
    std::map<const Batch*, std::vector<uint32_t>> rowsOf;
    std::vector<uint32_t> order(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
        std::vector<uint32_t>& rows = rowsOf[entries[i].block];
        order[i] = static_cast<uint32_t>(rows.size());
        rows.push_back(entries[i].row);
    }
    std::vector<BatchPtr> parts;
    std::map<const Batch*, uint32_t> before;
    uint32_t total = 0;
    for (const auto& [block, rows] : rowsOf) {
        std::vector<ColumnPtr> columns;
        for (size_t c = 0; c < block->columns().size(); ++c) {
            if (c != layout_.identity) columns.push_back(gather(*block->column(c), rows));
        }
        parts.push_back(makeBatch(schema_, std::move(columns), rows.size()));
        before[block] = total;
        total += static_cast<uint32_t>(rows.size());
    }
    for (size_t i = 0; i < entries.size(); ++i) order[i] += before[entries[i].block];
    return gather(*concatenate(schema_, parts), order);
}

const EntryTable::Entry* EntryTable::find(const Batch& block, size_t row) const
{
    std::vector<ColumnPtr> one;
    for (size_t c = 0; c < layout_.identity; ++c) one.push_back(block.column(c)->slice(row, 1));
    RowKeys keys;
    if (layout_.identity == 0) {
        keys.keys.resize(1);
        keys.hashes.assign(1, 0);
    } else {
        keys = rowKeys(one, 1);
    }
    const Key key{keys.keys[0], keys.hashes[0]};
    const uint32_t found = index_.find(key.hash, [&](uint32_t number) { return keys_[number] == key; });
    return found == KeyIndex::kNone ? nullptr : &entries_[found];
}

std::vector<const EntryTable::Entry*> EntryTable::findAll(const Batch& block) const
{
    const RowKeys keys = keysOf(block);
    std::vector<const Entry*> found;
    found.reserve(block.rows());
    for (size_t row = 0; row < block.rows(); ++row) {
        if (row + kAhead < block.rows()) index_.prefetch(keys.hashes[row + kAhead]);
        const Key key{keys.keys[row], keys.hashes[row]};
        const uint32_t number = index_.find(key.hash, [&](uint32_t other) { return keys_[other] == key; });
        found.push_back(number == KeyIndex::kNone ? nullptr : &entries_[number]);
    }
    return found;
}

}
