#include "engine/runtime/plan.h"

#include "engine/runtime/preview.h"

#include <algorithm>

namespace streamwright {

namespace {

template <class... F>
struct Match : F... {
    using F::operator()...;
};
template <class... F>
Match(F...) -> Match<F...>;

Error planMistake(const NodeId& node, const std::string& field, const std::string& message, const std::string& hint)
{
    return mistake(field.empty() ? fmt::format("{}: {}", node.name, message) : fmt::format("{}.{}: {}", node.name, field, message), hint);
}

size_t inputPort(const NodeSpec& spec, std::string_view name)
{
    for (size_t i = 0; i < spec.inputs.size(); ++i) {
        if (spec.inputs[i].name == name) return i;
    }
    return 0;
}

// Every leaf of a tree of targets.
template <class F>
void eachLeaf(std::vector<std::vector<Target>>& outputs, const F& visit)
{
    for (std::vector<Target>& targets : outputs) {
        for (Target& target : targets) {
            if (target.kind == Target::Kind::Row) eachLeaf(target.step->outputs, visit);
            else visit(target);
        }
    }
}

}

std::optional<size_t> Plan::indexOf(const NodeId& node) const
{
    for (size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].id == node) return i;
    }
    return std::nullopt;
}

Result<void> Plan::makeNode(PlannedNode& from, const PlanContext& context, bool preview)
{
    PlanNode& node = nodes.emplace_back();
    node.id = from.id;
    node.type = from.type;
    node.was = from.was;
    node.fingerprint = from.stateFingerprint;
    for (const Schema& schema : from.outputs) node.schemas.push_back(std::make_shared<const Schema>(schema));
    auto made = from.type->make(from.options, from.inputs, context);
    if (!made) return planMistake(from.id, made.error().field, made.error().message, made.error().hint);
    const size_t index = nodes.size() - 1;
    std::visit(Match{
                   [&](std::unique_ptr<RowOperator>& op) { node.row = std::move(op); },
                   [&](std::unique_ptr<BatchOperator>& op) {
                       node.partitions = op->partitions();
                       node.states = op->makeStates();
                       node.gather = std::move(op);
                       gathers.push_back(index);
                   },
                   [&](std::unique_ptr<ReplayableSource>& source) { node.source = std::move(source), sources.push_back(index); },
                   [&](std::unique_ptr<Receiver>& receiver) { node.receiver = std::move(receiver), sources.push_back(index); },
                   [&](std::unique_ptr<Sink>& sink) {
                       node.sink = preview && !sink->onlyShows() ? discardingSink(*sink) : std::move(sink);
                       sinks.push_back(index);
                       if (node.sink->rejectsLate()) sources.push_back(index);
                   },
               },
               *made);
    return {};
}

Result<void> Plan::addReaders(const CheckedPipeline& pipeline)
{
    for (size_t i = 0; i < nodes.size(); ++i) {
        const PlannedNode& planned = pipeline.nodes[i];
        const auto kind = nodes[i].row ? Target::Kind::Row : nodes[i].gather ? Target::Kind::Operator : Target::Kind::Sink;
        for (size_t e = 0; e < planned.edges.size(); ++e) {
            const PlannedNode::Input& edge = planned.edges[e];
            readers_.push_back({kind, i, inputPort(nodes[i].type->spec, edge.port), edge.from, edge.fromPort, e});
        }
    }
    for (size_t r = 0; r < records.size(); ++r) {
        const Recording& record = records[r];
        const auto node = indexOf(record.node);
        if (!node) return mistake(fmt::format("there is no running node \"{}\" to record", record.node.name), "name a node that is in the pipeline and not disabled");
        const PlanNode& found = nodes[*node];
        if (found.sink && record.port.empty()) {
            const PlannedNode& planned = pipeline.nodes[*node];
            recordSchemas.push_back(std::make_shared<const Schema>(planned.inputs.only()));
            for (size_t e = 0; e < planned.edges.size(); ++e) readers_.push_back({Target::Kind::Record, r, 0, planned.edges[e].from, planned.edges[e].fromPort, e});
            continue;
        }
        size_t port = 0;
        if (!record.port.empty()) {
            const auto& outputs = found.type->spec.outputs;
            while (port < outputs.size() && outputs[port].name != record.port) ++port;
            const bool known = port < outputs.size() || record.port == kRejectedPort;
            if (!known) return mistake(fmt::format("node \"{}\" has no output \"{}\" to record", record.node.name, record.port));
        }
        recordSchemas.push_back(port < found.schemas.size() ? found.schemas[port] : rejectedSchema());
        readers_.push_back({Target::Kind::Record, r, 0, *node, port, 0});
    }
    return {};
}

