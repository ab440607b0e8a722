// streamwright checkpoint history: what earlier batches and runs did, from the checkpoint's history.sqlite.
#include "app/cli/arguments.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"
#include "engine/base/duration.h"
#include "engine/checkpoint/history_reader.h"
#include "engine/runtime/progress.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

struct Arguments {
    std::string directory, run, last;
    size_t points = 30;
    bool runs = false, batches = false, json = false, csv = false;
};

// The run whose id begins so, the newest of them when nothing is asked for.
Result<RecordedRun> runOf(HistoryReader& history, const std::string& start)
{
    auto runs = history.runs();
    if (!runs) return runs.error();
    std::erase_if(*runs, [&](const RecordedRun& run) { return !run.runId.starts_with(start); });
    if (runs->empty()) return start.empty() ? mistake("the history holds no batch yet") : mistake(fmt::format("the history holds no run {}", start), "--runs lists them");
    if (!start.empty() && runs->size() > 1) return mistake(fmt::format("{} runs begin with {}", runs->size(), start), "write more of its id");
    return runs->back();
}

int printRuns(HistoryReader& history, bool json)
{
    auto runs = history.runs();
    if (!runs) return complain(runs.error());
    std::vector<std::vector<std::string>> table{{"RUN", "PIPELINE", "STARTED", "LAST BATCH", "BATCHES"}};
    for (const RecordedRun& run : *runs) {
        table.push_back({run.runId, run.name, timeText(run.started), timeText(run.lastStarted), fmt::format("{} to {}", run.first, run.last)});
        if (json) {
            fmt::print("{{\"run\": {}, \"name\": {}, \"document\": {}, \"started\": {}, \"last_batch\": {}, \"first\": {}, \"last\": {}}}\n", jsonText(run.runId), jsonText(run.name), jsonText(run.documentHash),
                       jsonText(timeText(run.started)), jsonText(timeText(run.lastStarted)), run.first, run.last);
        }
    }
    if (json) return 0;
    if (runs->empty()) fmt::print("the history holds no batch yet\n");
    else printTable(table);
    return 0;
}

int printBatches(HistoryReader& history, const Arguments& arguments, Timestamp from)
{
    auto run = runOf(history, arguments.run);
    if (!run) return complain(run.error());
    auto batches = history.batches(run->runId, 0, INT64_MAX, arguments.points);
    if (!batches) return complain(batches.error());
    for (const auto& batch : *batches) {
        if (batch->started >= from) fmt::print("{}\n", progressJson(*batch, {run->name, {}, run->runId}));
    }
    return 0;
}

const Spread& figure(const BatchSummary& point, std::string_view name) { return point.figures[batchMetric(name)]; }

void printPoints(const Timeline& timeline)
{
    std::vector<std::vector<std::string>> table{{"TIME", "BATCHES", "ROWS/S", "PROCESSING", "P99", "MAX", "WAITING", "STATE", "MEMORY"}};
    for (const BatchSummary& point : timeline.points) {
        const Spread& processing = figure(point, "processing");
        table.push_back({timeText(point.from), fmt::format("{} to {}", point.first, point.last), fmt::format("{:.0f}", figure(point, "rows_in").mean * static_cast<double>(point.batches) / point.length.seconds()), nanosText(processing.mean), nanosText(processing.p99), nanosText(processing.greatest),
                         nanosText(figure(point, "wait").mean), fmt::format("{:.0f} keys", figure(point, "state_rows").mean), bytesText(static_cast<int64_t>(figure(point, "memory").greatest))});
    }
    if (timeline.points.empty()) fmt::print("the history holds no batch of that time\n");
    else printTable(table);
}

void printCsv(const Timeline& timeline)
{
    std::string line = "run,time,seconds,first,last,batches";
    for (const BatchMetric& metric : batchMetrics()) line += fmt::format(",{0}_min,{0}_mean,{0}_p99,{0}_max", metric.name);
    fmt::print("{}\n", line);
    for (const BatchSummary& point : timeline.points) {
        line = fmt::format("{},{},{},{},{},{}", timeline.runs[point.run].runId, timeText(point.from), point.length.seconds(), point.first, point.last, point.batches);
        for (const Spread& spread : point.figures) line += fmt::format(",{},{},{},{}", spread.least, spread.mean, spread.p99, spread.greatest);
        fmt::print("{}\n", line);
    }
}

