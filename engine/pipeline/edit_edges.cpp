#include "engine/pipeline/document_json.h"
#include "engine/pipeline/edit_parts.h"
#include "engine/pipeline/edits.h"
#include "engine/pipeline/spec.h"

namespace streamwright {

using namespace edit_parts;

namespace edit_parts {

void changeEdges(const Document& document, const EdgeChange& changes, Edit& edit)
{
    Members bends;
    // From the back, so that the places of the others stay right.
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        const auto& [at, edges] = *change;
        edit.steps.push_back(EraseEdge{at});
        for (size_t i = 0; i < edges.size(); ++i) edit.steps.push_back(InsertEdge{at + i, edges[i]});
        bends[printEdge(document.edges[at])] = std::nullopt;
    }
    setMembers(document, {"layout", "bends"}, bends, edit);
}

}

namespace {

// What feeds an edge out of a removed node: the end of the only way up through removed nodes.
std::optional<Edge> feeding(const Document& document, const std::set<NodeId>& removed, const Edge& out)
{
    Edge edge = out;
    // A way longer than there are nodes runs in a circle.
    for (size_t i = 0; i < document.nodes.size() && removed.contains({edge.from}); ++i) {
        // Rejected rows are none that the removed node handed on.
        if (edge.fromPort == kRejectedPort) return std::nullopt;
        const Edge* only = nullptr;
        for (const Edge& in : document.edges) {
            if (in.to != edge.from) continue;
            if (only) return std::nullopt;
            only = &in;
        }
        if (!only) return std::nullopt;
        edge.from = only->from;
        edge.fromPort = only->fromPort;
    }
    if (removed.contains({edge.from})) return std::nullopt;
    edge.line = 0;
    return edge;
}

}

Edit addEdge(const Document& document, const Edge& edge)
{
    if (indexOf(document, edge)) return {};
    return {{InsertEdge{document.edges.size(), edge}}};
}

Edit removeEdge(const Document& document, const Edge& edge)
{
    const auto at = indexOf(document, edge);
    if (!at) return {};
    Edit edit;
    changeEdges(document, {{*at, {}}}, edit);
    return edit;
}

Edit removeAndHeal(const Document& document, const std::set<NodeId>& nodes)
{
    Edit remove = removeNodes(document, nodes);
    Document without = document;
    if (auto removed = apply(without, remove); !removed) return {};
    // Each healed wire stands where the removed one stood: a node with many inputs takes them in this order.
    size_t kept = 0;
    Edit heal;
    for (const Edge& edge : document.edges) {
        const bool into = nodes.contains({edge.to});
        if (!nodes.contains({edge.from})) {
            if (!into) ++kept;
            continue;
        }
        const auto healed = into ? std::nullopt : feeding(document, nodes, edge);
        if (!healed || indexOf(without, *healed)) continue;
        Edit insert{{InsertEdge{kept++, *healed}}};
        (void)apply(without, insert);
        heal.add(std::move(insert));
    }
    remove.add(std::move(heal));
    return remove;
}

Edit insertOnEdge(const Document& document, const NodeId& node, const Edge& edge, const std::string& inPort, const std::string& outPort)
{
    const auto at = indexOf(document, edge);
    if (!at) return {};
    const Edge in{edge.from, edge.fromPort, node.name, inPort};
    const Edge out{node.name, outPort, edge.to, edge.toPort};
    Edit edit;
    changeEdges(document, {{*at, {in, out}}}, edit);
    return edit;
}

}
