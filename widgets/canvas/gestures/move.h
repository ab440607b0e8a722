// Moves what is selected, on the grid (Shift: off it); Ctrl copies instead. One node without wires that is let
// go over a wire goes into it (Alt: it does not). One command.
#pragma once
#include "widgets/canvas/gestures/gesture.h"
#include "widgets/document/selection.h"

#include <map>

namespace streamwright {

class MoveGesture : public Gesture {
public:
    MoveGesture(CanvasView& view, const Pointer& pressed, const Hit& hit);
    void move(const Pointer& pointer) override;
    Outcome release(const Pointer& pointer) override;
    void cancel() override;
    Qt::CursorShape cursor() const override { return copies_ ? Qt::DragCopyCursor : Qt::ArrowCursor; }
    bool scrollsAtEdge() const override { return true; }

private:
    void takeWhatFramesHold();
    void show(const QPointF& by);
    void copy();
    Edit edit() const;
    void commit(const Pointer& pointer);
    void lookForWire(const Pointer& pointer);
    QString name() const;

    CanvasView& view_;
    QPointF start_;
    QPointF anchor_;                    // corner of what was pressed: it goes on the grid
    Selection::Items items_;            // selected, and what lies in selected frames
    std::map<size_t, QPointF> corners_; // of the boxes, when it began
    std::map<std::string, QRectF> frames_, notes_;
    std::map<size_t, std::vector<QPointF>> bends_;   // of wires with both ends in it
    QPointF by_;
    bool copies_ = false;
    bool canGoIntoWire_ = false;
};

}
