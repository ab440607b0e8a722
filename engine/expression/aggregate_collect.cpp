// collect_list, collect_set, listagg, mode.
#include "engine/columns/compare.h"
#include "engine/expression/aggregate_parts.h"
#include "engine/expression/distinct_cells.h"

namespace streamwright {

namespace {

// Lists of values per group, each value kept as the place where it stands.
class CellLists {
public:
    void resize(size_t groups) { lists_.resize(groups); }
    void hold(const ColumnPtr& column) { columns_.push_back(column); }
    // A row of the column that is held last.
    void append(size_t group, size_t row)
    {
        const auto at = static_cast<uint32_t>(items_.size());
        items_.push_back({static_cast<uint32_t>(columns_.size() - 1), static_cast<uint32_t>(row), 0});
        List& list = lists_[group];
        if (list.count == 0) list.head = at;
        else items_[list.tail].next = at;
        list.tail = at;
        ++list.count;
    }
    template <class Use>
    void each(size_t group, Use&& use) const
    {
        const List& list = lists_[group];
        uint32_t at = list.head;
        for (uint32_t i = 0; i < list.count; ++i, at = items_[at].next) use(*columns_[items_[at].column], items_[at].row);
    }
    size_t count(size_t group) const { return lists_[group].count; }
    ColumnPtr arrays(const Type& element, std::span<const uint32_t> groups) const
    {
        ColumnBuilder out(Type::array(element));
        for (const uint32_t group : groups) {
            each(group, [&](const Column& column, size_t row) { out.element().pushFrom(column, row); });
            out.closeRow();
        }
        return out.finish();
    }
    size_t bytes() const { return lists_.bytes() + items_.size() * (sizeof(Item) + 16); }

private:
    struct List {
        uint32_t head, tail, count;
    };
    struct Item {
        uint32_t column, row, next;
    };
    GroupArray<List> lists_;
    std::vector<Item> items_;
    std::vector<ColumnPtr> columns_;
};

enum class Keep : unsigned char { All, NotNull };

class ListAccumulators : public Accumulators {
public:
    ListAccumulators(Type element, Keep keep) : element_(std::move(element)), keep_(keep) {}

    void resize(size_t groups) override { lists_.resize(groups); }
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override { append(groups, inputs[0]); }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {lists_.arrays(element_, groups)}; }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        const Column& arrays = *partials[0];
        std::vector<uint32_t> owners;
        for (size_t i = 0; i < groups.size(); ++i) owners.insert(owners.end(), arrays.offsets()[i + 1] - arrays.offsets()[i], groups[i]);
        append(owners, arrays.element()->slice(arrays.offsets()[0], owners.size()));
    }
    void subtract(std::span<const uint32_t>, std::span<const ColumnPtr>) override { assert(!"not invertible"); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return lists_.arrays(element_, groups); }
    size_t bytes() const override { return lists_.bytes(); }

protected:
    virtual void append(std::span<const uint32_t> groups, const ColumnPtr& column)
    {
        lists_.hold(column);
        for (size_t i = 0; i < groups.size(); ++i) {
            if (keep_ == Keep::All || !column->isNull(i)) lists_.append(groups[i], i);
        }
    }
    Type element_;
    Keep keep_;
    CellLists lists_;
};

// Spark leaves the order of a set open; here it is that of first appearance.
class SetAccumulators final : public ListAccumulators {
public:
    explicit SetAccumulators(Type element) : ListAccumulators(std::move(element), Keep::NotNull) {}
    size_t bytes() const override { return lists_.bytes() + known_.bytes(); }

private:
    void append(std::span<const uint32_t> groups, const ColumnPtr& column) override
    {
        lists_.hold(column);
        known_.number(groups, std::span(&column, 1), [&](size_t row, uint32_t, bool isNew) {
            if (isNew && !column->isNull(row)) lists_.append(groups[row], row);
        });
    }
    DistinctCells known_;
};

class JoinedText final : public ListAccumulators {
public:
    explicit JoinedText(std::string separator) : ListAccumulators(TypeKind::String, Keep::NotNull), separator_(std::move(separator)) {}
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override
    {
        ColumnBuilder out(TypeKind::String);
        std::string text;
        for (const uint32_t group : groups) {
            text.clear();
            bool any = false;
            lists_.each(group, [&](const Column& column, size_t row) {
                if (any) text += separator_;
                text += column.text(row).view();
                any = true;
            });
            if (any) out.pushText(text);
            else out.pushNull();
        }
        return out.finish();
    }

private:
    std::string separator_;
};

enum class Tie : unsigned char { First, Smallest };

// The most frequent value: its counts per distinct value, the distinct values in a list.
class ModeAccumulators final : public Accumulators {
public:
    ModeAccumulators(Type type, Tie tie) : type_(std::move(type)), tie_(tie) {}

