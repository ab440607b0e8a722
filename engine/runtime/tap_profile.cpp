#include "engine/runtime/tap_profile.h"

#include "engine/columns/compare.h"
#include "engine/columns/row_keys.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <span>

namespace streamwright {

namespace {

// 2^12 registers: an error of 1.6 % in the mean.
constexpr int kRegisterBits = 12;
constexpr size_t kRegisters = size_t{1} << kRegisterBits;

int64_t charactersOf(const StringRef& text)
{
    return std::count_if(text.data(), text.data() + text.size(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// A copy that holds nothing of the batch.
ColumnPtr valueOf(const Column& column, uint32_t row)
{
    const std::array<uint32_t, 1> rows{row};
    return compact(*gather(column, rows));
}

void keepLeast(ColumnPtr& least, const Column& column, uint32_t row)
{
    if (!least || compareValues(column, row, *least, 0) < 0) least = valueOf(column, row);
}

void keepGreatest(ColumnPtr& greatest, const Column& column, uint32_t row)
{
    if (!greatest || compareValues(column, row, *greatest, 0) > 0) greatest = valueOf(column, row);
}

void takeColumn(TapProfile::Values& values, const ColumnPtr& column, size_t rows)
{
    std::optional<uint32_t> least, greatest;
    const std::vector<uint64_t> hashes = rowHashes(std::span(&column, 1), rows);
    for (uint32_t row = 0; row < rows; ++row) {
        if (column->isNull(row)) {
            ++values.nulls;
            continue;
        }
        values.distinct.add(hashes[row]);
        if (column->type().is(TypeKind::String)) values.longest = std::max(values.longest, charactersOf(column->text(row)));
        if (!least || compareValues(*column, row, *column, *least) < 0) least = row;
        if (!greatest || compareValues(*column, row, *column, *greatest) > 0) greatest = row;
    }
    if (least) keepLeast(values.least, *column, *least);
    if (greatest) keepGreatest(values.greatest, *column, *greatest);
}

}

void DistinctCount::add(uint64_t hash)
{
    if (!registers_.empty()) return mark(hash);
    few_.insert(hash);
    if (few_.size() > kExactly) spill();
}

void DistinctCount::join(const DistinctCount& other)
{
    for (const uint64_t hash : other.few_) add(hash);
    if (other.registers_.empty()) return;
    if (registers_.empty()) spill();
    std::ranges::transform(registers_, other.registers_, registers_.begin(), [](uint8_t a, uint8_t b) { return std::max(a, b); });
}

void DistinctCount::spill()
{
    registers_.assign(kRegisters, 0);
    for (const uint64_t hash : few_) mark(hash);
    few_.clear();
}

// The place of the first bit that is set tells how rare a hash is.
void DistinctCount::mark(uint64_t hash)
{
    // The hashes of keys are not even in their low bits.
    const uint64_t even = mix(hash ^ 0x9E3779B97F4A7C15ull, 0xe7037ed1a0b428dbull);
    const auto rank = static_cast<uint8_t>(std::countl_zero((even << kRegisterBits) | (uint64_t{1} << (kRegisterBits - 1))) + 1);
    uint8_t& reg = registers_[even >> (64 - kRegisterBits)];
    reg = std::max(reg, rank);
}

int64_t DistinctCount::count() const
{
    if (registers_.empty()) return static_cast<int64_t>(few_.size());
    const auto n = static_cast<double>(kRegisters);
    double sum = 0;
    for (const uint8_t rank : registers_) sum += std::ldexp(1.0, -rank);
    const double estimate = 0.7213 / (1 + 1.079 / n) * n * n / sum;
    const auto zeros = static_cast<double>(std::ranges::count(registers_, uint8_t{0}));
    return std::llround(estimate <= 2.5 * n && zeros > 0 ? n * std::log(n / zeros) : estimate);
}

void TapProfile::take(const Batch& batch)
{
    columns_.resize(batch.columns().size());
    for (size_t i = 0; i < columns_.size(); ++i) takeColumn(columns_[i], batch.column(i), batch.rows());
}

void TapProfile::join(const TapProfile& other)
{
    columns_.resize(std::max(columns_.size(), other.columns_.size()));
    for (size_t i = 0; i < other.columns_.size(); ++i) {
        Values& values = columns_[i];
        const Values& more = other.columns_[i];
        values.nulls += more.nulls;
        values.longest = std::max(values.longest, more.longest);
        if (more.least) keepLeast(values.least, *more.least, 0);
        if (more.greatest) keepGreatest(values.greatest, *more.greatest, 0);
        values.distinct.join(more.distinct);
    }
}

}
