// Cuts the wires that a line crosses: Ctrl and the right button, or Alt and the left one on the empty canvas.
#pragma once
#include "widgets/canvas/gestures/gesture.h"

#include <QPolygonF>

namespace streamwright {

class CutGesture : public Gesture {
public:
    CutGesture(CanvasView& view, const Pointer& pressed);
    void move(const Pointer& pointer) override;
    Outcome release(const Pointer& pointer) override;
    void cancel() override;
    void paint(QPainter& painter, double scale) const override;
    Qt::CursorShape cursor() const override { return Qt::CrossCursor; }

private:
    std::vector<size_t> crossed() const;
    CanvasView& view_;
    QPolygonF line_;
};

}