    void resize(size_t groups) override
    {
        values_.resize(groups);
        numbers_.resize(std::max(numbers_.size(), groups));
    }
    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        add(groups, inputs[0], [](size_t) { return int64_t{1}; });
    }
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override
    {
        ColumnBuilder counts(Type::array(TypeKind::BigInt));
        for (const uint32_t group : groups) {
            for (const uint32_t number : numbers_[group]) counts.element().push<int64_t>(counts_[number]);
            counts.closeRow();
        }
        return {values_.arrays(type_, groups), counts.finish()};
    }
    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        const Column& arrays = *partials[0];
        std::vector<uint32_t> owners;
        for (size_t i = 0; i < groups.size(); ++i) owners.insert(owners.end(), arrays.offsets()[i + 1] - arrays.offsets()[i], groups[i]);
        const auto* counts = partials[1]->element()->values<int64_t>() + partials[1]->offsets()[0];
        add(owners, arrays.element()->slice(arrays.offsets()[0], owners.size()), [&](size_t i) { return counts[i]; });
    }
    void subtract(std::span<const uint32_t>, std::span<const ColumnPtr>) override { assert(!"not invertible"); }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override
    {
        ColumnBuilder out(type_);
        for (const uint32_t group : groups) pushMode(group, out);
        return out.finish();
    }
    size_t bytes() const override { return values_.bytes() + known_.bytes() + counts_.size() * 8; }

private:
    template <class Times>
    void add(std::span<const uint32_t> groups, const ColumnPtr& column, Times times)
    {
        values_.hold(column);
        known_.number(groups, std::span(&column, 1), [&](size_t row, uint32_t number, bool isNew) {
            if (isNew) {
                counts_.push_back(0);
                if (!column->isNull(row)) {
                    values_.append(groups[row], row);
                    numbers_[groups[row]].push_back(number);
                }
            }
            counts_[number] += times(row);
        });
    }
    void pushMode(uint32_t group, ColumnBuilder& out) const
    {
        size_t at = 0, bestRow = 0;
        int64_t most = 0;
        const Column* best = nullptr;
        values_.each(group, [&](const Column& column, size_t row) {
            const int64_t count = counts_[numbers_[group][at++]];
            const bool better = count > most || (count == most && tie_ == Tie::Smallest && compareValues(column, row, *best, bestRow) < 0);
            if (!better) return;
            most = count;
            best = &column;
            bestRow = row;
        });
        if (best) out.pushFrom(*best, bestRow);
        else out.pushNull();
    }

    Type type_;
    Tie tie_;
    CellLists values_;
    DistinctCells known_;
    std::vector<int64_t> counts_;                  // by number of the distinct value
    std::vector<std::vector<uint32_t>> numbers_;   // of a group's values, in their order
};

AggregatePlan listPlan(const Type& type, Keep keep)
{
    return {{type}, Type::array(type), {Type::array(type)}, false, false, [type, keep] { return std::make_unique<ListAccumulators>(type, keep); }};
}

Result<AggregatePlan> resolveListagg(std::span<const AggregateArgument> arguments)
{
    std::string separator;
    if (arguments.size() == 2) {
        const auto& text = arguments[1].constant;
        if (!text || !(text->isNull() || std::holds_alternative<std::string>(text->data))) return mistake("the separator of listagg must be a text that reads no column, but it is " + arguments[1].type.simpleName());
        if (!text->isNull()) separator = std::get<std::string>(text->data);
    }
    return AggregatePlan{{TypeKind::String}, TypeKind::String, {Type::array(TypeKind::String)}, false, false, [separator] { return std::make_unique<JoinedText>(separator); }};
}

Result<AggregatePlan> resolveMode(std::span<const AggregateArgument> arguments)
{
    Tie tie = Tie::First;
    if (arguments.size() == 2) {
        const auto& flag = arguments[1].constant;
        if (!flag || !std::holds_alternative<bool>(flag->data)) return mistake("the second argument of mode must be true or false, but it is " + arguments[1].type.simpleName(), "true takes the smallest of several modes");
        if (std::get<bool>(flag->data)) tie = Tie::Smallest;
    }
    const Type type = arguments[0].type;
    return AggregatePlan{{type}, type, {Type::array(type), Type::array(TypeKind::BigInt)}, false, false, [type, tie] { return std::make_unique<ModeAccumulators>(type, tie); }};
}

}

std::vector<AggregateEntry> collectAggregates()
{
    const auto list = [](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> { return listPlan(arguments[0].type, Keep::NotNull); };
    const auto everything = [](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> { return listPlan(arguments[0].type, Keep::All); };
    const auto set = [](std::span<const AggregateArgument> arguments) -> Result<AggregatePlan> {
        const Type type = arguments[0].type;
        return AggregatePlan{{type}, Type::array(type), {Type::array(type)}, false, false, [type] { return std::make_unique<SetAccumulators>(type); }};
    };
    return {{{"collect_list", {"array_agg"}, "collect_list(value)", "The values as an ARRAY, in the order of rows; NULLs are skipped.", "collect_list(name)"}, 1, 1, list},
            {{"collect_all", {}, "collect_all(value)", "The values as an ARRAY, in the order of rows, NULLs kept (as group_by_key does).", "collect_all(name)"}, 1, 1, everything},
            {{"collect_set", {}, "collect_set(value)", "The distinct values as an ARRAY, in the order of first appearance; NULLs are skipped.", "collect_set(name)"}, 1, 1, set},
            {{"listagg", {"string_agg"}, "listagg(text[, separator])", "The texts put together, with the separator between them; NULLs are skipped.", "listagg(name, ', ')"}, 1, 2, resolveListagg},
            {{"mode", {}, "mode(value[, deterministic])", "The most frequent value: of several the first one seen, or the smallest if `deterministic` is true.", "mode(name)"}, 1, 2, resolveMode}};
}

}
