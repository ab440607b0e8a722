// The action table: a key belongs to one verb, also when the user chooses; menus, zoom and wheel do what they say.
#include "tests/designer/room.h"
#include "widgets/canvas/zoom_control.h"

#include <QDialog>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QTreeWidget>
#include <QWheelEvent>

using namespace streamwright;

namespace {

QList<QKeySequence> keys(const char* text) { return QKeySequence::listFromString(QString::fromLatin1(text), QKeySequence::PortableText); }

}

class KeysTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { room_ = std::make_unique<Room>(); }
    void cleanup() { room_.reset(); }

    void aKeyBelongsToOneVerb()
    {
        std::set<std::string> ids;
        for (const ActionSpec& spec : actionSpecs()) {
            QVERIFY2(ids.insert(spec.id).second, spec.id);
            const QList<QKeySequence> own = Actions::tableKeys(spec);
            QCOMPARE(std::set(own.begin(), own.end()).size(), static_cast<size_t>(own.size()));
            for (const QKeySequence& key : own) QVERIFY2(!key.isEmpty(), spec.keys);
            QVERIFY2(actions().conflict(spec.id, own).isEmpty(), qPrintable(QString("%1: %2 belongs to %3").arg(spec.id, spec.keys, actions().conflict(spec.id, own))));
        }
    }

    void anotherKeyIsKept()
    {
        QVERIFY(actions().rebind("file.save", keys("Ctrl+Alt+S")));
        QCOMPARE(actions().find("file.save")->shortcuts(), keys("Ctrl+Alt+S"));
        QVERIFY(actions().rebind("view.fit", {}));
        room_->window = nullptr;
        room_->window = std::make_unique<MainWindow>(catalog());
        QCOMPARE(actions().find("file.save")->shortcuts(), keys("Ctrl+Alt+S"));
        QVERIFY(actions().find("view.fit")->shortcuts().isEmpty());
        QVERIFY(actions().resetKeys("file.save"));
        QCOMPARE(actions().find("file.save")->shortcuts(), keys("Ctrl+S"));
    }

    void aTakenKeyIsRefused_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QString>("by");
        QTest::newRow("of the window") << QByteArray("Ctrl+S") << "Save";
        QTest::newRow("of the canvas") << QByteArray("M") << "Bypass";
        QTest::newRow("the beginning of another") << QByteArray("Alt+A") << "";
        QTest::newRow("one that another begins") << QByteArray("Q, Q") << "Straighten";
        QTest::newRow("of a menu") << QByteArray("Alt+F") << "the menu File";
    }
    void aTakenKeyIsRefused()
    {
        QFETCH(QByteArray, key);
        QFETCH(QString, by);
        const QString taken = actions().conflict("view.minimap", keys(key.constData()));
        QVERIFY(!taken.isEmpty());
        if (!by.isEmpty()) QCOMPARE(taken, by);
        QVERIFY(!actions().rebind("view.minimap", keys(key.constData())));
        QVERIFY(actions().find("view.minimap")->shortcuts().isEmpty());
    }

    void theDialogSetsRefusesAndResets()
    {
        actions().find("tools.keys")->trigger();
        auto* dialog = room_->window->findChild<QDialog*>("keyDialog");
        QVERIFY(dialog);
        auto* verbs = dialog->findChild<QTreeWidget*>();
        auto* key = dialog->findChild<QKeySequenceEdit*>();
        const auto found = verbs->findItems("Minimap", Qt::MatchExactly);
        QCOMPARE(found.size(), 1);
        verbs->setCurrentItem(found.front());
        QPushButton* use = button(*dialog, "Use this key");
        QVERIFY(!use->isEnabled());
        key->setKeySequence(QKeySequence("Ctrl+S"));
        QVERIFY(!use->isEnabled());
        QVERIFY(texts(*dialog).contains("Ctrl+S belongs to Save: choose another key, or take it away there first"));
        key->setKeySequence(QKeySequence("Ctrl+Alt+M"));
        QVERIFY(use->isEnabled());
        use->click();
        QCOMPARE(actions().find("view.minimap")->shortcuts(), keys("Ctrl+Alt+M"));
        QCOMPARE(found.front()->text(1), QString("Ctrl+Alt+M"));
        // Two that have exchanged their keys are put right too.
        QVERIFY(actions().rebind("file.new", {}));
        QVERIFY(actions().rebind("file.open", keys("Ctrl+N")));
        QVERIFY(actions().rebind("file.new", keys("Ctrl+O")));
        button(*dialog, "All as they were")->click();
        for (const ActionSpec& spec : actionSpecs()) QCOMPARE(actions().find(spec.id)->shortcuts(), Actions::tableKeys(spec));
    }

    void theZoomStandsInTheStatusBar()
    {
        auto* zoom = room_->window->findChild<ZoomControl*>();
        QVERIFY(zoom && !zoom->isVisible());
        room_->open("a.json", demoPipeline());
        QVERIFY(zoom->isVisible());
        CanvasView& canvas = *room_->window->canvas();
        canvas.zoomTo(1);
        const auto buttons = zoom->findChildren<QToolButton*>();
        buttons.at(2)->click();
        QVERIFY(canvas.zoom() > 1);
        QCOMPARE(buttons.at(1)->text(), QString("125 %"));
        buttons.at(1)->click();
        QCOMPARE(canvas.zoom(), 1.0);
    }

    void theWheelScrollsWhenWanted()
    {
        room_->open("a.json", demoPipeline());
        CanvasView& canvas = *room_->window->canvas();
        canvas.zoomTo(1);
        const auto turn = [&] {
            const QPointF at = canvas.viewport()->rect().center();
            QWheelEvent wheel(at, canvas.viewport()->mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
            QApplication::sendEvent(canvas.viewport(), &wheel);
        };
        actions().find("view.wheel")->trigger();
        QVERIFY(actions().find("view.wheel")->isChecked());
        turn();
        QCOMPARE(canvas.zoom(), 1.0);
        // Of pipelines that are opened later, too.
        room_->open("b.json", demoPipeline());
        QVERIFY(room_->window->wheelScrolls());
        room_->window->setWheelScrolls(false);
        room_->window->canvas()->zoomTo(1);
        CanvasView& second = *room_->window->canvas();
        const QPointF at = second.viewport()->rect().center();
        QWheelEvent wheel(at, second.viewport()->mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(second.viewport(), &wheel);
        QVERIFY(second.zoom() != 1.0);
    }

    void layingOutCanBeGivenUp()
    {
        room_->open("a.json", demoPipeline());
        CanvasView& canvas = *room_->window->canvas();
        QAction* cancel = actions().find("arrange.cancel");
        QVERIFY(!cancel->isEnabled());
        const Document before = canvas.document().document();
        canvas.layOut();
        QVERIFY(cancel->isEnabled());
        cancel->trigger();
        QVERIFY(!canvas.isLayingOut() && !cancel->isEnabled());
        QVERIFY(canvas.document().document() == before);
    }

private:
    Actions& actions() { return room_->window->actions(); }
    static QPushButton* button(QWidget& dialog, const QString& text)
    {
        for (QPushButton* one : dialog.findChildren<QPushButton*>()) {
            if (plainText(one->text()) == text) return one;
        }
        qFatal("no button %s", qPrintable(text));
    }
    static QStringList texts(QWidget& dialog)
    {
        QStringList all;
        for (QLabel* one : dialog.findChildren<QLabel*>()) all += one->text();
        return all;
    }

    std::unique_ptr<Room> room_;
};

QTEST_MAIN(KeysTest)
#include "keys_test.moc"
