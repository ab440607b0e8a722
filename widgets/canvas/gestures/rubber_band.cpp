#include "widgets/canvas/gestures/rubber_band.h"

#include "widgets/canvas/canvas_view.h"
#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

template <class Id>
void toggle(std::set<Id>& items, const std::set<Id>& others)
{
    for (const Id& item : others) {
        if (items.erase(item) == 0) items.insert(item);
    }
}

Selection::Items combined(Selection::Items before, const Selection::Items& found, Qt::KeyboardModifiers modifiers)
{
    if (modifiers.testFlag(Qt::ControlModifier)) {
        toggle(before.nodes, found.nodes), toggle(before.edges, found.edges);
        toggle(before.frames, found.frames), toggle(before.notes, found.notes);
        return before;
    }
    if (!modifiers.testFlag(Qt::ShiftModifier)) return found;
    before.nodes.insert(found.nodes.begin(), found.nodes.end()), before.edges.insert(found.edges.begin(), found.edges.end());
    before.frames.insert(found.frames.begin(), found.frames.end()), before.notes.insert(found.notes.begin(), found.notes.end());
    return before;
}

}

RubberBandGesture::RubberBandGesture(CanvasView& view, const Pointer& pressed) : view_(view), start_(pressed.scene), end_(pressed.scene), before_(view.document().selection().items()) {}

Selection::Items RubberBandGesture::itemsIn(const QRectF& area, bool enclosing) const
{
    const auto takes = [&](const QRectF& rect) { return enclosing ? area.contains(rect) : area.intersects(rect); };
    const CanvasGraph& graph = view_.canvas().graph();
    Selection::Items items;
    for (size_t box : graph.boxesIn(area)) {
        if (takes(graph.boxes()[box].rect)) items.nodes.insert(graph.boxes()[box].id);
    }
    for (const FrameBox& frame : graph.frames()) {
        if (area.contains(frame.rect)) items.frames.insert(frame.id);
    }
    for (const NoteBox& note : graph.notes()) {
        if (takes(note.rect)) items.notes.insert(note.id);
    }
    // Wires alone, where no node is: else a move of the nodes would seem to be about the wires too.
    if (!items.nodes.empty()) return items;
    const QPolygonF outline(area);
    for (size_t wire : graph.wiresIn(area)) {
        const QPolygonF& line = graph.wires()[wire].curve.line;
        if (area.contains(line.boundingRect()) || (!enclosing && crosses(line, outline))) items.edges.insert(graph.wires()[wire].text);
    }
    return items;
}

void RubberBandGesture::move(const Pointer& pointer)
{
    end_ = pointer.scene;
    const Selection::Items found = itemsIn(QRectF(start_, end_).normalized(), end_.x() >= start_.x());
    view_.document().selection().set(combined(before_, found, pointer.modifiers));
    view_.canvas().update();
}

Gesture::Outcome RubberBandGesture::release(const Pointer& pointer)
{
    move(pointer);
    return Outcome::Over;
}

void RubberBandGesture::cancel() { view_.document().selection().set(before_); }

void RubberBandGesture::paint(QPainter& painter, double) const
{
    const Theme& theme = Theme::current();
    QColor fill = theme.accent;
    fill.setAlphaF(0.08F);
    QPen pen(theme.accent, 1, end_.x() >= start_.x() ? Qt::SolidLine : Qt::DashLine);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.setBrush(fill);
    painter.drawRect(QRectF(start_, end_).normalized());
}

}
