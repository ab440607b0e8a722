#include "widgets/canvas/gestures/pan.h"

#include "widgets/canvas/canvas_view.h"

namespace streamwright {

PanGesture::PanGesture(CanvasView& view, const Pointer& pressed) : view_(view), middle_(view.middle()), last_(pressed.view) {}

void PanGesture::move(const Pointer& pointer)
{
    view_.scrollBy(last_ - pointer.view);
    last_ = pointer.view;
}

void PanGesture::cancel() { view_.lookAt(middle_); }

}
