// Selects what lies in a rectangle: from left to right what is wholly inside, from right to left what it
// touches. Shift adds, Ctrl toggles.
#pragma once
#include "widgets/canvas/gestures/gesture.h"
#include "widgets/document/selection.h"

namespace streamwright {

class RubberBandGesture : public Gesture {
public:
    RubberBandGesture(CanvasView& view, const Pointer& pressed);
    void move(const Pointer& pointer) override;
    Outcome release(const Pointer& pointer) override;
    void cancel() override;
    void paint(QPainter& painter, double scale) const override;
    bool scrollsAtEdge() const override { return true; }

private:
    Selection::Items itemsIn(const QRectF& area, bool enclosing) const;
    CanvasView& view_;
    QPointF start_, end_;
    Selection::Items before_;
};

}
