// Frame times of the canvas, offscreen at 1920×1080: a frame is from the transform set to the viewport repainted.
// 1,000 nodes and 2,000 wires are to take at most 16 ms (median) and 33 ms (p99), 5,000 and 10,000 at most 50 ms.
//   QT_QPA_PLATFORM=offscreen ./canvas_bench
#include "tests/widgets/canvas_samples.h"

#include "engine/nodes/catalog.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>
#include <algorithm>

using namespace streamwright;

namespace {

constexpr int kFrames = 120;

double milliseconds(const QElapsedTimer& timer) { return static_cast<double>(timer.nsecsElapsed()) / 1e6; }

void print(const char* what, std::vector<double> times)
{
    std::sort(times.begin(), times.end());
    fmt::print("  {:<34} median {:6.2f} ms   p99 {:6.2f} ms\n", what, times[times.size() / 2], times[times.size() * 99 / 100]);
}

// Each frame looks a little elsewhere, so that nothing of the last one can be kept.
std::vector<double> framesAt(ShownCanvas& canvas, double zoom, bool live)
{
    std::vector<double> times;
    canvas.view.zoomTo(zoom);
    const QPointF start = canvas.view.canvas().graph().bounds().center();
    for (int frame = 0; frame < kFrames; ++frame) {
        if (live && frame % 15 == 0) {
            canvas.run(frame);
            QTest::qWait(360);
        }
        QElapsedTimer timer;
        timer.start();
        canvas.view.lookAt(start + QPointF(frame * 7.3, frame * 3.1));
        canvas.view.viewport()->repaint();
        times.push_back(milliseconds(timer));
    }
    return times;
}

std::vector<double> zoomFrames(ShownCanvas& canvas)
{
    std::vector<double> times;
    for (int frame = 0; frame < kFrames; ++frame) {
        QElapsedTimer timer;
        timer.start();
        canvas.view.zoomTo(0.15 * std::pow(1.0 / 0.15, static_cast<double>(frame) / kFrames));
        canvas.view.viewport()->repaint();
        times.push_back(milliseconds(timer));
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
        QElapsedTimer timer;
        timer.start();
        QCoreApplication::sendEvent(viewport, &move);
        viewport->repaint();
        times.push_back(milliseconds(timer));
    }
    canvas.view.abortGesture();
    return times;
}

void measure(const Catalog& catalog, int nodes)
{
    const std::string text = largePipeline(nodes);
    QElapsedTimer timer;
    timer.start();
    ShownCanvas canvas(catalog, text, {1920, 1080});
    canvas.view.viewport()->repaint();
    fmt::print("{} nodes, {} wires\n", canvas.view.canvas().graph().boxes().size(), canvas.view.canvas().graph().wires().size());
    fmt::print("  {:<34} {:.1f} ms\n", "open and paint", milliseconds(timer));
    for (const bool live : {false, true}) {
        for (const double zoom : {0.15, 0.5, 1.0}) print(fmt::format("frame at {}x, {}", zoom, live ? "live figures" : "idle").c_str(), framesAt(canvas, zoom, live));
    }
    print("frame while zooming, 0.15x to 1x", zoomFrames(canvas));
    print("drag of 200, frame at 0.5x", dragFrames(canvas, 200));
    canvas.document.apply(moveNodes(canvas.document.document(), {{{"n30"}, {5, 5}}}), QStringLiteral("move"));
    timer.start();
    canvas.document.undoStack().undo();
    fmt::print("  {:<34} {:.1f} ms\n", "undo of a move", milliseconds(timer));
    timer.start();
    canvas.view.viewport()->repaint();
    fmt::print("  {:<34} {:.1f} ms\n", "and the frame after it", milliseconds(timer));
}

}

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    ThemeHost::instance().choose(ThemeHost::Choice::Dark);
    const Catalog catalog = builtInNodes();
    measure(catalog, 1000);
    measure(catalog, 5000);
    return 0;
}
