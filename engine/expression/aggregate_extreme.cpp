// min, max, first, last, any_value, min_by, max_by.
#include "engine/columns/compare.h"
#include "engine/expression/aggregate_parts.h"

#include <cmath>
#include <limits>

namespace streamwright {

namespace {

// Whether a value takes the place of the one that is kept.
struct Less {
    static bool wins(int order) { return order < 0; }
};
struct Greater {
    static bool wins(int order) { return order > 0; }
};

// A total order, so that the result does not depend on the order of rows: -0.0 before 0.0.
template <class T>
int orderOf(T a, T b)
{
    const int order = compareNumbers(a, b);
    if constexpr (std::is_floating_point_v<T>) {
        if (order == 0) return static_cast<int>(std::signbit(b)) - static_cast<int>(std::signbit(a));
    }
    return order;
}

template <class T>
struct Extreme {
    T value;
    bool seen;
};

template <class T, class Which>
class FixedExtremes final : public SlotAccumulators<Extreme<T>> {
public:
    explicit FixedExtremes(Type type) : type_(std::move(type)) {}

    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const T* values = inputs[0]->values<T>();
        forValid(*inputs[0], [&](size_t i) {
            T value = values[i];
            // One NaN for all, whatever their bits.
            if constexpr (std::is_floating_point_v<T>) value = std::isnan(value) ? std::numeric_limits<T>::quiet_NaN() : value;
            Extreme<T>& slot = this->slots_[groups[i]];
            if (!slot.seen || Which::wins(orderOf(value, slot.value))) slot = {value, true};
        });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {values(groups)}; }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override { update(groups, partials); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return values(groups); }

private:
    ColumnPtr values(std::span<const uint32_t> groups) const
    {
        return columnOrNull<T>(type_, groups, [&](uint32_t group) {
            const Extreme<T>& slot = this->slots_[group];
            return slot.seen ? std::optional<T>(slot.value) : std::nullopt;
        });
    }
    Type type_;
};

// What keeps values in Cells: text, arrays, structs.
class CellAccumulators : public Accumulators {
public:
    explicit CellAccumulators(const Type& type) : cells_(type) {}
    void resize(size_t groups) override { cells_.resize(groups); }
    void subtract(std::span<const uint32_t>, std::span<const ColumnPtr>) override { assert(!"not invertible"); }
    size_t bytes() const override { return cells_.bytes(); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return cells_.gather(groups); }

protected:
    Cells cells_;
};

template <class Which>
class CellExtremes final : public CellAccumulators {
public:
    using CellAccumulators::CellAccumulators;

    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const Column& column = *inputs[0];
        cells_.hold(inputs[0]);
        forValid(column, [&](size_t i) {
            const uint32_t group = groups[i];
            if (!cells_.has(group) || Which::wins(compareValues(column, i, cells_.column(group), cells_.row(group)))) cells_.set(group, i);
        });
        cells_.release();
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {cells_.gather(groups)}; }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override { update(groups, partials); }
};

enum class End : unsigned char { First, Last };
enum class Nulls : unsigned char { Kept, Ignored };

class EndAccumulators final : public CellAccumulators {
public:
    EndAccumulators(const Type& type, End end, Nulls nulls) : CellAccumulators(type), end_(end), nulls_(nulls) {}

    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const Column& column = *inputs[0];
        take(groups, inputs[0], [&](size_t i) { return nulls_ == Nulls::Kept || !column.isNull(i); });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        return {cells_.gather(groups), columnOfGroups<uint8_t>(TypeKind::Boolean, groups, [&](uint32_t group) { return static_cast<uint8_t>(cells_.has(group)); })};
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        take(groups, partials[0], [&](size_t i) { return partials[1]->value<uint8_t>(i) != 0; });
    }

private:
    template <class Counts>
    void take(std::span<const uint32_t> groups, const ColumnPtr& column, Counts counts)
    {
        cells_.hold(column);
        for (size_t i = 0; i < groups.size(); ++i) {
            if (counts(i) && (end_ == End::Last || !cells_.has(groups[i]))) cells_.set(groups[i], i);
        }
        cells_.release();
    }
    End end_;
    Nulls nulls_;
};

