#include "engine/expression/aggregate.h"

#include "engine/base/suggest.h"
#include "engine/expression/aggregate_parts.h"
#include "engine/expression/aggregate_text.h"
#include "engine/expression/function.h"

#include <numeric>

namespace streamwright {

namespace {

const std::vector<AggregateEntry>& entries()
{
    static const std::vector<AggregateEntry> all = [] {
        std::vector<AggregateEntry> list;
        for (const auto& family : {countAggregates, sumAggregates, extremeAggregates, momentAggregates, collectAggregates, percentileAggregates, sketchAggregates}) {
            for (AggregateEntry& entry : family()) list.push_back(std::move(entry));
        }
        std::sort(list.begin(), list.end(), [](const AggregateEntry& a, const AggregateEntry& b) { return a.about.name < b.about.name; });
        return list;
    }();
    return all;
}

const AggregateEntry* findAggregate(std::string_view name)
{
    for (const AggregateEntry& entry : entries()) {
        const auto& aliases = entry.about.aliases;
        if (entry.about.name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return &entry;
    }
    return nullptr;
}

// The rows that are in `rows` and not among the errors' rows; both ascending.
std::vector<uint32_t> without(std::span<const uint32_t> rows, const std::vector<RowError>& errors)
{
    std::vector<uint32_t> left;
    size_t e = 0;
    for (const uint32_t row : rows) {
        while (e < errors.size() && errors[e].row < row) ++e;
        if (e == errors.size() || errors[e].row != row) left.push_back(row);
    }
    return left;
}

std::vector<uint32_t> allRows(size_t rows)
{
    std::vector<uint32_t> list(rows);
    std::iota(list.begin(), list.end(), 0);
    return list;
}

class CompiledAggregate final : public AggregateCall {
public:
    CompiledAggregate(std::string name, AggregatePlan plan, std::vector<Expression> arguments, std::optional<Expression> filter)
        : name_(std::move(name)), plan_(std::move(plan)), arguments_(std::move(arguments)), filter_(std::move(filter))
    {
    }
    const std::string& name() const override { return name_; }
    const Type& type() const override { return plan_.result; }
    const std::vector<Type>& argumentTypes() const override { return plan_.arguments; }
    const std::vector<Type>& partialTypes() const override { return plan_.partials; }
    bool exactMerge() const override { return plan_.exact; }
    bool invertible() const override { return plan_.invertible; }
    std::unique_ptr<Accumulators> makeAccumulators() const override { return plan_.make(); }
    bool countsRows() const override { return !filter_ && arguments_.empty(); }

    Input evaluate(const Batch& batch, const EvalContext& context) const override
    {
        Input input;
        input.all = true;
        if (!filter_) {
            evaluateArguments(batch, context, input);
            return input;
        }
        Evaluated condition = filter_->evaluate(batch, context);
        input.errors = std::move(condition.errors);
        const std::vector<uint32_t> taken = without(rowsThatAreTrue(*condition.column), input.errors);
        if (taken.size() == batch.rows()) {
            evaluateArguments(batch, context, input);
            return input;
        }
        Input inner;
        inner.all = true;
        evaluateArguments(*gather(batch, taken), context, inner);
        input.all = false;
        input.columns = std::move(inner.columns);
        if (inner.all) {
            input.rows = taken;
        } else {
            for (const uint32_t row : inner.rows) input.rows.push_back(taken[row]);
        }
        for (RowError& error : inner.errors) input.errors.push_back({taken[error.row], std::move(error.reason)});
        std::stable_sort(input.errors.begin(), input.errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
        return input;
    }

private:
    // Rows whose argument failed take no part.
    void evaluateArguments(const Batch& batch, const EvalContext& context, Input& input) const
    {
        std::vector<RowError> errors;
        for (const Expression& argument : arguments_) {
            Evaluated values = argument.evaluate(batch, context);
            input.columns.push_back(std::move(values.column));
            errors.insert(errors.end(), std::make_move_iterator(values.errors.begin()), std::make_move_iterator(values.errors.end()));
        }
        if (errors.empty()) return;
        std::stable_sort(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
        errors.erase(std::unique(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row == b.row; }), errors.end());
        input.all = false;
        input.rows = without(allRows(batch.rows()), errors);
        for (ColumnPtr& column : input.columns) column = streamwright::gather(*column, input.rows);
        input.errors = std::move(errors);
    }

    std::string name_;
    AggregatePlan plan_;
    std::vector<Expression> arguments_;
    std::optional<Expression> filter_;
};

// The value of an expression that reads no column, if it is one.
std::optional<Value> constantOf(const std::string& text)
{
    auto expression = compileExpression(text, Schema());
    if (!expression) return std::nullopt;
    const Batch row(std::make_shared<const Schema>(), {}, 1);
    const Evaluated value = expression->evaluate(row, EvalContext{});
    if (!value.errors.empty()) return std::nullopt;
    return valueAt(*value.column, 0);
}

// WITHIN GROUP (ORDER BY value) and IGNORE NULLS are other ways to write arguments.
Result<void> foldClauses(AggregateText& call)
{
    const bool ranked = call.function == "percentile_cont" || call.function == "percentile_disc";
    if (ranked != call.orderBy.has_value() && ranked) return mistake(fmt::format("{} needs WITHIN GROUP (ORDER BY …)", call.function), "write percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)");
    if (call.orderBy) {
        if (!ranked) return mistake(call.function + " takes no WITHIN GROUP");
        call.arguments.insert(call.arguments.begin(), *call.orderBy);
    }
    const bool ends = call.function == "first" || call.function == "last" || call.function == "first_value" || call.function == "last_value" || call.function == "any_value";
    if (call.ignoreNulls) {
        if (!ends || call.arguments.size() != 1) return mistake(call.function + " takes no IGNORE NULLS");
        call.arguments.emplace_back("true");
    }
    return {};
}

Result<const AggregateEntry*> entryOf(const AggregateText& call)
{
    const AggregateEntry* entry = findAggregate(call.function);
    if (!entry) {
        if (findFunction(call.function)) return mistake(fmt::format("{} is no aggregate: it works on one value", call.function), "name the aggregate with AS here, and use the function in a select behind this node");
        std::vector<std::string> known;
        for (const AggregateEntry& each : entries()) {
            known.push_back(each.about.name);
            known.insert(known.end(), each.about.aliases.begin(), each.about.aliases.end());
        }
        return mistake(fmt::format("there is no aggregate {}", call.function), didYouMean(call.function, known));
    }
    if (call.distinct) return mistake(fmt::format("DISTINCT is no part of a stream's aggregate: {}", call.call), "use approx_count_distinct(…), collect_set(…), or a distinct node before");
    if (call.star && entry->about.name != "count") return mistake(fmt::format("{} takes no *, only count does", call.function));
    const size_t given = call.arguments.size();
    if (!call.star && (given < std::max<size_t>(entry->fewest, 1) || given > entry->most)) {
        return mistake(fmt::format("{} is written {}, but got {} argument{}", call.function, entry->about.usage, given, given == 1 ? "" : "s"));
    }
    return entry;
}

}

Result<std::unique_ptr<AggregateCall>> compileAggregate(std::string_view text, const Schema& input)
{
    auto call = readAggregate(text);
    if (!call) return call.error();
    if (auto folded = foldClauses(*call); !folded) return folded.error();
    auto entry = entryOf(*call);
    if (!entry) return entry.error();

    std::vector<AggregateArgument> arguments;
    for (const std::string& argument : call->arguments) {
        auto expression = compileExpression(argument, input);
        if (!expression) return expression.error();
        arguments.push_back({expression->type(), constantOf(argument)});
    }
    auto plan = (*entry)->resolve(arguments);
    if (!plan) return plan.error();

    std::vector<Expression> expressions;
    for (size_t i = 0; i < plan->arguments.size(); ++i) {
        auto expression = plan->arguments[i] == arguments[i].type ? compileExpression(call->arguments[i], input) : compileExpressionAs(call->arguments[i], input, plan->arguments[i]);
        if (!expression) return mistake(fmt::format("{}: {}", call->call, expression.error().message), expression.error().hint);
        expressions.push_back(std::move(*expression));
    }
    std::optional<Expression> filter;
    if (call->filter) {
        auto condition = compileCondition(*call->filter, input);
        if (!condition) return mistake(fmt::format("FILTER of {}: {}", call->call, condition.error().message), condition.error().hint);
        filter = std::move(*condition);
    }
    return std::unique_ptr<AggregateCall>(std::make_unique<CompiledAggregate>(call->alias.value_or(call->call), std::move(*plan), std::move(expressions), std::move(filter)));
}

const std::vector<AggregateFunction>& allAggregates()
{
    static const std::vector<AggregateFunction> all = [] {
        std::vector<AggregateFunction> list;
        for (const AggregateEntry& entry : entries()) list.push_back(entry.about);
        return list;
    }();
    return all;
}

}
