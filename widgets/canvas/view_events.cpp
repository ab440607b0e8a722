// Mouse, wheel, keys and drags of the view.
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/edit_chain.h"
#include "widgets/canvas/insertion.h"
#include "widgets/canvas/node_search.h"

#include <QDropEvent>
#include <QHelpEvent>
#include <QMimeData>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QToolTip>
#include <cmath>

namespace streamwright {

namespace {

// Selects what was hit; with Shift it is added.
Selection::Items withHit(const CanvasGraph& graph, const Hit& hit, Selection::Items items)
{
    switch (hit.kind) {
        case Hit::Kind::Node:
        case Hit::Kind::Port: items.nodes.insert(graph.boxes()[hit.index].id); break;
        case Hit::Kind::Wire:
        case Hit::Kind::Bend: items.edges.insert(graph.wires()[hit.index].text); break;
        case Hit::Kind::Frame:
        case Hit::Kind::FrameCorner: items.frames.insert(graph.frames()[hit.index].id); break;
        case Hit::Kind::Note:
        case Hit::Kind::NoteCorner: items.notes.insert(graph.notes()[hit.index].id); break;
        case Hit::Kind::Nothing: break;
    }
    return items;
}

Selection::Items without(Selection::Items items, const Selection::Items& others)
{
    for (const NodeId& node : others.nodes) items.nodes.erase(node);
    for (const std::string& edge : others.edges) items.edges.erase(edge);
    for (const std::string& frame : others.frames) items.frames.erase(frame);
    for (const std::string& note : others.notes) items.notes.erase(note);
    return items;
}

}

void CanvasView::press(const Pointer& pointer, const Hit& hit)
{
    if (hit.kind == Hit::Kind::Nothing || hit.kind == Hit::Kind::Port) return;
    Selection& selection = document_.selection();
    const bool selected = withHit(scene_->graph(), hit, selection.items()) == selection.items();
    // What is selected stays so until the release: the press may begin a move of all of it.
    if (selected || pointer.modifiers.testFlag(Qt::ControlModifier)) return;
    selection.set(withHit(scene_->graph(), hit, pointer.modifiers.testFlag(Qt::ShiftModifier) ? selection.items() : Selection::Items{}));
}

void CanvasView::click(const Pointer& pointer, const Hit& hit)
{
    Selection& selection = document_.selection();
    const CanvasGraph& graph = scene_->graph();
    if (pointer.button == Qt::RightButton) {
        if (hit.kind == Hit::Kind::Nothing) selection.clear();
        Q_EMIT contextMenuRequested(viewport()->mapToGlobal(pointer.view));
        return;
    }
    if (pointer.button != Qt::LeftButton) return;
    if (hit.kind == Hit::Kind::Wire && pointer.modifiers.testFlag(Qt::ControlModifier) && pointer.modifiers.testFlag(Qt::ShiftModifier)) {
        const Wire& wire = graph.wires()[hit.index];
        Q_EMIT tapRequested(graph.boxes()[wire.from].id, QString::fromStdString(graph.boxes()[wire.from].outputs[wire.fromPort].name));
        return;
    }
    const Selection::Items one = withHit(graph, hit, {});
    if (pointer.modifiers.testFlag(Qt::ControlModifier)) {
        const bool selected = withHit(graph, hit, selection.items()) == selection.items();
        selection.set(selected ? without(selection.items(), one) : withHit(graph, hit, selection.items()));
    } else if (!pointer.modifiers.testFlag(Qt::ShiftModifier)) {
        selection.set(one);
    }
    scene_->setFocusNode(std::nullopt);
}

void CanvasView::mousePressEvent(QMouseEvent* event)
{
    setFocus(Qt::MouseFocusReason);
    search_->close();
    const Pointer pointer = pointerAt(event->pos(), event->modifiers(), event->button());
    last_ = pointer;
    event->accept();
    // The second button during a gesture changes one's mind.
    if (gesture_) {
        if (event->button() == Qt::RightButton) abortGesture();
        return;
    }
    const Hit hit = hitAt(pointer.scene);
    if (auto gesture = gestureAtPress(*this, pointer, hit)) {
        if (spaceIsDown()) space_ = Space::Used;
        return begin(std::move(gesture));
    }
    pressed_ = pointer;
    pressedHit_ = hit;
    if (pointer.button == Qt::LeftButton || (pointer.button == Qt::RightButton && !pointer.modifiers.testFlag(Qt::ControlModifier))) press(pointer, hit);
}

void CanvasView::mouseMoveEvent(QMouseEvent* event)
{
    last_ = pointerAt(event->pos(), event->modifiers(), last_.button);
    pointerIsIn_ = true;
    event->accept();
    if (!gesture_ && pressed_ && (event->pos() - pressed_->view).manhattanLength() >= QApplication::startDragDistance()) {
        if (auto gesture = gestureFor(*this, *pressed_, pressedHit_)) begin(std::move(gesture));
        else pressed_.reset();
    }
    if (!gesture_) return scene_->setHover(hitAt(last_.scene));
    gesture_->move(last_);
    viewport()->setCursor(gesture_->cursor());
}

void CanvasView::mouseReleaseEvent(QMouseEvent* event)
{
    const Pointer pointer = pointerAt(event->pos(), event->modifiers(), event->button());
    event->accept();
    if (gesture_) return finish(pointer);
    if (!std::exchange(pressed_, std::nullopt)) return;
    click(pointer, pressedHit_);
}

void CanvasView::mouseDoubleClickEvent(QMouseEvent* event)
{
    event->accept();
    if (event->button() != Qt::LeftButton || gesture_) return;
    const Pointer pointer = pointerAt(event->pos(), event->modifiers(), event->button());
    const Hit hit = hitAt(pointer.scene);
    switch (hit.kind) {
        case Hit::Kind::Nothing: return openSearchAt(pointer.scene, std::nullopt, std::nullopt);
        case Hit::Kind::Node: Q_EMIT nodeActivated(scene_->graph().boxes()[hit.index].id); return;
        case Hit::Kind::Wire: return addBend(hit.index, pointer.scene);
        case Hit::Kind::Bend: return removeBend(hit.index, hit.part);
        case Hit::Kind::Frame:
        case Hit::Kind::Note: return editTitle();
        default: return mousePressEvent(event);
    }
}

void CanvasView::wheelEvent(QWheelEvent* event)
{
    event->accept();
    // A trackpad tells pixels and scrolls; a wheel zooms.
    if (!event->pixelDelta().isNull() && !event->modifiers().testFlag(Qt::ControlModifier)) return scrollBy(-event->pixelDelta());
    if (wheelScrolls_ && !event->modifiers().testFlag(Qt::ControlModifier)) return scrollBy(-event->angleDelta() / 2);
    const int steps = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    zoomAt(event->position().toPoint(), zoom() * std::pow(2.0, steps / 480.0));
    if (gesture_) last_.scene = mapToScene(last_.view), gesture_->move(last_);
}

void CanvasView::keyPressEvent(QKeyEvent* event)
{
    event->accept();
    if (event->key() == Qt::Key_Escape) {
        if (gesture_) return abortGesture();
        if (isLayingOut()) return cancelLayout();
        return selectNone();
    }
    if (event->key() == Qt::Key_Space && event->modifiers() == Qt::NoModifier) {
        if (event->isAutoRepeat() || gesture_) return;
        space_ = Space::Down;
        spacePressed_ = last_.view;
        viewport()->setCursor(Qt::OpenHandCursor);
        return;
    }
    if (event->key() == Qt::Key_Tab && !scene_->focusNode()) return openSearch();
    event->ignore();
}

void CanvasView::keyReleaseEvent(QKeyEvent* event)
{
    event->accept();
    if (event->key() != Qt::Key_Space || event->isAutoRepeat() || space_ == Space::Up) return event->ignore();
    const bool searches = std::exchange(space_, Space::Up) == Space::Down && (last_.view - spacePressed_).manhattanLength() < QApplication::startDragDistance();
    if (!gesture_) viewport()->unsetCursor();
    if (searches && !gesture_) openSearch();
}

void CanvasView::focusOutEvent(QFocusEvent* event)
{
    space_ = Space::Up;
    QGraphicsView::focusOutEvent(event);
}

void CanvasView::leaveEvent(QEvent* event)
{
    pointerIsIn_ = false;
    scene_->setHover({});
    QGraphicsView::leaveEvent(event);
}

// Tab opens the search, as long as the keyboard has not put the focus on a node.
bool CanvasView::focusNextPrevChild(bool next) { return next && !scene_->focusNode() ? false : QGraphicsView::focusNextPrevChild(next); }

bool CanvasView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        showToolTip(help->pos(), help->globalPos());
        return true;
    }
    if (event->type() == QEvent::NativeGesture) {
        const auto* pinch = static_cast<QNativeGestureEvent*>(event);
        if (pinch->gestureType() == Qt::ZoomNativeGesture) zoomAt(pinch->position().toPoint(), zoom() * (1 + pinch->value()));
        return true;
    }
    return QGraphicsView::viewportEvent(event);
}

