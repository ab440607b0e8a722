// Moments of one number and of pairs, by the recurrences that Spark uses: stddev, variance, skewness,
// kurtosis; covariance, correlation and linear regression.
#include "engine/expression/aggregate_parts.h"

#include <cmath>

namespace streamwright {

namespace {

struct Moments {
    double n, mean, m2, m3, m4;

    void add(double x)
    {
        n += 1;
        const double delta = x - mean;
        const double deltaN = delta / n;
        const double delta2 = delta * delta, deltaN2 = deltaN * deltaN;
        mean += deltaN;
        m2 += delta * (delta - deltaN);
        m3 = m3 - 3 * deltaN * m2 + delta * (delta2 - deltaN2);
        m4 = m4 - 4 * deltaN * m3 - 6 * deltaN2 * m2 + delta * (delta * delta2 - deltaN * deltaN2);
    }
    void add(const Moments& other)
    {
        const double n1 = n, n2 = other.n, sum = n1 + n2;
        if (sum == 0) return;
        const double delta = other.mean - mean, deltaN = delta / sum;
        m4 += other.m4 + deltaN * deltaN * deltaN * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2) + 6 * deltaN * deltaN * (n1 * n1 * other.m2 + n2 * n2 * m2) +
              4 * deltaN * (n1 * other.m3 - n2 * m3);
        m3 += other.m3 + deltaN * deltaN * delta * n1 * n2 * (n1 - n2) + 3 * deltaN * (n1 * other.m2 - n2 * m2);
        m2 += other.m2 + delta * deltaN * n1 * n2;
        mean += deltaN * n2;
        n = sum;
    }
};

struct Pairs {
    double n, meanX, meanY, xy, xx, yy;  // xy: sum of (x - meanX)(y - meanY); xx and yy likewise

    void add(double x, double y)
    {
        n += 1;
        const double dx = x - meanX, dy = y - meanY;
        meanX += dx / n;
        meanY += dy / n;
        xy += dx * (y - meanY);
        xx += dx * (x - meanX);
        yy += dy * (y - meanY);
    }
    void add(const Pairs& other)
    {
        const double n1 = n, n2 = other.n, sum = n1 + n2;
        if (sum == 0) return;
        const double dx = other.meanX - meanX, dy = other.meanY - meanY;
        xy += other.xy + dx * (dy / sum) * n1 * n2;
        xx += other.xx + dx * (dx / sum) * n1 * n2;
        yy += other.yy + dy * (dy / sum) * n1 * n2;
        meanX += dx / sum * n2;
        meanY += dy / sum * n2;
        n = sum;
    }
};

using MomentsResult = std::optional<double> (*)(const Moments&);
using PairsResult = std::optional<double> (*)(const Pairs&);

template <class Slot>
constexpr size_t kDoubles = sizeof(Slot) / sizeof(double);

// Partials are the doubles of the slot, in order.
template <class Slot, class ResultOf>
class DoubleSlots : public SlotAccumulators<Slot> {
public:
    explicit DoubleSlots(ResultOf result) : result_(result) {}

    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        std::vector<ColumnPtr> columns;
        for (size_t part = 0; part < kDoubles<Slot>; ++part) {
            columns.push_back(columnOfGroups<double>(TypeKind::Double, groups, [&](uint32_t group) { return reinterpret_cast<const double*>(&this->slots_[group])[part]; }));
        }
        return columns;
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) {
            Slot slot{};
            for (size_t part = 0; part < kDoubles<Slot>; ++part) reinterpret_cast<double*>(&slot)[part] = partials[part]->template value<double>(i);
            this->slots_[groups[i]].add(slot);
        }
    }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override
    {
        return columnOrNull<double>(TypeKind::Double, groups, [&](uint32_t group) { return result_(this->slots_[group]); });
    }

private:
    ResultOf result_;
};

