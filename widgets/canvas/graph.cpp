#include "widgets/canvas/graph.h"

#include "engine/pipeline/document_json.h"
#include "widgets/canvas/placing.h"
#include "widgets/canvas/summary.h"
#include "widgets/theme/theme.h"

#include <algorithm>

namespace streamwright {

namespace {

Group groupOf(const std::string& type, const NodeType* known)
{
    if (known) return known->spec.group;
    return type.starts_with("source.") ? Group::Source : type.starts_with("sink.") ? Group::Sink : Group::Transform;
}

std::vector<PortBox> portsOf(const std::vector<PortSpec>& specs, bool rejects)
{
    std::vector<PortBox> ports;
    for (const PortSpec& spec : specs) ports.push_back({spec.name, {}, false, spec.many, true});
    if (rejects) ports.push_back({std::string(kRejectedPort), {}, true, false, true});
    return ports;
}

QString lookOf(const NodeBox& box)
{
    QString look = QString::number(static_cast<int>(box.group)) + QLatin1Char(box.type ? 'k' : 'u');
    for (const auto* ports : {&box.inputs, &box.outputs}) {
        look += QLatin1Char('/');
        for (const PortBox& port : *ports) look += QLatin1Char(port.rejected ? 'r' : port.known ? 'p' : 'u');
    }
    return look;
}

void placePorts(NodeBox& box)
{
    box.rect.setSize({measure::kNodeWidth, nodeHeight(box.inputs.size(), box.outputs.size())});
    const auto in = portHeights(box.inputs.size(), LastPort::Same);
    for (size_t i = 0; i < box.inputs.size(); ++i) box.inputs[i].offset = {0, in[i]};
    const bool apart = !box.outputs.empty() && box.outputs.back().rejected;
    const auto out = portHeights(box.outputs.size(), apart ? LastPort::Apart : LastPort::Same);
    for (size_t i = 0; i < box.outputs.size(); ++i) box.outputs[i].offset = {measure::kNodeWidth, out[i]};
    box.look = lookOf(box);
}

}

std::optional<size_t> NodeBox::portNamed(Side side, const std::string& name) const
{
    const std::vector<PortBox>& ports = side == Side::Input ? inputs : outputs;
    if (name.empty() && !ports.empty()) return 0;
    for (size_t i = 0; i < ports.size(); ++i) {
        if (ports[i].name == name) return i;
    }
    return std::nullopt;
}

void CanvasGraph::read(const Document& document)
{
    std::vector<NodeBox> before = std::exchange(boxes_, {});
    std::vector<Wire> wiresBefore = std::exchange(wires_, {});
    byName_.clear();
    byText_.clear();
    for (const Node& node : document.nodes) {
        byName_.try_emplace(node.id.name, boxes_.size());
        boxes_.push_back(boxOf(node));
    }
    addWires(document);
    for (NodeBox& box : boxes_) placePorts(box);
    placeBoxes(document);
    readGround(document);
    keepWhatDidNotChange(before, wiresBefore);
    index();
}

NodeBox CanvasGraph::boxOf(const Node& node) const
{
    NodeBox box;
    box.id = node.id;
    box.type = catalog_.find(node.type);
    box.group = groupOf(node.type, box.type);
    box.title = Line(nodeTitle(node));
    box.farTitle = box.title;
    box.summary = Line(nodeSummary(node, box.type));
    box.disabled = node.disabled;
    box.bypassed = node.bypassed;
    if (box.type) {
        box.inputs = portsOf(box.type->spec.inputs, false);
        box.outputs = portsOf(box.type->spec.outputs, box.type->spec.rejects);
    }
    return box;
}

// The port that an edge names; one that the type lacks is added, so that the wire can be seen and mended.
size_t CanvasGraph::portOf(NodeBox& box, Side side, const std::string& name)
{
    if (const auto port = box.portNamed(side, name)) return *port;
    std::vector<PortBox>& ports = side == Side::Input ? box.inputs : box.outputs;
    ports.push_back({name, {}, name == kRejectedPort, true, box.type == nullptr});
    return ports.size() - 1;
}

void CanvasGraph::addWires(const Document& document)
{
    for (const Edge& edge : document.edges) {
        const auto from = byName_.find(edge.from), to = byName_.find(edge.to);
        if (from == byName_.end() || to == byName_.end()) continue;
        Wire wire;
        wire.edge = edge;
        wire.text = printEdge(edge);
        wire.from = from->second;
        wire.to = to->second;
        wire.fromPort = portOf(boxes_[wire.from], Side::Output, edge.fromPort);
        wire.toPort = portOf(boxes_[wire.to], Side::Input, edge.toPort);
        wire.rejected = boxes_[wire.from].outputs[wire.fromPort].rejected;
        boxes_[wire.from].wires.push_back(wires_.size());
        if (wire.to != wire.from) boxes_[wire.to].wires.push_back(wires_.size());
        byText_.try_emplace(wire.text, wires_.size());
        wires_.push_back(std::move(wire));
    }
}

void CanvasGraph::placeBoxes(const Document& document)
{
    const auto written = writtenPlaces(document);
    std::vector<std::optional<QPointF>> places(boxes_.size());
    for (size_t i = 0; i < boxes_.size(); ++i) {
        if (const auto at = written.find(boxes_[i].id.name); at != written.end()) places[i] = at->second;
    }
    std::vector<std::pair<size_t, size_t>> links;
    for (const Wire& wire : wires_) links.emplace_back(wire.from, wire.to);
    placeTheRest(places, links);
    for (size_t i = 0; i < boxes_.size(); ++i) boxes_[i].rect.moveTopLeft(*places[i]);
}

void CanvasGraph::readGround(const Document& document)
{
    frames_ = framesOf(document);
    notes_ = notesOf(document);
    const auto bends = writtenBends(document);
    for (Wire& wire : wires_) {
        if (const auto at = bends.find(wire.text); at != bends.end()) wire.bends = at->second;
    }
}

void CanvasGraph::keepWhatDidNotChange(std::vector<NodeBox>& before, std::vector<Wire>& wiresBefore)
{
    std::unordered_map<std::string_view, NodeBox*> oldBoxes;
    for (NodeBox& box : before) oldBoxes.emplace(box.id.name, &box);
    for (NodeBox& box : boxes_) {
        const auto old = oldBoxes.find(box.id.name);
        if (old == oldBoxes.end()) continue;
        if (old->second->title.text() == box.title.text()) box.title = std::move(old->second->title), box.farTitle = std::move(old->second->farTitle);
        if (old->second->summary.text() == box.summary.text()) box.summary = std::move(old->second->summary);
    }
    std::unordered_map<std::string_view, Wire*> oldWires;
    for (Wire& wire : wiresBefore) oldWires.emplace(wire.text, &wire);
    for (Wire& wire : wires_) {
        const QPointF from = boxes_[wire.from].port(Side::Output, wire.fromPort), to = boxes_[wire.to].port(Side::Input, wire.toPort);
        const auto old = oldWires.find(wire.text);
        const bool same = old != oldWires.end() && !old->second->curve.line.isEmpty() && old->second->curve.line.first() == from && old->second->curve.line.last() == to && old->second->bends == wire.bends;
        if (same) wire.curve = std::move(old->second->curve);
        else wire.curve = wireCurve(from, to, wire.bends);
    }
}

void CanvasGraph::index()
{
    boxIndex_.clear();
    wireIndex_.clear();
    for (size_t i = 0; i < boxes_.size(); ++i) boxIndex_.insert(i, boxes_[i].rect);
    for (size_t i = 0; i < wires_.size(); ++i) wireIndex_.insert(i, wires_[i].curve.line);
}

const NodeBox* CanvasGraph::box(const NodeId& node) const
{
    const auto at = indexOf(node);
    return at ? &boxes_[*at] : nullptr;
}

std::optional<size_t> CanvasGraph::indexOf(const NodeId& node) const
{
    const auto at = byName_.find(node.name);
    return at == byName_.end() ? std::nullopt : std::optional(at->second);
}

const Wire* CanvasGraph::wire(const std::string& text) const
{
    const auto at = byText_.find(text);
    return at == byText_.end() ? nullptr : &wires_[at->second];
}

QRectF CanvasGraph::bounds() const
{
    QRectF all;
    for (const NodeBox& box : boxes_) all |= box.rect;
    for (const FrameBox& frame : frames_) all |= frame.rect;
    for (const NoteBox& note : notes_) all |= note.rect;
    for (const Wire& wire : wires_) {
        for (const QPointF& bend : wire.bends) all |= QRectF(bend, QSizeF(1, 1));
    }
    return all;
}

void CanvasGraph::move(size_t box, const QPointF& corner)
{
    boxIndex_.remove(box);
    boxes_[box].rect.moveTopLeft(corner);
    boxIndex_.insert(box, boxes_[box].rect);
}

void CanvasGraph::rewire(size_t wire)
{
    Wire& moved = wires_[wire];
    wireIndex_.remove(wire);
    moved.curve = wireCurve(boxes_[moved.from].port(Side::Output, moved.fromPort), boxes_[moved.to].port(Side::Input, moved.toPort), moved.bends);
    wireIndex_.insert(wire, moved.curve.line);
}

void CanvasGraph::setFrameRect(const std::string& id, const QRectF& rect)
{
    for (FrameBox& frame : frames_) {
        if (frame.id == id) frame.rect = rect;
    }
}

void CanvasGraph::setNoteRect(const std::string& id, const QRectF& rect)
{
    for (NoteBox& note : notes_) {
        if (note.id == id) note.rect = rect;
    }
}

void CanvasGraph::bend(size_t wire, std::vector<QPointF> bends)
{
    wires_[wire].bends = std::move(bends);
    rewire(wire);
}

}