// Of rows that tie the last is taken, as Spark does; rows whose order is NULL are skipped.
template <class Which>
class ByAccumulators final : public CellAccumulators {
public:
    ByAccumulators(const Type& value, const Type& order) : CellAccumulators(value), order_(order) {}

    void resize(size_t groups) override
    {
        CellAccumulators::resize(groups);
        order_.resize(groups);
    }
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const Column& order = *inputs[1];
        cells_.hold(inputs[0]);
        order_.hold(inputs[1]);
        forValid(order, [&](size_t i) {
            const uint32_t group = groups[i];
            if (order_.has(group) && Which::wins(compareValues(order_.column(group), order_.row(group), order, i))) return;
            cells_.set(group, i);
            order_.set(group, i);
        });
        cells_.release();
        order_.release();
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {cells_.gather(groups), order_.gather(groups)}; }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override { update(groups, partials); }
    size_t bytes() const override { return cells_.bytes() + order_.bytes(); }

private:
    Cells order_;
};

template <class Which>
std::unique_ptr<Accumulators> extremesOf(const Type& type)
{
    switch (type.kind()) {
        case TypeKind::Boolean: return std::make_unique<FixedExtremes<uint8_t, Which>>(type);
        case TypeKind::Int:
        case TypeKind::Date: return std::make_unique<FixedExtremes<int32_t, Which>>(type);
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return std::make_unique<FixedExtremes<int64_t, Which>>(type);
        case TypeKind::Float: return std::make_unique<FixedExtremes<float, Which>>(type);
        case TypeKind::Double: return std::make_unique<FixedExtremes<double, Which>>(type);
        default: return std::make_unique<CellExtremes<Which>>(type);
    }
}

template <class Which>
AggregateEntry extreme(AggregateFunction about)
{
    auto resolve = [](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> {
        const Type type = arguments[0].type;
        return AggregatePlan{{type}, type, {type}, true, false, [type] { return extremesOf<Which>(type); }};
    };
    return {std::move(about), 1, 1, resolve};
}

AggregateEntry end(AggregateFunction about, End end)
{
    auto resolve = [name = about.name, end](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> {
        Nulls nulls = Nulls::Kept;
        if (arguments.size() == 2) {
            const auto& flag = arguments[1].constant;
            if (!flag || !std::holds_alternative<bool>(flag->data)) return mistake(fmt::format("the second argument of {} must be true or false, but it is {}", name, arguments[1].type.simpleName()), "true skips NULLs");
            if (std::get<bool>(flag->data)) nulls = Nulls::Ignored;
        }
        const Type type = arguments[0].type;
        return AggregatePlan{{type}, type, {type, TypeKind::Boolean}, false, false, [type, end, nulls] { return std::make_unique<EndAccumulators>(type, end, nulls); }};
    };
    return {std::move(about), 1, 2, resolve};
}

template <class Which>
AggregateEntry by(AggregateFunction about)
{
    auto resolve = [](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> {
        const Type value = arguments[0].type, order = arguments[1].type;
        return AggregatePlan{{value, order}, value, {value, order}, false, false, [value, order] { return std::make_unique<ByAccumulators<Which>>(value, order); }};
    };
    return {std::move(about), 2, 2, resolve};
}

}

std::vector<AggregateEntry> extremeAggregates()
{
    return {extreme<Less>({"min", {}, "min(value)", "The smallest value; NULLs are skipped, NaN is the greatest.", "min(amount)"}),
            extreme<Greater>({"max", {}, "max(value)", "The greatest value; NULLs are skipped, NaN is the greatest.", "max(amount)"}),
            end({"first", {"first_value", "any_value"}, "first(value[, ignore_nulls])", "The value of the first row, NULLs kept unless `ignore_nulls` is true.", "first(amount)"}, End::First),
            end({"last", {"last_value"}, "last(value[, ignore_nulls])", "The value of the last row, NULLs kept unless `ignore_nulls` is true.", "last(amount)"}, End::Last),
            by<Less>({"min_by", {}, "min_by(value, order)", "The value of the row with the smallest order; of several the last.", "min_by(name, amount)"}),
            by<Greater>({"max_by", {}, "max_by(value, order)", "The value of the row with the greatest order; of several the last.", "max_by(name, amount)"})};
}

}
