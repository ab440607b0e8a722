// approx_count_distinct: HyperLogLog over xxhash64 with Spark's registers and seed.
#include "engine/expression/aggregate_parts.h"
#include "engine/expression/xxhash64.h"

#include <bit>
#include <cmath>

namespace streamwright {

namespace {

constexpr double kDefaultDeviation = 0.05;
constexpr uint64_t kSeed = 42;

// Ertl's corrections for registers at both ends (New cardinality estimation algorithms, 2017).
double sigma(double x)
{
    if (x == 1) return INFINITY;
    double y = 1, z = x;
    for (double before = -1; z != before;) {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    }
    return z;
}

double tau(double x)
{
    if (x == 0 || x == 1) return 0;
    double y = 1, z = 1 - x;
    for (double before = -1; z != before;) {
        x = std::sqrt(x);
        before = z;
        y /= 2;
        z -= (1 - x) * (1 - x) * y;
    }
    return z / 3;
}

class DistinctSketches final : public Accumulators {
public:
    explicit DistinctSketches(uint32_t bits) : bits_(bits), size_(size_t{1} << bits) {}

    void resize(size_t groups) override { registers_.resize(groups * size_); }
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const Column& column = *inputs[0];
        forValid(column, [&](size_t i) {
            const uint64_t hash = xxhash64(column, i, kSeed);
            const auto rank = static_cast<uint8_t>(std::countl_zero((hash << bits_) | (uint64_t{1} << (bits_ - 1))) + 1);
            uint8_t& slot = registers_[groups[i] * size_ + (hash >> (64 - bits_))];
            slot = std::max(slot, rank);
        });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        ColumnBuilder out(TypeKind::Binary);
        for (const uint32_t group : groups) out.pushText({reinterpret_cast<const char*>(&registers_[group * size_]), size_});
        return {out.finish()};
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) {
            const std::string_view other = partials[0]->values<StringRef>()[i].view();
            for (size_t r = 0; r < size_; ++r) {
                uint8_t& slot = registers_[groups[i] * size_ + r];
                slot = std::max(slot, static_cast<uint8_t>(other[r]));
            }
        }
    }
    void subtract(std::span<const uint32_t>, std::span<const ColumnPtr>) override { assert(!"not invertible"); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override
    {
        return columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return estimate(&registers_[group * size_]); });
    }
    size_t bytes() const override { return registers_.bytes(); }

private:
    int64_t estimate(const uint8_t* registers) const
    {
        std::vector<int64_t> counts(66 - bits_);
        for (size_t r = 0; r < size_; ++r) ++counts[registers[r]];
        const auto m = static_cast<double>(size_);
        const auto zeros = static_cast<double>(counts[0]);
        double inverse = 0;
        for (size_t rank = 0; rank < counts.size(); ++rank) inverse += static_cast<double>(counts[rank]) * std::ldexp(1.0, -static_cast<int>(rank));
        const double alpha = bits_ == 4 ? 0.673 : bits_ == 5 ? 0.697 : bits_ == 6 ? 0.709 : 0.7213 / (1 + 1.079 / m);
        // Few values: counting empty registers, as Spark does, gives the same number.
        if (zeros > 0 && alpha * m * m / inverse <= 2.5 * m) return std::llround(m * std::log(m / zeros));
        const auto last = static_cast<double>(counts.back());
        double z = m * tau(1 - last / m);
        for (size_t rank = counts.size() - 2; rank >= 1; --rank) z = (z + static_cast<double>(counts[rank])) / 2;
        z += m * sigma(zeros / m);
        return std::llround(m * m / (2 * std::log(2.0)) / z);
    }

    uint32_t bits_;
    size_t size_;
    GroupArray<uint8_t> registers_;
};

Result<AggregatePlan> resolveDistinct(std::span<const AggregateArgument> arguments)
{
    double deviation = kDefaultDeviation;
    if (arguments.size() == 2) {
        const auto& value = arguments[1].constant;
        const double* number = value ? std::get_if<double>(&value->data) : nullptr;
        if (!number || !(*number > 0.0021 && *number <= 0.39)) {
            return mistake("the deviation of approx_count_distinct must be a number from 0.0022 to 0.39 that reads no column, but it is " + arguments[1].type.simpleName());
        }
        deviation = *number;
    }
    const auto bits = static_cast<uint32_t>(std::ceil(2 * std::log2(1.106 / deviation)));
    return AggregatePlan{{arguments[0].type}, TypeKind::BigInt, {TypeKind::Binary}, true, false, [bits] { return std::make_unique<DistinctSketches>(bits); }};
}

}

std::vector<AggregateEntry> sketchAggregates()
{
    return {{{"approx_count_distinct", {}, "approx_count_distinct(value[, deviation])", "About how many distinct values there are, NULL not counted; the standard deviation is 0.05 unless told.", "approx_count_distinct(name)"},
             1, 2, resolveDistinct}};
}

}