template <class Metrics>
std::string figuresJson(const Metrics& metrics, const std::vector<Spread>& figures)
{
    std::string json;
    for (size_t f = 0; f < figures.size(); ++f) {
        json += fmt::format("{}\"{}\": {{\"min\": {}, \"mean\": {}, \"p99\": {}, \"max\": {}}}", f > 0 ? ", " : "", metrics[f].name, figures[f].least, figures[f].mean, figures[f].p99, figures[f].greatest);
    }
    return json;
}

void printJson(const Timeline& timeline)
{
    for (const BatchSummary& point : timeline.points) {
        std::string nodes;
        for (const NodeSummary& node : point.nodes) nodes += fmt::format("{}{}: {{{}}}", nodes.empty() ? "" : ", ", jsonText(node.node.name), figuresJson(nodeMetrics(), node.figures));
        fmt::print("{{\"run\": {}, \"time\": {}, \"seconds\": {}, \"first\": {}, \"last\": {}, \"batches\": {}, {}, \"nodes\": {{{}}}}}\n", jsonText(timeline.runs[point.run].runId), jsonText(timeText(point.from)), point.length.seconds(),
                   point.first, point.last, point.batches, figuresJson(batchMetrics(), point.figures), nodes);
    }
}

int printHistory(const Arguments& arguments)
{
    auto history = HistoryReader::open(arguments.directory);
    if (!history) return complain(history.error());
    if (arguments.runs) return printRuns(**history, arguments.json);
    TimelineQuery query{.most = arguments.points};
    if (!arguments.run.empty() || !arguments.last.empty()) {
        auto run = runOf(**history, arguments.run);
        if (!run) return complain(run.error());
        if (!arguments.run.empty()) query.run = run->runId;
        if (!arguments.last.empty()) {
            const auto last = parseDuration(arguments.last);
            if (!last) return complain(mistake(fmt::format("--last: {}", last.error().message), last.error().hint));
            query.from = run->lastStarted + Duration{-last->micros};
        }
    }
    if (arguments.batches) return printBatches(**history, arguments, query.from);
    auto timeline = (*history)->timeline(query);
    if (!timeline) return complain(timeline.error());
    if (arguments.json) printJson(*timeline);
    else if (arguments.csv) printCsv(*timeline);
    else printPoints(*timeline);
    return 0;
}

}

void addCheckpointHistoryVerb(CLI::App& checkpoint, int& exitCode)
{
    const auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = checkpoint.add_subcommand("history", "what earlier batches and runs did: rates, latencies, state, memory over time");
    verb->add_option("CHECKPOINT", arguments->directory, "the checkpoint's directory")->required();
    verb->add_option("--run", arguments->run, "one run, by the start of its id (default: all, one after the other)");
    verb->add_option("--last", arguments->last, "so long before the newest batch, for example 1h (default: everything)")->type_name("DURATION");
    verb->add_option("--points", arguments->points, "how many lines at most: neighbours are summed up")->capture_default_str()->check(CLI::Range(1, 1'000'000));
    CLI::Option* runs = verb->add_flag("--runs", arguments->runs, "list the runs instead");
    verb->add_flag("--batches", arguments->batches, "print the newest batches whole, a line of JSON each, as `run --progress json` does")->excludes(runs);
    CLI::Option* json = verb->add_flag("--json", arguments->json, "lines of JSON, with the figures of every node");
    verb->add_flag("--csv", arguments->csv, "CSV: least, mean, 99th percentile and greatest of each figure")->excludes(json);
    verb->footer("Every batch is kept for an hour, a summary of 10 s for a day, of 5 min beyond; all in 64 MiB at most.\n"
                 "Examples:\n"
                 "  streamwright checkpoint history counts.checkpoint --last 1h\n"
                 "  streamwright checkpoint history counts.checkpoint --runs\n"
                 "  streamwright checkpoint history counts.checkpoint --points 1000 --csv > history.csv");
    verb->callback([arguments, &exitCode] { exitCode = printHistory(*arguments); });
}

}
