#include "engine/dataflow/live_view.h"

#include "engine/columns/compare.h"
#include "engine/columns/print.h"

#include <numeric>
#include <unordered_set>

namespace streamwright {

namespace {

constexpr size_t kMostEntries = 64;

// Free of the buffers of the batch that it came from.
BatchPtr ownRows(const SchemaPtr& schema, const BatchPtr& rows)
{
    std::vector<ColumnPtr> columns;
    for (const ColumnPtr& column : rows->columns()) columns.push_back(compact(*column));
    return makeBatch(schema, std::move(columns), rows->rows());
}

BatchPtr lastRows(const BatchPtr& rows, size_t most) { return rows->rows() <= most ? rows : slice(rows, rows->rows() - most, most); }

BatchPtr greatestRows(const BatchPtr& rows, size_t column, size_t most)
{
    const Column& by = *rows->column(column);
    std::vector<uint32_t> order(rows->rows());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) {
        if (by.isNull(a) || by.isNull(b)) return !by.isNull(a) && by.isNull(b);
        return compareValues(by, a, by, b) > 0;
    });
    order.resize(std::min(most, order.size()));
    return gather(*rows, order);
}

}

void LiveView::publish(int64_t batch, Timestamp batchTime, std::span<const BatchPtr> rows)
{
    BatchPtr all = concatenate(schema_, rows);
    if (keep_.greatest) all = greatestRows(all, *keep_.greatest, keep_.most);
    else if (keep_.how == LiveKeep::How::Latest && all->rows() > keep_.most) all = slice(all, 0, keep_.most);
    else if (keep_.how == LiveKeep::How::Append) all = lastRows(all, keep_.most);
    all = ownRows(schema_, all);
    const std::scoped_lock lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.batch >= batch; });
    entries_.push_back({batch, batchTime, std::move(all)});
    shorten();
}

// What can no longer be seen goes; many small entries become one.
void LiveView::shorten()
{
    if (keep_.how == LiveKeep::How::Append) {
        size_t rows = 0;
        for (const Entry& entry : entries_) rows += entry.rows->rows();
        while (entries_.size() > 1 && rows - entries_.front().rows->rows() >= keep_.most) {
            rows -= entries_.front().rows->rows();
            entries_.erase(entries_.begin());
        }
    }
    if (entries_.size() <= kMostEntries) return;
    if (keep_.how == LiveKeep::How::Latest) {
        entries_.erase(entries_.begin());
        return;
    }
    const auto half = std::span(entries_).first(kMostEntries / 2);
    std::vector<BatchPtr> parts;
    for (const Entry& entry : half) parts.push_back(entry.rows);
    const BatchPtr joined = ownRows(schema_, keep_.how == LiveKeep::How::PerKey ? newestPerKey(half) : lastRows(concatenate(schema_, parts), keep_.most));
    entries_[half.size() - 1].rows = joined;
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(half.size()) - 1);
}

// The oldest of them first, as in a batch.
BatchPtr LiveView::newestPerKey(std::span<const Entry> entries) const
{
    std::unordered_set<std::string> seen;
    std::vector<BatchPtr> parts;
    for (auto entry = entries.rbegin(); entry != entries.rend() && seen.size() < keep_.most; ++entry) {
        std::vector<uint32_t> rows;
        for (size_t row = entry->rows->rows(); row-- > 0 && seen.size() < keep_.most;) {
            std::string key;
            for (const size_t column : keep_.keys) {
                appendJson(*entry->rows->column(column), row, key);
                key += '\n';
            }
            if (seen.insert(std::move(key)).second) rows.push_back(static_cast<uint32_t>(row));
        }
        std::ranges::reverse(rows);
        parts.push_back(gather(*entry->rows, rows));
    }
    std::ranges::reverse(parts);
    return concatenate(schema_, parts);
}

LiveContent LiveView::content(std::optional<int64_t> upTo) const
{
    const std::scoped_lock lock(mutex_);
    size_t count = entries_.size();
    while (upTo && count > 0 && entries_[count - 1].batch > *upTo) --count;
    if (count == 0) return {.rows = emptyBatch(schema_)};
    const auto entries = std::span(entries_).first(count);
    LiveContent content{entries.back().batch, entries.back().batchTime, nullptr};
    if (keep_.how == LiveKeep::How::Latest) {
        content.rows = entries.back().rows;
    } else if (keep_.how == LiveKeep::How::PerKey) {
        const BatchPtr oldestFirst = newestPerKey(entries);
        std::vector<uint32_t> order(oldestFirst->rows());
        std::iota(order.rbegin(), order.rend(), 0u);
        content.rows = gather(*oldestFirst, order);
    } else {
        std::vector<BatchPtr> parts;
        for (const Entry& entry : entries) parts.push_back(entry.rows);
        content.rows = lastRows(concatenate(schema_, parts), keep_.most);
    }
    return content;
}

}
