// Pieces of a pipeline as text: the same form as a pipeline file, so that a whole file can be pasted too.
#include "engine/pipeline/document_json.h"
#include "engine/pipeline/edit_parts.h"
#include "engine/pipeline/edits.h"

#include <algorithm>
#include <limits>

namespace streamwright {

using namespace edit_parts;

namespace {

// Names of the pasted nodes by the names in the text.
using Names = std::map<std::string, NodeId>;

// How far what is pasted moves, so that its middle comes to `at`.
Position shiftTo(const std::map<NodeId, Position>& positions, Position at)
{
    constexpr double kFar = std::numeric_limits<double>::max();
    Position low{kFar, kFar};
    Position high{-kFar, -kFar};
    for (const auto& [node, position] : positions) {
        low = {std::min(low.x, position.x), std::min(low.y, position.y)};
        high = {std::max(high.x, position.x), std::max(high.y, position.y)};
    }
    return {at.x - (low.x + high.x) / 2, at.y - (low.y + high.y) / 2};
}

Names addNodes(Document& target, const Document& piece, Position at, Edit& edit)
{
    Names names;
    const auto positions = positionsOf(piece);
    const Position shift = shiftTo(positions, at);
    for (const Node& original : piece.nodes) {
        Node node = original;
        node.line = 0;
        node.id = freeName(target, original.id.name);
        // A copy has no state to carry over; what was cut and comes back under its name has.
        if (node.id != original.id) node.was.clear();
        names[original.id.name] = node.id;
        const Position from = positions.at(original.id);
        Edit add = addNode(target, std::move(node), {from.x + shift.x, from.y + shift.y});
        (void)apply(target, add);
        edit.add(std::move(add));
    }
    return names;
}

// The edge between pasted nodes; from outside where wanted and possible.
std::optional<Edge> pastedEdge(const Document& target, const Names& names, Edge edge, PasteEdges edges)
{
    const auto from = names.find(edge.from);
    const auto to = names.find(edge.to);
    if (to == names.end()) return std::nullopt;
    if (from != names.end()) edge.from = from->second.name;
    else if (edges != PasteEdges::AlsoFromOutside || !target.find(edge.from)) return std::nullopt;
    edge.to = to->second.name;
    edge.line = 0;
    return edge;
}

std::vector<Position> shifted(std::vector<Position> bends, Position shift)
{
    for (Position& bend : bends) bend = {bend.x + shift.x, bend.y + shift.y};
    return bends;
}

void addEdges(Document& target, const Document& piece, const Names& names, Position shift, PasteEdges edges, Edit& edit)
{
    for (const Edge& original : piece.edges) {
        const auto edge = pastedEdge(target, names, original, edges);
        if (!edge) continue;
        Edit add = addEdge(target, *edge);
        if (names.contains(original.from)) add.add(setBends(target, *edge, shifted(bendsOf(piece, original), shift)));
        (void)apply(target, add);
        edit.add(std::move(add));
    }
}

}

std::string copyText(const Document& document, const std::set<NodeId>& nodes)
{
    Document piece;
    for (const Node& node : document.nodes) {
        if (nodes.contains(node.id)) piece.nodes.push_back(node);
    }
    Edit layout;
    std::map<NodeId, Position> positions = positionsOf(document);
    std::erase_if(positions, [&](const auto& entry) { return !nodes.contains(entry.first); });
    layout.add(moveNodes(piece, positions));
    for (const Edge& edge : document.edges) {
        if (!nodes.contains({edge.to})) continue;
        piece.edges.push_back(edge);
        if (nodes.contains({edge.from})) layout.add(setBends(piece, edge, bendsOf(document, edge)));
    }
    (void)apply(piece, layout);
    return printDocument(piece);
}

Result<Pasted> paste(const Document& document, std::string_view text, Position at, PasteEdges edges)
{
    const DocumentRead read = readDocument(text);
    if (!read.document || read.document->nodes.empty()) return mistake("the clipboard holds no nodes of a pipeline", "copy nodes here, or the text of a pipeline file");
    const Document& piece = *read.document;
    Document target = document;
    Pasted pasted;
    const Names names = addNodes(target, piece, at, pasted.edit);
    addEdges(target, piece, names, shiftTo(positionsOf(piece), at), edges, pasted.edit);
    for (const auto& [original, name] : names) pasted.nodes.insert(name);
    return pasted;
}

}
