// What watching costs: the processing time of the batches of one pipeline, in turn without a desktop (`streamwright run`)
// and in the designer's window with canvas and monitor shown (at most 3 % more). Both write the same history, which is what is read.
//   QT_QPA_PLATFORM=offscreen ./overhead_bench [SECONDS OF EACH RUN] [ROUNDS]
#include "app/designer/main_window.h"

#include "engine/checkpoint/history_reader.h"
#include "engine/nodes/catalog.h"

#include <QApplication>
#include <QEventLoop>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>

using namespace streamwright;

namespace {

// The first seconds of a run are left out.
constexpr int64_t kWarmUp = 20;

const char* const kPipeline = R"js({"format": "streamwright/1", "name": "words",
  "settings": {"batch_interval": "100ms", "checkpoint": "checkpoint"},
  "nodes": {"lines": {"type": "source.generate", "options": {"rows_per_second": 200000, "seed": 1, "columns": ["concat_ws(' ', random % 1000, random % 777, random % 555, random % 333) AS value"]}},
            "words": {"type": "flat_map", "options": {"expression": "split(value, ' ')", "as": "word"}},
            "counts": {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["count(*) AS n"]}},
            "totals": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "n", "as": "total", "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)"}},
            "out": {"type": "sink.discard"}},
  "edges": ["lines -> words", "words -> counts", "counts -> totals", "totals -> out"],
  "layout": {"nodes": {"lines": [0, 0], "words": [312, 0], "counts": [624, 0], "totals": [936, 0], "out": [1248, 0]}}})js";

[[noreturn]] void giveUp(const std::string& why)
{
    fmt::print(stderr, "{}\n", why);
    std::exit(1);
}

int runInWindow(QApplication& application, const std::string& file, int milliseconds)
{
    const Catalog catalog = builtInNodes();
    MainWindow window(catalog);
    window.resize(1920, 1080);
    window.show();
    window.openFile(file);
    window.docks().open("monitor");
    window.startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
    // Not quit, which would ask what becomes of the run.
    QTimer::singleShot(milliseconds, &application, [] { QApplication::exit(0); });
    return QApplication::exec();
}

// Of every batch but the first, in nanoseconds.
std::vector<int64_t> processingTimes(const std::filesystem::path& checkpoint)
{
    auto reader = HistoryReader::open(checkpoint);
    if (!reader) giveUp(reader.error().message);
    const auto runs = (*reader)->runs();
    if (!runs || runs->empty()) giveUp("the history tells of no run");
    const auto batches = (*reader)->batches(runs->back().runId, kWarmUp, INT64_MAX, 100'000);
    if (!batches) giveUp(batches.error().message);
    std::vector<int64_t> times;
    for (const auto& batch : *batches) times.push_back(batch->time.total);
    if (times.empty()) giveUp("no batch has run");
    return times;
}

template <class T>
T median(std::vector<T> values)
{
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

}

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    const QStringList arguments = QApplication::arguments();
    if (arguments.value(1) == QLatin1String("--window")) return runInWindow(application, arguments.value(2).toStdString(), arguments.value(3).toInt());
    const int milliseconds = 1000 * std::max(5, arguments.value(1, QStringLiteral("20")).toInt());
    const int rounds = std::max(1, arguments.value(2, QStringLiteral("5")).toInt());
    std::vector<double> headless, watched;      // the median of each round, in milliseconds
    for (int round = 0; round < rounds; ++round) {
        for (const bool window : {false, true}) {
            QTemporaryDir folder;
            for (const char* variable : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"}) qputenv(variable, folder.path().toUtf8());
            const QString path = folder.filePath(QStringLiteral("words.json"));
            QFile file(path);
            if (!file.open(QIODevice::WriteOnly)) return 1;
            file.write(kPipeline);
            file.close();
            QProcess process;
            process.setProcessChannelMode(QProcess::ForwardedChannels);
            if (window) process.start(QApplication::applicationFilePath(), {QStringLiteral("--window"), path, QString::number(milliseconds)});
            else process.start(QApplication::applicationDirPath() + QStringLiteral("/streamwright"), {QStringLiteral("run"), path, QStringLiteral("--progress"), QStringLiteral("none")});
            process.waitForStarted();
            if (!window) {
                QEventLoop loop;
                QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
                loop.exec();
                ::kill(static_cast<pid_t>(process.processId()), SIGTERM);
            }
            if (!process.waitForFinished(milliseconds + 60'000) || process.exitCode() != 0) giveUp(window ? "the window fails" : "streamwright fails");
            const std::vector<int64_t> times = processingTimes(folder.filePath(QStringLiteral("checkpoint")).toStdString());
            (window ? watched : headless).push_back(static_cast<double>(median(times)) / 1e6);
            fmt::print("{:<10} {:>5} batches, median {:.2f} ms\n", window ? "watched" : "headless", times.size(), (window ? watched : headless).back());
            std::fflush(stdout);
        }
    }
    // Of two runs that follow each other: machines are faster at one time than at another.
    std::vector<double> ratios;
    for (size_t round = 0; round < headless.size(); ++round) ratios.push_back(watched[round] / headless[round]);
    fmt::print("median processing time: headless {:.2f} ms, with canvas and monitor {:.2f} ms; watched / headless of each round, median: {:+.1f} %\n", median(headless), median(watched), 100 * (median(ratios) - 1));
    return 0;
}