void CanvasView::contextMenuEvent(QContextMenuEvent* event)
{
    // The right button has told it already; here comes the menu key.
    if (event->reason() == QContextMenuEvent::Keyboard) Q_EMIT contextMenuRequested(viewport()->mapToGlobal(viewport()->rect().center()));
    event->accept();
}

// ---- drags from the palette

void CanvasView::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasFormat(QLatin1String(kNodeTypeMime))) event->acceptProposedAction();
    else event->ignore();
}

void CanvasView::dragMoveEvent(QDragMoveEvent* event)
{
    if (!event->mimeData()->hasFormat(QLatin1String(kNodeTypeMime))) return event->ignore();
    event->acceptProposedAction();
    const NodeType* type = document_.catalog().find(event->mimeData()->data(QLatin1String(kNodeTypeMime)).toStdString());
    const Hit hit = hitAt(mapToScene(event->position().toPoint()));
    scene_->setDropTarget(hit.kind == Hit::Kind::Wire && canStandInWire(type) ? hit : Hit{});
}

void CanvasView::dragLeaveEvent(QDragLeaveEvent*) { scene_->setDropTarget({}); }

void CanvasView::dropEvent(QDropEvent* event)
{
    const QPointF at = mapToScene(event->position().toPoint());
    const Hit target = scene_->dropTarget();
    scene_->setDropTarget({});
    const std::string type = event->mimeData()->data(QLatin1String(kNodeTypeMime)).toStdString();
    event->acceptProposedAction();
    if (target.kind == Hit::Kind::Wire) addChosen(type, 0, at, std::nullopt, scene_->graph().wires()[target.index].text);
    else addNode(type, at);
    setFocus(Qt::OtherFocusReason);
}

}
