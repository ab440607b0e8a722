// count, count_if, bool_and, bool_or, bit_and, bit_or, bit_xor.
#include "engine/expression/aggregate_parts.h"

namespace streamwright {

namespace {

class CountAccumulators final : public SlotAccumulators<int64_t> {
public:
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        if (inputs.empty()) {
            for (const uint32_t group : groups) ++slots_[group];
        } else if (inputs.size() == 1) {
            forValid(*inputs[0], [&](size_t i) { ++slots_[groups[i]]; });
        } else {
            for (size_t i = 0; i < groups.size(); ++i) {
                const bool any = std::any_of(inputs.begin(), inputs.end(), [&](const ColumnPtr& column) { return column->isNull(i); });
                if (!any) ++slots_[groups[i]];
            }
        }
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {counts(groups)}; }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override { add(groups, *partials[0], 1); }
    void subtract(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override { add(groups, *partials[0], -1); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return counts(groups); }

private:
    ColumnPtr counts(std::span<const uint32_t> groups) const
    {
        return columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return slots_[group]; });
    }
    void add(std::span<const uint32_t> groups, const Column& partial, int64_t sign)
    {
        for (size_t i = 0; i < groups.size(); ++i) slots_[groups[i]] += sign * partial.value<int64_t>(i);
    }
};

class CountIfAccumulators final : public SlotAccumulators<int64_t> {
public:
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const auto* values = inputs[0]->values<uint8_t>();
        forValid(*inputs[0], [&](size_t i) { slots_[groups[i]] += values[i]; });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {counts(groups)}; }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) slots_[groups[i]] += partials[0]->value<int64_t>(i);
    }
    void subtract(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        for (size_t i = 0; i < groups.size(); ++i) slots_[groups[i]] -= partials[0]->value<int64_t>(i);
    }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return counts(groups); }

private:
    ColumnPtr counts(std::span<const uint32_t> groups) const
    {
        return columnOfGroups<int64_t>(TypeKind::BigInt, groups, [&](uint32_t group) { return slots_[group]; });
    }
};

struct And {
    template <class T>
    static T apply(T a, T b) { return static_cast<T>(a & b); }
};
struct Or {
    template <class T>
    static T apply(T a, T b) { return static_cast<T>(a | b); }
};
struct Xor {
    template <class T>
    static T apply(T a, T b) { return static_cast<T>(a ^ b); }
};

template <class T>
struct Bits {
    T value;
    bool seen;
};

// Folds the bits of values; BOOLEAN as a single one.
template <class T, class Operation>
class BitAccumulators final : public SlotAccumulators<Bits<T>> {
public:
    explicit BitAccumulators(Type type) : type_(std::move(type)) {}
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const auto* values = inputs[0]->values<T>();
        forValid(*inputs[0], [&](size_t i) {
            Bits<T>& slot = this->slots_[groups[i]];
            slot.value = slot.seen ? Operation::apply(slot.value, values[i]) : values[i];
            slot.seen = true;
        });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {values(groups)}; }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override { update(groups, partials); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return values(groups); }

private:
    ColumnPtr values(std::span<const uint32_t> groups) const
    {
        return columnOrNull<T>(type_, groups, [&](uint32_t group) {
            const Bits<T>& slot = this->slots_[group];
            return slot.seen ? std::optional<T>(slot.value) : std::nullopt;
        });
    }
    Type type_;
};

template <class Operation>
AggregateEntry boolean(AggregateFunction about)
{
    auto resolve = [](std::span<const AggregateArgument>) -> Result<AggregatePlan> {
        const Type type = TypeKind::Boolean;
        return AggregatePlan{{type}, type, {type}, true, false, [type] { return std::make_unique<BitAccumulators<uint8_t, Operation>>(type); }};
    };
    return {std::move(about), 1, 1, resolve};
}

template <class Operation>
AggregateEntry bits(AggregateFunction about)
{
    auto resolve = [name = about.name](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> {
        const Type type = arguments[0].type.is(TypeKind::Void) ? Type(TypeKind::BigInt) : arguments[0].type;
        if (!isIntegral(type.kind())) return mistake(fmt::format("{} expects an integer, but got {}", name, type.simpleName()));
        AggregatePlan plan{{type}, type, {type}, true, false, {}};
        if (type.is(TypeKind::Int)) plan.make = [type] { return std::make_unique<BitAccumulators<int32_t, Operation>>(type); };
        else plan.make = [type] { return std::make_unique<BitAccumulators<int64_t, Operation>>(type); };
        return plan;
    };
    return {std::move(about), 1, 1, resolve};
}

AggregatePlan countPlan(std::vector<Type> arguments)
{
    return {std::move(arguments), TypeKind::BigInt, {TypeKind::BigInt}, true, true, [] { return std::make_unique<CountAccumulators>(); }};
}

AggregateEntry count()
{
    auto resolve = [](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> {
        // Constants count every row unless one of them is NULL, which then counts none.
        std::vector<Type> types;
        bool reads = false;
        for (const AggregateArgument& argument : arguments) {
            types.push_back(argument.type);
            reads = reads || !argument.constant || argument.constant->isNull();
        }
        return countPlan(reads ? std::move(types) : std::vector<Type>());
    };
    return {{"count", {}, "count(*) | count(value[, …])", "The number of rows, or of rows in which every value is not NULL; 0 when there is none.", "count(*)"}, 0, 64, resolve};
}

AggregateEntry countIf()
{
    auto resolve = [](std::span<const AggregateArgument>) -> Result<AggregatePlan> {
        return AggregatePlan{{TypeKind::Boolean}, TypeKind::BigInt, {TypeKind::BigInt}, true, true, [] { return std::make_unique<CountIfAccumulators>(); }};
    };
    return {{"count_if", {}, "count_if(condition)", "The number of rows for which the condition is true.", "count_if(amount > 10)"}, 1, 1, resolve};
}

}

std::vector<AggregateEntry> countAggregates()
{
    return {count(),
            countIf(),
            boolean<And>({"bool_and", {"every"}, "bool_and(condition)", "Whether the condition is true in every row where it is not NULL.", "bool_and(ok)"}),
            boolean<Or>({"bool_or", {"any", "some"}, "bool_or(condition)", "Whether the condition is true in some row.", "bool_or(failed)"}),
            bits<And>({"bit_and", {}, "bit_and(integer)", "The bitwise AND of the integers.", "bit_and(flags)"}),
            bits<Or>({"bit_or", {}, "bit_or(integer)", "The bitwise OR of the integers.", "bit_or(flags)"}),
            bits<Xor>({"bit_xor", {}, "bit_xor(integer)", "The bitwise XOR of the integers.", "bit_xor(flags)"})};
}

}
