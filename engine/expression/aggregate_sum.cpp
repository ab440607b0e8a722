// sum, try_sum, avg. Integers are summed in 128 bits, so that the order of rows never matters and only
// the final value can overflow.
#include "engine/expression/aggregate_parts.h"

#include <limits>

namespace streamwright {

namespace {

__extension__ using Wide = __int128;

struct IntegerSum {
    Wide sum;
    int64_t count;
};

struct FloatingSum {
    double sum;
    int64_t count;
};

// What becomes of a sum at the end.
enum class Outcome : unsigned char { Sum, TrySum, Average };

bool fits(Wide sum) { return sum >= std::numeric_limits<int64_t>::min() && sum <= std::numeric_limits<int64_t>::max(); }

class IntegerSumAccumulators final : public SlotAccumulators<IntegerSum> {
public:
    explicit IntegerSumAccumulators(Outcome outcome) : outcome_(outcome) {}

    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        if (inputs[0]->type().is(TypeKind::Int)) addRows<int32_t>(groups, *inputs[0]);
        else addRows<int64_t>(groups, *inputs[0]);
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        return {columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return static_cast<int64_t>(slots_[group].sum); }),
                columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return static_cast<int64_t>(slots_[group].sum >> 64); }),
                columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return slots_[group].count; })};
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) {
            slots_[groups[i]].sum += wideAt(partials, i);
            slots_[groups[i]].count += partials[2]->value<int64_t>(i);
        }
    }
    void subtract(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) {
            slots_[groups[i]].sum -= wideAt(partials, i);
            slots_[groups[i]].count -= partials[2]->value<int64_t>(i);
        }
    }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>& errors) const override
    {
        if (outcome_ == Outcome::Average) {
            return columnOrNull<double>(TypeKind::Double, groups, [&](uint32_t group) {
                const IntegerSum& slot = slots_[group];
                return slot.count ? std::optional<double>(static_cast<double>(slot.sum) / static_cast<double>(slot.count)) : std::nullopt;
            });
        }
        if (outcome_ == Outcome::Sum) {
            for (size_t i = 0; i < groups.size(); ++i) {
                if (!fits(slots_[groups[i]].sum)) errors.push_back({static_cast<uint32_t>(i), "the sum overflows bigint"});
            }
        }
        return columnOrNull<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) {
            const IntegerSum& slot = slots_[group];
            return slot.count && fits(slot.sum) ? std::optional<int64_t>(static_cast<int64_t>(slot.sum)) : std::nullopt;
        });
    }

private:
    template <class T>
    void addRows(std::span<const uint32_t> groups, const Column& column)
    {
        const T* values = column.values<T>();
        forValid(column, [&](size_t i) {
            IntegerSum& slot = slots_[groups[i]];
            slot.sum += values[i];
            ++slot.count;
        });
    }
    static Wide wideAt(std::span<const ColumnPtr> partials, size_t row)
    {
        return (static_cast<Wide>(partials[1]->value<int64_t>(row)) << 64) | static_cast<uint64_t>(partials[0]->value<int64_t>(row));
    }
    Outcome outcome_;
};

class FloatingSumAccumulators final : public SlotAccumulators<FloatingSum> {
public:
    explicit FloatingSumAccumulators(Outcome outcome) : outcome_(outcome) {}

    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const auto* values = inputs[0]->values<double>();
        forValid(*inputs[0], [&](size_t i) {
            FloatingSum& slot = slots_[groups[i]];
            slot.sum += values[i];
            ++slot.count;
        });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        return {columnOfGroups<double>(TypeKind::Double, groups, [&](uint32_t group) { return slots_[group].sum; }),
                columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return slots_[group].count; })};
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) {
            slots_[groups[i]].sum += partials[0]->value<double>(i);
            slots_[groups[i]].count += partials[1]->value<int64_t>(i);
        }
    }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override
    {
        return columnOrNull<double>(TypeKind::Double, groups, [&](uint32_t group) -> std::optional<double> {
            const FloatingSum& slot = slots_[group];
            if (slot.count == 0) return std::nullopt;
            return outcome_ == Outcome::Average ? slot.sum / static_cast<double>(slot.count) : slot.sum;
        });
    }

private:
    Outcome outcome_;
};

AggregateEntry summing(AggregateFunction about, Outcome outcome)
{
    auto resolve = [name = about.name, outcome](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> {
        const Type& type = arguments[0].type;
        if (isIntegral(type.kind())) {
            const Type result = outcome == Outcome::Average ? TypeKind::Double : TypeKind::BigInt;
            return AggregatePlan{{type}, result, {TypeKind::BigInt, TypeKind::BigInt, TypeKind::BigInt}, true, true, [outcome] { return std::make_unique<IntegerSumAccumulators>(outcome); }};
        }
        // Text is cast as Spark does implicitly.
        if (!isFloating(type.kind()) && !type.is(TypeKind::String) && !type.is(TypeKind::Void)) {
            return mistake(fmt::format("{} expects a number, but got {}", name, type.simpleName()));
        }
        return AggregatePlan{{TypeKind::Double}, TypeKind::Double, {TypeKind::Double, TypeKind::BigInt}, false, false, [outcome] { return std::make_unique<FloatingSumAccumulators>(outcome); }};
    };
    return {std::move(about), 1, 1, resolve};
}

}

std::vector<AggregateEntry> sumAggregates()
{
    return {summing({"sum", {}, "sum(number)", "The sum: BIGINT of integers, DOUBLE of the others; NULLs are skipped. A sum of integers that does not fit is an error.", "sum(amount)"}, Outcome::Sum),
            summing({"try_sum", {}, "try_sum(number)", "The sum, NULL where sum would fail.", "try_sum(amount)"}, Outcome::TrySum),
            summing({"avg", {"mean", "try_avg"}, "avg(number)", "The mean as DOUBLE; NULLs are skipped.", "avg(amount)"}, Outcome::Average)};
}

}
