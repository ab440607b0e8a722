// The charts by themselves: one axis for all, what is exported, gaps, a second run over the first.
#include "widgets/charts/chart_board.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <cmath>

using namespace streamwright;

namespace {

QColor accent(const Theme& theme) { return theme.accent; }

std::vector<ChartSpec> specs()
{
    return {{"Input rate", "rows/s", {{"in", accent}}, countText}, {"Latency", "", {{"processing", accent}, {"waiting", accent, true}}, countText, 0, true}};
}

std::vector<double> keysFrom(double first, int count)
{
    std::vector<double> keys;
    for (int i = 0; i < count; ++i) keys.push_back(first + i);
    return keys;
}

void fill(ChartBoard& board, int count = 100)
{
    const auto keys = keysFrom(1'700'000'000, count);
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(i);
    board.setData(0, keys, {values});
    board.setData(1, keys, {values, values});
}

}

class ChartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        board_ = std::make_unique<ChartBoard>(specs());
        board_->resize(800, 300);
        board_->setSpan(60);
        fill(*board_);
        board_->show();
        QVERIFY(QTest::qWaitForWindowExposed(board_.get()));
    }
    void cleanup() { board_.reset(); }

    void aTableHasARowAKeyAndAColumnASeries()
    {
        const auto all = board_->asTable(), one = board_->asTable(1);
        const QAbstractItemModelTester tester(all.get());
        QCOMPARE(all->rowCount(), 100);
        QCOMPARE(all->columnCount(), 4);
        QCOMPARE(one->columnCount(), 3);
        QCOMPARE(one->headerData(2, Qt::Horizontal).toString(), "Latency: waiting");
        QCOMPARE(all->headerData(1, Qt::Horizontal).toString(), "Input rate, rows/s");
        QCOMPARE(all->data(all->index(7, 1)).toDouble(), 7.0);
        const QStringList lines = board_->asCsv(0).split('\n');
        QCOMPARE(lines[0], "\"Time\",\"Input rate, rows/s\"");
        QCOMPARE(lines.size(), 102);
        QVERIFY(lines[8].endsWith(",7"));
    }

    void zoomIsThatOfAllAndIsTold()
    {
        QSignalSpy seen(board_.get(), &ChartBoard::seen);
        seen.wait(1000);
        seen.clear();
        QWidget* plot = board_->findChildren<QWidget*>().front();
        const QPointF at(200, 150);
        QWheelEvent wheel(at, plot->mapToGlobal(at), {}, {0, 240}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(plot, &wheel);
        QVERIFY(seen.wait(2000));
        const double width = seen.last()[1].toDouble() - seen.last()[0].toDouble();
        QVERIFY2(width < 60 && width > 10, qPrintable(QString::number(width)));
        // The newest does not pull it back; another span does.
        fill(*board_, 200);
        board_->replot();
        QVERIFY(!seen.wait(400));
        board_->setSpan(60);
        QVERIFY(seen.wait(2000));
        QCOMPARE(seen.last()[1].toDouble(), 1'700'000'199.0);
    }

    void aClickGivesTheKeyADragDoesNot()
    {
        QSignalSpy clicked(board_.get(), &ChartBoard::clicked);
        QWidget* plot = board_->findChildren<QWidget*>().front();
        QTest::mouseClick(plot, Qt::LeftButton, {}, {200, 150});
        QCOMPARE(clicked.size(), 1);
        const double key = clicked[0][0].toDouble();
        QVERIFY(key > 1'700'000'039 && key < 1'700'000'099);
        QTest::mousePress(plot, Qt::LeftButton, {}, {200, 150});
        QTest::mouseMove(plot, {260, 150});
        QTest::mouseRelease(plot, Qt::LeftButton, {}, {260, 150});
        QCOMPARE(clicked.size(), 1);
    }

    void everyChartHasAMenu()
    {
        QSignalSpy menu(board_.get(), &ChartBoard::menuRequested);
        for (const QPoint at : {QPoint(200, 150), QPoint(600, 150)}) {
            QContextMenuEvent event(QContextMenuEvent::Mouse, at, board_->mapToGlobal(at));
            QApplication::sendEvent(board_->findChildren<QWidget*>().front(), &event);
        }
        QCOMPARE(menu.size(), 2);
        QCOMPARE(menu[0][0].toULongLong(), 0u);
        QCOMPARE(menu[1][0].toULongLong(), 1u);
    }

    void picturesCanBeOpened()
    {
        const QTemporaryDir folder;
        QVERIFY(board_->savePicture(folder.filePath("charts.png")));
        const QImage picture(folder.filePath("charts.png"));
        QCOMPARE(picture.size(), board_->size() * 2);
        // A line was drawn: there are more colours than ground and text.
        int accents = 0;
        for (int y = 0; y < picture.height(); ++y) {
            for (int x = 0; x < picture.width(); ++x) accents += picture.pixelColor(x, y) == Theme::current().accent;
        }
        QVERIFY(accents > 100);
        QVERIFY(board_->savePicture(folder.filePath("charts.svg")));
        const QSvgRenderer svg(folder.filePath("charts.svg"));
        QVERIFY(svg.isValid());
        QVERIFY(!board_->savePicture(folder.filePath("nowhere/charts.png")));
        QVERIFY(!board_->savePicture(folder.filePath("nowhere/charts.svg")));
    }

    void aSecondRunLiesOverTheFirst()
    {
        board_->setKeyKind(KeyKind::Number);
        board_->setData(0, keysFrom(1, 10), {std::vector<double>(10, 1)});
        board_->setData(1, keysFrom(1, 10), {std::vector<double>(10, 1), std::vector<double>(10, 1)});
        board_->setOverlay(0, keysFrom(1, 20), {std::vector<double>(20, 500)});
        QSignalSpy seen(board_.get(), &ChartBoard::seen);
        board_->replot();
        QVERIFY(seen.wait(2000));
        // All of both is seen.
        QCOMPARE(seen.last()[1].toDouble(), 20.0);
        const auto table = board_->asTable(0);
        QCOMPARE(table->rowCount(), 20);
        QCOMPARE(table->headerData(0, Qt::Horizontal).toString(), "Batch of the run");
        QCOMPARE(table->headerData(2, Qt::Horizontal).toString(), "Input rate, rows/s (other run)");
        QVERIFY(!table->data(table->index(15, 1)).isValid());
        QCOMPARE(table->data(table->index(15, 2)).toDouble(), 500.0);
    }

    // NaN between two runs: nothing is drawn there, and the scale does not mind.
    void gapsAreLeft()
    {
        auto keys = keysFrom(1'700'000'000, 100);
        std::vector<double> values(100, 5);
        values[50] = std::nan("");
        board_->setData(0, keys, {values});
        board_->setData(1, keys, {values, values});
        board_->setSpread(0, keys, values, values);
        board_->replot();
        const auto table = board_->asTable(0);
        QVERIFY(!table->data(table->index(50, 1)).isValid());
        QTest::mouseMove(board_->findChildren<QWidget*>().front(), {200, 150});
        QVERIFY(!board_->grab().isNull());
    }

private:
    std::unique_ptr<ChartBoard> board_;
};

QTEST_MAIN(ChartsTest)
#include "charts_test.moc"
