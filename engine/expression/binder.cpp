#include "engine/expression/binder.h"

#include "engine/base/suggest.h"
#include "engine/columns/calendar.h"
#include "engine/expression/aggregate.h"
#include "engine/expression/signature.h"
#include "engine/expression/xxhash64.h"

namespace streamwright::syntax {

Result<BoundPtr> Binder::bind(const Node& node)
{
    auto bound = bindKind(node);
    if (!bound && !mistakeAt_) mistakeAt_ = node.from;
    return bound;
}

Result<BoundPtr> Binder::bindKind(const Node& node)
{
    switch (node.kind) {
        case NodeKind::Literal: return literalOf(node.type, node.value);
        case NodeKind::Name: return name(node);
        case NodeKind::Field: {
            auto value = bind(node.children[0]);
            return value ? fieldOf(std::move(*value), node.name) : value;
        }
        case NodeKind::Element: {
            auto array = bind(node.children[0]);
            if (!array) return array;
            auto index = bind(node.children[1]);
            return index ? elementOf(std::move(*array), std::move(*index)) : index;
        }
        case NodeKind::Call: return call(node);
        case NodeKind::Cast: return cast(node);
        case NodeKind::Case: return caseWhen(node);
        case NodeKind::Row: return structure(node);
        case NodeKind::Lambda: return mistake("a lambda stands only in functions such as transform, filter, exists and aggregate");
    }
    return mistake("an expression is missing");
}

Result<std::vector<BoundPtr>> Binder::all(std::span<const Node> nodes)
{
    std::vector<BoundPtr> values;
    for (const Node& node : nodes) {
        auto value = bind(node);
        if (!value) return value.error();
        values.push_back(std::move(*value));
    }
    return values;
}

Result<Binder::Shared> Binder::share(const Node& node)
{
    auto value = bind(node);
    if (!value) return value.error();
    if ((*value)->literal || slotIn(**value)) return Shared{*value, *value, std::nullopt};
    const uint32_t slot = nextSlot_++;
    BoundPtr reference = slotOf((*value)->type, slot);
    return Shared{std::move(*value), std::move(reference), slot};
}

Error Binder::unknownColumn(const std::string& name) const
{
    std::vector<std::string> names;
    for (const Variable& variable : variables_) names.push_back(variable.name);
    for (const Field& field : input_.fields()) names.push_back(field.name);
    std::string hint = didYouMean(name, names);
    if (hint.empty() && !names.empty()) {
        hint = "the columns are ";
        for (size_t i = 0; i < names.size() && i < 12; ++i) hint += (i > 0 ? ", " : "") + names[i];
        if (names.size() > 12) hint += ", …";
    }
    return mistake("unknown column: " + name, std::move(hint));
}

Result<BoundPtr> Binder::name(const Node& node)
{
    for (auto variable = variables_.rbegin(); variable != variables_.rend(); ++variable) {
        if (sameName(variable->name, node.name)) return slotOf(variable->type, variable->slot);
    }
    if (const auto column = input_.indexOf(node.name)) return slotOf(input_[*column].type, static_cast<uint32_t>(*column));
    // These may be written without parentheses.
    for (std::string_view function : {"current_date", "current_timestamp", "localtimestamp", "current_user"}) {
        if (!node.quoted && sameName(function, node.name) && findFunction(function)) return functionCall(std::string(function), {});
    }
    return unknownColumn(node.name);
}

Result<BoundPtr> Binder::cast(const Node& node)
{
    auto value = bind(node.children[0]);
    if (!value) return value;
    if (!castExists((*value)->type, node.type)) {
        const bool dates = (*value)->type.is(TypeKind::Int) && node.type.is(TypeKind::Date);
        const bool nested = (*value)->type.is(TypeKind::Array) || (*value)->type.is(TypeKind::Struct);
        return mistake(fmt::format("cannot cast {} to {}", (*value)->type.simpleName(), node.type.simpleName()), dates ? "use date_from_unix_date(days)" : nested ? "cast an element, as in list[0], or a field" : "");
    }
    // DATE'…' and TIMESTAMP'…' are known now, though not in which time zone.
    if (!node.name.empty()) {
        const auto& text = std::get<std::string>(node.children[0].value.data);
        const bool valid = node.type.is(TypeKind::Date) ? parseDate(text).has_value() : parseTimestamp(text, Zone()).has_value();
        if (!valid) return mistake(fmt::format("not a {}: '{}'", node.type.simpleName(), text), "write for example DATE'2024-01-31' or TIMESTAMP'2024-01-31 10:00:00'");
    }
    return castTo(std::move(*value), node.type, node.forgiving ? OnFailure::Null : OnFailure::Error);
}

Result<BoundPtr> Binder::caseWhen(const Node& node)
{
    std::optional<Shared> operand;
    size_t at = 0;
    if (node.hasOperand) {
        auto shared = share(node.children[at++]);
        if (!shared) return shared.error();
        operand = std::move(*shared);
    }
    std::vector<BoundPtr> branches;
    const size_t end = node.children.size() - (node.hasElse ? 1 : 0);
    while (at < end) {
        auto condition = bind(node.children[at++]);
        if (!condition) return condition;
        if (operand) {
            condition = comparison("=", operand->reference, std::move(*condition));
            if (!condition) return condition;
        }
        auto value = bind(node.children[at++]);
        if (!value) return value;
        branches.push_back(std::move(*condition));
        branches.push_back(std::move(*value));
    }
    BoundPtr otherwise = literalOf(TypeKind::Void, {});
    if (node.hasElse) {
        auto value = bind(node.children[at]);
        if (!value) return value;
        otherwise = std::move(*value);
    }
    auto result = syntax::caseWhen(std::move(branches), std::move(otherwise));
    return result && operand ? Result<BoundPtr>(operand->close(std::move(*result))) : result;
}

namespace {

// What does the work of Spark's functions that are none of a single row, or whose type does not exist here.
std::optional<std::string_view> insteadOf(std::string_view name)
{
    struct Replacement {
        std::string_view name;
        std::string_view instead;
    };
    constexpr std::string_view kRows = "it makes several rows of one: use the node flat_map";
    constexpr std::string_view kMap = "the type MAP does not exist yet: use an ARRAY of STRUCTs, or named_struct(name, value, …)";
    constexpr std::string_view kOthers = "it looks at other rows: use a window node, sort, or update_state_by_key";
    constexpr std::string_view kInterval = "intervals do not exist yet: use timestampadd(SECOND, n, time) or date_add(date, days)";
    constexpr Replacement kReplacements[] = {
        {"explode", kRows}, {"explode_outer", kRows}, {"posexplode", kRows}, {"posexplode_outer", kRows}, {"inline", kRows}, {"stack", kRows},
        {"map", kMap}, {"map_keys", kMap}, {"map_values", kMap}, {"map_entries", kMap}, {"map_from_arrays", kMap}, {"map_from_entries", kMap}, {"map_concat", kMap}, {"str_to_map", kMap}, {"create_map", kMap},
        {"row_number", kOthers}, {"rank", kOthers}, {"dense_rank", kOthers}, {"lag", kOthers}, {"lead", kOthers}, {"ntile", kOthers},
        {"make_interval", kInterval}, {"make_dt_interval", kInterval}, {"make_ym_interval", kInterval},
        {"json_tuple", "it makes several columns: use from_json(json, 'a STRING, b STRING') or one get_json_object each"},
        {"window", "use a window node, such as reduce_by_key_and_window"}, {"session_window", "use map_with_state with a timeout"},
        {"to_number", "the type DECIMAL does not exist yet: use CAST(translate(text, ',$', '') AS DOUBLE)"}, {"try_to_number", "the type DECIMAL does not exist yet: use try_cast(translate(text, ',$', '') AS DOUBLE)"},
        {"decimal", "the type DECIMAL does not exist yet: use DOUBLE or BIGINT"}, {"tinyint", "use INT"}, {"smallint", "use INT"},
    };
    for (const Replacement& replacement : kReplacements) {
        if (replacement.name == name) return replacement.instead;
    }
    return std::nullopt;
}

}

Error Binder::unknownFunction(const std::string& name) const
{
    std::vector<std::string> names;
    for (const Function* function : allFunctions()) {
        names.push_back(function->name);
        names.insert(names.end(), function->aliases.begin(), function->aliases.end());
    }
    for (const AggregateFunction& aggregate : allAggregates()) {
        const bool named = aggregate.name == name || std::find(aggregate.aliases.begin(), aggregate.aliases.end(), name) != aggregate.aliases.end();
        if (named) return mistake(name + " is an aggregate: it has no value for a single row", "use it in a node that groups, such as reduce_by_key");
    }
    if (const auto instead = insteadOf(name)) return mistake("no function here: " + name, std::string(*instead));
    std::string hint = didYouMean(name, names);
    return mistake("unknown function: " + name, hint.empty() ? "streamwright functions lists them" : hint);
}

Result<BoundPtr> Binder::functionCall(const std::string& name, std::vector<BoundPtr> arguments)
{
    const Function* function = findFunction(name);
    if (!function || !function->evaluate || !function->resolve) return unknownFunction(name);
    std::vector<ArgumentType> types;
    for (const BoundPtr& argument : arguments) types.push_back({argument->type, argument->literal});
    auto signature = function->resolve(types);
    if (!signature) {
        Error error = signature.error();
        if (error.hint.empty()) error.hint = function->usage;
        return error;
    }
    for (size_t i = 0; i < arguments.size(); ++i) arguments[i] = castTo(std::move(arguments[i]), signature->arguments[i]);
    if (function->numbered) {
        if (auto error = addNumbers(*function, arguments)) return *error;
    }
    return callOf(*function, std::move(arguments), signature->result);
}

std::optional<Error> Binder::addNumbers(const Function& function, std::vector<BoundPtr>& arguments)
{
    if (numbers_ == RowNumbers::Unknown) {
        return mistake(fmt::format("{} needs the number of its row, which only the columns of source.generate have: elsewhere workers share the rows, and a batch run again would get other values", function.name),
                       "derive it from a column, for example pmod(xxhash64(id), 1000), or use the node sample");
    }
    if (!variables_.empty()) return mistake(fmt::format("{} has one value for a row, and cannot stand in a lambda", function.name), "put it before the lambda");
    // Calls without a seed differ from each other, and stay the same as long as the text does.
    const auto place = static_cast<int64_t>(xxhash64(text_.data(), text_.size(), static_cast<uint64_t>(++numberedCalls_)));
    arguments.push_back(literalOf(TypeKind::BigInt, {place}));
    arguments.push_back(slotOf(TypeKind::BigInt, static_cast<uint32_t>(input_.size())));
    return std::nullopt;
}

Result<BoundPtr> Binder::withLambdas(const Node& node)
{
    std::vector<BoundPtr> arguments;
    std::vector<Lambda> lambdas;
    for (const Node& child : node.children) {
        if (child.kind != NodeKind::Lambda) {
            if (!lambdas.empty()) return mistake(fmt::format("{} takes its lambdas last", node.name));
            auto value = bind(child);
            if (!value) return value;
            arguments.push_back(std::move(*value));
            continue;
        }
        auto types = lambdaParameters(node.name, lambdas.size(), arguments, child.parameters.size());
        if (!types) return types.error();
        Lambda lambda;
        for (size_t i = 0; i < types->size(); ++i) {
            lambda.slots.push_back(nextSlot_);
            variables_.push_back({child.parameters[i], (*types)[i], nextSlot_++});
        }
        auto body = bind(child.children[0]);
        variables_.resize(variables_.size() - types->size());
        if (!body) return body;
        lambda.body = std::move(*body);
        lambdas.push_back(std::move(lambda));
    }
    return lambdaCall(node.name, std::move(arguments), std::move(lambdas));
}

Result<BoundPtr> Binder::structure(const Node& node)
{
    std::vector<BoundPtr> arguments;
    for (size_t i = 0; i < node.children.size(); ++i) {
        const Node& child = node.children[i];
        auto value = bind(child);
        if (!value) return value;
        const bool named = child.kind == NodeKind::Name || child.kind == NodeKind::Field;
        std::string name = !child.alias.empty() ? child.alias : named ? child.name : "col" + std::to_string(i + 1);
        arguments.push_back(literalOf(TypeKind::String, {std::move(name)}));
        arguments.push_back(std::move(*value));
    }
    return functionCall("named_struct", std::move(arguments));
}

}
