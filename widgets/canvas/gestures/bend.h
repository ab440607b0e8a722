// Moves a reroute point of a wire, on the grid (Shift: off it).
#pragma once
#include "widgets/canvas/gestures/gesture.h"

namespace streamwright {

class BendGesture : public Gesture {
public:
    BendGesture(CanvasView& view, size_t wire, size_t bend);
    void move(const Pointer& pointer) override;
    Outcome release(const Pointer& pointer) override;
    void cancel() override;
    bool scrollsAtEdge() const override { return true; }

private:
    CanvasView& view_;
    size_t wire_;
    size_t bend_;
    std::vector<QPointF> bends_;
};

}
