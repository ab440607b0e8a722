// Gestures and verbs of the canvas with real events: each is done, undone, done again, and aborted by Esc.
#include "canvas_samples.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "widgets/canvas/inline_editor.h"
#include "widgets/canvas/node_search.h"
#include "widgets/theme/theme.h"

#include <QAccessible>
#include <QClipboard>
#include <QDropEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

using namespace streamwright;

namespace {

const char* const kLoose = R"({
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

}

class CanvasTest : public QObject {
    Q_OBJECT

    Catalog catalog_ = builtInNodes();

    // What was done is one command: undone to the byte, done again to the byte.
    void checkUndo(Canvas& canvas, const std::string& before)
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

private Q_SLOTS:
    void init() { ThemeHost::instance().choose(ThemeHost::Choice::Dark); }

    void aNodeIsMovedOnTheGrid()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        canvas.pull(canvas.node("words"), canvas.node("words") + QPoint(0, 200));
        canvas.key(Qt::Key_Escape);
        QCOMPARE(canvas.text(), before);
        QCOMPARE(canvas.box("words").rect.topLeft(), QPointF(312, 0));
        canvas.release(canvas.node("words"));
        canvas.drag(canvas.node("words"), canvas.node("words") + QPoint(3, 101));
        QCOMPARE(canvas.place("words").y, std::round(canvas.place("words").y / 12) * 12);
        QVERIFY(canvas.place("words").y > 60);
        QCOMPARE(canvas.place("words").x, 312.0);
        checkUndo(canvas, before);
    }

    void severalNodesMoveAsOneCommand()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"console"}, {"top"}});
        canvas.drag(canvas.node("console"), canvas.node("console") + QPoint(60, 0));
        QCOMPARE(canvas.place("console").x, canvas.place("top").x);
        QVERIFY(canvas.place("top").x > 624);
        checkUndo(canvas, before);
    }

    void ctrlDragCopies()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"console"}});
        canvas.drag(canvas.node("console"), canvas.node("console") + QPoint(0, 220), Qt::LeftButton, Qt::ControlModifier);
        QVERIFY(canvas.document.node({"console_2"}));
        QCOMPARE(canvas.place("console"), (Position{624, 180}));
        QVERIFY(canvas.place("console_2").y > 300);
        checkUndo(canvas, before);
    }

    void aWireIsDrawnByDrag()
    {
        Canvas canvas(catalog_, kLoose);
        const std::string before = canvas.text();
        canvas.pull(canvas.output("lines"), canvas.input("keep"));
        canvas.key(Qt::Key_Escape);
        canvas.release(canvas.input("keep"));
        QCOMPARE(canvas.text(), before);
        canvas.drag(canvas.output("lines"), canvas.input("keep"));
        QVERIFY(canvas.hasEdge("lines -> keep"));
        checkUndo(canvas, before);
    }

    void aWireIsDrawnByClickAndClick()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.click(canvas.output("lines"));
        QVERIFY(canvas.view.hasGesture());
        canvas.move(canvas.node("keep"));
        // Anywhere on the node: the first port that takes it.
        canvas.release(canvas.node("keep"));
        QVERIFY(canvas.hasEdge("lines -> keep"));
        QVERIFY(!canvas.view.hasGesture());
    }

    void aWireIsDrawnBackwards()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.drag(canvas.input("out"), canvas.output("keep"));
        QVERIFY(canvas.hasEdge("keep -> out"));
    }

    void illegalWiresAreRefusedWithTheReason()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.drag(canvas.output("lines"), canvas.input("keep"));
        canvas.drag(canvas.output("keep"), canvas.input("out"));
        QSignalSpy said(&canvas.view, &CanvasView::announced);
        const auto reasonOf = [&](const QPoint& from, const QPoint& to) {
            said.clear();
            canvas.drag(from, to);
            return said.isEmpty() ? QString() : said.last().first().toString();
        };
        const std::string before = canvas.text();
        QCOMPARE(reasonOf(canvas.output("more"), canvas.input("out")), QStringLiteral("out already takes its rows from keep"));
        QCOMPARE(reasonOf(canvas.output("more"), canvas.node("lines")), QStringLiteral("lines takes no rows"));
        QCOMPARE(reasonOf(canvas.input("more"), canvas.node("out")), QStringLiteral("out hands no rows on"));
        QCOMPARE(canvas.text(), before);
        canvas.drag(canvas.output("keep"), canvas.input("more"));
        const std::string chained = canvas.text();
        QCOMPARE(reasonOf(canvas.output("more"), canvas.input("keep")), QStringLiteral("keep already takes its rows from lines"));
        QCOMPARE(canvas.text(), chained);
    }

    void cyclesAreRefused()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.drag(canvas.output("keep"), canvas.input("more"));
        QSignalSpy said(&canvas.view, &CanvasView::announced);
        canvas.drag(canvas.output("more"), canvas.input("keep"));
        QVERIFY(!said.isEmpty());
        QCOMPARE(said.last().first().toString(), QStringLiteral("a cycle: keep already feeds more"));
    }

    void aWireOnTheEmptyCanvasOpensTheSearchAndConnects()
    {
        Canvas canvas(catalog_, kLoose);
        const std::string before = canvas.text();
        const QPoint empty = canvas.at({400, 400});
        canvas.drag(canvas.output("lines"), empty);
        QVERIFY(canvas.search()->isVisible());
        QTest::keyClick(canvas.search()->field(), Qt::Key_Escape);
        QVERIFY(!canvas.search()->isVisible());
        QCOMPARE(canvas.text(), before);
        canvas.drag(canvas.output("lines"), empty);
        for (int i = 0; i < canvas.search()->list()->count(); ++i) QVERIFY(!canvas.search()->list()->item(i)->text().startsWith(QStringLiteral("Socket")));
        canvas.pick(QStringLiteral("distinct"));
        QVERIFY(canvas.hasEdge("lines -> distinct"));
        QCOMPARE(canvas.selected(), Names{"distinct"});
        checkUndo(canvas, before);
    }

    void spaceTabAndDoubleClickOpenTheSearch()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.view.setFocus();
        QTest::keyPress(&canvas.view, Qt::Key_Space);
        QVERIFY(!canvas.search()->isVisible());
        QTest::keyRelease(&canvas.view, Qt::Key_Space);
        QVERIFY(canvas.search()->isVisible());
        QTest::keyClick(canvas.search()->field(), Qt::Key_Escape);
        QTest::keyClick(&canvas.view, Qt::Key_Tab);
        QVERIFY(canvas.search()->isVisible());
        QTest::keyClick(canvas.search()->field(), Qt::Key_Escape);
        const std::string before = canvas.text();
        QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, canvas.at({40, 300}));
        QVERIFY(canvas.search()->isVisible());
        canvas.pick(QStringLiteral("socket"));
        QVERIFY(canvas.document.node({"socket"}));
        checkUndo(canvas, before);
    }

    void spaceAndADragPan()
    {
        Canvas canvas(catalog_, kLoose);
        const QPointF before = canvas.view.middle();
        QTest::keyPress(&canvas.view, Qt::Key_Space);
        canvas.drag({300, 300}, {340, 330});
        QTest::keyRelease(&canvas.view, Qt::Key_Space);
        QVERIFY(!canvas.search()->isVisible());
        QVERIFY(canvas.view.middle().x() < before.x());
        const QPointF panned = canvas.view.middle();
        canvas.drag({300, 300}, {340, 330}, Qt::MiddleButton);
        QVERIFY(canvas.view.middle().x() < panned.x());
        QVERIFY(canvas.document.selection().items().empty());
    }

    void theWheelZoomsAtThePointer()
    {
        Canvas canvas(catalog_, kWordCount);
        const QPoint pointer(250, 200);
        const QPointF before = canvas.view.mapToScene(pointer);
        QWheelEvent wheel(pointer, canvas.view.viewport()->mapToGlobal(pointer), {}, {0, -240}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        const double zoom = canvas.view.zoom();
        QCoreApplication::sendEvent(canvas.view.viewport(), &wheel);
        QVERIFY(canvas.view.zoom() < zoom);
        QVERIFY((canvas.view.mapToScene(pointer) - before).manhattanLength() < 4);
        canvas.view.fitAll();
        QVERIFY(canvas.view.mapToScene(canvas.view.viewport()->rect()).boundingRect().contains(canvas.view.canvas().graph().bounds()));
    }

    void aRubberBandSelects()
    {
        Canvas canvas(catalog_, kLoose);
        const QPoint corner = canvas.at({290, -30}), end = canvas.at({560, 100});
        canvas.drag(corner, end);
        QCOMPARE(canvas.selected(), Names{"keep"});
        canvas.drag(canvas.at({600, -30}), canvas.at({860, 100}), Qt::LeftButton, Qt::ShiftModifier);
        QCOMPARE(canvas.selected(), (Names{"keep", "out"}));
        canvas.drag(corner, end, Qt::LeftButton, Qt::ControlModifier);
        QCOMPARE(canvas.selected(), Names{"out"});
        canvas.pull(corner, end);
        QCOMPARE(canvas.selected(), Names{"keep"});
        canvas.key(Qt::Key_Escape);
        QCOMPARE(canvas.selected(), Names{"out"});
        canvas.release(end);
        // From right to left it takes what it touches.
        canvas.drag(canvas.at({340, 120}), canvas.at({300, -30}));
        QCOMPARE(canvas.selected(), Names{"keep"});
    }

    void clicksSelect()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.click(canvas.node("keep"));
        QCOMPARE(canvas.selected(), Names{"keep"});
        canvas.click(canvas.node("out"), Qt::ControlModifier);
        QCOMPARE(canvas.selected(), (Names{"keep", "out"}));
        canvas.click(canvas.node("keep"), Qt::ControlModifier);
        QCOMPARE(canvas.selected(), Names{"out"});
        canvas.key(Qt::Key_Escape);
        QVERIFY(canvas.document.selection().items().empty());
    }

    void deleteAndHealing()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"counts"}});
        canvas.view.deleteSelection();
        QVERIFY(!canvas.document.node({"counts"}));
        QVERIFY(!canvas.hasEdge("words -> running"));
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        canvas.document.selection().setNodes({{"counts"}});
        canvas.view.deleteAndHeal();
        QVERIFY(canvas.hasEdge("words -> running"));
        checkUndo(canvas, before);
    }

    void copyCutPasteAndDuplicate()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"words"}, {"counts"}});
        canvas.view.copy();
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("\"flat_map\"")));
        canvas.move(canvas.at({150, 500}));
        canvas.view.paste();
        QVERIFY(canvas.hasEdge("words_2 -> counts_2"));
        QCOMPARE(canvas.selected(), (Names{"words_2", "counts_2"}));
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        canvas.document.selection().setNodes({{"words"}});
        canvas.view.cut();
        QVERIFY(!canvas.document.node({"words"}));
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        canvas.document.selection().setNodes({{"words"}});
        canvas.view.duplicateWithInputs();
        QVERIFY(canvas.hasEdge("lines -> words_2"));
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        QSignalSpy said(&canvas.view, &CanvasView::announced);
        QGuiApplication::clipboard()->setText(QStringLiteral("not a pipeline"));
        canvas.view.paste();
        QCOMPARE(said.count(), 1);
        QCOMPARE(canvas.text(), before);
    }

    void aPaletteDragDropsANodeOnCanvasAndWire()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        QMimeData data;
        data.setData(QString::fromLatin1(CanvasView::kNodeTypeMime), "filter");
        const auto drop = [&](const QPoint& point) {
            QDragEnterEvent enter(point, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(canvas.view.viewport(), &enter);
            QDragMoveEvent over(point, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(canvas.view.viewport(), &over);
            QDropEvent dropped(point, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QCoreApplication::sendEvent(canvas.view.viewport(), &dropped);
        };
        drop(canvas.at({100, 180}));
        QVERIFY(canvas.document.node({"filter"}));
        QCOMPARE(canvas.document.document().edges.size(), size_t{6});
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        drop(canvas.at(canvas.view.canvas().graph().wire("lines -> words")->curve.middle));
        QVERIFY(canvas.hasEdge("lines -> filter"));
        QVERIFY(canvas.hasEdge("filter -> words"));
        QVERIFY(!canvas.hasEdge("lines -> words"));
        checkUndo(canvas, before);
    }

    void aNodeIsDroppedIntoAWire()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.document.apply(addEdge(canvas.document.document(), {"keep", "", "out", ""}), QStringLiteral("wire"));
        canvas.document.undoStack().clear();
        canvas.document.apply(moveNodes(canvas.document.document(), {{{"out"}, {936, 0}}}), QStringLiteral("aside"));
        canvas.document.undoStack().clear();
        canvas.view.fitAll();
        const std::string before = canvas.text();
        const QPointF middle = canvas.view.canvas().graph().wire("keep -> out")->curve.middle;
        canvas.drag(canvas.node("more"), canvas.at(middle - QPointF(14, 22)));
        QVERIFY(canvas.hasEdge("keep -> more"));
        QVERIFY(canvas.hasEdge("more -> out"));
        checkUndo(canvas, before);
    }

    void aWireIsMovedByItsEndAndCut()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.document.apply(addEdge(canvas.document.document(), {"lines", "", "keep", ""}), QStringLiteral("wire"));
        canvas.document.undoStack().clear();
        const std::string before = canvas.text();
        canvas.drag(canvas.input("keep"), canvas.input("more"));
        QVERIFY(canvas.hasEdge("lines -> more"));
        QVERIFY(!canvas.hasEdge("lines -> keep"));
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        canvas.drag(canvas.input("keep"), canvas.at({270, 300}));
        QCOMPARE(canvas.document.document().edges.size(), size_t{0});
        QVERIFY(!canvas.search()->isVisible());
        checkUndo(canvas, before);
    }

    void ctrlAndTheRightButtonCutWires()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        const QPoint above = canvas.at({260, 20}), below = canvas.at({260, 70});
        canvas.pull(above, below, Qt::RightButton, Qt::ControlModifier);
        canvas.key(Qt::Key_Escape);
        canvas.release(below, Qt::RightButton, Qt::ControlModifier);
        QCOMPARE(canvas.text(), before);
        canvas.drag(above, below, Qt::RightButton, Qt::ControlModifier);
        QVERIFY(!canvas.hasEdge("lines -> words"));
        checkUndo(canvas, before);
    }

    void reroutePointsAreAddedMovedAndRemoved()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        const auto wire = [&] { return canvas.view.canvas().graph().wire("lines -> words"); };
        QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, canvas.at(wire()->curve.middle));
        QCOMPARE(wire()->bends.size(), size_t{1});
        checkUndo(canvas, before);
        canvas.document.undoStack().clear();
        const std::string bent = canvas.text();
        const QPoint bend = canvas.at(wire()->bends[0]);
        canvas.pull(bend, bend + QPoint(0, 80));
        canvas.key(Qt::Key_Escape);
        canvas.release(bend);
        QCOMPARE(canvas.text(), bent);
        canvas.drag(bend, bend + QPoint(0, 80));
        QVERIFY(wire()->bends[0].y() > 80);
        checkUndo(canvas, bent);
        QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, canvas.at(wire()->bends[0]));
        QVERIFY(wire()->bends.empty());
    }

    void aFrameMovesWhatItHoldsAndIsResized()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        const auto frame = [&] { return canvas.view.canvas().graph().frames()[0].rect; };
        canvas.drag(canvas.at(frame().topLeft() + QPointF(200, 12)), canvas.at(frame().topLeft() + QPointF(200, 60)));
        QVERIFY(canvas.place("running").y > 200);
        QVERIFY(canvas.place("console").y > 200);
        QCOMPARE(canvas.place("words").y, 0.0);
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        const QPoint corner = canvas.at(frame().bottomRight() - QPointF(5, 5));
        canvas.pull(corner, corner + QPoint(50, 40));
        canvas.key(Qt::Key_Escape);
        canvas.release(corner);
        QCOMPARE(canvas.text(), before);
        canvas.drag(corner, corner + QPoint(50, 40));
        QVERIFY(frame().width() > 580);
        checkUndo(canvas, before);
    }

    void framesAndNotesAreMadeAndNamed()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.document.selection().setNodes({{"keep"}, {"more"}});
        canvas.view.frameSelection();
        QVERIFY(canvas.view.canvas().graph().frames()[0].rect.contains(canvas.box("keep").rect));
        auto* editor = canvas.view.findChild<InlineEditor*>();
        QVERIFY(editor);
        QTest::keyClicks(editor, QStringLiteral("Filters"));
        QTest::keyClick(editor, Qt::Key_Return);
        QCOMPARE(canvas.view.canvas().graph().frames()[0].title, QStringLiteral("Filters"));
        canvas.view.deleteSelection();
        QVERIFY(canvas.view.canvas().graph().frames().empty());
        canvas.view.addNote();
        QCOMPARE(canvas.view.canvas().graph().notes().size(), size_t{1});
    }

    void titlesAreEditedInPlace()
    {
        Canvas canvas(catalog_, kLoose);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"keep"}});
        const auto editor = [&] {
            canvas.view.editTitle();
            return canvas.view.findChildren<InlineEditor*>().last();
        };
        QTest::keyClick(editor(), Qt::Key_Escape);
        QCOMPARE(canvas.text(), before);
        InlineEditor* field = editor();
        QTest::keyClicks(field, QStringLiteral("What we keep"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(canvas.box("keep").title.text(), QStringLiteral("What we keep"));
        checkUndo(canvas, before);
    }

    void disabledAndBypassedAreDifferent()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"counts"}});
        canvas.view.toggleDisabled();
        QVERIFY(canvas.document.node({"counts"})->disabled);
        checkUndo(canvas, before);
        canvas.view.toggleBypassed();
        QVERIFY(canvas.document.node({"counts"})->bypassed && !canvas.document.node({"counts"})->disabled);
        canvas.view.toggleBypassed();
        QCOMPARE(canvas.text(), before);
        canvas.document.selection().setNodes({{"lines"}});
        QSignalSpy said(&canvas.view, &CanvasView::announced);
        canvas.view.toggleBypassed();
        QCOMPARE(said.count(), 1);
        QCOMPARE(canvas.text(), before);
    }

    void aTypeIsSwappedAndWiresStay()
    {
        Canvas canvas(catalog_, kLoose);
        canvas.document.apply(addEdge(canvas.document.document(), {"lines", "", "keep", ""}), QStringLiteral("wire"));
        canvas.document.undoStack().clear();
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"keep"}});
        canvas.view.openSwapSearch();
        canvas.pick(QStringLiteral("distinct"));
        QCOMPARE(canvas.document.node({"keep"})->type, std::string("distinct"));
        QVERIFY(canvas.hasEdge("lines -> keep"));
        checkUndo(canvas, before);
    }

    void ctrlLConnectsTheSelected()
    {
        Canvas canvas(catalog_, kLoose);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"lines"}, {"keep"}, {"out"}});
        canvas.view.autoConnect();
        QVERIFY(canvas.hasEdge("lines -> keep"));
        QVERIFY(canvas.hasEdge("keep -> out"));
        checkUndo(canvas, before);
    }

    void alignAndDistribute()
    {
        Canvas canvas(catalog_, kLoose);
        const std::string before = canvas.text();
        canvas.view.selectAll();
        canvas.view.align(CanvasView::Line::Top);
        QCOMPARE(canvas.place("more").y, 0.0);
        checkUndo(canvas, before);
        canvas.document.undoStack().undo();
        canvas.document.selection().setNodes({{"lines"}, {"more"}, {"out"}});
        canvas.view.nudge(CanvasView::Direction::Right, 12);
        canvas.document.undoStack().clear();
        canvas.view.distribute(Qt::Vertical);
        QCOMPARE(canvas.place("out").y, 72.0);
    }

    void nudgesInARowAreOneCommand()
    {
        Canvas canvas(catalog_, kLoose);
        const std::string before = canvas.text();
        canvas.document.selection().setNodes({{"keep"}});
        for (int i = 0; i < 5; ++i) canvas.view.nudge(CanvasView::Direction::Down, 1);
        QCOMPARE(canvas.place("keep").y, 5.0);
        checkUndo(canvas, before);
    }

    void theLayoutIsOneCommandAndCanBeCancelled()
    {
        Canvas canvas(catalog_, kWordCount);
        const std::string before = canvas.text();
        QSignalSpy finished(&canvas.view, &CanvasView::layoutFinished);
        canvas.view.layOut();
        QVERIFY(canvas.view.isLayingOut());
        canvas.key(Qt::Key_Escape);
        QVERIFY(!canvas.view.isLayingOut());
        QCOMPARE(canvas.text(), before);
        finished.clear();
        canvas.view.layOut();
        QVERIFY(finished.wait());
        for (const Wire& wire : canvas.view.canvas().graph().wires()) QVERIFY(canvas.view.canvas().graph().boxes()[wire.from].rect.right() + 90 < canvas.view.canvas().graph().boxes()[wire.to].rect.left());
        checkUndo(canvas, before);
    }

    void arrowsWalkAlongTheWires()
    {
        Canvas canvas(catalog_, kWordCount);
        canvas.document.selection().setNodes({{"lines"}});
        canvas.view.walk(CanvasView::Direction::Right);
        QCOMPARE(canvas.selected(), Names{"words"});
        canvas.view.walk(CanvasView::Direction::Right);
        QCOMPARE(canvas.selected(), Names{"counts"});
        canvas.view.walk(CanvasView::Direction::Down);
        QCOMPARE(canvas.selected(), Names{"console"});
        canvas.view.selectUpstream();
        QCOMPARE(canvas.selected(), (Names{"console", "running", "counts", "words", "lines"}));
    }

    void tapsAreAskedFor()
    {
        Canvas canvas(catalog_, kWordCount);
        QSignalSpy tap(&canvas.view, &CanvasView::tapRequested);
        canvas.document.selection().setNodes({{"words"}});
        canvas.view.tap(2);
        QCOMPARE(tap.count(), 1);
        QCOMPARE(tap.last().at(1).toString(), QStringLiteral("rejected"));
        canvas.click(canvas.at(canvas.view.canvas().graph().wire("words -> counts")->curve.middle), Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(tap.count(), 2);
        QCOMPARE(tap.last().at(1).toString(), QStringLiteral("out"));
    }

    void aRunIsShownOnNodesAndWires()
    {
        Canvas canvas(catalog_, kWordCount);
        canvas.document.checkNow();
        canvas.run();
        const auto live = [&](const char* node) { return canvas.view.canvas().live().node(*canvas.view.canvas().graph().indexOf({node})); };
        QTRY_VERIFY(live("words").figures.text().contains(QStringLiteral("rows/s")));
        QCOMPARE(live("words").status, NodeStatus::Running);
        QVERIFY(live("running").figures.text().contains(QStringLiteral("keys")));
        QVERIFY(live("running").busy > 0.65);
        canvas.document.apply(setOption(canvas.document.document(), {"words"}, "as", Json::string("w")), QStringLiteral("edit"));
        QVERIFY(live("words").changed);
        QVERIFY(!live("lines").changed);
    }

    void screenReadersWalkTheGraph()
    {
        Canvas canvas(catalog_, kWordCount);
        QAccessible::setActive(true);
        QAccessibleInterface* tree = QAccessible::queryAccessibleInterface(&canvas.view);
        QVERIFY(tree);
        QCOMPARE(tree->childCount(), 13);
        QCOMPARE(tree->child(0)->text(QAccessible::Name), QStringLiteral("lines"));
        QCOMPARE(tree->child(7)->role(), QAccessible::Link);
        QCOMPARE(tree->child(7)->text(QAccessible::Name), QStringLiteral("Wire from lines to words"));
        for (int i = 0; i < tree->childCount(); ++i) {
            QAccessibleInterface* child = tree->child(i);
            QVERIFY(child->isValid() && !child->rect().isEmpty() && child->parent() == tree);
            QVERIFY(!child->text(QAccessible::Name).isEmpty());
            QCOMPARE(tree->indexOfChild(child), i);
        }
        QCOMPARE(tree->childAt(tree->child(2)->rect().center().x(), tree->child(2)->rect().center().y()), tree->child(2));
        tree->child(1)->actionInterface()->doAction(QAccessibleActionInterface::setFocusAction());
        QVERIFY(tree->child(1)->state().focused && tree->child(1)->state().selected);
        QCOMPARE(tree->focusChild(), tree->child(1));
        canvas.document.selection().setNodes({{"lines"}});
        canvas.view.deleteSelection();
        QCOMPARE(tree->childCount(), 11);
    }

    void withoutPlacesNodesStandInColumns()
    {
        Canvas canvas(catalog_, R"({"format": "streamwright/1", "nodes": {"a": {"type": "source.rate"}, "b": {"type": "filter"}, "c": {"type": "nothing.known"}}, "edges": ["a -> b", "b -> c.strange"]})");
        QVERIFY(canvas.box("a").rect.right() < canvas.box("b").rect.left());
        QVERIFY(canvas.box("b").rect.right() < canvas.box("c").rect.left());
        QVERIFY(canvas.hasEdge("b -> c.strange"));
    }
};

QTEST_MAIN(CanvasTest)
#include "canvas_test.moc"
