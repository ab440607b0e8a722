#include "widgets/canvas/gestures/bend.h"

#include "widgets/canvas/canvas_view.h"

namespace streamwright {

BendGesture::BendGesture(CanvasView& view, size_t wire, size_t bend) : view_(view), wire_(wire), bend_(bend), bends_(view.canvas().graph().wires()[wire].bends) {}

void BendGesture::move(const Pointer& pointer)
{
    bends_[bend_] = pointer.modifiers.testFlag(Qt::ShiftModifier) ? pointer.scene : snapped(pointer.scene);
    view_.canvas().graph().bend(wire_, bends_);
    view_.canvas().update();
}

Gesture::Outcome BendGesture::release(const Pointer& pointer)
{
    move(pointer);
    std::vector<Position> bends;
    for (const QPointF& bend : bends_) bends.push_back({bend.x(), bend.y()});
    view_.document().apply(setBends(view_.document().document(), view_.canvas().graph().wires()[wire_].edge, bends), CanvasView::tr("Move reroute point"));
    return Outcome::Over;
}

void BendGesture::cancel() { view_.canvas().reload(); }

}
