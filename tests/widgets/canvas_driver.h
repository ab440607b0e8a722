// Drives a canvas with real events, for its tests.
#pragma once
#include "canvas_samples.h"
#include "engine/pipeline/document_json.h"
#include "widgets/canvas/inline_editor.h"
#include "widgets/canvas/node_search.h"
#include "widgets/theme/theme.h"

#include <QLineEdit>
#include <QListWidget>
#include <QMouseEvent>
#include <QTest>

namespace streamwright {

inline const char* const kLoose = R"({
  "format": "streamwright/1",
  "nodes": {
    "lines": {"type": "source.rate", "options": {"rows_per_second": 10}},
    "keep": {"type": "filter", "options": {"condition": "true"}},
    "more": {"type": "filter", "options": {"condition": "true"}},
    "out": {"type": "sink.console"}
  },
  "edges": [],
  "layout": {"nodes": {"lines": [0, 0], "keep": [312, 0], "more": [312, 144], "out": [624, 0]}}
})";

class Canvas : public ShownCanvas {
public:
    using ShownCanvas::ShownCanvas;

    QPoint at(const QPointF& scene) const { return view.mapFromScene(scene); }
    const NodeBox& box(const char* node) const { return *view.canvas().graph().box({node}); }
    // Where one takes a node: on its title.
    QPoint node(const char* node) const { return at(box(node).rect.topLeft() + QPointF(90, 20)); }
    QPoint output(const char* node, size_t port = 0) const { return at(box(node).port(Side::Output, port)); }
    QPoint input(const char* node, size_t port = 0) const { return at(box(node).port(Side::Input, port)); }

    void press(const QPoint& point, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers modifiers = {}) { QTest::mousePress(view.viewport(), button, modifiers, point); }
    void move(const QPoint& point, Qt::KeyboardModifiers modifiers = {})
    {
        QMouseEvent event(QEvent::MouseMove, point, view.viewport()->mapToGlobal(point), Qt::NoButton, Qt::LeftButton, modifiers);
        QCoreApplication::sendEvent(view.viewport(), &event);
    }
    void release(const QPoint& point, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers modifiers = {}) { QTest::mouseRelease(view.viewport(), button, modifiers, point); }
    // Pressed, moved in steps; not yet let go.
    void pull(const QPoint& from, const QPoint& to, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers modifiers = {})
    {
        press(from, button, modifiers);
        for (int step = 1; step <= 4; ++step) move(from + (to - from) * step / 4, modifiers);
    }
    void drag(const QPoint& from, const QPoint& to, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers modifiers = {})
    {
        pull(from, to, button, modifiers);
        release(to, button, modifiers);
    }
    void click(const QPoint& point, Qt::KeyboardModifiers modifiers = {}) { QTest::mouseClick(view.viewport(), Qt::LeftButton, modifiers, point); }
    void key(Qt::Key key) { QTest::keyClick(&view, key); }
    std::string text() const { return document.text(); }
    Position place(const char* node) const { return positionOf(document.document(), {node}); }
    bool hasEdge(const char* edge) const { return view.canvas().graph().wire(edge) != nullptr; }
    std::set<std::string> selected() const
    {
        std::set<std::string> names;
        for (const NodeId& node : const_cast<Canvas*>(this)->document.selection().nodes()) names.insert(node.name);
        return names;
    }
    NodeSearch* search() { return view.findChild<NodeSearch*>(); }
    void pick(const QString& words)
    {
        QTest::keyClicks(search()->field(), words);
        QTest::keyClick(search()->field(), Qt::Key_Return);
    }
};

using Names = std::set<std::string>;

// What was done is one command: undone to the byte, done again to the byte.
inline void checkUndo(Canvas& canvas, const std::string& before)
{
    const std::string after = canvas.text();
    QVERIFY(after != before);
    QUndoStack& stack = canvas.document.undoStack();
    const int index = stack.index();
    stack.undo();
    QCOMPARE(canvas.text(), before);
    stack.redo();
    QCOMPARE(canvas.text(), after);
    QCOMPARE(stack.index(), index);
    QCOMPARE(index, 1);
}

}
