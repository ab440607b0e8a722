#include "engine/dataflow/key_exchange.h"

#include "engine/columns/copy_bytes.h"

#include <algorithm>
#include <utility>

namespace streamwright {

namespace {

constexpr size_t kFirstChunk = 512, kLargestChunk = 64 * 1024;

// Counts the rows of each partition; from[p] is where those of p begin.
void countPartitions(std::span<const uint64_t> hashes, std::array<uint32_t, kPartitions + 1>& from)
{
    for (const uint64_t hash : hashes) ++from[partitionOf(hash) + 1];
    for (size_t p = 0; p < kPartitions; ++p) from[p + 1] += from[p];
}

bool isLong(const StringRef& key) { return !key.isInline() && !isNullKey(key); }

// The length of keys that are long and all of one length, otherwise 0.
uint32_t commonLength(const std::vector<StringRef>& keys)
{
    const uint32_t length = keys.front().size();
    const bool common = isLong(keys.front()) && std::ranges::all_of(keys, [&](const StringRef& key) { return key.size() == length; });
    return common ? length : 0;
}

}

void KeyExchange::add(const Morsel& in, const std::vector<ColumnPtr>& keys, std::vector<ColumnPtr> columns, size_t worker)
{
    const size_t count = in.batch->rows();
    if (count == 0) return;
    auto piece = std::make_unique<Piece>();
    piece->ordinal = in.ordinal;
    piece->logical = in.partition;
    if (input_ == Input::Kept) piece->batch = in.batch;
    piece->columns = std::move(columns);
    piece->keys = rowKeys(keys, count);
    countPartitions(piece->keys.hashes, piece->from);
    // What a keyed node on the same key emits is of one partition already.
    const uint32_t first = partitionOf(piece->keys.hashes[0]);
    if (piece->from[first + 1] - piece->from[first] != count) scatter(*piece, workers_[worker].room);
    workers_[worker].pieces.push_back(std::move(piece));
}

char* KeyExchange::Room::take(uint32_t partition, size_t bytes)
{
    Chunk& chunk = chunks_[partition];
    if (chunk.left < bytes) {
        chunk.left = std::max(bytes, std::clamp(2 * chunk.size, kFirstChunk, kLargestChunk));
        chunk.at = buffers_.emplace_back(Buffer::allocate(chunk.left))->data();
        chunk.size = chunk.left;
    }
    chunk.left -= bytes;
    return std::exchange(chunk.at, chunk.at + bytes);
}

void KeyExchange::scatter(Piece& piece, Room& room)
{
    const size_t count = piece.keys.keys.size();
    piece.order.resize(count);
    auto next = piece.from;
    for (uint32_t row = 0; row < count; ++row) piece.order[next[partitionOf(piece.keys.hashes[row])]++] = row;
    for (ColumnPtr& column : piece.columns) {
        if (column) column = gather(*column, piece.order);
    }
    scatterKeys(piece, room);
}

// The text of long keys moves along: who looks keys up would wait for the memory of each otherwise.
void KeyExchange::scatterKeys(Piece& piece, Room& room)
{
    const RowKeys in = std::move(piece.keys);
    const size_t count = in.keys.size();
    piece.length = commonLength(in.keys);
    std::array<size_t, kPartitions> bytes{};
    for (size_t p = 0; p < kPartitions; ++p) bytes[p] = (piece.from[p + 1] - piece.from[p]) * (sizeof(uint64_t) + (piece.length > 0 ? piece.length : sizeof(StringRef)));
    for (size_t row = 0; piece.length == 0 && row < count; ++row) {
        if (isLong(in.keys[row])) bytes[partitionOf(in.hashes[row])] += in.keys[row].size();
    }
    for (uint32_t p = 0; p < kPartitions; ++p) {
        const std::span<const uint32_t> order(piece.order.data() + piece.from[p], piece.from[p + 1] - piece.from[p]);
        if (order.empty()) continue;
        char* const at = room.take(p, (bytes[p] + alignof(StringRef) - 1) / alignof(StringRef) * alignof(StringRef));
        piece.rows[p] = at;
        auto* hashes = reinterpret_cast<uint64_t*>(at);
        for (const uint32_t row : order) *hashes++ = in.hashes[row];
        auto* keys = reinterpret_cast<StringRef*>(hashes);
        char* text = reinterpret_cast<char*>(keys + (piece.length > 0 ? 0 : order.size()));
        for (const uint32_t row : order) {
            const StringRef& key = in.keys[row];
            const uint32_t size = isLong(key) ? key.size() : 0;
            if (size > 0) copyBytes(text, key.data(), size);
            if (piece.length == 0) *keys++ = size > 0 ? StringRef(text, size) : key;
            text += size;
        }
    }
}

void KeyExchange::close()
{
    for (Worker& worker : workers_) {
        for (auto& piece : worker.pieces) pieces_.push_back(std::move(piece));
        worker.pieces.clear();
    }
    std::stable_sort(pieces_.begin(), pieces_.end(), [](const auto& a, const auto& b) { return std::pair(a->logical, a->ordinal) < std::pair(b->logical, b->ordinal); });
}

namespace {

// Calls f(piece, its first row of the partition, how many).
template <class Pieces, class F>
void forEachPiece(const Pieces& pieces, uint32_t partition, F&& f)
{
    for (const auto& piece : pieces) {
        const uint32_t from = piece->from[partition], until = piece->from[partition + 1];
        if (from < until) f(*piece, piece->order.empty() ? 0 : from, until - from);
    }
}

}

ColumnPtr KeyExchange::column(size_t column, uint32_t partition, size_t count) const
{
    if (std::ranges::none_of(pieces_, [&](const auto& piece) { return piece->columns[column] != nullptr; })) return nullptr;
    const Type& type = types_[column];
    if (count == 0 || type.is(TypeKind::Void)) return Column::nullsOf(type, count);
    const auto forEach = [&](auto&& f) { forEachPiece(pieces_, partition, f); };
    const size_t width = valueWidth(type.kind());
    if (width == 0) {
        std::vector<ColumnPtr> parts;
        forEach([&](const Piece& piece, uint32_t from, uint32_t rows) { parts.push_back(piece.columns[column]->slice(from, rows)); });
        return concatenate(parts);
    }
    bool anyNull = false;
    std::vector<Owner> owners;
    const Column* last = nullptr;
    forEach([&](const Piece& piece, uint32_t, uint32_t) {
        if (!piece.columns[column]) return;
        const Column& in = *piece.columns[column];
        anyNull = anyNull || in.nulls();
        if (isText(type.kind()) && (!last || last->owners() != in.owners())) addOwners(owners, in.owners());
        last = &in;
    });
    auto values = Buffer::allocate(count * width);
    auto nulls = anyNull ? Buffer::allocate(count) : nullptr;
    char* out = values->data();
    char* marks = nulls ? nulls->data() : nullptr;
    forEach([&](const Piece& piece, uint32_t from, uint32_t rows) {
        const Column* in = piece.columns[column].get();
        if (in) std::memcpy(out, in->values<char>() + from * width, rows * width);
        else std::memset(out, 0, rows * width);
        out += rows * width;
        if (!marks) return;
        if (in && in->nulls()) std::memcpy(marks, in->nulls() + from, rows);
        else std::memset(marks, 0, rows);
        marks += rows;
    });
    owners.push_back(values);
    if (nulls) owners.push_back(nulls);
    return Column::make(type, count, values->data(), nulls ? reinterpret_cast<const uint8_t*>(nulls->data()) : nullptr, std::move(owners));
}

std::vector<KeyExchange::Run> KeyExchange::pieces() const
{
    std::vector<Run> all;
    for (uint32_t i = 0; i < pieces_.size(); ++i) all.push_back({.logical = pieces_[i]->logical, .ordinal = pieces_[i]->ordinal, .piece = i});
    return all;
}

std::vector<KeyExchange::Run> KeyExchange::runs(uint32_t partition) const
{
    std::vector<Run> runs;
    for (uint32_t i = 0; i < pieces_.size(); ++i) {
        const Piece& piece = *pieces_[i];
        const uint32_t first = piece.from[partition], count = piece.from[partition + 1] - first;
        if (count == 0) continue;
        Run run{.logical = piece.logical, .ordinal = piece.ordinal, .piece = i, .count = count, .length = piece.length};
        if (piece.order.empty()) {
            run.hashes = piece.keys.hashes;
            run.keys = piece.keys.keys;
        } else {
            const auto* hashes = reinterpret_cast<const uint64_t*>(piece.rows[partition]);
            const auto* keys = reinterpret_cast<const StringRef*>(hashes + count);
            run.rows = piece.order.data() + first;
            run.hashes = {hashes, count};
            if (piece.length > 0) run.text = reinterpret_cast<const char*>(keys);
            else run.keys = {keys, count};
        }
        runs.push_back(run);
    }
    return runs;
}

KeyExchange::Rows KeyExchange::take(uint32_t partition) const
{
    Rows result;
    const std::vector<Run> all = runs(partition);
    for (const Run& run : all) result.count += run.count;
    result.keys.reserve(result.count);
    result.hashes.reserve(result.count);
    std::vector<StringRef> made;
    for (const Run& run : all) {
        const auto keys = run.keysIn(made);
        result.keys.insert(result.keys.end(), keys.begin(), keys.end());
        result.hashes.insert(result.hashes.end(), run.hashes.begin(), run.hashes.end());
    }
    for (size_t c = 0; c < types_.size(); ++c) result.columns.push_back(result.count > 0 ? column(c, partition, result.count) : Column::nullsOf(types_[c], 0));
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
