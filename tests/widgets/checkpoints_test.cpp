// The checkpoint browser over the checkpoint of a real run: epochs, state, changes, greatest keys, inputs, exports and
// the way back; a state of a million keys.
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "widgets/checkpoints/changes_tab.h"
#include "widgets/checkpoints/checkpoints_view.h"
#include "widgets/checkpoints/inputs_tab.h"
#include "widgets/checkpoints/state_tab.h"
#include "widgets/checkpoints/top_keys_tab.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QDialog>
#include <QElapsedTimer>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTabWidget>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

using namespace streamwright;

namespace {

constexpr char kCounts[] = R"js({"format": "streamwright/1", "name": "counts", "settings": {"batch_interval": "10ms", "checkpoint": "checkpoint"},
"nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 10000, "columns": ["row AS id", "concat('word', row % 7) AS word"], "seed": 1}},
"totals": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "id", "update": "coalesce(state, 0L) + size(values)", "as": "total"}},
"out": {"type": "sink.discard"}}, "edges": ["in -> totals", "totals -> out"]})js";

// A million keys in two batches.
constexpr char kMany[] = R"js({"format": "streamwright/1", "name": "many", "settings": {"batch_interval": "1s", "checkpoint": "many", "backpressure": false},
"nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 500000, "columns": ["concat('key', row) AS word"], "seed": 1}},
"totals": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "1L", "update": "coalesce(state, 0L) + size(values)", "as": "total", "emit": "changed"}},
"out": {"type": "sink.discard"}}, "edges": ["in -> totals", "totals -> out"]})js";

QString cell(const QAbstractItemModel& model, int row, const QString& title)
{
    for (int column = 0; column < model.columnCount(); ++column) {
        if (model.headerData(column, Qt::Horizontal).toString() == title) return model.index(row, column).data().toString();
    }
    return "no column " + title;
}

}

class CheckpointsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        write("counts.json", kCounts);
        runFor("counts.json", 5);
    }

    void init()
    {
        document_ = std::make_unique<PipelineDocument>(catalog_);
        QVERIFY(document_->open(folder_.filePath("counts.json").toStdString()));
        document_->checkNow();
        run_ = std::make_unique<RunController>(localSession(catalog_));
        view_ = std::make_unique<CheckpointsView>(*document_, *run_);
        view_->resize(1200, 400);
        view_->show();
        QTRY_VERIFY(epochs()->model()->rowCount() > 0);
    }
    void cleanup()
    {
        view_.reset();
        run_.reset();
        document_.reset();
    }

    void epochsAreListedNewestFirst()
    {
        const QAbstractItemModel& model = *epochs()->model();
        const QAbstractItemModelTester tester(epochs()->model());
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(cell(model, 0, "Epoch"), "5");
        QCOMPARE(cell(model, 4, "Keys changed"), "7");
        QVERIFY(cell(model, 0, "Took").endsWith("s"));
        // Nothing is cut: the columns are as wide as what is in them.
        for (int column = 0; column + 1 < model.columnCount(); ++column) {
            const int width = epochs()->columnWidth(column);
            epochs()->resizeColumnToContents(column);
            QVERIFY(width >= epochs()->columnWidth(column));
        }
        QVERIFY(model.index(0, 3).data(Qt::ToolTipRole).isValid() || model.index(0, 4).data(Qt::ToolTipRole).toString().contains("totals: 7 keys changed"));
    }

    void theStateIsSearchedAndSorted()
    {
        QTableView* table = page<StateTab>(0)->findChild<QTableView*>();
        QTRY_COMPARE(table->model()->rowCount(), 7);
        // Where an entry is kept says nothing to a person.
        QStringList shown;
        for (int column = 0; column < table->model()->columnCount(); ++column) {
            if (!table->isColumnHidden(column)) shown += table->model()->headerData(column, Qt::Horizontal).toString();
        }
        QCOMPARE(shown, QStringList({"word", "state"}));
        table->sortByColumn(2, Qt::DescendingOrder);
        QTRY_COMPARE(cell(*table->model(), 0, "word"), "word6");
        auto* search = page<StateTab>(0)->findChild<QLineEdit*>();
        search->setText("word3");
        QTRY_COMPARE(table->model()->rowCount(), 1);
        QCOMPARE(cell(*table->model(), 0, "word"), "word3");
        const int64_t newest = cell(*table->model(), 0, "state").toLongLong();
        epochs()->setCurrentIndex(epochs()->model()->index(4, 0));
        QTRY_VERIFY(cell(*table->model(), 0, "state").toLongLong() < newest);
    }

    void changesSinceAnyEpoch()
    {
        auto* tab = page<ChangesTab>(1);
        auto* table = tab->findChild<QTableWidget*>();
        QTRY_COMPARE(table->rowCount(), 7);
        QCOMPARE(cell(*table->model(), 0, "Change"), "changed");
        QVERIFY(cell(*table->model(), 0, "Before").startsWith("{\"state\":") && !cell(*table->model(), 0, "After").contains("partition"));
        epochs()->setCurrentIndex(epochs()->model()->index(4, 0));
        // Nothing lies before the first.
        QTRY_COMPARE(table->rowCount(), 0);
        auto* against = tab->findChild<QComboBox*>();
        against->setCurrentIndex(1);
        Q_EMIT against->activated(1);
        QTRY_COMPARE(table->rowCount(), 7);
    }

    void greatestKeysAndTheHistoryOfOne()
    {
        auto* table = page<TopKeysTab>(2)->findChild<QTableWidget*>();
        QTRY_COMPARE(table->rowCount(), 7);
        QCOMPARE(cell(*table->model(), 0, "Changed in epochs"), "5");
        const QString key = cell(*table->model(), 0, "Key");
        Q_EMIT table->cellDoubleClicked(0, 0);
        auto* window = view_->findChild<QDialog*>();
        QVERIFY(window && window->windowTitle() == "History of " + key);
        auto* versions = window->findChild<QTableWidget*>();
        QTRY_COMPARE(versions->rowCount(), 5);
        QCOMPARE(cell(*versions->model(), 0, "Epoch"), "5");
        QVERIFY(cell(*versions->model(), 0, "state").toLongLong() > cell(*versions->model(), 4, "state").toLongLong());
        delete window;
    }

    void inputsOfAnEpoch()
    {
        auto* text = page<InputsTab>(3)->findChild<QTextBrowser*>();
        QTRY_VERIFY(text->toPlainText().contains("What the sources gave to epoch 5"));
        QVERIFY(text->toPlainText().contains("in") && text->toPlainText().contains("from"));
    }

    void statesAreExported()
    {
        auto* tab = page<StateTab>(0);
        QTRY_COMPARE(tab->findChild<QTableView*>()->model()->rowCount(), 7);
        tab->exportTo(folder_.filePath("totals.csv"), ExportQuery::Format::Csv, false);
        QTRY_VERIFY(QFile::exists(folder_.filePath("totals.csv")));
        QVERIFY(textOf("totals.csv").startsWith("word,state\n"));
        QCOMPARE(textOf("totals.csv").count('\n'), 8);
        tab->exportTo(folder_.filePath("totals.sqlite"), ExportQuery::Format::Sqlite, true);
        QTRY_VERIFY(QFile::exists(folder_.filePath("totals.sqlite")));
        // What cannot be written says why.
        tab->exportTo(folder_.filePath("nowhere/totals.csv"), ExportQuery::Format::Csv, false);
        const auto says = [&](const QString& text) {
            const auto labels = tab->findChildren<QLabel*>();
            return std::ranges::any_of(labels, [&](const QLabel* label) { return label->text().contains(text); });
        };
        QTRY_VERIFY(says("nowhere"));
    }

    // Copies first, says what it means, and goes back.
    void rewinding()
    {
        epochs()->setCurrentIndex(epochs()->model()->index(2, 0));
        QPushButton* button = nullptr;
        for (QPushButton* one : view_->findChildren<QPushButton*>()) {
            if (one->text().startsWith("Rewind to epoch 3")) button = one;
        }
        QVERIFY(button && button->isEnabled());
        QString asked, told;
        bool goIsDefault = false;
        // Each question is answered as it comes up.
        QTimer watch;
        connect(&watch, &QTimer::timeout, this, [&] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            if (!box) return;
            if (box->informativeText().isEmpty()) {
                told = box->text();
                return box->accept();
            }
            asked = box->text() + box->informativeText();
            for (QAbstractButton* one : box->buttons()) {
                if (one->text() == "Rewind to epoch 3") {
                    goIsDefault = box->defaultButton() == one;
                    return one->click();
                }
            }
        });
        watch.start(20);
        button->click();
        QTRY_VERIFY(!told.isEmpty());
        QVERIFY2(asked.contains("in: ") && asked.contains("out: ") && asked.contains("copied first"), qPrintable(asked));
        QVERIFY(goIsDefault);
        QVERIFY2(told.contains("epoch 3"), qPrintable(told));
        QVERIFY(QFile::exists(folder_.filePath("checkpoint.before-rewind-1/checkpoint.sqlite")));
        QTRY_COMPARE(epochs()->model()->rowCount(), 3);
    }

    void aMillionKeysOpenInUnderASecond()
    {
        write("many.json", kMany);
        runFor("many.json", 2);
        view_.reset();
        QVERIFY(document_->open(folder_.filePath("many.json").toStdString()));
        document_->checkNow();
        view_ = std::make_unique<CheckpointsView>(*document_, *run_);
        view_->resize(1200, 400);
        QElapsedTimer clock;
        clock.start();
        view_->show();
        QTableView* table = page<StateTab>(0)->findChild<QTableView*>();
        QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() == 1'000'000 && table->model()->index(0, 2).data().toString().startsWith("key"), 20'000);
        qInfo("1,000,000 keys were open after %lld ms", static_cast<long long>(clock.elapsed()));
        // Far down: a page is asked for as it comes into sight.
        clock.start();
        table->scrollToBottom();
        QTRY_VERIFY_WITH_TIMEOUT((table->viewport()->repaint(), table->model()->index(999'999, 2).data().toString().startsWith("key")), 20'000);
        qInfo("the last page was there after %lld ms", static_cast<long long>(clock.elapsed()));
    }

private:
    QTableView* epochs() const
    {
        for (QTableView* table : view_->findChildren<QTableView*>()) {
            if (table->accessibleName() == "Epochs") return table;
        }
        return nullptr;
    }
    template <class Tab>
    Tab* page(int index) const
    {
        auto* tabs = view_->findChild<QTabWidget*>();
        tabs->setCurrentIndex(index);
        return qobject_cast<Tab*>(tabs->currentWidget());
    }
    void write(const char* name, const char* text)
    {
        QFile file(folder_.filePath(name));
        QVERIFY(file.open(QFile::WriteOnly) && file.write(text) > 0);
    }
    QByteArray textOf(const char* name) const
    {
        QFile file(folder_.filePath(name));
        return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray();
    }
    void runFor(const char* name, int64_t batches)
    {
        PipelineDocument document(catalog_);
        QVERIFY(document.open(folder_.filePath(name).toStdString()));
        RunController run(localSession(catalog_));
        run.start({.document = document.document(), .folder = document.folder(), .paused = true});
        QTRY_VERIFY(run.isPaused());
        // One after the other: else batches that end quickly are decided together, as one epoch.
        for (int64_t batch = 1; batch <= batches; ++batch) {
            run.step();
            QTRY_VERIFY_WITH_TIMEOUT(run.snapshot().run->decided.value >= batch, 30'000);
        }
        run.stop(StopHow::AfterBatch);
        QTRY_VERIFY_WITH_TIMEOUT(!run.isRunning(), 30'000);
    }

    QTemporaryDir folder_;
    const Catalog catalog_ = builtInNodes();
    std::unique_ptr<PipelineDocument> document_;
    std::unique_ptr<RunController> run_;
    std::unique_ptr<CheckpointsView> view_;
};

QTEST_MAIN(CheckpointsTest)
#include "checkpoints_test.moc"