class MomentAccumulators final : public DoubleSlots<Moments, MomentsResult> {
public:
    using DoubleSlots::DoubleSlots;
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const auto* values = inputs[0]->values<double>();
        forValid(*inputs[0], [&](size_t i) { slots_[groups[i]].add(values[i]); });
    }
};

class PairAccumulators final : public DoubleSlots<Pairs, PairsResult> {
public:
    using DoubleSlots::DoubleSlots;
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const auto* x = inputs[0]->values<double>();
        const auto* y = inputs[1]->values<double>();
        const auto skip = [&](size_t i) { return inputs[1]->isNull(i); };
        forValid(*inputs[0], [&](size_t i) {
            if (!skip(i)) slots_[groups[i]].add(x[i], y[i]);
        });
    }
};

AggregateEntry moment(AggregateFunction about, MomentsResult result)
{
    auto resolve = [result](std::span<const AggregateArgument>) -> Result<AggregatePlan> {
        return AggregatePlan{{TypeKind::Double}, TypeKind::Double, std::vector<Type>(kDoubles<Moments>, TypeKind::Double), false, false,
                             [result] { return std::make_unique<MomentAccumulators>(result); }};
    };
    return {std::move(about), 1, 1, resolve};
}

AggregateEntry pair(AggregateFunction about, PairsResult result)
{
    auto resolve = [result](std::span<const AggregateArgument>) -> Result<AggregatePlan> {
        return AggregatePlan{{TypeKind::Double, TypeKind::Double}, TypeKind::Double, std::vector<Type>(kDoubles<Pairs>, TypeKind::Double), false, false,
                             [result] { return std::make_unique<PairAccumulators>(result); }};
    };
    return {std::move(about), 2, 2, resolve};
}

class PairCounts final : public SlotAccumulators<int64_t> {
public:
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        forValid(*inputs[0], [&](size_t i) { slots_[groups[i]] += inputs[1]->isNull(i) ? 0 : 1; });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        return {columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return slots_[group]; })};
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) slots_[groups[i]] += partials[0]->value<int64_t>(i);
    }
    void subtract(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) slots_[groups[i]] -= partials[0]->value<int64_t>(i);
    }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return partials(groups)[0]; }
};

AggregateEntry pairCount()
{
    auto resolve = [](std::span<const AggregateArgument>) -> Result<AggregatePlan> {
        return AggregatePlan{{TypeKind::Double, TypeKind::Double}, TypeKind::BigInt, {TypeKind::BigInt}, true, true, [] { return std::make_unique<PairCounts>(); }};
    };
    return {{"regr_count", {}, "regr_count(y, x)", "The number of rows in which both are not NULL.", "regr_count(y, x)"}, 2, 2, resolve};
}

std::optional<double> over(double value, double divisor) { return divisor == 0 ? std::nullopt : std::optional<double>(value / divisor); }
// A sample of one has no deviation.
std::optional<double> sample(double squares, double n) { return n < 2 ? std::nullopt : std::optional<double>(squares / (n - 1)); }
std::optional<double> root(std::optional<double> value) { return value ? std::optional<double>(std::sqrt(*value)) : std::nullopt; }
std::optional<double> unlessEmpty(double n, double value) { return n == 0 ? std::nullopt : std::optional<double>(value); }

std::optional<double> slope(const Pairs& p) { return p.n < 2 ? std::nullopt : over(p.xy, p.yy); }

