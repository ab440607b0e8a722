// Gestures on the canvas with real events: each is done, undone, done again, and aborted by Esc.
#include "canvas_driver.h"
#include "engine/nodes/catalog.h"

#include <QDropEvent>
#include <QMimeData>
#include <QSignalSpy>
#include <QWheelEvent>

using namespace streamwright;

class CanvasTest : public QObject {
    Q_OBJECT

    Catalog catalog_ = builtInNodes();

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
        // No source has an input.
        for (int i = 0; i < canvas.search()->list()->count(); ++i) QVERIFY(!canvas.search()->list()->item(i)->text().startsWith(QStringLiteral("Directory")));
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
};

QTEST_MAIN(CanvasTest)
#include "canvas_test.moc"
