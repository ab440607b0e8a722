#include "widgets/canvas/live.h"

#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <cmath>
#include <unordered_map>

namespace streamwright {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(LiveFigures)
};

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

bool isOver(RunState state) { return state == RunState::Finished || state == RunState::Stopped || state == RunState::Failed; }

// The batch by node, and how much time its rows stand for.
struct BatchView {
    std::unordered_map<std::string_view, const NodeProgress*> nodes;
    std::unordered_map<std::string_view, const SourceProgress*> sources;
    double seconds = 0;

    explicit BatchView(const LiveFigures::Sources& from)
    {
        if (!from.batch) return;
        const BatchProgress& batch = *from.batch;
        for (const NodeProgress& node : batch.nodes) nodes.emplace(node.node.name, &node);
        for (const SourceProgress& source : batch.sources) sources.emplace(source.node.name, &source);
        if (batch.rowsIn > 0 && batch.inputRowsPerSecond > 0) seconds = static_cast<double>(batch.rowsIn) / batch.inputRowsPerSecond;
        else seconds = from.checked.context.batchInterval.seconds();
        if (seconds <= 0) seconds = static_cast<double>(batch.time.total) / 1e9;
    }
    const NodeProgress* node(const NodeId& id) const
    {
        const auto at = nodes.find(id.name);
        return at == nodes.end() ? nullptr : at->second;
    }
    const SourceProgress* source(const NodeId& id) const
    {
        const auto at = sources.find(id.name);
        return at == sources.end() ? nullptr : at->second;
    }
    double rate(int64_t rows) const { return seconds > 0 ? static_cast<double>(rows) / seconds : 0; }
};

QString joined(const QStringList& parts) { return parts.join(QStringLiteral(" · ")); }

QString figuresOf(const NodeBox& box, const NodeProgress& node, const BatchView& batch)
{
    const QString busy = durationText(node.busyNanos);
    // There is room for two figures: rows that failed matter more than the others.
    const QString rejected = node.rejected > 0 ? Words::tr("%1 rejected").arg(countText(static_cast<double>(node.rejected))) : QString();
    if (!rejected.isEmpty()) return joined({rateText(batch.rate(box.group == Group::Sink ? node.rowsIn : node.rowsOut)), rejected});
    if (box.group == Group::Source) {
        const SourceProgress* source = batch.source(box.id);
        QStringList parts{rateText(batch.rate(node.rowsOut))};
        if (source && source->queueFill > 0) parts += Words::tr("queue %1").arg(shareText(source->queueFill));
        for (const Reading& reading : source ? source->readings : Readings()) {
            if (reading.name == "lag_rows" && reading.value > 0) parts += Words::tr("lag %1").arg(countText(reading.value));
        }
        return joined(parts);
    }
    if (box.type && box.type->spec.stateful) return joined({Words::tr("%1 keys").arg(exactText(node.stateRows)), bytesText(node.stateBytes)});
    if (box.group == Group::Sink) return joined({rateText(batch.rate(node.rowsIn)), busy});
    return joined({rateText(batch.rate(node.rowsOut)), busy});
}

// Before anything runs a node shows what leaves it.
QString columnsOf(const NodeBox& box, const CheckedPipeline& checked)
{
    const auto at = checked.schemas.find(box.id.name);
    if (at == checked.schemas.end() || at->second.empty()) return {};
    QStringList names;
    for (const Field& field : at->second.front().fields()) names += text(field.name);
    return names.join(QStringLiteral(", "));
}

using Problems = std::unordered_map<std::string_view, const Diagnostic*>;

// The worst of each node, the first of equals.
Problems worstByNode(const Diagnostics& diagnostics)
{
    Problems worst;
    for (const Diagnostic& diagnostic : diagnostics) {
        const auto [at, added] = worst.try_emplace(diagnostic.node, &diagnostic);
        if (!added && at->second->severity < diagnostic.severity) at->second = &diagnostic;
    }
    return worst;
}

// Rows that it rejects go somewhere.
bool handsOnRejects(const NodeBox& box, const CanvasGraph& graph)
{
    return std::ranges::any_of(box.wires, [&](size_t wire) { return graph.wires()[wire].rejected && graph.boxes()[graph.wires()[wire].from].id == box.id; });
}

