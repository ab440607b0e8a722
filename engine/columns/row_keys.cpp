#include "engine/columns/row_keys.h"

#include "engine/columns/value_bytes.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace streamwright {

namespace {

// What the NULL key points at; its size is that of no text, its bytes are never read.
const char kNullPlace[64] = {};

template <class T>
T canonical(T value)
{
    if (value == 0) return 0;
    return std::isnan(value) ? std::numeric_limits<T>::quiet_NaN() : value;
}

uint64_t fixedBits(const Column& column, size_t row)
{
    switch (column.type().kind()) {
        case TypeKind::Boolean: return column.value<uint8_t>(row);
        case TypeKind::Int:
        case TypeKind::Date: return static_cast<uint32_t>(column.value<int32_t>(row));
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return static_cast<uint64_t>(column.value<int64_t>(row));
        case TypeKind::Float: {
            const float value = canonical(column.value<float>(row));
            uint32_t bits = 0;
            std::memcpy(&bits, &value, 4);
            return bits;
        }
        case TypeKind::Double: {
            const double value = canonical(column.value<double>(row));
            uint64_t bits = 0;
            std::memcpy(&bits, &value, 8);
            return bits;
        }
        default: return 0;
    }
}

void encode(const Column& column, size_t row, std::string& out)
{
    appendValueBytes(column, row, out, [](const Column& fixed, size_t at, std::string& into) {
        const uint64_t bits = fixedBits(fixed, at);
        into.append(reinterpret_cast<const char*>(&bits), valueWidth(fixed.type().kind()));
    });
}

RowKeys textKeys(const Column& column)
{
    RowKeys result;
    const size_t rows = column.size();
    const auto* in = column.values<StringRef>();
    result.keys.assign(in, in + rows);
    result.hashes.resize(rows);
    result.owners = column.owners();
    if (!column.nulls()) {
        for (size_t i = 0; i < rows; ++i) result.hashes[i] = hashKey(in[i]);
        return result;
    }
    for (size_t i = 0; i < rows; ++i) {
        if (column.nulls()[i]) result.keys[i] = nullKey();
        result.hashes[i] = hashOfKey(result.keys[i]);
    }
    return result;
}

StringRef fixedKey(const Column& column, size_t row, uint32_t width)
{
    if (column.isNull(row)) return nullKey();
    const uint64_t bits = fixedBits(column, row);
    return StringRef(reinterpret_cast<const char*>(&bits), width);
}

RowKeys fixedKeys(const Column& column)
{
    RowKeys result;
    const size_t rows = column.size();
    result.keys.resize(rows);
    result.hashes.resize(rows);
    const auto width = static_cast<uint32_t>(valueWidth(column.type().kind()));
    for (size_t i = 0; i < rows; ++i) {
        result.keys[i] = fixedKey(column, i, width);
        result.hashes[i] = hashOfKey(result.keys[i]);
    }
    return result;
}

bool isFixed(TypeKind kind) { return valueWidth(kind) > 0 && !isText(kind); }

bool isFlat(const ColumnPtr& column) { return valueWidth(column->type().kind()) > 0; }

// How many bytes encode() makes of each row.
std::vector<uint32_t> encodedSizes(std::span<const ColumnPtr> columns, size_t rows)
{
    std::vector<uint32_t> sizes(rows, static_cast<uint32_t>(columns.size()));
    for (const ColumnPtr& column : columns) {
        const bool text = isText(column->type().kind());
        const auto width = static_cast<uint32_t>(text ? sizeof(uint32_t) : valueWidth(column->type().kind()));
        for (size_t i = 0; i < rows; ++i) {
            if (!column->isNull(i)) sizes[i] += width + (text ? column->text(i).size() : 0);
        }
    }
    return sizes;
}

// As encode(), over all rows: `places[i]` moves on.
void encodeFlat(const Column& column, std::vector<char*>& places)
{
    const bool text = isText(column.type().kind());
    const size_t width = valueWidth(column.type().kind());
    for (size_t i = 0; i < places.size(); ++i) {
        char*& at = places[i];
        *at++ = column.isNull(i) ? 0 : 1;
        if (column.isNull(i)) continue;
        if (text) {
            const StringRef& value = column.text(i);
            const uint32_t size = value.size();
            std::memcpy(at, &size, sizeof(size));
            std::memcpy(at + sizeof(size), value.data(), size);
            at += sizeof(size) + size;
        } else {
            const uint64_t bits = fixedBits(column, i);
            std::memcpy(at, &bits, width);
            at += width;
        }
    }
}

// Column by column instead of row by row.
RowKeys flatKeys(std::span<const ColumnPtr> columns, size_t rows)
{
    const std::vector<uint32_t> sizes = encodedSizes(columns, rows);
    auto bytes = Buffer::allocate(std::accumulate(sizes.begin(), sizes.end(), size_t{0}));
    std::vector<char*> places(rows);
    char* at = bytes->data();
    for (size_t i = 0; i < rows; ++i) {
        places[i] = at;
        at += sizes[i];
    }
    for (const ColumnPtr& column : columns) encodeFlat(*column, places);
    RowKeys result;
    result.keys.resize(rows);
    result.hashes.resize(rows);
    for (size_t i = 0; i < rows; ++i) {
        result.keys[i] = StringRef::padded(places[i] - sizes[i], sizes[i]);
        result.hashes[i] = hashKey(result.keys[i]);
    }
    result.owners.push_back(std::move(bytes));
    return result;
}

}

