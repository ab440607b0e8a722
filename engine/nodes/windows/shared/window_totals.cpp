#include "engine/nodes/windows/shared/window_totals.h"

#include "engine/dataflow/change_set.h"
#include "engine/nodes/windows/shared/pane_maker.h"

#include <algorithm>

namespace streamwright {

namespace {

// A key whose rows have all left has the neutral value 0, where the sum of no rows would be NULL.
ColumnPtr zeroForNull(const ColumnPtr& column)
{
    const size_t width = valueWidth(column->type().kind());
    if (!column->nulls() || !isIntegral(column->type().kind())) return column;
    auto values = Buffer::allocate(column->size() * width);
    std::memcpy(values->data(), column->values<char>(), column->size() * width);
    for (size_t row = 0; row < column->size(); ++row) {
        if (column->isNull(row)) std::memset(values->data() + row * width, 0, width);
    }
    const void* data = values->data();
    return Column::make(column->type(), column->size(), data, nullptr, {std::move(values)});
}

}

WindowTotals::PaneEntries WindowTotals::entriesOf(const std::vector<BatchPtr>& batches, Missing missing)
{
    PaneEntries result{batches, {}};
    for (const BatchPtr& batch : batches) {
        const RowKeys keys = rowKeys(std::span(batch->columns()).subspan(PaneColumns::kFirstKey, columns_.keys), batch->rows());
        std::vector<KeyedTable::Entry>& entries = result.entries.emplace_back(batch->rows());
        if (missing == Missing::Added) table_.findOrInsert(partition_, keys.keys, keys.hashes, entries);
        else table_.find(partition_, keys.keys, keys.hashes, entries);
    }
    return result;
}

void WindowTotals::slide(const std::deque<Panes::Pane>& panes, Timestamp counted, Timestamp until)
{
    std::vector<BatchPtr> came, going;
    for (const Panes::Pane& pane : panes) {
        const bool comes = pane.time > counted, goes = pane.time <= until;
        // What was never counted, since its slide was skipped, and is too old by now has nothing to leave.
        if (comes == goes) continue;
        std::vector<BatchPtr>& side = comes ? came : going;
        side.insert(side.end(), pane.batches.begin(), pane.batches.end());
    }
    // A key without a total has nothing to take away from, even if it comes again in this slide.
    const PaneEntries leaving = entriesOf(going, Missing::Ignored), entering = entriesOf(came, Missing::Added);

    std::vector<KeyedTable::Entry> touched;
    for (const PaneEntries* side : {&leaving, &entering}) {
        for (const auto& entries : side->entries) touched.insert(touched.end(), entries.begin(), entries.end());
    }
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    if (!touched.empty() && touched.back() == KeyedTable::kNoEntry) touched.pop_back();
    if (touched.empty()) return;

    std::vector<uint32_t> known;    // those that had a total
    std::vector<KeyedTable::Entry> knownEntries;
    for (uint32_t g = 0; g < touched.size(); ++g) {
        if (table_.isNew(partition_, touched[g])) continue;
        known.push_back(g);
        knownEntries.push_back(touched[g]);
    }
    const std::vector<uint32_t> all = countedNumbers(touched.size());
    size_t value = 0;
    for (size_t call = 0; call < node_.calls.size(); ++call) {
        auto totals = node_.calls[call]->makeAccumulators();
        totals->resize(touched.size());
        const auto [from, end] = columns_.partials[call];
        std::vector<ColumnPtr> old;
        for (size_t p = 0; p < end - from; ++p) old.push_back(table_.values(partition_, value + p, knownEntries));
        totals->merge(known, old);
        const auto fold = [&, from = from, end = end](const PaneEntries& side, auto&& use) {
            for (size_t b = 0; b < side.batches.size(); ++b) {
                std::vector<uint32_t> rows, groups;
                for (uint32_t row = 0; row < side.entries[b].size(); ++row) {
                    if (side.entries[b][row] == KeyedTable::kNoEntry) continue;
                    rows.push_back(row);
                    groups.push_back(static_cast<uint32_t>(std::lower_bound(touched.begin(), touched.end(), side.entries[b][row]) - touched.begin()));
                }
                std::vector<ColumnPtr> partials;
                for (size_t c = from; c < end; ++c) partials.push_back(gather(*side.batches[b]->column(c), rows));
                use(groups, partials);
            }
        };
        fold(leaving, [&](const auto& groups, const auto& partials) { totals->subtract(groups, partials); });
        fold(entering, [&](const auto& groups, const auto& partials) { totals->merge(groups, partials); });
        for (const ColumnPtr& column : totals->partials(all)) table_.set(partition_, touched, value++, *column);
    }
}

void WindowTotals::emit(const BatchContext& context, Emitter& out)
{
    const std::vector<KeyedTable::Entry> entries = table_.entries(partition_);
    if (entries.empty()) return;
    const std::vector<uint32_t> all = countedNumbers(entries.size());
    std::vector<ColumnPtr> columns = table_.keys(partition_, entries);
    std::vector<RowError> errors;
    size_t value = 0;
    for (size_t call = 0; call < node_.calls.size(); ++call) {
        auto totals = node_.calls[call]->makeAccumulators();
        totals->resize(entries.size());
        std::vector<ColumnPtr> partials;
        for (size_t p = 0; p < node_.calls[call]->partialTypes().size(); ++p) partials.push_back(table_.values(partition_, value++, entries));
        totals->merge(all, partials);
        columns.push_back(zeroForNull(totals->results(all, errors)));
    }
    std::vector<KeyedTable::Entry> forgotten;
    for (const uint32_t row : emitResults(node_, context, makeBatch(node_.output, std::move(columns), entries.size()), std::move(errors), out)) forgotten.push_back(entries[row]);
    table_.erase(partition_, forgotten);
}

namespace {

// The one row's key: its partition is where the row stands.
struct OnlyRow {
    std::vector<ColumnPtr> key{repeated(int32_t{0}, 1)};
    RowKeys keys = rowKeys(key, 1);
    uint32_t partition = partitionOf(keys.hashes[0]);
    std::vector<KeyedTable::Entry> entry{KeyedTable::kNoEntry};
};

}

std::optional<Timestamp> CountedPanes::until() const
{
    OnlyRow row;
    table_.find(row.partition, row.keys.keys, row.keys.hashes, row.entry);
    if (row.entry[0] == KeyedTable::kNoEntry) return std::nullopt;
    return Timestamp{table_.values(row.partition, 0, row.entry)->values<int64_t>()[0]};
}

void CountedPanes::note(Timestamp until)
{
    OnlyRow row;
    table_.findOrInsert(row.partition, row.keys.keys, row.keys.hashes, row.entry);
    table_.set(row.partition, row.entry, 0, *repeated(TypeKind::Timestamp, until.micros, 1));
}

}
