// Align, distribute, layered layout: each one command.
#include "widgets/canvas/arranging.h"
#include "widgets/canvas/canvas_view.h"

namespace streamwright {

namespace {

std::vector<const NodeBox*> selectedBoxes(const CanvasGraph& graph, const std::set<NodeId>& nodes)
{
    std::vector<const NodeBox*> boxes;
    for (const NodeId& node : nodes) {
        if (const NodeBox* box = graph.box(node)) boxes.push_back(box);
    }
    return boxes;
}

QPointF aligned(const QRectF& rect, const QRectF& all, CanvasView::Line line)
{
    switch (line) {
        case CanvasView::Line::Left: return {all.left(), rect.top()};
        case CanvasView::Line::Middle: return {all.center().x() - rect.width() / 2, rect.top()};
        case CanvasView::Line::Right: return {all.right() - rect.width(), rect.top()};
        case CanvasView::Line::Top: return {rect.left(), all.top()};
        case CanvasView::Line::Center: return {rect.left(), all.center().y() - rect.height() / 2};
        case CanvasView::Line::Bottom: return {rect.left(), all.bottom() - rect.height()};
    }
    return rect.topLeft();
}

}

void CanvasView::align(Line line)
{
    const auto boxes = selectedBoxes(scene_->graph(), document_.selection().nodes());
    if (boxes.size() < 2) return cannot(tr("Select two nodes or more to align them"));
    QRectF all;
    for (const NodeBox* box : boxes) all |= box->rect;
    std::map<NodeId, Position> positions;
    for (const NodeBox* box : boxes) {
        const QPointF corner = aligned(box->rect, all, line);
        positions.emplace(box->id, Position{corner.x(), corner.y()});
    }
    moveTo(positions, tr("Align %n node(s)", nullptr, static_cast<int>(boxes.size())));
}

// The outermost two stay; the gaps between all become equal.
void CanvasView::distribute(Qt::Orientation orientation)
{
    auto boxes = selectedBoxes(scene_->graph(), document_.selection().nodes());
    if (boxes.size() < 3) return cannot(tr("Select three nodes or more to distribute them"));
    const bool across = orientation == Qt::Horizontal;
    const auto low = [&](const NodeBox* box) { return across ? box->rect.left() : box->rect.top(); };
    const auto length = [&](const NodeBox* box) { return across ? box->rect.width() : box->rect.height(); };
    std::sort(boxes.begin(), boxes.end(), [&](const NodeBox* a, const NodeBox* b) { return low(a) < low(b); });
    double filled = 0;
    for (const NodeBox* box : boxes) filled += length(box);
    const double gap = (low(boxes.back()) + length(boxes.back()) - low(boxes.front()) - filled) / static_cast<double>(boxes.size() - 1);
    std::map<NodeId, Position> positions;
    double at = low(boxes.front());
    for (const NodeBox* box : boxes) {
        positions.emplace(box->id, across ? Position{at, box->rect.y()} : Position{box->rect.x(), at});
        at += length(box) + gap;
    }
    moveTo(positions, tr("Distribute %n node(s)", nullptr, static_cast<int>(boxes.size())));
}

bool CanvasView::isLayingOut() const { return arranging_->isRunning(); }

void CanvasView::cancelLayout()
{
    if (!isLayingOut()) return;
    arranging_->cancel();
    Q_EMIT announced(tr("Layout cancelled"));
    Q_EMIT layoutFinished();
}

void CanvasView::layOut()
{
    const CanvasGraph& graph = scene_->graph();
    std::set<NodeId> nodes = document_.selection().nodes();
    const bool some = nodes.size() >= 2;
    std::vector<NodeId> ids;
    std::map<size_t, size_t> places;
    LayoutTask task;
    QRectF before;
    for (size_t i = 0; i < graph.boxes().size(); ++i) {
        const NodeBox& box = graph.boxes()[i];
        if (some && !nodes.contains(box.id)) continue;
        places.emplace(i, ids.size());
        ids.push_back(box.id);
        task.nodes.push_back(box.rect.size());
        before |= box.rect;
    }
    if (ids.empty()) return cannot(tr("There is nothing to lay out"));
    for (const Wire& wire : graph.wires()) {
        const auto from = places.find(wire.from), to = places.find(wire.to);
        if (from != places.end() && to != places.end() && wire.from != wire.to) task.links.emplace_back(from->second, to->second);
    }
    arranging_->start(std::move(task), [this, ids, corner = before.topLeft()](const std::vector<QPointF>& corners) {
        QRectF after;
        for (const QPointF& place : corners) after |= QRectF(place, QSizeF(1, 1));
        std::map<NodeId, Position> positions;
        // What was laid out stays where it was, as a whole. Nodes that are gone by now are left out.
        for (size_t i = 0; i < corners.size(); ++i) {
            const QPointF place = snapped(corners[i] - after.topLeft() + corner);
            if (document_.node(ids[i])) positions.emplace(ids[i], Position{place.x(), place.y()});
        }
        moveTo(positions, tr("Lay out %n node(s)", nullptr, static_cast<int>(positions.size())));
        Q_EMIT announced(tr("%n node(s) laid out", nullptr, static_cast<int>(positions.size())));
        Q_EMIT layoutFinished();
    });
    Q_EMIT announced(tr("Laying out %n node(s) …", nullptr, static_cast<int>(ids.size())));
}

}
