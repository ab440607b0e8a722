// The data dock over a run in this process: what it shows, samples, filters, freezes and copies; and the tests that it
// makes of whole batches, which `streamwright test` passes.
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "widgets/data/data_view.h"
#include "widgets/data/row_keeper.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QProcess>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace streamwright;

namespace {

const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

// `rate` rows a second in batches of 50 ms: numbered, with a word, and NULL in every fifth `half`.
QByteArray pipeline(int rate, const QByteArray& middle)
{
    return R"js({
  "format": "streamwright/1",
  "name": "kept",
  "settings": {"batch_interval": "50ms"},
  "nodes": {
    "rows": {"type": "source.generate", "options": {"rows_per_second": )js" + QByteArray::number(rate) + R"js(, "columns": ["row AS id", "concat('w,', row % 3) AS word", "CASE WHEN row % 5 = 0 THEN NULL ELSE row / 2 END AS half"], "seed": 7}},
    "middle": )js" + middle + R"js(,
    "out": {"type": "sink.discard"}
  },
  "edges": ["rows -> middle", "middle -> out"]
}
)js";
}

const QByteArray kFilter = R"js({"type": "filter", "options": {"condition": "id % 2 = 0"}})js";
const QByteArray kState = R"js({"type": "update_state_by_key", "options": {"keys": ["word"], "values": "id", "update": "coalesce(state, 0L) + size(values)", "as": "total"}})js";
const QByteArray kWindow = R"js({"type": "reduce_by_key_and_window", "options": {"keys": ["word"], "aggregates": ["count(*) AS n"], "length": "150ms", "slide": "50ms"}})js";

}

class DataTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        folder_ = std::make_unique<QTemporaryDir>();
        qputenv("XDG_STATE_HOME", folder_->filePath("state").toUtf8());
        document_ = std::make_unique<PipelineDocument>(catalog());
        run_ = std::make_unique<RunController>(localSession(catalog()));
        view_ = std::make_unique<DataView>(*document_, *run_);
        view_->resize(900, 300);
        view_->show();
    }
    void cleanup()
    {
        view_.reset();
        run_.reset();
        document_.reset();
        folder_.reset();
    }

    void beforeARunItSaysWhatToDo()
    {
        QVERIFY(foot().contains("Add nodes first"));
        open(pipeline(1000, kFilter));
        view_->open({"middle"}, {});
        QTRY_VERIFY(foot().contains("Run the pipeline"));
        QVERIFY(!button("Keep as input")->isEnabled() && !button("Expect this")->isEnabled());
    }

    void theRowsOfAWire()
    {
        runPaused(pipeline(1000, kFilter), 3);
        view_->open({"middle"}, {});
        QTRY_COMPARE(rows(), 25);
        QTRY_COMPARE(cell(0, 0), QString("100"));
        QVERIFY(foot().contains("showing 25 of 25 rows"));
        // Batches that are no longer the newest can be chosen, and everything follows.
        QCOMPARE(box("Batch")->count(), 4);
        choose("Batch", "Batch 1");
        QTRY_VERIFY(foot().startsWith("Batch 1:"));
        QCOMPARE(run_->moment(), Moment::ofBatch(1));
    }

    void samplesAndFilters()
    {
        runPaused(pipeline(20'000, kFilter), 1);
        view_->open({"rows"}, {});
        QTRY_VERIFY(foot().contains("showing 256 of 1,000 rows"));
        QCOMPARE(cell(0, 0), QString("0"));
        choose("Sample", "Last rows");
        stepUntil([&] { return rows() == 256 && cell(255, 0).toLongLong() == run_->batches().back()->number * 1000 - 1; });
        choose("Sample", "Random rows");
        stepUntil([&] { return rows() == 256 && cell(255, 0).toLongLong() - cell(0, 0).toLongLong() > 256; });
        view_->findChild<QLineEdit*>()->setText("word = 'w,1'");
        QTRY_VERIFY(foot().contains("filtered from the sample"));
        for (int row = 0; row < rows(); ++row) QCOMPARE(cell(row, 1), QString("w,1"));
        view_->findChild<QLineEdit*>()->setText("word = ");
        QTRY_VERIFY(!foot().contains("showing"));
    }

    void theProfileOfTheColumns()
    {
        runPaused(pipeline(1000, kFilter), 1);
        view_->open({"rows"}, {});
        button("Profile")->setChecked(true);
        const auto* profile = table("Profile of the columns");
        QTRY_COMPARE(profile->model()->rowCount(), 3);
        const auto told = [&](int row, int column) { return profile->model()->index(row, column).data().toString(); };
        QCOMPARE(told(0, 0), QString("id"));
        QCOMPARE(told(0, 3), QString("0"));
        QCOMPARE(told(0, 4), QString("49"));
        QCOMPARE(told(1, 2), QString("3"));
        QCOMPARE(told(2, 1), QString("10"));
        QVERIFY(foot().contains("profile of all rows"));
    }

    // More rows than the ring keeps are counted by the run, from the next batch on.
    void theProfileOfAllRowsWhileItIsOpen()
    {
        runPaused(pipeline(200'000, kFilter), 1);
        view_->open({"rows"}, {});
        button("Profile")->setChecked(true);
        QTRY_VERIFY(foot().contains("showing 256 of 10,000 rows") && foot().contains("profile of the sample"));
        stepUntil([&] { return foot().contains("profile of all rows"); });
        const int64_t last = run_->batches().back()->number * 10'000 - 1;
        const auto* profile = table("Profile of the columns");
        const auto told = [&](int row, int column) { return profile->model()->index(row, column).data().toString(); };
        QCOMPARE(told(0, 3), QString::number(last - 9'999));
        QCOMPARE(told(0, 4), QString::number(last));
        QVERIFY2(told(0, 2).startsWith(u'≈') && told(0, 2).endsWith(u'k'), qPrintable(told(0, 2)));
        const double distinct = told(0, 2).mid(2).chopped(2).toDouble();
        QVERIFY2(distinct > 9.3 && distinct < 10.7, qPrintable(told(0, 2)));
        QCOMPARE(told(1, 2), QString("3"));
        QCOMPARE(told(2, 1), QString("2000"));
        QCOMPARE(told(1, 5), QString("3"));
    }

    void frozenItStandsStill()
    {
        runPaused(pipeline(1000, kFilter), 2);
        view_->open({"middle"}, {});
        QTRY_VERIFY(foot().startsWith("Batch 2:"));
        button("Freeze")->setChecked(true);
        step();
        QTRY_COMPARE(run_->batches().back()->number, int64_t{3});
        QTRY_VERIFY(foot().contains("frozen"));
        QVERIFY(foot().startsWith("Batch 2:"));
        button("Freeze")->setChecked(false);
        QTRY_VERIFY(foot().startsWith("Batch 3:"));
    }

    void copiedAsCsvAndJson()
    {
        runPaused(pipeline(100, kFilter), 1);
        view_->open({"rows"}, {});
        QTRY_COMPARE(rows(), 5);
        menuAction("Copy as CSV")->trigger();
        QCOMPARE(QApplication::clipboard()->text(), QString("id,word,half\n0,\"w,0\",\n1,\"w,1\",0.5\n2,\"w,2\",1.0\n3,\"w,0\",1.5\n4,\"w,1\",2.0\n"));
        menuAction("Copy as JSON")->trigger();
        const QJsonArray copied = QJsonDocument::fromJson(QApplication::clipboard()->text().toUtf8()).array();
        QCOMPARE(copied.size(), 5);
        QCOMPARE(copied[1].toObject()["word"].toString(), QString("w,1"));
        QVERIFY(copied[0].toObject()["half"].isNull());
    }

    // Rows of one batch, of several, behind a state and behind a window.
    void whatIsExpectedIsATestThatPasses_data()
    {
        QTest::addColumn<QByteArray>("middle");
        QTest::addColumn<int>("batches");
        QTest::newRow("stateless") << kFilter << 3;
        QTest::newRow("state") << kState << 3;
        QTest::newRow("window") << kWindow << 5;
    }
    void whatIsExpectedIsATestThatPasses()
    {
        QFETCH(QByteArray, middle);
        QFETCH(int, batches);
        runPaused(pipeline(1000, middle), batches);
        view_->open({"middle"}, {});
        // The rows of the first port may still be shown.
        QTRY_VERIFY(foot().startsWith(QString("Batch %1:").arg(batches)) && button("Expect this")->isEnabled());
        QSignalSpy kept(&view_->keeper(), &RowKeeper::kept), failed(&view_->keeper(), &RowKeeper::failed);
        button("Expect this")->click();
        QSignalSpy told(&view_->keeper(), &RowKeeper::told);
        QTRY_VERIFY2(kept.count() + failed.count() > 0, told.isEmpty() ? "nothing was told" : qPrintable(told[0][0].toString()));
        QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed[0][0].toString()));
        QCOMPARE(kept[0][0].toString(), folder_->filePath("kept.flow"));
        const auto [code, out] = streamwrightTest();
        QVERIFY2(code == 0, qPrintable(out));
        QVERIFY2(out.contains("1 case in 1 file: all as expected"), qPrintable(out));
        // It is the rows that make it pass.
        QByteArray flow = read("kept.flow");
        const qsizetype expected = flow.indexOf("middle: [\n");
        QVERIFY(expected > 0);
        const qsizetype row = flow.indexOf("\n    {", expected), end = flow.indexOf("\n", row + 1);
        write("kept.flow", flow.left(row + 1) + R"(    {"id": -1, "word": "no", "half": 0, "total": 1, "n": 1})" + (flow[end - 1] == ',' ? "," : "") + flow.mid(end));
        QVERIFY(streamwrightTest().first != 0);
    }

    void inputAndExpectationsOfABatchAreOneCase()
    {
        runPaused(pipeline(1000, kFilter), 2);
        view_->open({"rows"}, {});
        QTRY_VERIFY(foot().startsWith("Batch 2:"));
        QVERIFY(!button("Expect this")->isEnabled());
        keep("Keep as input");
        QCOMPARE(streamwrightTest().first, 0);
        view_->open({"middle"}, {});
        QTRY_VERIFY(foot().contains("25 of 25") && button("Expect this")->isEnabled());
        keep("Expect this");
        view_->open({"out"}, {});
        QTRY_VERIFY(button("Expect this")->isEnabled());
        keep("Expect this");
        const QByteArray flow = read("kept.flow");
        QCOMPARE(flow.count("\n== ") + flow.startsWith("== "), 1);
        QVERIFY(flow.contains("  rows: [") && flow.contains("  middle: [") && flow.contains("  out: ["));
        const auto [code, out] = streamwrightTest();
        QVERIFY2(code == 0, qPrintable(out));
        // What stood in the flow before stays.
        write("kept.flow", "# by hand\n== mine\npipeline kept.json\nbatch\n  rows: []\n  middle: []\n");
        keep("Expect this");
        QVERIFY(read("kept.flow").startsWith("# by hand\n== mine\n"));
        QVERIFY(streamwrightTest().second.contains("2 cases in 1 file: all as expected"));
    }

    // 1,000 rows a batch are too many for the ring as it is: more are kept of the batches that come.
    void whatIsNotWholeIsRecorded()
    {
        write("kept.json", pipeline(20'000, kFilter));
        QVERIFY(document_->open(path("kept.json")));
        document_->checkNow();
        StartRequest request = startRequest();
        run_->start(std::move(request));
        view_->open({"middle"}, {});
        QTRY_VERIFY(foot().contains("showing 256 of"));
        QSignalSpy kept(&view_->keeper(), &RowKeeper::kept), told(&view_->keeper(), &RowKeeper::told), failed(&view_->keeper(), &RowKeeper::failed);
        QTRY_VERIFY(button("Expect this")->isEnabled());
        button("Expect this")->click();
        QTRY_COMPARE(told.count(), 1);
        QCOMPARE(button("Stop recording")->isEnabled(), true);
        QTRY_VERIFY_WITH_TIMEOUT(kept.count() + failed.count() > 0, 20'000);
        QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed[0][0].toString()));
        const auto [code, out] = streamwrightTest();
        QVERIFY2(code == 0, qPrintable(out));
        QCOMPARE(read("kept.flow").count("\nbatch"), 3);
        stop();
    }

    void whatCannotBecomeATestSaysWhy()
    {
        runPaused(pipeline(1000, kState), 2);
        view_->open({"middle"}, {});
        QTRY_VERIFY(button("Expect this")->isEnabled());
        QSignalSpy failed(&view_->keeper(), &RowKeeper::failed);
        document_->apply(setOption(document_->document(), {"rows"}, "seed", Json::integer(8)), "Another seed");
        button("Expect this")->click();
        QCOMPARE(failed.count(), 1);
        QCOMPARE(failed[0][0].toString(), QString("Save the pipeline first"));
        QVERIFY(document_->save());
        document_->checkNow();
        button("Expect this")->click();
        QCOMPARE(failed.count(), 2);
        QCOMPARE(failed[1][0].toString(), QString("The rows are of an earlier version of the pipeline"));
        QVERIFY(read("kept.flow").isEmpty());
    }

    void rejectedRowsHaveTheirReason()
    {
        runPaused(pipeline(1000, R"js({"type": "select", "options": {"columns": ["id / (id % 2) AS x"]}})js"), 1);
        const auto& nodes = run_->batches().back()->nodes;
        const auto middle = std::ranges::find(nodes, NodeId{"middle"}, &NodeProgress::node);
        QCOMPARE(middle->rejected, int64_t{25});
        QVERIFY2(QString::fromStdString(middle->rejectedBecause).contains("zero"), middle->rejectedBecause.c_str());
    }

private:
    void write(const QString& name, const QByteArray& text)
    {
        QFile file(folder_->filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) qFatal("cannot write %s", qPrintable(name));
    }
    QByteArray read(const QString& name)
    {
        QFile file(folder_->filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    std::filesystem::path path(const QString& name) { return folder_->filePath(name).toStdString(); }

    void open(const QByteArray& text)
    {
        write("kept.json", text);
        if (!document_->open(path("kept.json"))) qFatal("kept.json does not open");
        document_->checkNow();
    }
    StartRequest startRequest()
    {
        StartRequest request;
        request.document = document_->document();
        request.folder = document_->folder();
        return request;
    }
    void runPaused(const QByteArray& text, int batches)
    {
        open(text);
        StartRequest request = startRequest();
        request.paused = true;
        run_->start(std::move(request));
        QTRY_VERIFY(run_->isPaused());
        for (int i = 0; i < batches; ++i) step();
    }
    void step()
    {
        const size_t before = run_->batches().size();
        run_->step();
        QTRY_VERIFY(run_->batches().size() > before && run_->isPaused());
    }
    // What a tap wishes for holds from the next batch on that begins after the engine has heard it.
    template <class Reached>
    void stepUntil(const Reached& reached)
    {
        for (int i = 0; i < 20 && !reached(); ++i) {
            const QString batch = QString("Batch %1:").arg(run_->batches().back()->number + 1);
            step();
            QTRY_VERIFY(foot().startsWith(batch));
        }
        QVERIFY(reached());
    }
    void stop()
    {
        run_->stop(StopHow::AtOnce);
        QTRY_VERIFY(!run_->isRunning());
    }
    void keep(const QString& name)
    {
        QSignalSpy kept(&view_->keeper(), &RowKeeper::kept), failed(&view_->keeper(), &RowKeeper::failed);
        button(name)->click();
        QTRY_VERIFY(kept.count() + failed.count() > 0);
        QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed[0][0].toString()));
    }
    std::pair<int, QString> streamwrightTest()
    {
        QProcess program;
        program.setProcessChannelMode(QProcess::MergedChannels);
        program.start(PROGRAM_FOLDER "/streamwright", {"test", folder_->filePath("kept.json")});
        if (!program.waitForFinished(120'000)) return {-1, program.errorString()};
        return {program.exitCode(), QString::fromUtf8(program.readAll())};
    }

    QToolButton* button(const QString& text) const
    {
        for (QToolButton* one : view_->findChildren<QToolButton*>()) {
            if (one->text() == text) return one;
        }
        qFatal("no button %s", qPrintable(text));
    }
    QComboBox* box(const QString& name) const
    {
        for (QComboBox* one : view_->findChildren<QComboBox*>()) {
            if (one->accessibleName() == name) return one;
        }
        qFatal("no box %s", qPrintable(name));
    }
    void choose(const QString& name, const QString& text)
    {
        const int at = box(name)->findText(text);
        QVERIFY2(at >= 0, qPrintable(text));
        box(name)->setCurrentIndex(at);
        Q_EMIT box(name)->activated(at);
    }
    QAction* menuAction(const QString& text) const
    {
        for (QAction* one : button("Copy")->menu()->actions()) {
            if (one->text() == text) return one;
        }
        qFatal("no action %s", qPrintable(text));
    }
    QTableView* table(const QString& name) const
    {
        for (QTableView* one : view_->findChildren<QTableView*>()) {
            if (one->accessibleName() == name) return one;
        }
        qFatal("no table %s", qPrintable(name));
    }
    int rows() const { return table("Rows of the tap")->model()->rowCount(); }
    QString cell(int row, int column) const { return table("Rows of the tap")->model()->index(row, column).data().toString(); }
    QString foot() const
    {
        QString text;
        for (QLabel* one : view_->findChildren<QLabel*>()) {
            if (!one->text().isEmpty()) text = one->text();
        }
        return text;
    }

    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<PipelineDocument> document_;
    std::unique_ptr<RunController> run_;
    std::unique_ptr<DataView> view_;
};

QTEST_MAIN(DataTest)
#include "data_test.moc"
