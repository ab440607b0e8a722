// Moves the view over the canvas: middle button, or the left one while Space is down.
#pragma once
#include "widgets/canvas/gestures/gesture.h"

namespace streamwright {

class PanGesture : public Gesture {
public:
    PanGesture(CanvasView& view, const Pointer& pressed);
    void move(const Pointer& pointer) override;
    Outcome release(const Pointer&) override { return Outcome::Over; }
    void cancel() override;
    Qt::CursorShape cursor() const override { return Qt::ClosedHandCursor; }

private:
    CanvasView& view_;
    QPointF middle_;                    // of the view when it began
    QPoint last_;
};

}
