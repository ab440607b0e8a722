// The designer's window with a pipeline of 1,000 nodes and 2,000 wires, offscreen at 1920×1080: how long it takes to open
// (at most 0.5 s) and to undo (at most 20 ms), how much memory it holds, and how much of a core it takes while nothing
// happens (less than 0.1 % over 60 s).
//   QT_QPA_PLATFORM=offscreen ./window_bench [SECONDS OF IDLENESS]
#include "app/designer/main_window.h"
#include "tests/widgets/canvas_samples.h"

#include "engine/nodes/catalog.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <ctime>

using namespace streamwright;

namespace {

double processorSeconds()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double residentMegabytes()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:")) return line.simplified().split(' ')[1].toDouble() / 1024;
    }
    return 0;
}

// Until everything that was asked for is done and painted.
double settledMilliseconds(MainWindow& window, const QElapsedTimer& since)
{
    window.tab()->document().checkNow();
    QCoreApplication::processEvents();
    window.repaint();
    return static_cast<double>(since.nsecsElapsed()) / 1e6;
}

}

int main(int argc, char** argv)
{
    QTemporaryDir folder;
    for (const char* variable : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"}) qputenv(variable, folder.path().toUtf8());
    QApplication application(argc, argv);
    const QString path = folder.filePath(QStringLiteral("large.json"));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return 1;
    file.write(QByteArray::fromStdString(largePipeline(1000)));
    file.close();
    const Catalog catalog = builtInNodes();
    MainWindow window(catalog);
    window.resize(1920, 1080);
    window.show();
    if (!QTest::qWaitForWindowExposed(&window)) return 1;
    fmt::print("{:<44} {:.0f} MB\n", "memory without a pipeline", residentMegabytes());

    QElapsedTimer opening;
    opening.start();
    window.openFile(path.toStdString());
    fmt::print("{:<44} {:.0f} ms\n", "1,000 nodes opened, checked and painted", settledMilliseconds(window, opening));
    fmt::print("{:<44} {:.0f} MB\n", "memory with them", residentMegabytes());

    window.canvas()->selectAll();
    QCoreApplication::processEvents();
    window.canvas()->deleteSelection();
    QElapsedTimer undoing;
    undoing.start();
    window.tab()->document().undoStack().undo();
    fmt::print("{:<44} {:.0f} ms\n", "all of them deleted, undone", static_cast<double>(undoing.nsecsElapsed()) / 1e6);

    // What was begun is done before.
    QTest::qWait(5000);
    const int seconds = argc > 1 ? std::max(1, QString::fromLocal8Bit(argv[1]).toInt()) : 60;
    const double before = processorSeconds();
    // Not qWait, which looks a hundred times a second.
    QEventLoop loop;
    QTimer::singleShot(seconds * 1000, &loop, &QEventLoop::quit);
    loop.exec();
    fmt::print("{:<44} {:.3f} % of a core\n", fmt::format("idle over {} s", seconds), 100 * (processorSeconds() - before) / seconds);
    return 0;
}
