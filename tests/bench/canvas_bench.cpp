// Frame times of the canvas, offscreen: a frame is from the transform set to the viewport repainted. At 1920×1080
// 1,000 nodes and 2,000 wires are to take at most 16 ms (median) and 33 ms (p99), 5,000 and 10,000 at most 50 ms. Beside
// them 1,000 nodes at 3840×2160, and with wires that come from anywhere.
//   QT_QPA_PLATFORM=offscreen ./canvas_bench          wall time, for an idle machine
//   QT_QPA_PLATFORM=offscreen ./canvas_bench --cpu    processor time of the UI thread, for one that is busy
#include "tests/widgets/canvas_samples.h"

#include "engine/nodes/catalog.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <ctime>

using namespace streamwright;

namespace {

constexpr int kFrames = 90;
clockid_t clockUsed = CLOCK_MONOTONIC;

class Timer {
public:
    double milliseconds() const { return now() - start_; }

private:
    static double now()
    {
        timespec time{};
        clock_gettime(clockUsed, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    }
    double start_ = now();
};

void print(const char* what, std::vector<double> times)
{
    std::sort(times.begin(), times.end());
    fmt::print("  {:<34} median {:6.2f} ms   p99 {:6.2f} ms\n", what, times[times.size() / 2], times[times.size() * 99 / 100]);
    std::fflush(stdout);
}

// Each frame looks a little elsewhere, so that nothing of the last one can be kept.
std::vector<double> framesAt(ShownCanvas& canvas, double zoom, bool live)
{
    std::vector<double> times;
    canvas.view.zoomTo(zoom);
    const QPointF start = canvas.view.canvas().graph().bounds().center();
    for (int frame = 0; frame < kFrames; ++frame) {
        if (live && frame == 0) {
            canvas.run(frame);
            QTest::qWait(360);
        }
        const Timer timer;
        canvas.view.lookAt(start + QPointF(frame * 7.3, frame * 3.1));
        canvas.view.viewport()->repaint();
        times.push_back(timer.milliseconds());
    }
    return times;
}

std::vector<double> zoomFrames(ShownCanvas& canvas)
{
    std::vector<double> times;
    for (int frame = 0; frame < kFrames; ++frame) {
        const Timer timer;
        canvas.view.zoomTo(0.15 * std::pow(1.0 / 0.15, static_cast<double>(frame) / kFrames));
        canvas.view.viewport()->repaint();
        times.push_back(timer.milliseconds());
    }
    return times;
}

std::vector<double> dragFrames(ShownCanvas& canvas, size_t count)
{
    std::set<NodeId> nodes;
    for (size_t i = 400; i < 400 + count; ++i) nodes.insert(canvas.view.canvas().graph().boxes()[i].id);
    canvas.view.zoomTo(0.5);
    canvas.view.lookAt(canvas.view.canvas().graph().boxes()[500].rect.center());
    canvas.document.selection().setNodes(nodes);
    QWidget* viewport = canvas.view.viewport();
    const QPoint from = canvas.view.mapFromScene(canvas.view.canvas().graph().boxes()[500].rect.topLeft() + QPointF(90, 20));
    QTest::mousePress(viewport, Qt::LeftButton, {}, from);
    std::vector<double> times;
    for (int frame = 0; frame < kFrames; ++frame) {
        const QPoint to = from + QPoint(10 + frame * 2, frame);
        QMouseEvent move(QEvent::MouseMove, to, viewport->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::ShiftModifier);
        const Timer timer;
        QCoreApplication::sendEvent(viewport, &move);
        viewport->repaint();
        times.push_back(timer.milliseconds());
    }
    canvas.view.abortGesture();
    return times;
}

void benchmark(const Catalog& catalog, int nodes, const QSize& size, Wires wires)
{
    const std::string text = largePipeline(nodes, wires);
    const Timer opening;
    ShownCanvas canvas(catalog, text, size);
    if (!QTest::qWaitForWindowExposed(&canvas.view)) fmt::print("not exposed: nothing is painted\n");
    canvas.view.viewport()->repaint();
    fmt::print("{} nodes, {} wires{}, {}x{}\n", canvas.view.canvas().graph().boxes().size(), canvas.view.canvas().graph().wires().size(), wires == Wires::Far ? " from anywhere" : "", size.width(), size.height());
    fmt::print("  {:<34} {:.1f} ms\n", "open and paint", opening.milliseconds());
    for (const bool live : {false, true}) {
        for (const double zoom : {0.15, 0.5, 1.0}) print(fmt::format("frame at {}x, {}", zoom, live ? "live figures" : "idle").c_str(), framesAt(canvas, zoom, live));
    }
    print("frame while zooming, 0.15x to 1x", zoomFrames(canvas));
    print("drag of 200, frame at 0.5x", dragFrames(canvas, 200));
    canvas.document.apply(moveNodes(canvas.document.document(), {{{"n30"}, {5, 5}}}), QStringLiteral("move"));
    const Timer undoing;
    canvas.document.undoStack().undo();
    fmt::print("  {:<34} {:.1f} ms\n", "undo of a move", undoing.milliseconds());
    std::fflush(stdout);
}

}

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    if (application.arguments().contains(QStringLiteral("--cpu"))) clockUsed = CLOCK_THREAD_CPUTIME_ID;
    ThemeHost::instance().choose(ThemeHost::Choice::Dark);
    const Catalog catalog = builtInNodes();
    for (const int nodes : {1000, 5000}) benchmark(catalog, nodes, {1920, 1080}, Wires::Near);
    benchmark(catalog, 1000, {3840, 2160}, Wires::Near);
    benchmark(catalog, 1000, {1920, 1080}, Wires::Far);
    return 0;
}
