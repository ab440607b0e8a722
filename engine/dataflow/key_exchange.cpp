#include "engine/dataflow/key_exchange.h"

#include <algorithm>

namespace streamwright {

namespace {

// Counts the rows of each partition; from[p] is where those of p begin.
void countPartitions(std::span<const uint64_t> hashes, std::array<uint32_t, kPartitions + 1>& from)
{
    for (const uint64_t hash : hashes) ++from[partitionOf(hash) + 1];
    for (size_t p = 0; p < kPartitions; ++p) from[p + 1] += from[p];
}

}

void KeyExchange::add(const Morsel& in, const std::vector<ColumnPtr>& keys, std::vector<ColumnPtr> columns, size_t worker)
{
    const size_t count = in.batch->rows();
    if (count == 0) return;
    auto piece = std::make_unique<Piece>();
    piece->ordinal = in.ordinal;
    piece->logical = in.partition;
    piece->batch = in.batch;
    piece->columns = std::move(columns);
    piece->keys = rowKeys(keys, count);
    countPartitions(piece->keys.hashes, piece->from);
    const uint32_t first = partitionOf(piece->keys.hashes[0]);
    // What a keyed node on the same key emits is of one partition already.
    if (piece->from[first + 1] - piece->from[first] != count) {
        piece->order.resize(count);
        auto next = piece->from;
        for (uint32_t row = 0; row < count; ++row) piece->order[next[partitionOf(piece->keys.hashes[row])]++] = row;
    }
    perWorker_[worker].push_back(std::move(piece));
}

void KeyExchange::close()
{
    for (auto& pieces : perWorker_) {
        for (auto& piece : pieces) pieces_.push_back(std::move(piece));
        pieces.clear();
    }
    std::stable_sort(pieces_.begin(), pieces_.end(), [](const auto& a, const auto& b) { return std::pair(a->logical, a->ordinal) < std::pair(b->logical, b->ordinal); });
}

namespace {

// Calls f(piece, how many rows, their numbers in the piece or null for 0, 1, 2, …).
template <class Pieces, class F>
void forEachPiece(const Pieces& pieces, uint32_t partition, F&& f)
{
    for (const auto& piece : pieces) {
        const uint32_t from = piece->from[partition], until = piece->from[partition + 1];
        if (from < until) f(*piece, until - from, piece->order.empty() ? nullptr : piece->order.data() + from);
    }
}

template <class T, class ForEach>
void gatherFixed(size_t column, char* target, char* nulls, ForEach&& forEach)
{
    T* out = reinterpret_cast<T*>(target);
    forEach([&](const auto& piece, uint32_t rows, const uint32_t* order) {
        const Column& in = *piece.columns[column];
        const T* values = in.template values<T>();
        if (!order) std::memcpy(static_cast<void*>(out), values, rows * sizeof(T));
        else for (uint32_t i = 0; i < rows; ++i) out[i] = values[order[i]];
        out += rows;
        if (!nulls) return;
        for (uint32_t i = 0; i < rows; ++i) nulls[i] = in.nulls() ? static_cast<char>(in.nulls()[order ? order[i] : i]) : '\0';
        nulls += rows;
    });
}

}

ColumnPtr KeyExchange::gatherColumn(size_t column, uint32_t partition, size_t count) const
{
    const Type& type = types_[column];
    const auto forEach = [&](auto&& f) { forEachPiece(pieces_, partition, f); };
    const size_t width = valueWidth(type.kind());
    if (width == 0) {
        if (count == 0 || type.is(TypeKind::Void)) return Column::nullsOf(type, count);
        std::vector<ColumnPtr> parts;
        forEach([&](const Piece& piece, uint32_t rows, const uint32_t* order) { parts.push_back(order ? gather(*piece.columns[column], {order, rows}) : piece.columns[column]); });
        return concatenate(parts);
    }
    bool anyNull = false;
    std::vector<Owner> owners;
    const Column* last = nullptr;
    forEach([&](const Piece& piece, uint32_t, const uint32_t*) {
        const Column& in = *piece.columns[column];
        anyNull = anyNull || in.nulls();
        if (isText(type.kind()) && (!last || last->owners() != in.owners())) addOwners(owners, in.owners());
        last = &in;
    });
    auto values = Buffer::allocate(count * width);
    auto nulls = anyNull ? Buffer::allocate(count) : nullptr;
    char* marks = nulls ? nulls->data() : nullptr;
    if (width == 1) gatherFixed<uint8_t>(column, values->data(), marks, forEach);
    else if (width == 4) gatherFixed<int32_t>(column, values->data(), marks, forEach);
    else if (width == 8) gatherFixed<int64_t>(column, values->data(), marks, forEach);
    else gatherFixed<StringRef>(column, values->data(), marks, forEach);
    owners.push_back(values);
    if (nulls) owners.push_back(nulls);
    return Column::make(type, count, values->data(), reinterpret_cast<const uint8_t*>(marks), std::move(owners));
}

KeyExchange::Rows KeyExchange::take(uint32_t partition) const
{
    Rows result;
    forEachPiece(pieces_, partition, [&](const Piece& piece, uint32_t rows, const uint32_t* order) {
        result.count += rows;
        result.runs.push_back({piece.logical, piece.ordinal, piece.batch.get(), order, rows});
    });
    result.keys.reserve(result.count);
    result.hashes.reserve(result.count);
    forEachPiece(pieces_, partition, [&](const Piece& piece, uint32_t rows, const uint32_t* order) {
        for (uint32_t i = 0; i < rows; ++i) {
            const uint32_t row = order ? order[i] : i;
            result.keys.push_back(piece.keys.keys[row]);
            result.hashes.push_back(piece.keys.hashes[row]);
        }
    });
    for (size_t c = 0; c < types_.size(); ++c) result.columns.push_back(gatherColumn(c, partition, result.count));
    return result;
}

std::pair<const Batch*, uint32_t> KeyExchange::origin(uint32_t partition, size_t row) const
{
    for (const auto& piece : pieces_) {
        const size_t rows = piece->from[partition + 1] - piece->from[partition];
        if (row < rows) {
            return {piece->batch.get(), piece->order.empty() ? static_cast<uint32_t>(row) : piece->order[piece->from[partition] + row]};
        }
        row -= rows;
    }
    return {nullptr, 0};
}

}
