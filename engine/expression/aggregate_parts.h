// What the aggregate functions are made of; private to this room.
#pragma once
#include "engine/columns/builder.h"
#include "engine/expression/aggregate.h"

#include <cassert>
#include <functional>

namespace streamwright {

// An argument as the resolver sees it: its type, and its value when it reads no column.
struct AggregateArgument {
    Type type;
    std::optional<Value> constant;
};

// What a resolver decides. The leading `arguments` are evaluated for each row, cast to these types; what
// stands behind them are settings, read from AggregateArgument::constant.
struct AggregatePlan {
    std::vector<Type> arguments;
    Type result;
    std::vector<Type> partials;
    bool exact = false;
    bool invertible = false;
    std::function<std::unique_ptr<Accumulators>()> make;
};

struct AggregateEntry {
    AggregateFunction about;
    size_t fewest = 1;
    size_t most = 1;
    std::function<Result<AggregatePlan>(std::span<const AggregateArgument>)> resolve;
};

// The families, one per file.
std::vector<AggregateEntry> countAggregates();
std::vector<AggregateEntry> sumAggregates();
std::vector<AggregateEntry> extremeAggregates();
std::vector<AggregateEntry> momentAggregates();
std::vector<AggregateEntry> collectAggregates();
std::vector<AggregateEntry> percentileAggregates();
std::vector<AggregateEntry> sketchAggregates();

// One value per group, new ones zero.
template <class T>
class GroupArray {
public:
    void resize(size_t groups)
    {
        const size_t known = values_.size();
        if (groups <= known) return;
        T* added = values_.extend(groups - known);
        for (size_t i = 0; i < groups - known; ++i) added[i] = T{};
    }
    size_t size() const { return values_.size(); }
    T& operator[](size_t group) { return values_.data()[group]; }
    const T& operator[](size_t group) const { return values_.data()[group]; }
    size_t bytes() const { return values_.size() * sizeof(T); }

private:
    FixedBuilder<T> values_;
};

// Accumulators of a fixed size per group.
template <class Slot>
class SlotAccumulators : public Accumulators {
public:
    void resize(size_t groups) override { slots_.resize(groups); }
    void subtract(std::span<const uint32_t>, std::span<const ColumnPtr>) override { assert(!"not invertible"); }
    size_t bytes() const override { return slots_.bytes(); }

protected:
    GroupArray<Slot> slots_;
};

// Calls `use(row)` for the rows that are not NULL.
template <class Use>
void forValid(const Column& column, Use&& use)
{
    if (column.type().is(TypeKind::Void)) return;
    const uint8_t* nulls = column.nulls();
    const size_t rows = column.size();
    if (!nulls) {
        for (size_t i = 0; i < rows; ++i) use(i);
        return;
    }
    for (size_t i = 0; i < rows; ++i) {
        if (!nulls[i]) use(i);
    }
}

// The column of one value per group, without NULLs.
template <class T, class ValueOf>
ColumnPtr columnOfGroups(const Type& type, std::span<const uint32_t> groups, ValueOf&& valueOf)
{
    FixedBuilder<T> values;
    T* out = values.extend(groups.size());
    for (size_t i = 0; i < groups.size(); ++i) out[i] = valueOf(groups[i]);
    return columnFrom(type, values);
}

// The same where `valueOf` gives a std::optional<T>.
template <class T, class ValueOf>
ColumnPtr columnOrNull(const Type& type, std::span<const uint32_t> groups, ValueOf&& valueOf)
{
    FixedBuilder<T> values;
    T* out = values.extend(groups.size());
    auto nulls = Buffer::allocate(groups.size());
    bool any = false;
    for (size_t i = 0; i < groups.size(); ++i) {
        const std::optional<T> value = valueOf(groups[i]);
        out[i] = value.value_or(T{});
        nulls->data()[i] = value ? 0 : 1;
        any = any || !value;
    }
    return columnFrom(type, values, any ? nulls : nullptr);
}

// One value of any type per group, kept as the place where it stands: the columns stay alive, and are
// copied together when they hold much more than the groups' values.
class Cells {
public:
    explicit Cells(Type type) : type_(std::move(type)) {}

    void resize(size_t groups) { cells_.resize(groups); }
    bool has(size_t group) const { return cells_[group].column != 0; }
    const Column& column(size_t group) const { return *columns_[cells_[group].column - 1]; }
    size_t row(size_t group) const { return cells_[group].row; }
    // Between `hold` and `release` values of the column may be set.
    void hold(const ColumnPtr& column);
    void set(size_t group, size_t row)
    {
        cells_[group] = {static_cast<uint32_t>(columns_.size()), static_cast<uint32_t>(row)};
        used_ = true;
    }
    void release();
    // NULL where a group has none.
    ColumnPtr gather(std::span<const uint32_t> groups) const;
    size_t bytes() const { return cells_.bytes() + retained_ * 16; }

private:
    struct Cell {
        uint32_t column;  // number plus one; 0 = none
        uint32_t row;
    };
    Type type_;
    GroupArray<Cell> cells_;
    std::vector<ColumnPtr> columns_;
    size_t retained_ = 0;
    bool used_ = false;
};

}
