// What keys and menus do on the canvas, what a run shows there, and what a screen reader is told.
#include "canvas_driver.h"
#include "engine/nodes/catalog.h"

#include <QAccessible>
#include <QClipboard>
#include <QSignalSpy>

using namespace streamwright;

class CanvasVerbsTest : public QObject {
    Q_OBJECT

    Catalog catalog_ = builtInNodes();

private Q_SLOTS:
    void init() { ThemeHost::instance().choose(ThemeHost::Choice::Dark); }

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

QTEST_MAIN(CanvasVerbsTest)
#include "canvas_verbs_test.moc"
