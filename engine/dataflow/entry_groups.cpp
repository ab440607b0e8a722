#include "engine/dataflow/entry_groups.h"

#include "engine/columns/value_bytes.h"

#include <numeric>

namespace streamwright {

namespace {

// Below this many rows a comparing sort is cheaper than three passes over 2,048 counters.
constexpr size_t kWorthRadix = 2048;

// Row numbers by entry; rows of one entry keep their order.
std::vector<uint32_t> sortedRows(std::span<const KeyedTable::Entry> entries)
{
    std::vector<uint32_t> rows(entries.size());
    std::iota(rows.begin(), rows.end(), 0u);
    if (std::is_sorted(entries.begin(), entries.end())) return rows;
    if (rows.size() < kWorthRadix) {
        std::stable_sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) { return entries[a] < entries[b]; });
        return rows;
    }
    constexpr uint32_t kBits = 11, kValues = 1u << kBits;
    const KeyedTable::Entry highest = *std::max_element(entries.begin(), entries.end());
    std::vector<uint32_t> other(rows.size());
    for (uint32_t shift = 0; shift < 32 && (highest >> shift) > 0; shift += kBits) {
        std::array<uint32_t, kValues + 1> from{};
        for (const uint32_t row : rows) ++from[((entries[row] >> shift) & (kValues - 1)) + 1];
        for (uint32_t v = 0; v < kValues; ++v) from[v + 1] += from[v];
        for (const uint32_t row : rows) other[from[(entries[row] >> shift) & (kValues - 1)]++] = row;
        rows.swap(other);
    }
    return rows;
}

template <class T>
std::vector<uint32_t> differing(const Column& a, const Column& b)
{
    std::vector<uint32_t> rows;
    const T* x = a.values<T>();
    const T* y = b.values<T>();
    for (uint32_t i = 0; i < a.size(); ++i) {
        const bool nullA = a.isNull(i), nullB = b.isNull(i);
        if (nullA != nullB || (!nullA && !(x[i] == y[i]))) rows.push_back(i);
    }
    return rows;
}

}

EntryGroups groupByEntry(std::span<const KeyedTable::Entry> entries)
{
    EntryGroups groups;
    groups.order = sortedRows(entries);
    groups.entries.reserve(entries.size());
    groups.offsets.reserve(entries.size() + 1);
    for (uint32_t i = 0; i < groups.order.size(); ++i) {
        const KeyedTable::Entry entry = entries[groups.order[i]];
        if (!groups.entries.empty() && groups.entries.back() == entry) continue;
        groups.entries.push_back(entry);
        groups.offsets.push_back(i);
    }
    groups.offsets.push_back(static_cast<uint32_t>(entries.size()));
    return groups;
}

ColumnPtr inGroupOrder(const ColumnPtr& column, const EntryGroups& groups)
{
    return std::is_sorted(groups.order.begin(), groups.order.end()) ? column : gather(*column, groups.order);
}

ColumnPtr arraysOf(const std::vector<uint32_t>& offsets, ColumnPtr elements)
{
    auto buffer = Buffer::allocate(offsets.size() * sizeof(uint32_t));
    std::memcpy(buffer->data(), offsets.data(), offsets.size() * sizeof(uint32_t));
    const Type type = Type::array(elements->type());
    const void* values = buffer->data();
    return Column::make(type, offsets.size() - 1, values, nullptr, {std::move(buffer)}, {std::move(elements)});
}

std::vector<uint32_t> differingRows(const Column& a, const Column& b)
{
    if (isText(a.type().kind())) return differing<StringRef>(a, b);
    switch (valueWidth(a.type().kind())) {
        case 1: return differing<uint8_t>(a, b);
        case 4: return differing<int32_t>(a, b);
        case 8: return differing<int64_t>(a, b);
        default: break;
    }
    std::vector<uint32_t> rows;
    std::string x, y;
    for (uint32_t i = 0; i < a.size(); ++i) {
        x.clear();
        y.clear();
        appendValueBytes(a, i, x);
        appendValueBytes(b, i, y);
        if (x != y) rows.push_back(i);
    }
    return rows;
}

}
