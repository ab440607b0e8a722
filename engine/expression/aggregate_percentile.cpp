// percentile, median, percentile_cont, percentile_disc, percentile_approx: all exact, from the sorted values.
#include "engine/columns/compare.h"
#include "engine/expression/aggregate_parts.h"

#include <cmath>
#include <limits>

namespace streamwright {

namespace {

enum class Interpolation : unsigned char { Linear, None };

struct PercentilePlan {
    std::vector<double> ranks;
    Interpolation interpolation = Interpolation::Linear;
    Type result;            // of one rank
    bool many = false;      // an ARRAY of ranks gives an ARRAY
};

class PercentileAccumulators final : public Accumulators {
public:
    explicit PercentileAccumulators(PercentilePlan plan) : plan_(std::move(plan)) {}

    void resize(size_t groups) override { values_.resize(std::max(values_.size(), groups)); }
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const auto* values = inputs[0]->values<double>();
        forValid(*inputs[0], [&](size_t i) { values_[groups[i]].push_back(values[i]); });
        taken_ += groups.size();
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        ColumnBuilder out(Type::array(TypeKind::Double));
        for (const uint32_t group : groups) {
            for (const double value : values_[group]) out.element().push<double>(value);
            out.closeRow();
        }
        return {out.finish()};
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        const Column& arrays = *partials[0];
        const auto* elements = arrays.element()->values<double>();
        for (size_t i = 0; i < groups.size(); ++i) {
            values_[groups[i]].insert(values_[groups[i]].end(), elements + arrays.offsets()[i], elements + arrays.offsets()[i + 1]);
        }
        taken_ += arrays.element()->size();
    }
    void subtract(std::span<const uint32_t>, std::span<const ColumnPtr>) override { assert(!"not invertible"); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override
    {
        ColumnBuilder out(plan_.many ? Type::array(plan_.result) : plan_.result);
        std::vector<double> sorted;
        for (const uint32_t group : groups) {
            if (values_[group].empty()) {
                out.pushNull();
                continue;
            }
            sorted = values_[group];
            std::stable_sort(sorted.begin(), sorted.end(), [](double a, double b) { return compareNumbers(a, b) < 0; });
            for (const double rank : plan_.ranks) push(plan_.many ? out.element() : out, at(sorted, rank));
            if (plan_.many) out.closeRow();
        }
        return out.finish();
    }
    size_t bytes() const override { return values_.size() * sizeof(values_[0]) + taken_ * 8; }

private:
    double at(const std::vector<double>& sorted, double rank) const
    {
        if (plan_.interpolation == Interpolation::None) {
            const double position = std::ceil(rank * static_cast<double>(sorted.size())) - 1;
            return sorted[static_cast<size_t>(std::max(position, 0.0))];
        }
        const double position = rank * static_cast<double>(sorted.size() - 1);
        const double lower = std::floor(position), higher = std::ceil(position);
        const double low = sorted[static_cast<size_t>(lower)], high = sorted[static_cast<size_t>(higher)];
        return lower == higher || low == high ? low : (higher - position) * low + (position - lower) * high;
    }
    static void push(ColumnBuilder& out, double value)
    {
        switch (out.type().kind()) {
            case TypeKind::Int: return out.push<int32_t>(static_cast<int32_t>(value));
            case TypeKind::BigInt: return out.push<int64_t>(value >= 0x1p63 ? std::numeric_limits<int64_t>::max() : static_cast<int64_t>(value));
            case TypeKind::Float: return out.push<float>(static_cast<float>(value));
            default: return out.push<double>(value);
        }
    }

    PercentilePlan plan_;
    std::vector<std::vector<double>> values_;
    size_t taken_ = 0;
};

std::optional<double> rankOf(const Value& value)
{
    std::optional<double> rank;
    if (const auto* number = std::get_if<double>(&value.data)) rank = *number;
    if (const auto* whole = std::get_if<int64_t>(&value.data)) rank = static_cast<double>(*whole);
    return rank && *rank >= 0 && *rank <= 1 ? rank : std::nullopt;
}

Result<PercentilePlan> readRanks(const AggregateArgument& argument)
{
    const Error wrong = mistake("a percentile must be a number from 0 to 1, or an array of such, that reads no column; this one is " + argument.type.simpleName());
    PercentilePlan plan;
    if (!argument.constant) return wrong;
    const auto* list = std::get_if<Value::List>(&argument.constant->data);
    plan.many = list != nullptr;
    for (const Value& value : list ? *list : Value::List{*argument.constant}) {
        const auto rank = rankOf(value);
        if (!rank) return wrong;
        plan.ranks.push_back(*rank);
    }
    return plan;
}

AggregatePlan planOf(PercentilePlan plan)
{
    const Type result = plan.many ? Type::array(plan.result) : plan.result;
    return {{TypeKind::Double}, result, {Type::array(TypeKind::Double)}, false, false, [plan] { return std::make_unique<PercentileAccumulators>(plan); }};
}

Result<AggregatePlan> resolveExact(std::span<const AggregateArgument> arguments, Interpolation interpolation)
{
    auto plan = readRanks(arguments[1]);
    if (!plan) return plan.error();
    plan->result = TypeKind::Double;
    plan->interpolation = interpolation;
    return planOf(std::move(*plan));
}

Result<AggregatePlan> resolveApprox(std::span<const AggregateArgument> arguments)
{
    const Type& type = arguments[0].type;
    if (!isNumeric(type.kind()) && !type.is(TypeKind::Void)) return mistake("percentile_approx expects a number, but got " + type.simpleName());
    auto plan = readRanks(arguments[1]);
    if (!plan) return plan.error();
    plan->result = type.is(TypeKind::Void) ? Type(TypeKind::Double) : type;
    plan->interpolation = Interpolation::None;
    return planOf(std::move(*plan));
}

Result<AggregatePlan> resolveMedian(std::span<const AggregateArgument>)
{
    PercentilePlan plan;
    plan.ranks = {0.5};
    plan.result = TypeKind::Double;
    return planOf(std::move(plan));
}

}

std::vector<AggregateEntry> percentileAggregates()
{
    const auto linear = [](std::span<const AggregateArgument> arguments) { return resolveExact(arguments, Interpolation::Linear); };
    const auto discrete = [](std::span<const AggregateArgument> arguments) { return resolveExact(arguments, Interpolation::None); };
    return {{{"percentile", {"percentile_cont"}, "percentile(number, rank)", "The value at a rank from 0 to 1 (or at each of an array of ranks), interpolated; also `percentile_cont(rank) WITHIN GROUP (ORDER BY number)`.", "percentile(amount, 0.9)"}, 2, 2, linear},
            {{"percentile_disc", {}, "percentile_disc(rank) WITHIN GROUP (ORDER BY number)", "The smallest value whose share of rows reaches the rank.", "percentile_disc(0.9) WITHIN GROUP (ORDER BY amount)"}, 2, 2, discrete},
            {{"percentile_approx", {"approx_percentile"}, "percentile_approx(number, rank[, accuracy])", "The smallest value whose share of rows reaches the rank; computed exactly, so `accuracy` changes nothing.", "percentile_approx(amount, 0.9)"}, 2, 3, resolveApprox},
            {{"median", {}, "median(number)", "The percentile at 0.5.", "median(amount)"}, 1, 1, resolveMedian}};
}

}
