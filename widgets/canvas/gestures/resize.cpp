#include "widgets/canvas/gestures/resize.h"

#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/ground_edits.h"
#include "widgets/theme/theme.h"

namespace streamwright {

ResizeGesture::ResizeGesture(CanvasView& view, const Pointer&, const Hit& hit) : view_(view), frame_(hit.kind == Hit::Kind::FrameCorner)
{
    const CanvasGraph& graph = view.canvas().graph();
    id_ = frame_ ? graph.frames()[hit.index].id : graph.notes()[hit.index].id;
    rect_ = frame_ ? graph.frames()[hit.index].rect : graph.notes()[hit.index].rect;
}

void ResizeGesture::move(const Pointer& pointer)
{
    const QPointF corner = pointer.modifiers.testFlag(Qt::ShiftModifier) ? pointer.scene : snapped(pointer.scene);
    rect_.setRight(std::max(corner.x(), rect_.left() + 4 * measure::kGrid));
    rect_.setBottom(std::max(corner.y(), rect_.top() + 2 * measure::kGrid));
    CanvasGraph& graph = view_.canvas().graph();
    if (frame_) graph.setFrameRect(id_, rect_);
    else graph.setNoteRect(id_, rect_);
    view_.canvas().update();
}

Gesture::Outcome ResizeGesture::release(const Pointer& pointer)
{
    move(pointer);
    const Document& document = view_.document().document();
    if (frame_) view_.document().apply(setFrame(document, id_, withRect(groundObject(document, "frames", id_), rect_)), CanvasView::tr("Resize frame"));
    else view_.document().apply(setNote(document, id_, withRect(groundObject(document, "notes", id_), rect_)), CanvasView::tr("Resize note"));
    return Outcome::Over;
}

void ResizeGesture::cancel() { view_.canvas().reload(); }

}
