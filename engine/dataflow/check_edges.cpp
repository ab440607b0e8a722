#include "engine/base/suggest.h"
#include "engine/dataflow/checking.h"
#include "engine/pipeline/document_json.h"

namespace streamwright {

namespace {

std::string listOf(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

// The node at one end of an edge; told at the other end's node, so that the editor has a place for it.
std::optional<size_t> findEnd(Checking& checking, const Edge& edge, const std::string& name, const std::string& other)
{
    if (const auto at = checking.byName.find(name); at != checking.byName.end()) return at->second;
    std::vector<std::string> names;
    for (const Node& node : checking.document.nodes) names.push_back(node.id.name);
    const std::string message = "the edge " + printEdge(edge) + " names a node that is not there: " + name;
    const auto there = checking.byName.find(other);
    if (there == checking.byName.end()) checking.tellDocument("edges", message, didYouMean(name, names), edge.line);
    else checking.tell(checking.document.nodes[there->second], "edges", message, didYouMean(name, names), edge.line);
    return std::nullopt;
}

std::optional<size_t> findOutput(Checking& checking, const CheckedNode& from, const Edge& edge)
{
    if (!from.type) return 0;
    const NodeSpec& spec = from.type->spec;
    std::vector<std::string> names;
    for (const PortSpec& port : spec.outputs) names.push_back(port.name);
    if (spec.rejects) names.emplace_back(kRejectedPort);
    if (names.empty()) {
        checking.tell(*from.node, {}, spec.type + " has no output, but an edge leaves it: " + printEdge(edge), "take its rows from the node before it", edge.line);
        return std::nullopt;
    }
    if (edge.fromPort.empty() && !spec.outputs.empty()) return 0;
    const auto at = std::find(names.begin(), names.end(), edge.fromPort.empty() ? names.front() : edge.fromPort);
    if (at != names.end()) return static_cast<size_t>(at - names.begin());
    const std::string hint = didYouMean(edge.fromPort, names);
    checking.tell(*from.node, edge.fromPort, edge.fromPort + " is not an output of " + spec.type, hint.empty() ? "it has " + listOf(names) : hint, edge.line);
    return std::nullopt;
}

std::optional<size_t> findInput(Checking& checking, const CheckedNode& to, const Edge& edge)
{
    if (!to.type) return 0;
    const NodeSpec& spec = to.type->spec;
    std::vector<std::string> names;
    for (const PortSpec& port : spec.inputs) names.push_back(port.name);
    if (names.empty()) {
        checking.tell(*to.node, {}, spec.type + " has no input, but an edge leads to it: " + printEdge(edge), {}, edge.line);
        return std::nullopt;
    }
    if (edge.toPort.empty() && names.size() == 1) return 0;
    if (edge.toPort.empty()) {
        checking.tell(*to.node, {}, spec.type + " has the inputs " + listOf(names) + ", but the edge " + printEdge(edge) + " names none", "write " + edge.from + " -> " + edge.to + "." + names.front(), edge.line);
        return std::nullopt;
    }
    const auto at = std::find(names.begin(), names.end(), edge.toPort);
    if (at != names.end()) return static_cast<size_t>(at - names.begin());
    const std::string hint = didYouMean(edge.toPort, names);
    checking.tell(*to.node, edge.toPort, edge.toPort + " is not an input of " + spec.type, hint.empty() ? "it has " + listOf(names) : hint, edge.line);
    return std::nullopt;
}

bool sameEnds(const CheckedEdge& a, const CheckedEdge& b)
{
    return std::tie(a.from, a.fromPort, a.to, a.toPort) == std::tie(b.from, b.fromPort, b.to, b.toPort);
}

}

void checkEdges(Checking& checking)
{
    std::vector<std::vector<CheckedEdge>> leaving(checking.nodes.size());
    for (const Edge& edge : checking.document.edges) {
        const auto from = findEnd(checking, edge, edge.from, edge.to);
        const auto to = findEnd(checking, edge, edge.to, edge.from);
        if (!from || !to) continue;
        const auto fromPort = findOutput(checking, checking.nodes[*from], edge);
        const auto toPort = findInput(checking, checking.nodes[*to], edge);
        if (!fromPort || !toPort) continue;
        const CheckedEdge checked{*from, *fromPort, *to, *toPort, &edge};
        if (std::any_of(leaving[*from].begin(), leaving[*from].end(), [&](const CheckedEdge& other) { return sameEnds(checked, other); })) {
            checking.tell(*checking.nodes[*to].node, edge.toPort, "the edge " + printEdge(edge) + " stands twice", "remove one of the two", edge.line);
            continue;
        }
        leaving[*from].push_back(checked);
        checking.edges.push_back(checked);
    }
}

namespace {

// A bypassed node hands its one input on to its first output.
bool canBypass(Checking& checking, size_t node, const std::vector<std::vector<CheckedEdge>>& entering)
{
    const CheckedNode& checked = checking.nodes[node];
    const bool passes = checked.type && !checked.type->spec.inputs.empty() && !checked.type->spec.outputs.empty();
    if (passes && entering[node].size() == 1) return true;
    const std::string reason = !checked.type ? "its type is not known" : !passes ? checked.type->spec.type + " does not hand rows on" : fmt::format("{} edges lead to it", entering[node].size());
    checking.result.diagnostics.push_back({checked.node->id.name, "bypassed", "only a node with one edge in can be bypassed, but " + reason, "disable it instead", checked.node->line, Severity::Error});
    return false;
}

// Follows an edge back over bypassed nodes; false if no rows can come along it.
bool followBypassed(const Checking& checking, CheckedEdge& edge, const std::vector<std::vector<CheckedEdge>>& entering, const std::vector<char>& bypassed)
{
    for (size_t steps = 0; bypassed[edge.from]; ++steps) {
        if (edge.fromPort != 0 || steps > checking.nodes.size()) return false;
        const CheckedEdge& before = entering[edge.from].front();
        edge.from = before.from;
        edge.fromPort = before.fromPort;
    }
    return true;
}

// Whether node `i` lost all edges of one of its ports to nodes that do not run.
bool isCutOff(const Checking& checking, size_t i, const std::vector<std::vector<CheckedEdge>>& entering)
{
    const NodeType* type = checking.nodes[i].type;
    for (size_t port = 0; type && port < type->spec.inputs.size(); ++port) {
        bool any = false, running = false;
        for (const CheckedEdge& edge : entering[i]) {
            if (edge.toPort != port) continue;
            any = true;
            running |= checking.nodes[edge.from].runs;
        }
        if (any && !running) return true;
    }
    return false;
}

}

void leaveOutWhatDoesNotRun(Checking& checking)
{
    const size_t count = checking.nodes.size();
    std::vector<char> bypassed(count, 0);
    std::vector<std::vector<CheckedEdge>> entering(count);
    for (const CheckedEdge& edge : checking.edges) entering[edge.to].push_back(edge);
    bool anyIdle = false;
    for (size_t i = 0; i < count; ++i) {
        anyIdle |= !checking.nodes[i].runs;
        const Node& node = *checking.nodes[i].node;
        bypassed[i] = node.bypassed && !node.disabled && canBypass(checking, i, entering);
    }
    if (!anyIdle) return;
    for (std::vector<CheckedEdge>& edges : entering) {
        for (CheckedEdge& edge : edges) followBypassed(checking, edge, entering, bypassed);
    }
    // What only idle nodes feed is idle too.
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < count; ++i) {
            CheckedNode& checked = checking.nodes[i];
            if (!checked.runs || !isCutOff(checking, i, entering)) continue;
            const bool others = std::any_of(entering[i].begin(), entering[i].end(), [&](const CheckedEdge& edge) { return checking.nodes[edge.from].runs; });
            checked.runs = false;
            changed = true;
            if (others) checking.tell(*checked.node, {}, "does not run, since one of its inputs comes from disabled nodes alone", "disable it too, or connect the input otherwise", 0, Severity::Warning);
        }
    }
    std::vector<CheckedEdge> kept;
    for (CheckedEdge edge : checking.edges) {
        if (followBypassed(checking, edge, entering, bypassed) && checking.nodes[edge.from].runs && checking.nodes[edge.to].runs) kept.push_back(edge);
    }
    checking.edges = std::move(kept);
}

