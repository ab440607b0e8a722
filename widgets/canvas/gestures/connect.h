// Draws a wire from a port: drag and let go, or click and click. Over a port or node that does not take it the
// reason stands at the pointer; over the empty canvas the search opens with what fits. With a wire whose end
// is moved, that wire goes away (let go over the empty canvas: it is cut).
#pragma once
#include "widgets/canvas/gestures/gesture.h"
#include "widgets/canvas/links.h"

namespace streamwright {

class ConnectGesture : public Gesture {
public:
    // `moved`: text of the wire whose other end is let go; empty: a new wire.
    ConnectGesture(CanvasView& view, LinkEnd fixed, std::string moved);
    void move(const Pointer& pointer) override;
    Outcome release(const Pointer& pointer) override;
    void cancel() override;
    void paint(QPainter& painter, double scale) const override;
    Qt::CursorShape cursor() const override { return target_ && !verdict_.allowed ? Qt::ForbiddenCursor : Qt::CrossCursor; }
    bool scrollsAtEdge() const override { return true; }

private:
    std::optional<LinkEnd> endAt(const Hit& hit) const;
    void judge(const std::optional<LinkEnd>& target);
    void connect();
    void cutMoved();
    const Wire* movedWire() const;
    QPointF fixedPoint() const;

    CanvasView& view_;
    LinkEnd fixed_;
    std::string moved_;
    QPointF pointer_;
    Hit hit_;                           // under the pointer: judged once
    std::optional<LinkEnd> target_;
    LinkVerdict verdict_;
    bool hasMoved_ = false;
    bool secondClick_ = false;
};

}