StringRef nullKey() { return StringRef::padded(kNullPlace, kNullKeySize); }

uint64_t hashBytes(const char* data, size_t size)
{
    uint64_t seed = 0xa0761d6478bd642full ^ size;
    const auto load = [](const char* at) {
        uint64_t value;
        std::memcpy(&value, at, 8);
        return value;
    };
    const char* at = data;
    size_t left = size;
    while (left > 16) {
        seed = mix(load(at) ^ 0xe7037ed1a0b428dbull, load(at + 8) ^ seed);
        at += 16;
        left -= 16;
    }
    uint64_t first = 0, second = 0;
    if (size >= 16) {
        first = load(data + size - 16);
        second = load(data + size - 8);
    } else if (left >= 8) {
        first = load(at);
        second = load(at + left - 8);
    } else {
        std::memcpy(&first, at, left);
    }
    return mix(first ^ 0x8ebc6af09c88c6e3ull ^ size, mix(second ^ seed, 0x589965cc75374cc3ull));
}

RowKeys rowKeys(std::span<const ColumnPtr> columns, size_t rows)
{
    if (columns.size() == 1 && isText(columns[0]->type().kind())) return textKeys(*columns[0]);
    if (columns.size() == 1 && isFixed(columns[0]->type().kind())) return fixedKeys(*columns[0]);
    if (!columns.empty() && std::ranges::all_of(columns, isFlat)) return flatKeys(columns, rows);
    RowKeys result;
    result.keys.resize(rows);
    result.hashes.resize(rows);
    TextHeap heap;
    std::string bytes;
    for (size_t i = 0; i < rows; ++i) {
        bytes.clear();
        for (const ColumnPtr& column : columns) encode(*column, i, bytes);
        result.keys[i] = heap.copy(bytes);
        result.hashes[i] = hashKey(result.keys[i]);
    }
    result.owners = heap.finish();
    return result;
}

std::vector<uint64_t> rowHashes(std::span<const ColumnPtr> columns, size_t rows)
{
    constexpr size_t kAhead = 16;
    std::vector<uint64_t> hashes(rows);
    const bool several = columns.size() > 1;
    const auto add = [several](uint64_t& hash, uint64_t next) { hash = several ? mix(hash ^ 0xa0761d6478bd642full, next ^ 0xe7037ed1a0b428dbull) : next; };
    for (const ColumnPtr& column : columns) {
        const TypeKind kind = column->type().kind();
        if (isText(kind)) {
            const auto* text = column->values<StringRef>();
            for (size_t i = 0; i < rows; ++i) {
                // Rows in another order than their text was written wait for it otherwise.
                if (i + kAhead < rows) __builtin_prefetch(text[i + kAhead].data());
                add(hashes[i], column->isNull(i) ? hashOfKey(nullKey()) : hashKey(text[i]));
            }
        } else if (isFixed(kind)) {
            const auto width = static_cast<uint32_t>(valueWidth(kind));
            for (size_t i = 0; i < rows; ++i) add(hashes[i], hashOfKey(fixedKey(*column, i, width)));
        } else {
            const RowKeys keys = rowKeys(std::span(&column, 1), rows);
            for (size_t i = 0; i < rows; ++i) add(hashes[i], keys.hashes[i]);
        }
    }
    return hashes;
}

bool anyNull(std::span<const ColumnPtr> columns, size_t row)
{
    return std::any_of(columns.begin(), columns.end(), [&](const ColumnPtr& column) { return column->isNull(row); });
}

std::vector<ColumnPtr> decodeKeys(std::span<const StringRef> keys, std::span<const Type> types)
{
    std::vector<ColumnBuilder> builders;
    for (const Type& type : types) {
        builders.emplace_back(type);
        builders.back().reserve(keys.size());
    }
    const bool text = types.size() == 1 && isText(types[0].kind());
    const bool fixed = types.size() == 1 && isFixed(types[0].kind());
    for (const StringRef& key : keys) {
        if (text) {
            if (isNullKey(key)) builders[0].pushNull();
            else builders[0].pushText(key.view());
        } else if (fixed) {
            const char* at = key.data();
            if (isNullKey(key)) builders[0].pushNull();
            else readFixedBytes(builders[0], at);
        } else {
            const char* at = key.data();
            for (ColumnBuilder& builder : builders) readValueBytes(builder, at);
        }
    }
    std::vector<ColumnPtr> columns;
    for (ColumnBuilder& builder : builders) columns.push_back(builder.finish());
    return columns;
}

}