void checkInputs(Checking& checking)
{
    std::vector<std::vector<const CheckedEdge*>> entering(checking.nodes.size());
    for (const CheckedEdge& edge : checking.edges) entering[edge.to].push_back(&edge);
    for (size_t i = 0; i < checking.nodes.size(); ++i) {
        const CheckedNode& checked = checking.nodes[i];
        if (!checked.type || !checked.runs) continue;
        const auto& ports = checked.type->spec.inputs;
        for (size_t port = 0; port < ports.size(); ++port) {
            std::vector<const CheckedEdge*> edges;
            std::copy_if(entering[i].begin(), entering[i].end(), std::back_inserter(edges), [&](const CheckedEdge* edge) { return edge->toPort == port; });
            const std::string target = checked.node->id.name + (ports.size() > 1 ? "." + ports[port].name : "");
            if (edges.empty()) {
                checking.tell(*checked.node, ports[port].name, "the input " + ports[port].name + " is not connected", "add an edge \"… -> " + target + "\"");
            } else if (edges.size() > 1 && !ports[port].many) {
                checking.tell(*checked.node, ports[port].name, fmt::format("the input {} takes one edge, but has {}: from {} and {}", ports[port].name, edges.size(), checking.nameOf(edges[0]->from), checking.nameOf(edges[1]->from)), "put a union before it", edges[1]->edge->line);
            }
        }
    }
}

}
