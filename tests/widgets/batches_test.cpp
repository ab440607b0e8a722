// The table of batches and the page of one.
#include "engine/nodes/catalog.h"
#include "tests/widgets/played_session.h"
#include "widgets/batches/batch_model.h"
#include "widgets/batches/batches_view.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QTableView>
#include <QTest>
#include <QTextBrowser>

using namespace streamwright;

namespace {

Batches played(int64_t first, int64_t last)
{
    Batches batches;
    for (int64_t number = first; number <= last; ++number) batches.push_back(playedBatch(number));
    return batches;
}

QString text(const QAbstractItemModel& model, int row, int column) { return model.index(row, column).data().toString(); }

}

class BatchesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newOnesComeOnTopAndOldOnesLeave()
    {
        BatchModel model;
        const QAbstractItemModelTester tester(&model);
        model.setBatches(played(1, 3));
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(text(model, 0, 0), "3");
        model.setAhead({{AheadBatch::Status::Running, 4, {}}});
        model.setBatches(played(2, 5));
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(text(model, 1, 0), "5");
        QCOMPARE(model.rowOf(2), 4);
        QCOMPARE(model.rowOf(1), -1);
        QCOMPARE(model.numberAt(1), 5);
        model.setAhead({});
        QCOMPARE(model.rowOf(5), 0);
        // Another run.
        model.setBatches(played(1, 1));
        QCOMPARE(model.rowCount(), 1);
    }

    void whatHasNotEndedIsOnTop()
    {
        Snapshot run{.state = RunState::Running, .working = 8, .behind = 7, .last = playedBatch(7)};
        auto ahead = aheadOf(run);
        QCOMPARE(ahead.size(), size_t{6});
        QVERIFY(ahead[0].number == 13 && ahead[0].status == AheadBatch::Status::Waiting && ahead[0].note == "and 2 more");
        QVERIFY(ahead[5].number == 8 && ahead[5].status == AheadBatch::Status::Running);
        run.state = RunState::Failed;
        run.message = "middle: broken";
        run.working = 0;
        ahead = aheadOf(run);
        QVERIFY(ahead.size() == 1 && ahead[0].number == 8 && ahead[0].status == AheadBatch::Status::Failed && ahead[0].note == "middle: broken");
        run.state = RunState::Stopped;
        QVERIFY(aheadOf(run).empty());
        BatchModel model;
        model.setBatches(played(7, 7));
        model.setAhead(ahead);
        QCOMPARE(text(model, 0, 1), "failed");
        QCOMPARE(text(model, 0, 2), "middle: broken");
        QCOMPARE(text(model, 1, 1), "completed");
    }

    void aPageSaysWhatTheBatchReadAndDid()
    {
        const Catalog catalog = builtInNodes();
        PipelineDocument document(catalog);
        document.openText(kPlayedPipeline);
        auto session = std::make_unique<PlayedSession>();
        session->batches = played(1, 9);
        session->run(RunState::Running);
        RunController run(std::move(session));
        BatchesView view(document, run);
        view.resize(1000, 400);
        view.show();
        auto* table = view.findChild<QTableView*>();
        QTRY_COMPARE(table->model()->rowCount(), 9);
        // The newest, until one is chosen.
        auto* page = view.findChild<QTextBrowser*>();
        QTRY_VERIFY(page->toPlainText().contains("Batch 9"));
        const QModelIndex third = table->model()->index(6, 0);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(third).center());
        QVERIFY(run.moment() == Moment::ofBatch(3));
        const QString said = page->toPlainText();
        for (const char* part : {"Batch 3", "1:0", "1:400", "totals", "53", "Scheduling delay"}) QVERIFY2(said.contains(part), part);
        QVERIFY2(said.contains(durationText(playedBatch(3)->time.wait + playedBatch(3)->time.total)), qPrintable(said));
        view.open(5);
        QVERIFY(page->toPlainText().contains("Batch 5"));
    }
};

QTEST_MAIN(BatchesTest)
#include "batches_test.moc"
