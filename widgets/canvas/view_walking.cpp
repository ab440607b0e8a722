// Selecting, walking along the wires by keys, nudging.
#include "widgets/canvas/accessible_canvas.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/theme/theme.h"

#include <QLineF>
#include <cmath>

namespace streamwright {

namespace {

QPointF directionVector(CanvasView::Direction direction)
{
    switch (direction) {
        case CanvasView::Direction::Left: return {-1, 0};
        case CanvasView::Direction::Right: return {1, 0};
        case CanvasView::Direction::Up: return {0, -1};
        case CanvasView::Direction::Down: return {0, 1};
    }
    return {};
}

// The nearest one that lies that way; straight ahead counts more than aside.
std::optional<size_t> nearest(const CanvasGraph& graph, const QPointF& from, const QPointF& way, const std::vector<size_t>& among)
{
    std::optional<size_t> best;
    double least = std::numeric_limits<double>::infinity();
    for (size_t box : among) {
        const QPointF to = graph.boxes()[box].rect.center() - from;
        const double ahead = QPointF::dotProduct(to, way);
        if (ahead < 1) continue;
        const double aside = std::abs(to.x() * way.y()) + std::abs(to.y() * way.x());
        if (ahead + 2 * aside < least) least = ahead + 2 * aside, best = box;
    }
    return best;
}

// What a wire leads to on that side, nearest in height first.
std::optional<size_t> alongWires(const CanvasGraph& graph, size_t box, CanvasView::Direction direction)
{
    if (direction != CanvasView::Direction::Left && direction != CanvasView::Direction::Right) return std::nullopt;
    std::optional<size_t> best;
    double least = std::numeric_limits<double>::infinity();
    for (size_t index : graph.boxes()[box].wires) {
        const Wire& wire = graph.wires()[index];
        const bool right = direction == CanvasView::Direction::Right;
        if ((right ? wire.from : wire.to) != box) continue;
        const size_t other = right ? wire.to : wire.from;
        const double distance = QLineF(graph.boxes()[other].rect.center(), graph.boxes()[box].rect.center()).length() + (wire.rejected ? 1e5 : 0);
        if (distance < least) least = distance, best = other;
    }
    return best;
}

std::vector<size_t> allOf(const CanvasGraph& graph)
{
    std::vector<size_t> boxes(graph.boxes().size());
    for (size_t i = 0; i < boxes.size(); ++i) boxes[i] = i;
    return boxes;
}

}

void CanvasView::selectAll()
{
    Selection::Items items;
    for (const NodeBox& box : scene_->graph().boxes()) items.nodes.insert(box.id);
    for (const FrameBox& frame : scene_->graph().frames()) items.frames.insert(frame.id);
    for (const NoteBox& note : scene_->graph().notes()) items.notes.insert(note.id);
    document_.selection().set(std::move(items));
}

void CanvasView::selectNone()
{
    document_.selection().clear();
    scene_->setFocusNode(std::nullopt);
}

// Adds what lies beyond the wires on one side of the selection, however far.
void CanvasView::spreadSelection(Side side)
{
    const CanvasGraph& graph = scene_->graph();
    std::set<NodeId> nodes = document_.selection().nodes();
    std::vector<size_t> open;
    for (const NodeId& node : nodes) {
        if (const auto box = graph.indexOf(node)) open.push_back(*box);
    }
    while (!open.empty()) {
        const size_t box = open.back();
        open.pop_back();
        for (size_t index : graph.boxes()[box].wires) {
            const Wire& wire = graph.wires()[index];
            if ((side == Side::Input ? wire.to : wire.from) != box) continue;
            const size_t other = side == Side::Input ? wire.from : wire.to;
            if (nodes.insert(graph.boxes()[other].id).second) open.push_back(other);
        }
    }
    document_.selection().setNodes(std::move(nodes));
}

void CanvasView::selectUpstream() { spreadSelection(Side::Input); }
void CanvasView::selectDownstream() { spreadSelection(Side::Output); }

void CanvasView::walk(Direction direction)
{
    const CanvasGraph& graph = scene_->graph();
    if (graph.boxes().empty()) return;
    const auto current = scene_->focusNode() ? scene_->focusNode() : document_.selection().nodes().empty() ? std::nullopt : std::optional(*document_.selection().nodes().begin());
    std::optional<size_t> next;
    if (const auto box = current ? graph.indexOf(*current) : std::nullopt) {
        next = alongWires(graph, *box, direction);
        if (!next) next = nearest(graph, graph.boxes()[*box].rect.center(), directionVector(direction), allOf(graph));
        if (!next) next = box;
    } else {
        // The first step goes to what is nearest to the middle of the view.
        const auto all = allOf(graph);
        next = *std::min_element(all.begin(), all.end(), [&](size_t a, size_t b) { return QLineF(graph.boxes()[a].rect.center(), middle()).length() < QLineF(graph.boxes()[b].rect.center(), middle()).length(); });
    }
    const NodeId id = graph.boxes()[*next].id;
    reveal(id);
    scene_->setFocusNode(id);
    announceFocus(*this, id);
}

void CanvasView::nudge(Direction direction, double distance)
{
    const QPointF by = directionVector(direction) * distance;
    std::map<NodeId, Position> positions;
    for (const NodeId& node : document_.selection().nodes()) {
        if (const NodeBox* box = scene_->graph().box(node)) positions.emplace(node, Position{box->rect.x() + by.x(), box->rect.y() + by.y()});
    }
    if (positions.empty()) return cannot(tr("Select nodes to move them"));
    moveTo(positions, tr("Move %n node(s)", nullptr, static_cast<int>(positions.size())), QStringLiteral("nudge"));
}

void CanvasView::moveTo(const std::map<NodeId, Position>& positions, const QString& name, const QString& mergeKey) { document_.apply(moveNodes(document_.document(), positions), name, mergeKey); }

void CanvasView::tap(int number)
{
    const auto node = document_.selection().only();
    const NodeBox* box = node ? scene_->graph().box(*node) : nullptr;
    if (!box) return cannot(tr("Select one node to see its rows"));
    if (box->outputs.empty() && number == 1) {
        Q_EMIT tapRequested(*node, {});
        return;
    }
    if (number < 1 || static_cast<size_t>(number) > box->outputs.size()) return cannot(tr("%1 has no output %2").arg(box->title.text()).arg(number));
    Q_EMIT tapRequested(*node, QString::fromStdString(box->outputs[static_cast<size_t>(number) - 1].name));
}

}
