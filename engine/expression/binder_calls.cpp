// What calls and operators become.
#include "engine/expression/binder.h"
#include "engine/expression/signature.h"
#include "engine/expression/text_options.h"

namespace streamwright::syntax {

namespace {

bool isOneOf(std::string_view name, std::initializer_list<std::string_view> names) { return std::find(names.begin(), names.end(), name) != names.end(); }

// int('1'), double(x), … are casts.
std::optional<Type> castFunction(const Node& node)
{
    if (node.children.size() != 1) return std::nullopt;
    if (!isOneOf(node.name, {"boolean", "int", "bigint", "float", "double", "string", "binary", "date", "timestamp"})) return std::nullopt;
    return *parseType(node.name);
}

}

Result<BoundPtr> Binder::call(const Node& node)
{
    if (auto bound = operatorCall(node)) return std::move(*bound);
    if (auto bound = lazyCall(node)) return std::move(*bound);
    if (node.name == "struct") return structure(node);
    const bool hasLambda = std::any_of(node.children.begin(), node.children.end(), [](const Node& child) { return child.kind == NodeKind::Lambda; });
    if (takesLambda(node.name) && hasLambda) return withLambdas(node);
    if (const auto type = castFunction(node)) {
        Node cast;
        cast.kind = NodeKind::Cast;
        cast.type = *type;
        cast.children = node.children;
        return this->cast(cast);
    }
    // Options are a map of literals: its parts become arguments, as a MAP is no value yet.
    const bool options = takesOptions(node.name) && !node.children.empty() && node.children.back().kind == NodeKind::Call && node.children.back().name == "map";
    auto arguments = all(std::span(node.children).first(node.children.size() - (options ? 1 : 0)));
    if (options && arguments) {
        auto pairs = all(node.children.back().children);
        if (!pairs) return pairs.error();
        arguments->insert(arguments->end(), pairs->begin(), pairs->end());
    }
    if (!arguments) {
        // A mistake in the name comes before mistakes in the arguments.
        if (!findFunction(node.name)) return unknownFunction(node.name);
        return arguments.error();
    }
    if (takesLambda(node.name) && !(findFunction(node.name) && findFunction(node.name)->evaluate)) {
        return mistake(fmt::format("{} expects a lambda, for example x -> x + 1", node.name));
    }
    return functionCall(node.name, std::move(*arguments));
}

std::optional<Result<BoundPtr>> Binder::operatorCall(const Node& node)
{
    const std::string& name = node.name;
    if (name == "between") return between(node);
    if (name == "in") return in(node);
    if (name.ends_with("like any") || name.ends_with("like all")) return likeMany(node);
    const bool binary = isOneOf(name, {"+", "-", "*", "/", "%", "div", "&", "|", "^", "<<", ">>", ">>>", "=", "!=", "<", "<=", ">", ">=", "<=>"});
    const bool single = isOneOf(name, {"not", "is null", "is true", "is false", "~"}) || (isOneOf(name, {"negative", "positive"}) && node.children.size() == 1);
    const bool chain = isOneOf(name, {"and", "or", "||"});
    if (!binary && !single && !chain) return std::nullopt;
    auto bound = all(node.children);
    if (!bound) return Result<BoundPtr>(bound.error());
    std::vector<BoundPtr>& values = *bound;
    if (name == "||") return functionCall("concat", std::move(values));
    if (chain) return junction(name, std::move(values));
    if (name == "not") return negation(std::move(values[0]));
    if (name == "is null") return Result<BoundPtr>(isNull(std::move(values[0])));
    if (name == "is true" || name == "is false") return isTrue(std::move(values[0]), name == "is true");
    if (single) return unary(name, std::move(values[0]));
    if (isOneOf(name, {"+", "-", "*", "/", "%", "div"})) return arithmetic(name, std::move(values[0]), std::move(values[1]));
    if (isOneOf(name, {"&", "|", "^", "<<", ">>", ">>>"})) return bitwise(name, std::move(values[0]), std::move(values[1]));
    return comparison(name, std::move(values[0]), std::move(values[1]));
}

std::optional<Result<BoundPtr>> Binder::lazyCall(const Node& node)
{
    const std::string& name = node.name;
    if (!isOneOf(name, {"if", "iff", "coalesce", "nvl", "ifnull", "nvl2", "nullif", "nullifzero", "zeroifnull"})) return std::nullopt;
    const size_t count = node.children.size();
    const size_t wanted = name == "coalesce" ? std::max<size_t>(count, 1) : isOneOf(name, {"if", "iff", "nvl2"}) ? 3 : name.ends_with("zero") || name.starts_with("zero") ? 1 : 2;
    if (count != wanted) {
        const Function* function = findFunction(name);
        return Result<BoundPtr>(mistake(fmt::format("{} expects {} arguments, but got {}", name, name == "coalesce" ? "one or more" : std::to_string(wanted), count), function ? function->usage : ""));
    }
    if (name == "nullif") return nullIf(node);
    auto bound = all(node.children);
    if (!bound) return Result<BoundPtr>(bound.error());
    std::vector<BoundPtr>& values = *bound;
    if (name == "coalesce" || name == "nvl" || name == "ifnull") return coalesce(std::move(values));
    if (name == "zeroifnull") return coalesce({std::move(values[0]), literalOf(TypeKind::Int, {int64_t{0}})});
    if (name == "nullifzero") {
        auto zero = comparison("=", values[0], literalOf(TypeKind::Int, {int64_t{0}}));
        if (!zero) return zero;
        return syntax::caseWhen({std::move(*zero), literalOf(TypeKind::Void, {})}, std::move(values[0]));
    }
    if (name == "nvl2") {
        // NULL chooses the third.
        return syntax::caseWhen({isNull(std::move(values[0])), std::move(values[2])}, std::move(values[1]));
    }
    return syntax::caseWhen({std::move(values[0]), std::move(values[1])}, std::move(values[2]));
}

Result<BoundPtr> Binder::nullIf(const Node& node)
{
    auto first = share(node.children[0]);
    if (!first) return first.error();
    auto second = bind(node.children[1]);
    if (!second) return second;
    auto same = comparison("=", first->reference, std::move(*second));
    if (!same) return same;
    auto result = syntax::caseWhen({std::move(*same), literalOf(first->reference->type, {})}, first->reference);
    return result ? Result<BoundPtr>(first->close(std::move(*result))) : result;
}

Result<BoundPtr> Binder::between(const Node& node)
{
    auto value = share(node.children[0]);
    if (!value) return value.error();
    auto low = bind(node.children[1]);
    if (!low) return low;
    auto high = bind(node.children[2]);
    if (!high) return high;
    auto above = comparison(">=", value->reference, std::move(*low));
    if (!above) return above;
    auto below = comparison("<=", value->reference, std::move(*high));
    if (!below) return below;
    auto both = junction("and", {std::move(*above), std::move(*below)});
    return both ? Result<BoundPtr>(value->close(std::move(*both))) : both;
}

Result<BoundPtr> Binder::in(const Node& node)
{
    auto value = share(node.children[0]);
    if (!value) return value.error();
    auto items = all(std::span(node.children).subspan(1));
    if (!items) return items.error();
    std::vector<ArgumentType> types{{value->reference->type, {}}};
    for (const BoundPtr& item : *items) types.push_back({item->type, {}});
    const auto common = commonType(types);
    if (!common) return mistake("the values of IN must be of one type, but got " + simpleNames(types), "cast them to one type");
    const BoundPtr operand = castTo(value->reference, *common);
    std::vector<Value> literals;
    for (BoundPtr& item : *items) {
        item = castTo(std::move(item), *common);
        if (item->literal && !item->literal->isNull()) literals.push_back(*item->literal);
    }
    // From a handful of literals on, a hash set beats comparing one by one.
    const bool hashable = isIntegral(common->kind()) || isText(common->kind()) || common->is(TypeKind::Date) || common->is(TypeKind::Timestamp);
    if (hashable && literals.size() == items->size() && literals.size() > 3) return value->close(inLiterals(operand, literals));
    std::vector<BoundPtr> terms;
    for (BoundPtr& item : *items) {
        auto same = comparison("=", operand, std::move(item));
        if (!same) return same;
        terms.push_back(std::move(*same));
    }
    auto any = terms.size() == 1 ? Result<BoundPtr>(terms[0]) : junction("or", std::move(terms));
    return any ? Result<BoundPtr>(value->close(std::move(*any))) : any;
}

// [not ](like|ilike) (any|all): OR or AND of the single patterns.
Result<BoundPtr> Binder::likeMany(const Node& node)
{
    auto value = share(node.children[0]);
    if (!value) return value.error();
    const bool negated = node.name.starts_with("not ");
    const std::string function = node.name.find("ilike") != std::string::npos ? "ilike" : "like";
    std::vector<BoundPtr> terms;
    for (const Node& child : std::span(node.children).subspan(1)) {
        auto pattern = bind(child);
        if (!pattern) return pattern;
        auto term = functionCall(function, {value->reference, std::move(*pattern)});
        if (!term) return term;
        if (negated) term = negation(std::move(*term));
        if (!term) return term;
        terms.push_back(std::move(*term));
    }
    auto joined = terms.size() == 1 ? Result<BoundPtr>(terms[0]) : junction(node.name.ends_with("any") ? "or" : "and", std::move(terms));
    return joined ? Result<BoundPtr>(value->close(std::move(*joined))) : joined;
}

}
