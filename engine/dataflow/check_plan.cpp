#include "engine/dataflow/checking.h"
#include "engine/pipeline/json.h"
#include "engine/pipeline/topology.h"

#include <boost/uuid/detail/sha1.hpp>

namespace streamwright {

namespace {

void tellCycles(Checking& checking, const Topology& topology, const std::vector<size_t>& running)
{
    for (const std::vector<size_t>& cycle : topology.cycles) {
        std::string path;
        for (const size_t node : cycle) path += checking.nameOf(running[node]) + " -> ";
        path += checking.nameOf(running[cycle.front()]);
        checking.tell(*checking.nodes[running[cycle.front()]].node, {}, "the edges make a circle: " + path, "rows must flow from sources to sinks; keep what is to come back in a state node");
    }
}

// How often a node sees a batch; its rejected rows come that often, and those of a window between its slides too.
Duration seenEvery(const Checking& checking, const PlannedNode& node)
{
    return node.edges.empty() ? checking.result.context.batchInterval : node.inputs.slide();
}

// Streams that come unequally often meet in no batch that both know: Spark refuses to unite or join them, and
// so do we. Rejected rows come when they come, and may be united with anything.
bool checkSlides(Checking& checking, const CheckedNode& checked, const PlannedNode& planned)
{
    std::optional<size_t> first;
    for (size_t i = 0; i < planned.edges.size(); ++i) {
        const PlannedNode::Input& edge = planned.edges[i];
        if (edge.fromPort >= checking.result.nodes[edge.from].outputs.size()) continue;
        if (!first) first = i;
        const std::vector<Inputs::Edge>& inputs = planned.inputs.edges();
        if (inputs[*first].slide == inputs[i].slide) continue;
        const auto name = [&](size_t at) { return checking.result.nodes[planned.edges[at].from].id.name; };
        checking.tell(*checked.node, {}, fmt::format("its inputs must come equally often, but {} comes every {} and {} every {}", name(*first), printDuration(inputs[*first].slide), name(i), printDuration(inputs[i].slide)),
                      "give their windows one slide, or put a window with that slide before this node");
        return false;
    }
    return true;
}

// Gathers the inputs of a node; false if the schema of one is not known.
bool gatherInputs(const Checking& checking, std::span<const CheckedEdge* const> edges, const std::vector<size_t>& place, const std::vector<char>& known, PlannedNode& planned)
{
    std::vector<Inputs::Edge> inputs;
    for (const CheckedEdge* edge : edges) {
        const size_t from = place[edge->from];
        if (from == SIZE_MAX || !known[from]) return false;
        const PlannedNode& source = checking.result.nodes[from];
        const std::string& port = planned.type->spec.inputs[edge->toPort].name;
        planned.edges.push_back({port, from, edge->fromPort});
        const bool rejected = edge->fromPort >= source.outputs.size();
        inputs.push_back({port, rejected ? *rejectedSchema() : source.outputs[edge->fromPort], rejected ? seenEvery(checking, source) : source.slide});
    }
    planned.inputs = Inputs(std::move(inputs));
    // A node asks for the schema of each of its ports: all must be there, and only once.
    for (const PortSpec& port : planned.type->spec.inputs) {
        const auto count = std::count_if(planned.edges.begin(), planned.edges.end(), [&](const PlannedNode::Input& input) { return input.port == port.name; });
        if (count == 0 || (count > 1 && !port.many)) return false;
    }
    return true;
}

// The line of the entry that is wrong, where the option is a list; 0: that of the option.
int lineOf(const Node& node, const FieldError& error)
{
    const Json* option = node.options.find(error.field);
    const bool there = option && error.item && option->isArray() && *error.item < option->items().size();
    return there ? option->items()[*error.item].line() : 0;
}

// Computes the output schemas of a node whose inputs are known; false if they cannot be told.
bool propagate(Checking& checking, const CheckedNode& checked, PlannedNode& planned)
{
    const auto tell = [&](const FieldError& error) { checking.tell(*checked.node, error.field, error.message, error.hint, lineOf(*checked.node, error)); };
    if (!checkSlides(checking, checked, planned)) return false;
    auto outputs = planned.type->schemas(planned.options, planned.inputs, checking.result.context);
    if (!outputs) return tell(outputs.error()), false;
    for (const Schema& schema : *outputs) {
        if (const auto twice = duplicateName(schema.fields())) return checking.tell(*checked.node, {}, "its output has the column " + *twice + " twice", "rename one of the two"), false;
    }
    planned.outputs = std::move(*outputs);
    planned.slide = planned.type->slide(planned.options).value_or(seenEvery(checking, planned));
    if (checking.result.context.batchInterval.micros == 0) planned.slide = {};
    // A sink declares no schema: that its inputs suit it is known once it is made.
    if (planned.type->spec.group != Group::Sink) return true;
    if (auto made = planned.type->make(planned.options, planned.inputs, checking.result.context); !made) return tell(made.error()), false;
    return true;
}

}

void planNodes(Checking& checking)
{
    std::vector<size_t> running, index(checking.nodes.size(), SIZE_MAX);
    for (size_t i = 0; i < checking.nodes.size(); ++i) {
        if (!checking.nodes[i].runs) continue;
        index[i] = running.size();
        running.push_back(i);
    }
    std::vector<std::pair<size_t, size_t>> arrows;
    std::vector<std::vector<const CheckedEdge*>> entering(checking.nodes.size());
    for (const CheckedEdge& edge : checking.edges) {
        if (index[edge.from] == SIZE_MAX || index[edge.to] == SIZE_MAX) continue;
        arrows.emplace_back(index[edge.from], index[edge.to]);
        entering[edge.to].push_back(&edge);
    }
    const Topology topology = topologyOf(running.size(), arrows);
    tellCycles(checking, topology, running);

    std::vector<size_t> place(checking.nodes.size(), SIZE_MAX);
    std::vector<char> known;
    for (const size_t at : topology.order) {
        const CheckedNode& checked = checking.nodes[running[at]];
        PlannedNode planned{checked.node->id, checked.node->was, checked.type, checked.options, {}, {}, Inputs(), {}, {}};
        // It is written into the checkpoint, which holds no secrets.
        if (checked.type && checked.type->stateFingerprint) planned.stateFingerprint = checked.type->stateFingerprint(checked.printable);
        const bool good = checked.type && checked.optionsGood && gatherInputs(checking, entering[running[at]], place, known, planned) && propagate(checking, checked, planned);
        place[running[at]] = checking.result.nodes.size();
        known.push_back(good);
        if (good) checking.result.schemas.emplace(planned.id.name, planned.outputs);
        checking.result.nodes.push_back(std::move(planned));
    }
}

std::string documentHashOf(const Checking& checking)
{
    std::string text;
    for (const CheckedNode& checked : checking.nodes) {
        if (!checked.runs) continue;
        text += checked.node->id.name + ": " + (checked.type ? checked.type->spec.type : checked.node->type) + "\n";
        std::vector<Json::Member> options = checked.printable.members();
        std::sort(options.begin(), options.end(), [](const Json::Member& a, const Json::Member& b) { return a.first < b.first; });
        for (const auto& [name, value] : options) text += "  " + name + ": " + printJsonLine(value) + "\n";
    }
    for (const CheckedEdge& edge : checking.edges) text += fmt::format("{}.{} -> {}.{}\n", checking.nameOf(edge.from), edge.fromPort, checking.nameOf(edge.to), edge.toPort);
    boost::uuids::detail::sha1 sha;
    sha.process_bytes(text.data(), text.size());
    unsigned int digest[5];
    sha.get_digest(digest);
    return fmt::format("{:08x}{:08x}{:08x}{:08x}{:08x}", digest[0], digest[1], digest[2], digest[3], digest[4]);
}

}
