#include "engine/runtime/tap_sample.h"

#include "engine/columns/row_keys.h"

#include <algorithm>
#include <new>
#include <numeric>

namespace streamwright {

namespace {

// Any two numbers with many bits.
constexpr uint64_t kOdd = 0xa0761d6478bd642full, kOther = 0xe7037ed1a0b428dbull;

int64_t cellBytes(const Column& column, size_t row)
{
    if (column.isNull(row)) return 1;
    int64_t bytes = 8;
    switch (column.type().kind()) {
    case TypeKind::String:
    case TypeKind::Binary: return 16 + static_cast<int64_t>(column.text(row).size());
    case TypeKind::Array:
        for (size_t i = column.offsets()[row]; i < column.offsets()[row + 1]; ++i) bytes += cellBytes(*column.element(), i);
        return bytes;
    case TypeKind::Struct:
        for (const ColumnPtr& child : column.children()) bytes += cellBytes(*child, row);
        return bytes;
    default: return bytes;
    }
}

int64_t rowBytes(const Batch& batch, size_t row)
{
    int64_t bytes = 0;
    for (const ColumnPtr& column : batch.columns()) bytes += cellBytes(*column, row);
    return bytes;
}

// Copies of rows that hold no buffer of their batch, as many as fit.
struct Copied {
    BatchPtr rows;
    int64_t bytes = 0;
};

Copied copyOf(const Batch& batch, std::span<const uint32_t> rows)
{
    Copied copied;
    size_t count = 0;
    for (; count < rows.size(); ++count) {
        const int64_t bytes = rowBytes(batch, rows[count]);
        if (copied.bytes + bytes > (count == 0 ? TapSample::kMostRowBytes : TapSample::kMostBytes)) break;
        copied.bytes += bytes;
    }
    std::vector<ColumnPtr> columns;
    for (const ColumnPtr& column : batch.columns()) columns.push_back(compact(*gather(*column, rows.first(count))));
    copied.rows = makeBatch(batch.schemaPtr(), std::move(columns), count);
    return copied;
}

// Pieces as one, which holds nothing else.
BatchPtr together(const SchemaPtr& schema, const std::vector<BatchPtr>& pieces)
{
    const BatchPtr whole = concatenate(schema, pieces);
    std::vector<ColumnPtr> columns;
    for (const ColumnPtr& column : whole->columns()) columns.push_back(compact(*column));
    return makeBatch(schema, std::move(columns), whole->rows());
}

std::vector<uint32_t> numbersFrom(size_t from, size_t count)
{
    std::vector<uint32_t> rows(count);
    std::iota(rows.begin(), rows.end(), static_cast<uint32_t>(from));
    return rows;
}

// The draw of the k-th smallest, everything if there are no more than k.
uint64_t kthSmallest(std::vector<uint64_t> draws, size_t k)
{
    if (draws.size() <= k) return UINT64_MAX;
    std::ranges::nth_element(draws, draws.begin() + static_cast<ptrdiff_t>(k) - 1);
    return draws[k - 1];
}

}

void TapSample::take(Ordinal ordinal, const BatchPtr& batch)
{
    total_ += static_cast<int64_t>(batch->rows());
    if (gaveUp_) return;
    try {
        if (wish_.profile) profile_.take(*batch);
        switch (wish_.sampling) {
        case TapSampling::First: return takeFirst(ordinal, batch);
        case TapSampling::Last: return takeLast(ordinal, batch);
        case TapSampling::Random: return takeRandom(ordinal, *batch);
        }
    } catch (const MemoryExceeded&) {
        giveUp();
    } catch (const std::bad_alloc&) {
        giveUp();
    }
}

void TapSample::giveUp()
{
    gaveUp_ = true;
    pieces_.clear();
    profile_ = {};
}

void TapSample::insert(Piece piece)
{
    rows_ += piece.rows->rows();
    bytes_ += piece.bytes;
    const auto at = std::ranges::upper_bound(pieces_, piece.ordinal, {}, &Piece::ordinal);
    pieces_.insert(at, std::move(piece));
}

// A worker takes most of its morsels in order: what comes later than enough rows is not even looked at. Small
// morsels (partitions of few keys) are held and copied together when the batch has ended: one by one that would
// take longer than the batch. Of a large one, which may be a slice of something much larger, rows are copied now.
void TapSample::takeFirst(Ordinal ordinal, const BatchPtr& batch)
{
    const bool full = !pieces_.empty() && (rows_ >= wish_.rows || bytes_ >= kMostBytes || !pieces_.back().whole);
    if (full && ordinal > pieces_.back().ordinal) return;
    if (batch->rows() < wish_.rows) return insert({ordinal, batch, 0, true, false, {}});
    Copied copied = copyOf(*batch, numbersFrom(0, wish_.rows));
    const bool whole = copied.rows->rows() == batch->rows();
    insert({ordinal, std::move(copied.rows), copied.bytes, whole, true, {}});
    while (pieces_.size() > 1 && rows_ - pieces_.back().rows->rows() >= wish_.rows) {
        rows_ -= pieces_.back().rows->rows();
        bytes_ -= pieces_.back().bytes;
        pieces_.pop_back();
    }
}

// Holds the batches of the last rows; they are copied when the batch has ended.
void TapSample::takeLast(Ordinal ordinal, const BatchPtr& batch)
{
    insert({ordinal, batch, 0, true, false, {}});
    size_t gone = 0;
    for (; gone + 1 < pieces_.size() && rows_ - pieces_[gone].rows->rows() >= wish_.rows; ++gone) rows_ -= pieces_[gone].rows->rows();
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(gone));
}

