// Changes of a document, as values: applied, undone, written to a journal and read back. `apply` returns the
// inverse, which restores the document to the byte. What a person does (rename a node, delete and heal, paste)
// is a function here that builds an Edit from small ones.
#pragma once
#include "engine/base/result.h"
#include "engine/pipeline/document.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <variant>

namespace streamwright {

// The small ones. Positions are indexes into Document::nodes and Document::edges.
struct InsertNode {
    size_t at = 0;
    Node node;
};
struct EraseNode {
    size_t at = 0;
};
struct ReplaceNode {
    size_t at = 0;
    Node node;
};
struct InsertEdge {
    size_t at = 0;
    Edge edge;
};
struct EraseEdge {
    size_t at = 0;
};
// A member of the document itself or of an object in it: {"layout", "nodes", "lines"}; not of its nodes and
// edges. Objects on the way are made when missing, and take the place of what is none. None removes it; `at`
// puts a new member back where it was.
struct SetMember {
    std::vector<std::string> path;
    std::optional<Json> value;
    std::optional<size_t> at;
};
// All of it: reverting, and taking what another program wrote.
struct ReplaceDocument {
    std::shared_ptr<const Document> document;
};
struct Edit {
    using Step = std::variant<InsertNode, EraseNode, ReplaceNode, InsertEdge, EraseEdge, SetMember, ReplaceDocument>;
    std::vector<Step> steps;            // in this order
    bool empty() const { return steps.empty(); }
    void add(Edit other);               // after the own steps
};

// Returns the inverse. Never fails for an edit that was built for this document, except where the file holds
// something else in place of nodes or edges: an edit that does not fit changes nothing.
Result<Edit> apply(Document& document, const Edit& edit);

// One line of JSON and back, for the journal.
std::string printEdit(const Edit& edit);
Result<Edit> readEdit(std::string_view line);

// Where a node stands on the canvas; (0, 0) if the file does not say.
struct Position {
    double x = 0;
    double y = 0;
    bool operator==(const Position&) const = default;
};
Position positionOf(const Document& document, const NodeId& node);
std::map<NodeId, Position> positionsOf(const Document& document);   // of all nodes, in one go

// A name that is free: `wanted` itself, else wanted_2, wanted_3 … Old names that carry state are taken too.
NodeId freeName(const Document& document, std::string_view wanted);

// What a person does. Each is built for `document` as it is, and empty where nothing would change.
Edit replaceDocument(Document document);
Edit addNode(const Document& document, Node node, Position position);
Edit addEdge(const Document& document, const Edge& edge);
Edit removeEdge(const Document& document, const Edge& edge);
// The nodes with their edges, layout and the bends of their edges.
Edit removeNodes(const Document& document, const std::set<NodeId>& nodes);
// The same, and what fed a removed node feeds what it fed, where it had one edge in.
Edit removeAndHeal(const Document& document, const std::set<NodeId>& nodes);
// The edge now leads to the node and on from it, at its place among the edges.
Edit insertOnEdge(const Document& document, const NodeId& node, const Edge& edge, const std::string& inPort, const std::string& outPort);
// Edges, layout and `was` follow: the state of the old name is carried over.
Edit renameNode(const Document& document, const NodeId& node, const NodeId& name);
Edit setTitle(const Document& document, const NodeId& node, const std::string& title);
// None: the option is removed, the default counts.
Edit setOption(const Document& document, const NodeId& node, const std::string& field, std::optional<Json> value);
// Keeps the options that both types have; ports that the new one lacks lose their edges.
Edit changeType(const Document& document, const NodeId& node, const std::string& type, std::span<const std::string> keptOptions, std::span<const std::string> keptPorts);
enum class NodeUse : unsigned char { Used, Disabled, Bypassed };
Edit setUse(const Document& document, const std::set<NodeId>& nodes, NodeUse use);
Edit moveNodes(const Document& document, const std::map<NodeId, Position>& positions);
Edit setSetting(const Document& document, const std::string& name, std::optional<Json> value);
Edit setParameter(const Document& document, const std::string& name, std::optional<Json> value);
Edit setName(const Document& document, const std::string& name);
// Bends of a wire, in order; none straightens it. In layout.bends, by the edge's text.
Edit setBends(const Document& document, const Edge& edge, const std::vector<Position>& bends);
std::vector<Position> bendsOf(const Document& document, const Edge& edge);

// Frames and notes: objects {"title" | "text", "rect": [x, y, width, height], "color"} in layout.frames and
// layout.notes, by an id of their own.
Edit setFrame(const Document& document, const std::string& id, std::optional<Json> frame);
Edit setNote(const Document& document, const std::string& id, std::optional<Json> note);

// The clipboard is a piece of a pipeline file: nodes, the edges between them and from outside, their layout.
std::string copyText(const Document& document, const std::set<NodeId>& nodes);
struct Pasted {
    Edit edit;
    std::set<NodeId> nodes;             // as named in the document they are pasted into
};
// `at`: where the middle of what is pasted goes. Edges from outside come along on request, where their node is
// there. Mistake: the text is no piece of a pipeline.
enum class PasteEdges : unsigned char { Between, AlsoFromOutside };
Result<Pasted> paste(const Document& document, std::string_view text, Position at, PasteEdges edges = PasteEdges::Between);

}
