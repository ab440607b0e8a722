#include "engine/nodes/sources/shared/paced_rows.h"

#include "engine/columns/batch.h"

#include <charconv>
#include <cmath>

namespace streamwright {

namespace {

constexpr int64_t kPieceRows = 64 * static_cast<int64_t>(kVectorRows);

// As an offset: "ROWS ZERO", how many rows have come and the time of row 0.
struct Place {
    int64_t rows = 0;
    Timestamp zero;

    static Place of(const Offset& offset, Timestamp start)
    {
        Place place{0, start};
        const char* end = offset.text.data() + offset.text.size();
        const auto rows = std::from_chars(offset.text.data(), end, place.rows);
        if (rows.ptr < end) std::from_chars(rows.ptr + 1, end, place.zero.micros);
        return place;
    }
    Offset offset() const { return {fmt::format("{} {}", rows, zero.micros)}; }
};

}

Result<void> PacedRows::open(const SourceContext& context)
{
    context_ = context;
    // Under the wall clock the time in which the program did not run makes no rows.
    resuming_ = context.continued && !context.virtualClock;
    return {};
}

Result<Range> PacedRows::plan(const Offset& from, const ReadLimit& limit, Timestamp batchTime)
{
    Place place = Place::of(from, context_.start);
    const int64_t before = place.rows;
    if (resuming_ && !zero_) zero_ = batchTime - Duration{timeOf(before, {}).micros};
    if (zero_) place.zero = *zero_;
    place.rows = std::max(before, rowsUntil(batchTime, place.zero));
    if (limit.rows) place.rows = std::min(place.rows, before + *limit.rows);
    if (place.rows == before) return Range{from, from};
    return Range{from, place.offset(), {}, place.rows - before};
}

size_t PacedRows::pieces(const Range& range) const { return static_cast<size_t>((range.rows + kPieceRows - 1) / kPieceRows); }

Result<void> PacedRows::read(const Range& range, size_t piece, const BatchContext& context, Emitter& out)
{
    const Place until = Place::of(range.until, context_.start);
    const int64_t begin = until.rows - range.rows + static_cast<int64_t>(piece) * kPieceRows;
    const int64_t end = std::min(begin + kPieceRows, until.rows);
    for (int64_t at = begin; at < end; at += static_cast<int64_t>(kVectorRows)) {
        emitRows(at, static_cast<size_t>(std::min(end - at, static_cast<int64_t>(kVectorRows))), until.zero, context, out);
    }
    return {};
}

int64_t PacedRows::rowsUntil(Timestamp time, Timestamp zero) const { return static_cast<int64_t>(std::floor((time - zero).seconds() * rate_ + 1e-6)); }

Timestamp PacedRows::timeOf(int64_t row, Timestamp zero) const { return zero + Duration{static_cast<int64_t>(std::llround(static_cast<double>(row) / rate_ * 1e6))}; }

}