// Every row draws a number that follows from its place: the rows of the smallest ones stay.
void TapSample::takeRandom(Ordinal ordinal, const Batch& batch)
{
    const uint64_t place = mix(seed_ ^ kOdd, ((uint64_t{ordinal.task} << 32) | ordinal.sequence) ^ kOther);
    std::vector<uint64_t> draws;
    for (size_t row = 0; row < batch.rows(); ++row) draws.push_back(mix(place ^ kOdd, row ^ kOther));
    const uint64_t most = std::min(greatest_, kthSmallest(draws, wish_.rows));
    std::vector<uint32_t> picks;
    std::vector<uint64_t> picked;
    for (size_t row = 0; row < draws.size(); ++row) {
        if (draws[row] > most) continue;
        picks.push_back(static_cast<uint32_t>(row));
        picked.push_back(draws[row]);
    }
    if (picks.empty()) return;
    Copied copied = copyOf(batch, picks);
    picked.resize(copied.rows->rows());
    insert({ordinal, std::move(copied.rows), copied.bytes, true, true, std::move(picked)});
    if (rows_ > 4 * wish_.rows) keepSmallestDraws();
}

void TapSample::keepSmallestDraws()
{
    std::vector<uint64_t> draws;
    for (const Piece& piece : pieces_) draws.insert(draws.end(), piece.draws.begin(), piece.draws.end());
    greatest_ = kthSmallest(std::move(draws), wish_.rows);
    rows_ = 0;
    std::vector<Piece> left;
    for (Piece& piece : pieces_) {
        std::vector<uint32_t> picks;
        for (size_t row = 0; row < piece.draws.size(); ++row) {
            if (piece.draws[row] <= greatest_) picks.push_back(static_cast<uint32_t>(row));
        }
        if (picks.empty()) continue;
        std::vector<uint64_t> kept;
        for (const uint32_t row : picks) kept.push_back(piece.draws[row]);
        Copied copied = copyOf(*piece.rows, picks);
        rows_ += picks.size();
        left.push_back({piece.ordinal, std::move(copied.rows), copied.bytes, true, true, std::move(kept)});
    }
    pieces_ = std::move(left);
}

TapSample::Picked TapSample::firstRows() const
{
    Picked picked;
    size_t count = 0;
    for (const Piece& piece : pieces_) {
        const size_t most = std::min(wish_.rows - count, piece.rows->rows());
        size_t take = 0;
        for (; take < most; ++take) {
            const int64_t bytes = rowBytes(*piece.rows, take);
            if (picked.bytes + bytes > (count + take == 0 ? kMostRowBytes : kMostBytes)) break;
            picked.bytes += bytes;
        }
        if (take > 0) picked.pieces.push_back(take == piece.rows->rows() ? piece.rows : slice(piece.rows, 0, take));
        picked.held |= !piece.copied;
        count += take;
        if (count >= wish_.rows || take < most || !piece.whole) break;
    }
    return picked;
}

TapSample::Picked TapSample::lastRows() const
{
    Picked picked;
    size_t left = wish_.rows;
    for (auto piece = pieces_.rbegin(); piece != pieces_.rend() && left > 0; ++piece) {
        const size_t take = std::min(left, piece->rows->rows());
        Copied copied = copyOf(*piece->rows, numbersFrom(piece->rows->rows() - take, take));
        picked.bytes += copied.bytes;
        picked.pieces.push_back(std::move(copied.rows));
        left -= take;
    }
    std::ranges::reverse(picked.pieces);
    return picked;
}

TapRows TapSample::join(std::span<TapSample* const> samples, const SchemaPtr& schema)
{
    TapSample all(samples.front()->wish_, samples.front()->seed_);
    for (TapSample* sample : samples) {
        all.total_ += sample->total_;
        all.gaveUp_ |= sample->gaveUp_;
        std::ranges::move(sample->pieces_, std::back_inserter(all.pieces_));
    }
    if (all.gaveUp_) all.pieces_.clear();
    std::ranges::stable_sort(all.pieces_, {}, &Piece::ordinal);
    TapRows joined{emptyBatch(schema), all.total_, 0, all.wish_.sampling, nullptr};
    if (all.pieces_.empty()) return joined;
    try {
        if (all.wish_.profile) {
            TapProfile profile;
            for (const TapSample* sample : samples) profile.join(sample->profile_);
            joined.profile = std::make_shared<const TapProfile>(std::move(profile));
        }
        if (all.wish_.sampling == TapSampling::Random) all.keepSmallestDraws();
        const Picked picked = all.wish_.sampling == TapSampling::Last ? all.lastRows() : all.firstRows();
        joined.bytes = picked.bytes;
        if (!picked.pieces.empty()) joined.rows = picked.pieces.size() == 1 && !picked.held ? picked.pieces.front() : together(schema, picked.pieces);
    } catch (const MemoryExceeded&) {
        joined.rows = emptyBatch(schema);
    } catch (const std::bad_alloc&) {
        joined.rows = emptyBatch(schema);
    }
    return joined;
}

}
