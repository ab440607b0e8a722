// Search, drop, insert, swap: how nodes come onto the canvas.
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/edit_chain.h"
#include "widgets/canvas/insertion.h"
#include "widgets/canvas/node_search.h"
#include "widgets/canvas/summary.h"
#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

const QPointF kHalf(measure::kNodeWidth / 2.0, measure::kNodeHeight / 2.0);

// "source.socket" is named socket, "flat_map" flat_map.
std::string nameFor(const std::string& type)
{
    const size_t dot = type.find('.');
    return dot == std::string::npos ? type : type.substr(dot + 1);
}

QString named(const NodeId& node) { return QString::fromStdString(node.name); }

std::vector<std::string> portsOfBoth(const NodeSpec& a, const NodeSpec& b)
{
    std::vector<std::string> kept;
    const auto keep = [&](const std::vector<PortSpec>& from, const std::vector<PortSpec>& to) {
        for (const PortSpec& port : from) {
            if (std::any_of(to.begin(), to.end(), [&](const PortSpec& other) { return other.name == port.name; })) kept.push_back(port.name);
        }
    };
    keep(a.inputs, b.inputs);
    keep(a.outputs, b.outputs);
    if (a.rejects && b.rejects) kept.emplace_back(kRejectedPort);
    return kept;
}

std::vector<std::string> optionsOfBoth(const NodeSpec& a, const NodeSpec& b)
{
    std::vector<std::string> kept;
    for (const FieldSpec& field : a.fields) {
        const FieldSpec* other = b.field(field.name);
        if (other && other->kind == field.kind) kept.push_back(field.name);
    }
    return kept;
}

}

// Down from `corner`, until no node lies there.
QPointF CanvasView::freePlaceNear(QPointF corner) const
{
    const auto taken = [&](const QPointF& at) {
        const QRectF rect = QRectF(at, QSizeF(measure::kNodeWidth, measure::kNodeHeight)).adjusted(-4, -4, 4, 4);
        const auto near = scene_->graph().boxesIn(rect);
        return std::any_of(near.begin(), near.end(), [&](size_t box) { return scene_->graph().boxes()[box].rect.intersects(rect); });
    };
    while (taken(corner)) corner.ry() += measure::kNodeHeight + measure::kGrid;
    return corner;
}

void CanvasView::openSearch()
{
    const auto& edges = document_.selection().items().edges;
    openSearchAt(pointerOrMiddle(), std::nullopt, edges.size() == 1 && document_.selection().nodes().empty() ? std::optional(*edges.begin()) : std::nullopt);
}

void CanvasView::openSearchForWire(const LinkEnd& end, const QPointF& at) { openSearchAt(at, end, std::nullopt); }

void CanvasView::openSearchForSelection()
{
    const auto node = document_.selection().only();
    const NodeBox* box = node ? scene_->graph().box(*node) : nullptr;
    if (!box || box->outputs.empty()) return cannot(tr("Select a node that hands rows on"));
    openSearchAt(freePlaceNear(box->rect.topRight() + QPointF(kColumnGap, 0)) + kHalf, LinkEnd{box->id, Side::Output, 0}, std::nullopt);
}

void CanvasView::openSearchAt(const QPointF& at, std::optional<LinkEnd> end, std::optional<std::string> wire)
{
    const std::optional<Side> needed = end ? std::optional(end->side == Side::Output ? Side::Input : Side::Output) : std::nullopt;
    std::vector<NodeSearch::Choice> choices = search_->types(needed);
    if (wire) std::erase_if(choices, [](const NodeSearch::Choice& choice) { return !canStandInWire(choice.type); });
    for (const NodeBox& box : scene_->graph().boxes()) {
        if (!end || box.id == end->node) continue;
        const auto& ports = *needed == Side::Input ? box.inputs : box.outputs;
        for (size_t port = 0; port < ports.size(); ++port) {
            const bool taken = *needed == Side::Input && !ports[port].many && std::any_of(box.wires.begin(), box.wires.end(), [&](size_t i) { return scene_->graph().wire(scene_->graph().wires()[i].text)->to == *scene_->graph().indexOf(box.id) && scene_->graph().wires()[i].toPort == port; });
            if (!taken && !ports[port].rejected) choices.push_back({box.type, box.id, port, box.title.text(), tr("there already · %1").arg(box.summary.text())});
        }
    }
    const QString placeholder = wire ? tr("Insert a node into the wire") : end ? tr("Connect to …") : tr("Search nodes");
    search_->open(viewport()->mapToParent(mapFromScene(at)), placeholder, std::move(choices), [this, at, end, wire](const NodeSearch::Choice& choice) {
        if (choice.node.name.empty()) return addChosen(choice.type->spec.type, choice.port, at, end, wire);
        const LinkEnd other{choice.node, end->side == Side::Output ? Side::Input : Side::Output, choice.port};
        const LinkVerdict verdict = judgeLink(document_, scene_->graph(), *end, other);
        if (!verdict.allowed) return cannot(verdict.reason);
        const Edge edge = edgeBetween(scene_->graph(), *end, other);
        document_.apply(addEdge(document_.document(), edge), tr("Connect %1 to %2").arg(QString::fromStdString(edge.from), QString::fromStdString(edge.to)));
    });
}

