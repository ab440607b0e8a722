// What a person does with the pointer from press to release, as one object. While it goes on the scene shows
// what would be; finish() makes one command of it, cancel() shows the document again.
#pragma once
#include "widgets/canvas/hit.h"

#include <QPoint>
#include <QPointF>
#include <memory>

class QPainter;

namespace streamwright {

class CanvasView;

// The pointer, in the view and in the scene.
struct Pointer {
    QPoint view;
    QPointF scene;
    Qt::KeyboardModifiers modifiers;
    Qt::MouseButton button = Qt::LeftButton;
};

class Gesture {
public:
    virtual ~Gesture() = default;
    virtual void move(const Pointer& pointer) = 0;
    // The button is up. Goes on when it returns Continues: the second half of click and click.
    enum class Outcome : unsigned char { Over, Continues };
    virtual Outcome release(const Pointer& pointer) = 0;
    virtual void cancel() = 0;
    virtual void paint(QPainter&, double /*scale*/) const {}
    virtual Qt::CursorShape cursor() const { return Qt::ArrowCursor; }
    // The view scrolls when the pointer comes near its edge.
    virtual bool scrollsAtEdge() const { return false; }
};

// The gesture that begins where the button went down, after the pointer has moved from there; null: none.
std::unique_ptr<Gesture> gestureFor(CanvasView& view, const Pointer& pressed, const Hit& hit);
// The gesture that a press begins at once, without waiting for a move; null: none.
std::unique_ptr<Gesture> gestureAtPress(CanvasView& view, const Pointer& pressed, const Hit& hit);

}
