#include "engine/nodes/windows/shared/window_keys.h"

#include "engine/columns/builder.h"

namespace streamwright {

namespace {

ColumnPtr numbersColumn(std::span<const uint32_t> numbers)
{
    FixedBuilder<int32_t> values;
    std::ranges::copy(numbers, values.extend(numbers.size()));
    return columnFrom(TypeKind::Int, values);
}

// The panes of a restored state may come in several batches.
BatchPtr whole(const Panes::Pane& pane) { return pane.batches.size() == 1 ? pane.batches.front() : concatenate(pane.batches.front()->schemaPtr(), pane.batches); }

}

RowKeys WindowKeys::keysOf(const Batch& pane, const PaneColumns& columns)
{
    return rowKeys(std::span(pane.columns()).subspan(PaneColumns::kFirstKey, columns.keys), pane.rows());
}

WindowKeys::WindowKeys(const PaneColumns& columns, std::span<const std::unique_ptr<AggregateCall>> calls, const std::deque<Panes::Pane>& panes)
    : columns_(columns), layout_(std::make_unique<RecordLayout>(std::vector<Type>{TypeKind::Int}, false)), keys_(layout_.get()), panes_(calls.size())
{
    for (const auto& call : calls) folds_.push_back(makeWindowFold(*call));
    keys_.beginBatch();
    for (const Panes::Pane& pane : panes) {
        const BatchPtr rows = whole(pane);
        const RowKeys keys = keysOf(*rows, columns_);
        std::vector<KeyedPartition::Entry> entries(rows->rows()), fresh;
        keys_.find(keys.keys, keys.hashes, entries.data());
        for (size_t i = 0; i < entries.size(); ++i) {
            if (entries[i] != KeyedPartition::kNoEntry) continue;
            entries[i] = keys_.insertAs(keys.keys[i], keys.hashes[i], rows->column(PaneColumns::kSequence)->value<int64_t>(i));
            fresh.push_back(entries[i]);
        }
        addGroups(fresh);
        addPane(*rows, std::make_shared<const std::vector<uint32_t>>(groupsOf(entries)));
        keys_.endBatch();   // by sequence again
    }
}

std::vector<uint32_t> WindowKeys::groupsOf(std::span<const KeyedPartition::Entry> entries) const
{
    const ColumnPtr groups = layout_->read(0, keys_.records(entries), keys_.blobs());
    const auto* values = groups->values<int32_t>();
    return std::vector<uint32_t>(values, values + entries.size());
}

void WindowKeys::addGroups(std::span<const KeyedPartition::Entry> entries)
{
    std::vector<uint32_t> groups(entries.size());
    for (uint32_t& group : groups) {
        if (free_.empty()) {
            group = static_cast<uint32_t>(panesOf_.size());
            panesOf_.push_back(0);
        } else {
            group = free_.back();
            free_.pop_back();
        }
    }
    layout_->write(0, *numbersColumn(groups), keys_.records(entries), keys_.blobs());
}

ColumnPtr WindowKeys::number(std::span<const StringRef> keys, std::span<const uint64_t> hashes)
{
    keys_.beginBatch();
    std::vector<KeyedPartition::Entry> entries(keys.size()), fresh;
    keys_.findOrInsert(keys, hashes, entries.data());
    FixedBuilder<int64_t> sequences;
    int64_t* out = sequences.extend(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
        if (keys_.isNew(entries[i])) fresh.push_back(entries[i]);
        out[i] = keys_.sequence(entries[i]);
    }
    addGroups(fresh);
    numbered_ = std::make_shared<const std::vector<uint32_t>>(groupsOf(entries));
    keys_.endBatch();
    return columnFrom(TypeKind::BigInt, sequences);
}

std::vector<ColumnPtr> WindowKeys::partialsOf(const Batch& pane, size_t call) const
{
    const auto [from, until] = columns_.partials[call];
    return {pane.columns().begin() + static_cast<long>(from), pane.columns().begin() + static_cast<long>(until)};
}

void WindowKeys::addPane(const Batch& pane, std::shared_ptr<const std::vector<uint32_t>> groups)
{
    for (const uint32_t group : *groups) ++panesOf_[group];
    for (size_t call = 0; call < folds_.size(); ++call) {
        panes_[call].push_back({groups, partialsOf(pane, call)});
        folds_[call]->enter(panes_[call], panesOf_.size());
    }
}

void WindowKeys::enter(const Batch& pane) { addPane(pane, std::move(numbered_)); }

void WindowKeys::leave(const Batch& pane)
{
    const auto groups = panes_.empty() ? nullptr : panes_.front().front().groups;
    for (size_t call = 0; call < folds_.size(); ++call) {
        folds_[call]->leave(panes_[call]);
        panes_[call].pop_front();
    }
    std::vector<uint32_t> gone;
    for (uint32_t row = 0; row < groups->size(); ++row) {
        if (--panesOf_[(*groups)[row]] > 0) continue;
        gone.push_back(row);
        free_.push_back((*groups)[row]);
    }
    if (gone.empty()) return;
    const RowKeys keys = keysOf(pane, columns_);
    std::vector<StringRef> goneKeys;
    std::vector<uint64_t> goneHashes;
    for (const uint32_t row : gone) {
        goneKeys.push_back(keys.keys[row]);
        goneHashes.push_back(keys.hashes[row]);
    }
    std::vector<KeyedPartition::Entry> entries(gone.size());
    keys_.find(goneKeys, goneHashes, entries.data());
    keys_.erase(entries);
    keys_.endBatch();
}

WindowKeys::Results WindowKeys::results() const
{
    const std::vector<KeyedPartition::Entry> entries = keys_.entries();
    const std::vector<uint32_t> groups = groupsOf(entries);
    Results results;
    results.keys.reserve(entries.size());
    for (const KeyedPartition::Entry entry : entries) results.keys.push_back(keys_.keyOf(keys_.record(entry)));
    for (size_t call = 0; call < folds_.size(); ++call) results.columns.push_back(folds_[call]->results(panes_[call], groups, panesOf_.size(), results.errors));
    return results;
}

}