void CanvasView::addChosen(const std::string& type, size_t port, const QPointF& at, const std::optional<LinkEnd>& end, const std::optional<std::string>& wire)
{
    const NodeType* known = document_.catalog().find(type);
    EditChain chain(document_.document());
    Node node;
    node.id = freeName(chain.document(), nameFor(type));
    node.type = type;
    const NodeId id = node.id;
    // A wire that was drawn meets the port at the pointer.
    const QPointF corner = !end ? at - kHalf : end->side == Side::Output ? at - QPointF(0, kHalf.y()) : at - QPointF(2 * kHalf.x(), kHalf.y());
    const QPointF place = freePlaceNear(snapped(corner));
    chain.add(streamwright::addNode(chain.document(), std::move(node), {place.x(), place.y()}));
    if (end && known) {
        const NodeBox& box = *scene_->graph().box(end->node);
        const PortBox& fixed = (end->side == Side::Output ? box.outputs : box.inputs)[end->port];
        const std::string fixedPort = box.type && fixed.known ? portText(box.type->spec, end->side, end->port) : fixed.name;
        const std::string own = portText(known->spec, end->side == Side::Output ? Side::Input : Side::Output, port);
        chain.add(addEdge(chain.document(), end->side == Side::Output ? Edge{end->node.name, fixedPort, id.name, own} : Edge{id.name, own, end->node.name, fixedPort}));
    }
    const Wire* into = wire ? scene_->graph().wire(*wire) : nullptr;
    if (into && canStandInWire(known)) chain.add(insertOnEdge(chain.document(), id, into->edge, portText(known->spec, Side::Input, 0), portText(known->spec, Side::Output, 0)));
    document_.apply(chain.edit(), tr("Add %1").arg(named(id)));
    reveal(id);
}

std::optional<NodeId> CanvasView::addNode(const std::string& type, const QPointF& middle)
{
    if (!document_.catalog().find(type)) {
        cannot(tr("%1 is no node type that is known here").arg(QString::fromStdString(type)));
        return std::nullopt;
    }
    addChosen(type, 0, middle, std::nullopt, std::nullopt);
    return document_.selection().only();
}

void CanvasView::openSwapSearch()
{
    const auto node = document_.selection().only();
    const NodeBox* box = node ? scene_->graph().box(*node) : nullptr;
    if (!box) return cannot(tr("Select one node to swap its type"));
    search_->open(mapFromScene(box->rect.topLeft()), tr("Swap %1 for …").arg(box->title.text()), search_->types(std::nullopt), [this, id = *node](const NodeSearch::Choice& choice) { swapType(id, choice.type->spec.type); });
}

void CanvasView::swapType(const NodeId& node, const std::string& type)
{
    const NodeType* before = document_.typeOf(node);
    const NodeType* after = document_.catalog().find(type);
    if (!after || !document_.node(node)) return;
    const std::vector<std::string> options = before ? optionsOfBoth(before->spec, after->spec) : std::vector<std::string>{};
    const std::vector<std::string> ports = before ? portsOfBoth(before->spec, after->spec) : std::vector<std::string>{};
    document_.apply(changeType(document_.document(), node, type, options, ports), tr("Swap %1 for %2").arg(named(node), typeTitle(type)));
}

// ---- reroute points

void CanvasView::addBend(size_t wire, const QPointF& at)
{
    const Wire& bent = scene_->graph().wires()[wire];
    std::vector<Position> bends = bendsOf(document_.document(), bent.edge);
    const size_t section = sectionAt(bent.curve.line.first(), bent.curve.line.last(), bent.bends, at);
    const QPointF place = snapped(at);
    bends.insert(bends.begin() + static_cast<std::ptrdiff_t>(std::min(section, bends.size())), {place.x(), place.y()});
    document_.apply(setBends(document_.document(), bent.edge, bends), tr("Add reroute point"));
}

void CanvasView::removeBend(size_t wire, size_t bend)
{
    const Edge edge = scene_->graph().wires()[wire].edge;
    std::vector<Position> bends = bendsOf(document_.document(), edge);
    if (bend < bends.size()) bends.erase(bends.begin() + static_cast<std::ptrdiff_t>(bend));
    document_.apply(setBends(document_.document(), edge, bends), tr("Remove reroute point"));
}

}
