#include "engine/pipeline/edits.h"

#include "engine/pipeline/edit_parts.h"

#include <algorithm>

namespace streamwright {

namespace {

using Inverse = Result<Edit::Step>;

Error doesNotFit()
{
    return permanent("the change does not fit the pipeline as it is");
}

// What stands in the file where nodes or edges belong is printed in their place: they would be lost.
std::optional<Error> obstacle(const Document& document, const char* member)
{
    if (!document.extra.isObject()) return mistake("the file holds no pipeline, but " + std::string(document.extra.describe()));
    const Json* there = document.extra.find(member);
    if (!there) return std::nullopt;
    return mistake("\"" + std::string(member) + "\" of the file is " + std::string(there->describe()) + ", nothing can be added to it", "put the file right in a text editor, or begin a new one");
}

template <class Items>
auto placeIn(Items& items, size_t at)
{
    return items.begin() + static_cast<std::ptrdiff_t>(at);
}

Inverse applyStep(Document& document, const InsertNode& step)
{
    if (auto why = obstacle(document, "nodes")) return *why;
    if (step.at > document.nodes.size() || document.find(step.node.id.name)) return doesNotFit();
    document.nodes.insert(placeIn(document.nodes, step.at), step.node);
    return EraseNode{step.at};
}

Inverse applyStep(Document& document, const EraseNode& step)
{
    if (step.at >= document.nodes.size()) return doesNotFit();
    InsertNode inverse{step.at, std::move(document.nodes[step.at])};
    document.nodes.erase(placeIn(document.nodes, step.at));
    return inverse;
}

Inverse applyStep(Document& document, const ReplaceNode& step)
{
    if (step.at >= document.nodes.size()) return doesNotFit();
    Node& node = document.nodes[step.at];
    if (node.id != step.node.id && document.find(step.node.id.name)) return doesNotFit();
    return ReplaceNode{step.at, std::exchange(node, step.node)};
}

Inverse applyStep(Document& document, const InsertEdge& step)
{
    if (auto why = obstacle(document, "edges")) return *why;
    if (step.at > document.edges.size()) return doesNotFit();
    document.edges.insert(placeIn(document.edges, step.at), step.edge);
    return EraseEdge{step.at};
}

Inverse applyStep(Document& document, const EraseEdge& step)
{
    if (step.at >= document.edges.size()) return doesNotFit();
    InsertEdge inverse{step.at, std::move(document.edges[step.at])};
    document.edges.erase(placeIn(document.edges, step.at));
    return inverse;
}

Inverse applyStep(Document& document, const SetMember& step)
{
    return edit_parts::applyMember(document, step);
}

Inverse applyStep(Document& document, const ReplaceDocument& step)
{
    if (!step.document) return doesNotFit();
    return ReplaceDocument{std::make_shared<const Document>(std::exchange(document, *step.document))};
}

}

void Edit::add(Edit other)
{
    steps.insert(steps.end(), std::make_move_iterator(other.steps.begin()), std::make_move_iterator(other.steps.end()));
}

Result<Edit> apply(Document& document, const Edit& edit)
{
    Edit inverse;
    inverse.steps.reserve(edit.steps.size());
    for (const Edit::Step& step : edit.steps) {
        auto undone = std::visit([&](const auto& one) { return applyStep(document, one); }, step);
        if (undone) {
            inverse.steps.push_back(std::move(*undone));
            continue;
        }
        std::ranges::reverse(inverse.steps);
        (void)apply(document, inverse);
        return undone.error();
    }
    std::ranges::reverse(inverse.steps);
    return inverse;
}

Edit replaceDocument(Document document)
{
    return {{ReplaceDocument{std::make_shared<const Document>(std::move(document))}}};
}

namespace edit_parts {

std::optional<size_t> indexOf(const Document& document, const NodeId& node)
{
    const auto found = std::ranges::find(document.nodes, node, &Node::id);
    if (found == document.nodes.end()) return std::nullopt;
    return static_cast<size_t>(found - document.nodes.begin());
}

std::optional<size_t> indexOf(const Document& document, const Edge& edge)
{
    const auto found = std::ranges::find(document.edges, edge);
    if (found == document.edges.end()) return std::nullopt;
    return static_cast<size_t>(found - document.edges.begin());
}

}

}
