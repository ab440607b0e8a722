// Makes a frame or a note larger or smaller by its corner.
#pragma once
#include "widgets/canvas/gestures/gesture.h"

namespace streamwright {

class ResizeGesture : public Gesture {
public:
    ResizeGesture(CanvasView& view, const Pointer& pressed, const Hit& hit);
    void move(const Pointer& pointer) override;
    Outcome release(const Pointer& pointer) override;
    void cancel() override;
    Qt::CursorShape cursor() const override { return Qt::SizeFDiagCursor; }
    bool scrollsAtEdge() const override { return true; }

private:
    CanvasView& view_;
    bool frame_;
    std::string id_;
    QRectF rect_;
};

}
