#include "engine/expression/idle_state.h"

#include "engine/columns/schema.h"
#include "engine/expression/syntax.h"

namespace streamwright {

namespace {

using syntax::Node;
using syntax::NodeKind;

bool isName(const Node& node, std::string_view name) { return node.kind == NodeKind::Name && sameName(node.name, name); }

bool isCall(const Node& node, std::string_view name, size_t arguments) { return node.kind == NodeKind::Call && node.name == name && node.children.size() == arguments; }

bool isZero(const Node& node)
{
    const auto* value = std::get_if<int64_t>(&node.value.data);
    return node.kind == NodeKind::Literal && isIntegral(node.type.kind()) && value && *value == 0;
}

// `state`, or `coalesce(state, …)`, which is the state when that is not NULL.
bool isState(const Node& node)
{
    if (isName(node, "state")) return true;
    return node.kind == NodeKind::Call && node.name == "coalesce" && !node.children.empty() && isName(node.children.front(), "state");
}

bool isSizeOfValues(const Node& node) { return (isCall(node, "size", 1) || isCall(node, "cardinality", 1) || isCall(node, "array_size", 1)) && isName(node.children[0], "values"); }

// True for no values: `size(values) = 0`, either way round.
bool isEmptyTest(const Node& node)
{
    if (!isCall(node, "=", 2) && !isCall(node, "==", 2)) return false;
    return (isSizeOfValues(node.children[0]) && isZero(node.children[1])) || (isZero(node.children[0]) && isSizeOfValues(node.children[1]));
}

bool returnsState(const Node& node)
{
    if (isState(node)) return true;
    if (isCall(node, "if", 3)) return isEmptyTest(node.children[0]) && returnsState(node.children[1]);
    return node.kind == NodeKind::Case && !node.hasOperand && node.children.size() >= 2 && isEmptyTest(node.children[0]) && returnsState(node.children[1]);
}

// A fold that begins with 0 and folds nothing is 0.
bool isZeroWhenIdle(const Node& node)
{
    if (isSizeOfValues(node)) return true;
    return (isCall(node, "aggregate", 3) || isCall(node, "reduce", 3)) && isName(node.children[0], "values") && isZero(node.children[1]);
}

}

bool keepsIdleState(std::string_view update)
{
    const auto parsed = syntax::parse(update);
    return parsed && returnsState(parsed->root);
}

bool keepsIdleIntegers(std::string_view update)
{
    const auto parsed = syntax::parse(update);
    if (!parsed) return false;
    const Node& root = parsed->root;
    if (returnsState(root)) return true;
    if (!isCall(root, "+", 2)) return false;
    return (isState(root.children[0]) && isZeroWhenIdle(root.children[1])) || (isZeroWhenIdle(root.children[0]) && isState(root.children[1]));
}

}
