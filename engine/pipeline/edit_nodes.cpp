// Nodes and their options; edges and layout follow.
#include "engine/pipeline/document_json.h"
#include "engine/pipeline/edit_parts.h"
#include "engine/pipeline/edits.h"

namespace streamwright {

using namespace edit_parts;

namespace edit_parts {

Node editable(const Node& node)
{
    Node copy = node;
    if (!copy.extra.isObject()) copy.extra = Json::object();
    return copy;
}

}

namespace {

// One step that makes the node another; nothing if `change` leaves it as it is.
template <class Change>
Edit changeNode(const Document& document, const NodeId& id, const Change& change)
{
    const auto at = indexOf(document, id);
    if (!at) return {};
    Node node = editable(document.nodes[*at]);
    change(node);
    if (node == document.nodes[*at]) return {};
    return {{ReplaceNode{*at, std::move(node)}}};
}

void setUseOf(Node& node, NodeUse use)
{
    node.disabled = use == NodeUse::Disabled;
    node.bypassed = use == NodeUse::Bypassed;
    node.extra.erase("disabled");
    node.extra.erase("bypassed");
}

// Old names carry the state over; its own new name is none of them.
void rename(Node& node, const NodeId& name)
{
    std::erase(node.was, name.name);
    if (std::ranges::find(node.was, node.id.name) == node.was.end()) node.was.push_back(node.id.name);
    node.extra.erase("was");
    node.id = name;
}

Edge renamed(Edge edge, const NodeId& node, const NodeId& name)
{
    if (edge.from == node.name) edge.from = name.name;
    if (edge.to == node.name) edge.to = name.name;
    return edge;
}

// The layout of the node under its new name, at its place.
void renameLayout(const Document& document, const NodeId& node, const NodeId& name, Edit& edit)
{
    const Json* nodes = layoutObject(document, "nodes");
    const Json* there = nodes ? nodes->find(node.name) : nullptr;
    if (!there) return;
    const auto at = static_cast<size_t>(std::ranges::find(nodes->members(), node.name, &Json::Member::first) - nodes->members().begin());
    edit.steps.push_back(SetMember{{"layout", "nodes", name.name}, std::nullopt, std::nullopt});
    edit.steps.push_back(SetMember{{"layout", "nodes", node.name}, std::nullopt, std::nullopt});
    edit.steps.push_back(SetMember{{"layout", "nodes", name.name}, *there, at});
}

void renameBends(const Document& document, const Edge& before, const Edge& after, Members& bends)
{
    const Json* all = layoutObject(document, "bends");
    const Json* there = all ? all->find(printEdge(before)) : nullptr;
    if (!there) return;
    bends[printEdge(before)] = std::nullopt;
    bends[printEdge(after)] = *there;
}

}

NodeId freeName(const Document& document, std::string_view wanted)
{
    std::set<std::string_view> taken;
    for (const Node& node : document.nodes) {
        taken.insert(node.id.name);
        taken.insert(node.was.begin(), node.was.end());
    }
    if (!taken.contains(wanted)) return {std::string(wanted)};
    // words_2 is followed by words_3, not by words_2_2.
    const size_t stemEnd = wanted.find_last_not_of("0123456789");
    std::string_view stem = wanted;
    if (stemEnd != std::string_view::npos && stemEnd > 0 && stemEnd + 1 < wanted.size() && wanted[stemEnd] == '_') stem = wanted.substr(0, stemEnd);
    for (size_t number = 2;; ++number) {
        std::string name = std::string(stem) + "_" + std::to_string(number);
        if (!taken.contains(name)) return {std::move(name)};
    }
}

Edit addNode(const Document& document, Node node, Position position)
{
    Edit edit;
    const std::string name = node.id.name;
    edit.steps.push_back(InsertNode{document.nodes.size(), std::move(node)});
    edit.steps.push_back(SetMember{{"layout", "nodes", name}, toJson(position), std::nullopt});
    return edit;
}

Edit removeNodes(const Document& document, const std::set<NodeId>& nodes)
{
    EdgeChange edges;
    for (size_t i = 0; i < document.edges.size(); ++i) {
        const Edge& edge = document.edges[i];
        if (nodes.contains({edge.from}) || nodes.contains({edge.to})) edges[i] = {};
    }
    Edit edit;
    changeEdges(document, edges, edit);
    Members layout;
    for (size_t i = document.nodes.size(); i-- > 0;) {
        const NodeId& id = document.nodes[i].id;
        if (!nodes.contains(id)) continue;
        edit.steps.push_back(EraseNode{i});
        layout[id.name] = std::nullopt;
    }
    setMembers(document, {"layout", "nodes"}, layout, edit);
    return edit;
}

Edit renameNode(const Document& document, const NodeId& node, const NodeId& name)
{
    const auto at = indexOf(document, node);
    if (!at || node == name) return {};
    Edit edit = changeNode(document, node, [&](Node& changed) { rename(changed, name); });
    Members bends;
    for (size_t i = 0; i < document.edges.size(); ++i) {
        const Edge& edge = document.edges[i];
        const Edge moved = renamed(edge, node, name);
        if (moved == edge) continue;
        edit.steps.push_back(EraseEdge{i});
        edit.steps.push_back(InsertEdge{i, moved});
        renameBends(document, edge, moved, bends);
    }
    renameLayout(document, node, name, edit);
    setMembers(document, {"layout", "bends"}, bends, edit);
    return edit;
}

Edit setTitle(const Document& document, const NodeId& node, const std::string& title)
{
    return changeNode(document, node, [&](Node& changed) {
        changed.title = title;
        changed.extra.erase("title");
    });
}

Edit setOption(const Document& document, const NodeId& node, const std::string& field, std::optional<Json> value)
{
    return changeNode(document, node, [&](Node& changed) {
        changed.extra.erase("options");
        if (value) changed.options.set(field, std::move(*value));
        else changed.options.erase(field);
    });
}

Edit changeType(const Document& document, const NodeId& node, const std::string& type, std::span<const std::string> keptOptions, std::span<const std::string> keptPorts)
{
    const auto keeps = [](std::span<const std::string> kept, const std::string& name) { return std::ranges::find(kept, name) != kept.end(); };
    Edit edit = changeNode(document, node, [&](Node& changed) {
        changed.type = type;
        changed.extra.erase("type");
        std::erase_if(changed.options.members(), [&](const Json::Member& option) { return !keeps(keptOptions, option.first); });
    });
    EdgeChange edges;
    for (size_t i = 0; i < document.edges.size(); ++i) {
        const Edge& edge = document.edges[i];
        const bool lost = (edge.from == node.name && !edge.fromPort.empty() && !keeps(keptPorts, edge.fromPort)) || (edge.to == node.name && !edge.toPort.empty() && !keeps(keptPorts, edge.toPort));
        if (lost) edges[i] = {};
    }
    changeEdges(document, edges, edit);
    return edit;
}

Edit setUse(const Document& document, const std::set<NodeId>& nodes, NodeUse use)
{
    Edit edit;
    for (const NodeId& node : nodes) edit.add(changeNode(document, node, [&](Node& changed) { setUseOf(changed, use); }));
    return edit;
}

}