// Every first output, and the others that somebody reads: a tap must not make rows that nobody wants. What
// reaches a sink by one edge is what left the port at its other end.
void Plan::addTaps(const CheckedPipeline& pipeline)
{
    const std::vector<Reader> readers = readers_;
    for (size_t i = 0; i < nodes.size(); ++i) {
        const auto& outputs = nodes[i].type->spec.outputs;
        for (size_t port = 0; port <= nodes[i].schemas.size(); ++port) {
            const bool read = std::ranges::any_of(readers, [&](const Reader& reader) { return reader.from == i && reader.fromPort == port; });
            if (!read && (port > 0 || nodes[i].schemas.empty())) continue;
            const bool rejected = port == nodes[i].schemas.size();
            readers_.push_back({Target::Kind::Tap, taps.size(), 0, i, port, 0});
            taps.push_back({nodes[i].id, rejected ? std::string(kRejectedPort) : outputs[port].name, rejected ? rejectedSchema() : nodes[i].schemas[port]});
        }
    }
    for (size_t sink : sinks) {
        const auto& edges = pipeline.nodes[sink].edges;
        const auto same = std::ranges::find_if(readers_, [&](const Reader& reader) { return reader.kind == Target::Kind::Tap && edges.size() == 1 && reader.from == edges[0].from && reader.fromPort == edges[0].fromPort; });
        if (same != readers_.end()) {
            taps[same->node].sinks.push_back(nodes[sink].id);
            continue;
        }
        for (size_t e = 0; e < edges.size(); ++e) readers_.push_back({Target::Kind::Tap, taps.size(), 0, edges[e].from, edges[e].fromPort, e});
        taps.push_back({{}, {}, std::make_shared<const Schema>(pipeline.nodes[sink].inputs.only()), {nodes[sink].id}});
    }
}

// The tree of everything that reads output `port` of `node`, row operators followed to their leaves.
std::vector<Target> Plan::targetsOf(size_t node, size_t port)
{
    std::vector<Target> targets;
    for (const Reader& reader : readers_) {
        if (reader.from != node || reader.fromPort != port) continue;
        Target& target = targets.emplace_back();
        target.kind = reader.kind;
        target.node = reader.node;
        target.port = reader.port;
        target.edges = {reader.edge};
        if (reader.kind != Target::Kind::Row) continue;
        target.step = std::make_unique<RowStep>();
        target.step->node = reader.node;
        target.step->op = nodes[reader.node].row.get();
        for (size_t out = 0; out <= nodes[reader.node].schemas.size(); ++out) target.step->outputs.push_back(targetsOf(reader.node, out));
        eachLeaf(target.step->outputs, [&](Target& leaf) { leaf.edges.push_back(reader.edge); });
    }
    return targets;
}

void Plan::numberWays()
{
    std::map<std::tuple<Target::Kind, size_t, size_t>, std::vector<std::pair<Target*, size_t>>> ports;
    for (size_t i = 0; i < nodes.size(); ++i) eachLeaf(nodes[i].outputs, [&](Target& leaf) { ports[{leaf.kind, leaf.node, leaf.port}].push_back({&leaf, i}); });
    for (auto& [port, leaves] : ports) {
        std::stable_sort(leaves.begin(), leaves.end(), [](const auto& a, const auto& b) { return a.first->edges < b.first->edges; });
        uint32_t partitions = 1;
        for (size_t way = 0; way < leaves.size(); ++way) {
            leaves[way].first->way = static_cast<uint32_t>(way);
            partitions = std::max(partitions, nodes[leaves[way].second].partitions);
        }
        if (std::get<0>(port) == Target::Kind::Sink) nodes[std::get<1>(port)].partitions = partitions;
    }
}

Result<Plan> Plan::make(CheckedPipeline& pipeline, const RunOptions& options)
{
    Plan plan;
    plan.records = options.records;
    for (PlannedNode& node : pipeline.nodes) {
        if (auto made = plan.makeNode(node, pipeline.context, options.preview); !made) return made.error();
    }
    if (auto added = plan.addReaders(pipeline); !added) return added.error();
    if (options.taps) plan.addTaps(pipeline);
    for (size_t i = 0; i < plan.nodes.size(); ++i) {
        if (plan.nodes[i].row) continue;
        for (size_t port = 0; port <= plan.nodes[i].schemas.size(); ++port) plan.nodes[i].outputs.push_back(plan.targetsOf(i, port));
    }
    plan.numberWays();
    return plan;
}

}
