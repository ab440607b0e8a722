// The window: files saved, dropped and closed without a wait and without a loss; runs that continue, start fresh and
// restart; a socket that nobody answers.
#include "app/designer/actions.h"
#include "app/designer/dialogs.h"
#include "app/designer/socket_notice.h"
#include "app/designer/start_page.h"
#include "tests/designer/room.h"
#include "widgets/theme/theme_host.h"

#include <QComboBox>
#include <QDialog>
#include <QDirIterator>
#include <QDropEvent>
#include <QLabel>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QStatusBar>
#include <QTcpServer>
#include <QToolButton>

using namespace streamwright;

namespace {

QByteArray socketPipeline(uint16_t port)
{
    return QByteArray(R"({"format": "streamwright/1", "name": "words", "settings": {"batch_interval": "50ms"},
  "nodes": {"lines": {"type": "source.socket", "options": {"port": )") + QByteArray::number(port) + R"(, "reconnect": "50ms"}}, "out": {"type": "sink.discard"}},
  "edges": ["lines -> out"]})";
}

void edit(PipelineTab& tab) { tab.canvas().addNode("sink.discard", {400, 400}); }

void drop(QWidget& target, const QUrl& url)
{
    QMimeData data;
    data.setUrls({url});
    QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&target, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&target, &event);
}

}

class WindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { room_ = std::make_unique<Room>(); }
    void cleanup() { room_.reset(); }

    void savingWaitsForNothing()
    {
        PipelineTab& tab = room_->open("a.json", demoPipeline());
        edit(tab);
        QVERIFY(tab.document().isModified());
        window().save();
        // The disk is written elsewhere: here it is still under way.
        QVERIFY(tab.document().isSaving());
        QTRY_VERIFY(!tab.document().isModified());
        QVERIFY(room_->read("a.json").contains("\"discard\""));
        QVERIFY(window().statusBar()->currentMessage().contains("a.json · saved"));
    }

    void savingAgainMeanwhileSavesTheNewestToo()
    {
        PipelineTab& tab = room_->open("a.json", demoPipeline());
        edit(tab);
        window().save();
        edit(tab);
        window().save();
        QTRY_VERIFY(!tab.document().isModified() && !tab.document().isSaving());
        QVERIFY(room_->read("a.json").contains("\"discard_2\"") || room_->read("a.json").contains("\"discard2\""));
    }

    void whatCannotBeSavedIsTold()
    {
        PipelineTab& tab = room_->open("a.json", demoPipeline());
        edit(tab);
        QVERIFY(QFile::remove(room_->path("a.json")));
        QVERIFY(QDir().mkdir(room_->path("a.json")));
        NextQuestion keep("Keep mine");
        window().save();
        QTRY_VERIFY(window().statusBar()->currentMessage().contains("a.json is not saved"));
        QVERIFY(tab.document().isModified());
    }

    void closingAsks_data()
    {
        QTest::addColumn<QString>("button");
        QTest::addColumn<bool>("closes");
        QTest::addColumn<bool>("saves");
        QTest::newRow("save") << "Save" << true << true;
        QTest::newRow("do not save") << "Don't save" << true << false;
        QTest::newRow("cancel") << "Cancel" << false << false;
    }
    void closingAsks()
    {
        QFETCH(QString, button);
        QFETCH(bool, closes);
        QFETCH(bool, saves);
        edit(room_->open("a.json", demoPipeline()));
        NextQuestion question(button);
        QCOMPARE(window().closeTab(window().tab()), closes);
        QVERIFY(question.text.contains("a.json has changes that are not saved"));
        QCOMPARE(room_->read("a.json").contains("\"discard\""), saves);
        QCOMPARE(window().tabs().size(), closes ? size_t{0} : size_t{1});
    }

    void theWindowStaysWhenItsQuestionIsCancelled()
    {
        edit(room_->open("a.json", demoPipeline()));
        NextQuestion question("Cancel");
        QVERIFY(!window().close());
        QVERIFY(question.wasAsked() && window().isVisible());
    }

    void revertingCanBeUndone()
    {
        PipelineTab& tab = room_->open("a.json", demoPipeline());
        edit(tab);
        window().revert();
        QVERIFY(!tab.document().isModified());
        QCOMPARE(tab.document().document().nodes.size(), size_t{3});
        tab.document().undoStack().undo();
        QCOMPARE(tab.document().document().nodes.size(), size_t{4});
    }

    void filesAreDroppedOnTheWindow()
    {
        drop(window(), QUrl::fromLocalFile(room_->write("dropped.json", demoPipeline())));
        QVERIFY(window().tab());
        QCOMPARE(window().tab()->document().displayName(), QString("dropped.json"));
        // Over the canvas, too, files are the window's.
        drop(*window().canvas()->viewport(), QUrl::fromLocalFile(room_->write("second.json", demoPipeline())));
        QCOMPARE(window().tab()->document().displayName(), QString("second.json"));
        QCOMPARE(window().tabs().size(), size_t{2});
    }

    void whatIsAddedIsSeen()
    {
        PipelineTab& tab = room_->open("a.json", demoPipeline());
        CanvasView& canvas = tab.canvas();
        canvas.zoomTo(1);
        for (int i = 0; i < 6; ++i) {
            const auto added = canvas.addNode("filter", {3000.0 + 400 * i, 0});
            QVERIFY(added);
            const NodeBox* box = canvas.canvas().graph().box(*added);
            QVERIFY(box && canvas.mapToScene(canvas.viewport()->rect()).boundingRect().contains(box->rect));
        }
    }

    void continueAndStartFreshAreTwoThings()
    {
        PipelineTab& tab = room_->open("a.json", demoPipeline(R"("batch_interval": "50ms", "checkpoint": "a.checkpoint")"));
        tab.document().checkNow();
        QVERIFY(room_->find<QToolButton>("Run"));
        QVERIFY(!room_->find<QToolButton>("Start fresh"));
        runAndStop(tab);
        QTRY_VERIFY(room_->find<QToolButton>("Continue"));
        const int64_t before = tab.run().snapshot().run->decided.value;
        room_->find<QToolButton>("Continue")->click();
        QTRY_VERIFY(tab.run().snapshot().run && tab.run().snapshot().run->decided.value > before);
        tab.run().stop(StopHow::AfterBatch);
        QTRY_VERIFY(room_->find<QToolButton>("Start fresh"));
        room_->find<QToolButton>("Start fresh")->click();
        QTRY_VERIFY(QFileInfo::exists(room_->path("a.checkpoint.aside-1")));
        QTRY_VERIFY(tab.run().snapshot().run && tab.run().snapshot().run->last);
        stop(tab);
    }

    void anEarlierVersionRestartsWithItsPlan()
    {
        PipelineTab& tab = room_->open("a.json", demoPipeline(R"("batch_interval": "50ms", "checkpoint": "a.checkpoint")"));
        window().startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
        QTRY_VERIFY(tab.run().snapshot().run && tab.run().snapshot().run->last);
        QVERIFY(!tab.isOutdated());
        const NodeId rows{"rows"};
        tab.document().apply(setOption(tab.document().document(), rows, "rows_per_second", Json::integer(500)), "Fewer rows");
        tab.document().checkNow();
        QTRY_VERIFY(tab.isOutdated());
        QTRY_VERIFY(room_->find<QLabel>("Running an earlier version"));
        QVERIFY(room_->find<QToolButton>("Restart with changes"));
        NextQuestion question("Restart");
        const auto runId = tab.run().snapshot().run->run.runId;
        room_->find<QToolButton>("Restart with changes")->click();
        QTRY_VERIFY(question.wasAsked());
        QVERIFY2(question.text.contains("totals: "), qPrintable(question.text));
        QTRY_VERIFY(tab.run().snapshot().run && tab.run().snapshot().run->run.runId != runId && tab.run().snapshot().run->last);
        QVERIFY(!tab.isOutdated());
        stop(tab);
    }

    void aSocketThatNobodyAnswersIsFed()
    {
        QTcpServer free;
        QVERIFY(free.listen(QHostAddress::LocalHost));
        const uint16_t port = free.serverPort();
        free.close();
        PipelineTab& tab = room_->open("a.json", socketPipeline(port));
        QVERIFY(!tab.notice().isVisible());
        window().startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
        QTRY_VERIFY(tab.notice().isVisible());
        QVERIFY(tab.notice().findChild<QLabel*>()->text().contains(QString("waiting for localhost:%1: connection refused").arg(port)));
        auto* button = tab.notice().findChild<QPushButton*>();
        QCOMPARE(button->text(), QString("Feed demo lines here"));
        button->click();
        QTRY_VERIFY(tab.run().snapshot().run && tab.run().snapshot().run->rows > 0);
        QVERIFY(tab.notice().feed().isOn());
        stop(tab);
        QTRY_VERIFY(!tab.notice().feed().isOn());
        QTRY_VERIFY(!tab.notice().isVisible());
    }

    void aPortThatIsTakenIsTold()
    {
        QTcpServer taken;
        QVERIFY(taken.listen(QHostAddress::LocalHost));
        DemoFeed feed;
        QVERIFY(!feed.start("localhost", taken.serverPort()));
        QVERIFY(!feed.isOn());
        QVERIFY(!DemoFeed::canStandInFor("example.org"));
        QVERIFY(DemoFeed::canStandInFor("127.0.0.1"));
    }

    void everyExampleIsOnTheStartPage()
    {
        QStringList files, listed;
        const QDir root(QString::fromStdString(examplesFolder().string()));
        for (QDirIterator found(root.path(), {QStringLiteral("*.json")}, QDir::Files, QDirIterator::Subdirectories); found.hasNext();) files += root.relativeFilePath(found.next());
        for (const auto* list : window().findChildren<QListWidget*>()) {
            if (list->accessibleName() != QLatin1String("Examples")) continue;
            for (int row = 0; row < list->count(); ++row) {
                if (list->item(row)->flags() & Qt::ItemIsEnabled) listed += list->item(row)->toolTip();
            }
        }
        QCOMPARE(listed.first(), QString("quickstart/demo_word_count.json"));
        files.sort();
        listed.sort();
        QCOMPARE(listed, files);
    }

    void themesOfThePreferences()
    {
        showPreferences(window());
        auto* dialog = window().findChild<QDialog*>();
        QVERIFY(dialog);
        auto* box = dialog->findChild<QComboBox*>();
        QCOMPARE(box->count(), 3);
        const auto before = ThemeHost::instance().choice();
        box->setCurrentText("Dark");
        QCOMPARE(ThemeHost::instance().choice(), ThemeHost::Choice::Dark);
        QVERIFY(window().actions().find("view.theme_dark")->isChecked());
        dialog->close();
        ThemeHost::instance().choose(before);
    }

    // An example runs at once, and leaves nothing in the folder that the program was started in.
    void whatUntitledPipelinesWriteIsTheUsers()
    {
        room_->write("example.json", demoPipeline(R"("batch_interval": "50ms", "checkpoint": "demo.checkpoint")"));
        PipelineTab* tab = window().openExample(room_->path("example.json").toStdString());
        QVERIFY(tab);
        QCOMPARE(tab->title(), QString("demo"));
        QTRY_VERIFY(tab->run().snapshot().run && tab->run().snapshot().run->last);
        stop(*tab);
        QVERIFY(QFileInfo::exists(room_->path("data/streamwright/demo.checkpoint")));
    }

private:
    MainWindow& window() { return *room_->window; }
    void runAndStop(PipelineTab& tab)
    {
        window().startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
        QTRY_VERIFY(tab.run().snapshot().run && tab.run().snapshot().run->last);
        stop(tab);
    }
    void stop(PipelineTab& tab)
    {
        tab.run().stop(StopHow::AfterBatch);
        QTRY_VERIFY(!tab.run().isRunning());
    }

    std::unique_ptr<Room> room_;
};

QTEST_MAIN(WindowTest)
#include "window_test.moc"