void setStatus(NodeLive& live, const NodeBox& box, const LiveFigures::Sources& from, const Problems& problems, const BatchView& batch)
{
    const auto problem = problems.find(box.id.name);
    const SourceProgress* source = batch.source(box.id);
    const bool runs = from.run && !box.disabled && !box.bypassed;
    if (problem != problems.end() && problem->second->severity == Severity::Error) {
        live.status = NodeStatus::Error;
        live.why = engineText(problem->second->message);
    } else if (runs && source && !source->status.empty()) {
        live.status = NodeStatus::Waiting;
        live.why = engineText(source->status);
    } else if (problem != problems.end()) {
        live.status = NodeStatus::Warning;
        live.why = engineText(problem->second->message);
    } else if (const NodeProgress* node = batch.node(box.id); runs && node && node->rejected > 0 && !handsOnRejects(box, from.graph)) {
        live.status = NodeStatus::Warning;
        live.why = Words::tr("%1 rows rejected, one because: %2").arg(exactText(node->rejected), text(node->rejectedBecause));
    } else if (runs && batch.node(box.id)) {
        live.status = isOver(from.run->state) ? NodeStatus::Done : NodeStatus::Running;
    }
}

bool differs(const NodeLive& a, const NodeLive& b)
{
    // A bar 48 wide shows no less than a fiftieth.
    return a.figures.text() != b.figures.text() || a.status != b.status || a.why != b.why || a.changed != b.changed || std::abs(a.busy - b.busy) > 0.02;
}

bool differs(const WireLive& a, const WireLive& b)
{
    return a.pill.text() != b.pill.text() || wireWidth(a.rowsPerSecond) != wireWidth(b.rowsPerSecond) || std::abs(a.queueFill - b.queueFill) > 0.01;
}

NodeLive liveOf(const NodeBox& box, const LiveFigures::Sources& from, const Problems& problems, const BatchView& batch)
{
    NodeLive live;
    QString figures;
    if (const NodeProgress* node = batch.node(box.id)) {
        figures = figuresOf(box, *node, batch);
        const double interval = from.checked.context.batchInterval.seconds();
        live.busy = static_cast<double>(node->busyNanos) / 1e9 / (interval > 0 ? interval : std::max(batch.seconds, 1e-9));
    } else if (!from.run) {
        figures = columnsOf(box, from.checked);
    }
    setStatus(live, box, from, problems, batch);
    if (live.status == NodeStatus::Waiting) figures = live.why;
    if (box.disabled) figures = Words::tr("Disabled");
    else if (box.bypassed) figures = Words::tr("Bypassed");
    live.figures = live.farFigures = Line(figures);
    return live;
}

WireLive liveOf(const Wire& wire, const CanvasGraph& graph, const BatchView& batch)
{
    WireLive live;
    const NodeBox& from = graph.boxes()[wire.from];
    const NodeProgress* node = batch.node(from.id);
    if (!node) return live;
    live.rowsPerSecond = batch.rate(wire.rejected ? node->rejected : node->rowsOut);
    const SourceProgress* source = batch.source(from.id);
    if (source && from.type && from.type->spec.receives) live.queueFill = source->queueFill;
    if (live.rowsPerSecond > 0) live.pill = Line(rateText(live.rowsPerSecond));
    return live;
}

}

double wireWidth(double rowsPerSecond)
{
    if (rowsPerSecond <= 0) return 2;
    // A tenth of steps, so that a rate that wavers does not repaint the wire.
    return std::round(std::clamp(1.2 + 0.8 * std::log10(1 + rowsPerSecond), 2.0, 6.0) * 2) / 2;
}

LiveFigures::Changes LiveFigures::update(const Sources& sources)
{
    Changes changes;
    const BatchView batch(sources);
    const Problems problems = worstByNode(sources.checked.diagnostics);
    const auto& boxes = sources.graph.boxes();
    const auto& wires = sources.graph.wires();
    nodes_.resize(boxes.size());
    wires_.resize(wires.size());
    for (size_t i = 0; i < boxes.size(); ++i) {
        NodeLive live = liveOf(boxes[i], sources, problems, batch);
        live.changed = sources.changed.contains(boxes[i].id);
        if (differs(live, nodes_[i])) nodes_[i] = std::move(live), changes.boxes.push_back(i);
    }
    for (size_t i = 0; i < wires.size(); ++i) {
        WireLive live = liveOf(wires[i], sources.graph, batch);
        if (differs(live, wires_[i])) wires_[i] = std::move(live), changes.wires.push_back(i);
    }
    return changes;
}

}
