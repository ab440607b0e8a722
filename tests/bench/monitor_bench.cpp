// The monitor over an hour of batches, one a second, offscreen: how long a new batch takes to be seen in ten charts,
// how long a frame of zooming takes, and what share of a core the monitor needs while a batch ends every second.
#include "engine/nodes/catalog.h"
#include "tests/widgets/played_session.h"
#include "widgets/charts/chart_board.h"
#include "widgets/monitor/monitor.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>

#include <cmath>
#include <ctime>
#include <fmt/format.h>

using namespace streamwright;

namespace {

constexpr int kBatches = 3600, kCharts = 10, kFrames = 200, kSeconds = 20;

double cpuSeconds(clockid_t clock = CLOCK_PROCESS_CPUTIME_ID)
{
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Of a frame: what the clock says, and the processor, which other work on the machine changes less.
struct Frames {
    std::vector<double> millis, processor;

    template <class F>
    void time(const F& frame)
    {
        QElapsedTimer clock;
        clock.start();
        const double begun = cpuSeconds(CLOCK_THREAD_CPUTIME_ID);
        frame();
        processor.push_back((cpuSeconds(CLOCK_THREAD_CPUTIME_ID) - begun) * 1e3);
        millis.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    void print(const char* what)
    {
        std::ranges::sort(millis);
        std::ranges::sort(processor);
        fmt::print("{}: median {:.2f} ms, p99 {:.2f} ms; of the processor {:.2f} ms\n", what, millis[millis.size() / 2], millis[millis.size() * 99 / 100], processor[processor.size() / 2]);
    }
};

// Ten charts of two lines each, the last one of six, one filled with a histogram.
std::vector<ChartSpec> specs()
{
    std::vector<ChartSpec> specs;
    for (int chart = 0; chart < kCharts; ++chart) {
        ChartSpec spec{.title = QString("Chart %1").arg(chart), .unit = "rows/s", .text = countText, .histogram = chart == 1};
        for (int s = 0; s < (chart == kCharts - 1 ? 6 : 2); ++s) spec.series.push_back({QString::number(s), seriesColor(static_cast<size_t>(s)), chart == 1 && s == 1});
        specs.push_back(std::move(spec));
    }
    return specs;
}

void fill(ChartBoard& board, int newest)
{
    std::vector<double> keys;
    for (int i = 0; i < kBatches; ++i) keys.push_back(1'700'000'000 + newest - kBatches + i);
    for (size_t chart = 0; chart < board.charts(); ++chart) {
        std::vector<std::vector<double>> values(chart == kCharts - 1 ? 6 : 2);
        for (size_t s = 0; s < values.size(); ++s) {
            for (int i = 0; i < kBatches; ++i) values[s].push_back(1000 + 300 * std::sin((newest + i) / 40.0 + static_cast<double>(chart + s)) + (newest + i) * 7919 % 200);
        }
        board.setData(chart, keys, values);
    }
}

void measureCharts()
{
    ChartBoard board(specs());
    board.resize(1280, 900);
    board.setColumns(3);
    board.setSpan(3600);
    fill(board, 0);
    board.show();
    (void)QTest::qWaitForWindowExposed(&board);
    QWidget* plot = board.findChildren<QWidget*>().front();
    Frames taken, zoomed;
    const auto show = [&] {
        board.replot();
        QCoreApplication::processEvents();
        plot->repaint();
    };
    for (int frame = 1; frame <= kFrames; ++frame) {
        taken.time([&] {
            fill(board, frame);
            show();
        });
    }
    for (int frame = 1; frame <= kFrames; ++frame) {
        zoomed.time([&] {
            board.setSpan(3600 - frame * 10);
            show();
        });
    }
    taken.print("a new batch in ten charts of an hour, until it is painted");
    zoomed.print("another range in sight of ten charts");
}

void measureMonitor()
{
    const Catalog catalog = builtInNodes();
    PipelineDocument document(catalog);
    document.openText(kPlayedPipeline);
    document.checkNow();
    auto owned = std::make_unique<PlayedSession>();
    PlayedSession* session = owned.get();
    for (int i = 1; i <= kBatches; ++i) session->batches.push_back(playedBatch(i));
    session->run(RunState::Running);
    RunController run(std::move(owned));
    Monitor monitor(document, run);
    monitor.resize(1280, 500);
    monitor.board().setSpan(3600);
    monitor.show();
    (void)QTest::qWaitForWindowExposed(&monitor);
    QTest::qWait(1000);
    const double begun = cpuSeconds();
    QElapsedTimer clock;
    clock.start();
    for (int second = 1; second <= kSeconds; ++second) {
        session->batches.push_back(playedBatch(kBatches + second));
        session->run(RunState::Running);
        QTest::qWait(static_cast<int>(second * 1000 - clock.elapsed()));
    }
    fmt::print("the monitor with an hour of batches, one a second: {:.2f} % of a core\n", (cpuSeconds() - begun) / (static_cast<double>(clock.elapsed()) / 1000) * 100);
}

}

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    measureCharts();
    measureMonitor();
    return 0;
}
