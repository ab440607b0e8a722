#include "widgets/canvas/gestures/move.h"

#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/edit_chain.h"
#include "widgets/canvas/ground_edits.h"
#include "widgets/canvas/insertion.h"

namespace streamwright {

namespace {

QPointF cornerOf(const CanvasGraph& graph, const Hit& hit)
{
    if (hit.kind == Hit::Kind::Node) return graph.boxes()[hit.index].rect.topLeft();
    return hit.kind == Hit::Kind::Frame ? graph.frames()[hit.index].rect.topLeft() : graph.notes()[hit.index].rect.topLeft();
}

}

MoveGesture::MoveGesture(CanvasView& view, const Pointer& pressed, const Hit& hit) : view_(view), start_(pressed.scene), items_(view.document().selection().items())
{
    const CanvasGraph& graph = view_.canvas().graph();
    anchor_ = cornerOf(graph, hit);
    copies_ = pressed.modifiers.testFlag(Qt::ControlModifier) && hit.kind == Hit::Kind::Node;
    takeWhatFramesHold();
    for (const NodeId& node : items_.nodes) {
        if (const auto box = graph.indexOf(node)) corners_.emplace(*box, graph.boxes()[*box].rect.topLeft());
    }
    for (const FrameBox& frame : graph.frames()) {
        if (items_.frames.contains(frame.id)) frames_.emplace(frame.id, frame.rect);
    }
    for (const NoteBox& note : graph.notes()) {
        if (items_.notes.contains(note.id)) notes_.emplace(note.id, note.rect);
    }
    for (size_t i = 0; i < graph.wires().size(); ++i) {
        const Wire& wire = graph.wires()[i];
        if (!wire.bends.empty() && corners_.contains(wire.from) && corners_.contains(wire.to)) bends_.emplace(i, wire.bends);
    }
    canGoIntoWire_ = corners_.size() == 1 && graph.boxes()[corners_.begin()->first].wires.empty() && canStandInWire(graph.boxes()[corners_.begin()->first].type);
}

// A frame moves with what lies in it.
void MoveGesture::takeWhatFramesHold()
{
    const CanvasGraph& graph = view_.canvas().graph();
    for (const FrameBox& frame : graph.frames()) {
        if (!items_.frames.contains(frame.id)) continue;
        for (const NodeBox& box : graph.boxes()) {
            if (frame.rect.contains(box.rect.center())) items_.nodes.insert(box.id);
        }
        for (const NoteBox& note : graph.notes()) {
            if (frame.rect.contains(note.rect)) items_.notes.insert(note.id);
        }
    }
}

void MoveGesture::show(const QPointF& by)
{
    CanvasScene& scene = view_.canvas();
    std::map<size_t, QPointF> corners;
    for (const auto& [box, corner] : corners_) corners.emplace(box, corner + by);
    for (const auto& [id, rect] : frames_) scene.graph().setFrameRect(id, rect.translated(by));
    for (const auto& [id, rect] : notes_) scene.graph().setNoteRect(id, rect.translated(by));
    for (const auto& [wire, bends] : bends_) {
        std::vector<QPointF> moved = bends;
        for (QPointF& bend : moved) bend += by;
        scene.graph().bend(wire, std::move(moved));
    }
    scene.moveBoxes(corners);
}

void MoveGesture::move(const Pointer& pointer)
{
    const QPointF free = anchor_ + pointer.scene - start_;
    const QPointF by = (pointer.modifiers.testFlag(Qt::ShiftModifier) ? free : snapped(free)) - anchor_;
    if (by == by_) return lookForWire(pointer);
    by_ = by;
    show(by_);
    lookForWire(pointer);
}

void MoveGesture::lookForWire(const Pointer& pointer)
{
    Hit target;
    if (canGoIntoWire_ && !copies_ && !pointer.modifiers.testFlag(Qt::AltModifier)) {
        if (const auto wire = wireUnder(view_.canvas().graph(), view_.canvas().graph().boxes()[corners_.begin()->first].rect)) target = {Hit::Kind::Wire, *wire};
    }
    view_.canvas().setDropTarget(target);
}

QString MoveGesture::name() const
{
    if (items_.nodes.size() == 1) return CanvasView::tr("Move %1").arg(QString::fromStdString(items_.nodes.begin()->name));
    if (items_.nodes.empty()) return items_.frames.empty() ? CanvasView::tr("Move note") : CanvasView::tr("Move frame");
    return CanvasView::tr("Move %n node(s)", nullptr, static_cast<int>(items_.nodes.size()));
}

Edit MoveGesture::edit() const
{
    const CanvasGraph& graph = view_.canvas().graph();
    EditChain chain(view_.document().document());
    std::map<NodeId, Position> positions;
    for (const auto& [box, corner] : corners_) positions.emplace(graph.boxes()[box].id, Position{corner.x() + by_.x(), corner.y() + by_.y()});
    if (!positions.empty()) chain.add(moveNodes(chain.document(), positions));
    for (const auto& [id, rect] : frames_) chain.add(setFrame(chain.document(), id, withRect(groundObject(chain.document(), "frames", id), rect.translated(by_))));
    for (const auto& [id, rect] : notes_) chain.add(setNote(chain.document(), id, withRect(groundObject(chain.document(), "notes", id), rect.translated(by_))));
    for (const auto& [wire, bends] : bends_) {
        std::vector<Position> moved;
        for (const QPointF& bend : bends) moved.push_back({bend.x() + by_.x(), bend.y() + by_.y()});
        chain.add(setBends(chain.document(), graph.wires()[wire].edge, moved));
    }
    return chain.edit();
}

void MoveGesture::commit(const Pointer&)
{
    const Hit target = view_.canvas().dropTarget();
    if (target.kind != Hit::Kind::Wire) return view_.document().apply(edit(), name());
    const CanvasGraph& graph = view_.canvas().graph();
    const NodeBox& box = graph.boxes()[corners_.begin()->first];
    EditChain chain(view_.document().document());
    chain.add(edit());
    chain.add(insertOnEdge(chain.document(), box.id, graph.wires()[target.index].edge, portText(box.type->spec, Side::Input, 0), portText(box.type->spec, Side::Output, 0)));
    view_.document().apply(chain.edit(), CanvasView::tr("Insert %1").arg(QString::fromStdString(box.id.name)));
}

void MoveGesture::copy()
{
    const Document& document = view_.document().document();
    const QPointF middle = view_.middleOf(items_.nodes);
    view_.canvas().reload();
    view_.pasteText(copyText(document, items_.nodes), middle, CanvasView::tr("Copy %n node(s)", nullptr, static_cast<int>(items_.nodes.size())));
}

Gesture::Outcome MoveGesture::release(const Pointer& pointer)
{
    move(pointer);
    if (by_.isNull()) cancel();
    else if (copies_) copy();
    else commit(pointer);
    view_.canvas().setDropTarget({});
    return Outcome::Over;
}

void MoveGesture::cancel() { view_.canvas().reload(); }

}