std::vector<AggregateEntry> momentsOfOne()
{
    return {moment({"stddev", {"stddev_samp", "std"}, "stddev(number)", "The standard deviation of a sample; NULL for a single row.", "stddev(amount)"},
                   [](const Moments& m) { return root(sample(m.m2, m.n)); }),
            moment({"stddev_pop", {}, "stddev_pop(number)", "The standard deviation of a population.", "stddev_pop(amount)"}, [](const Moments& m) { return root(over(m.m2, m.n)); }),
            moment({"variance", {"var_samp"}, "variance(number)", "The variance of a sample; NULL for a single row.", "variance(amount)"}, [](const Moments& m) { return sample(m.m2, m.n); }),
            moment({"var_pop", {}, "var_pop(number)", "The variance of a population.", "var_pop(amount)"}, [](const Moments& m) { return over(m.m2, m.n); }),
            moment({"skewness", {}, "skewness(number)", "The skewness; NULL when all values are equal.", "skewness(amount)"},
                   [](const Moments& m) { return over(std::sqrt(m.n) * m.m3, std::sqrt(m.m2 * m.m2 * m.m2)); }),
            moment({"kurtosis", {}, "kurtosis(number)", "The excess kurtosis; NULL when all values are equal.", "kurtosis(amount)"}, [](const Moments& m) {
                const auto ratio = over(m.n * m.m4, m.m2 * m.m2);
                return ratio ? std::optional<double>(*ratio - 3) : std::nullopt;
            })};
}

// The first argument is x of Pairs: in regr_… that is the dependent one, which SQL calls y.
std::vector<AggregateEntry> momentsOfPairs()
{
    return {pair({"corr", {}, "corr(x, y)", "Pearson's correlation; NULL for a single row or a constant.", "corr(x, y)"},
                 [](const Pairs& p) { return p.n < 2 ? std::nullopt : over(p.xy, std::sqrt(p.xx * p.yy)); }),
            pair({"covar_pop", {}, "covar_pop(x, y)", "The covariance of a population.", "covar_pop(x, y)"}, [](const Pairs& p) { return over(p.xy, p.n); }),
            pair({"covar_samp", {}, "covar_samp(x, y)", "The covariance of a sample.", "covar_samp(x, y)"}, [](const Pairs& p) { return sample(p.xy, p.n); }),
            pair({"regr_avgx", {}, "regr_avgx(y, x)", "The mean of x over rows in which both are not NULL.", "regr_avgx(y, x)"}, [](const Pairs& p) { return unlessEmpty(p.n, p.meanY); }),
            pair({"regr_avgy", {}, "regr_avgy(y, x)", "The mean of y over rows in which both are not NULL.", "regr_avgy(y, x)"}, [](const Pairs& p) { return unlessEmpty(p.n, p.meanX); }),
            pair({"regr_sxx", {}, "regr_sxx(y, x)", "The sum of squared deviations of x.", "regr_sxx(y, x)"}, [](const Pairs& p) { return unlessEmpty(p.n, p.yy); }),
            pair({"regr_syy", {}, "regr_syy(y, x)", "The sum of squared deviations of y.", "regr_syy(y, x)"}, [](const Pairs& p) { return unlessEmpty(p.n, p.xx); }),
            pair({"regr_sxy", {}, "regr_sxy(y, x)", "The sum of products of deviations.", "regr_sxy(y, x)"}, [](const Pairs& p) { return unlessEmpty(p.n, p.xy); }),
            pair({"regr_slope", {}, "regr_slope(y, x)", "The slope of the regression line of y over x.", "regr_slope(y, x)"}, slope),
            pair({"regr_intercept", {}, "regr_intercept(y, x)", "The intercept of the regression line of y over x.", "regr_intercept(y, x)"},
                 [](const Pairs& p) {
                     const auto rise = slope(p);
                     return rise ? std::optional<double>(p.meanX - *rise * p.meanY) : std::nullopt;
                 }),
            pair({"regr_r2", {}, "regr_r2(y, x)", "The coefficient of determination.", "regr_r2(y, x)"},
                 [](const Pairs& p) -> std::optional<double> {
                     if (p.n < 2 || p.yy == 0) return std::nullopt;
                     return p.xx == 0 ? 1 : p.xy * p.xy / p.yy / p.xx;
                 }),
            pairCount()};
}

}

std::vector<AggregateEntry> momentAggregates()
{
    std::vector<AggregateEntry> all = momentsOfOne();
    for (AggregateEntry& entry : momentsOfPairs()) all.push_back(std::move(entry));
    return all;
}

}
