// streamwright run FILE: runs a pipeline until it ends or is told to stop.
#include "app/cli/verbs.h"
#include "engine/base/clock.h"
#include "engine/columns/calendar.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_file.h"
#include "engine/runtime/progress.h"
#include "engine/runtime/run.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fmt/format.h>
#include <thread>
#include <unistd.h>

namespace streamwright {

namespace {

struct Arguments {
    std::string file;
    std::vector<std::string> set, records, resets;
    bool sorted = false, planOnly = false;
    std::string clock = "wall", start = "1970-01-01T00:00:00Z", drain = "0s", progress = "auto", trigger, checkpoint;
    std::optional<int64_t> batches;
    size_t workers = 0;
    size_t vectorRows = kVectorRows;
};

void complain(const Error& error)
{
    fmt::print(stderr, "error: {}\n", error.message);
    if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
}

std::optional<std::pair<std::string, std::string>> splitAtEquals(const std::string& text)
{
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return std::nullopt;
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

// SIGINT and SIGTERM stop the run after its batch, a second one at once. A thread waits for them, so that
// nothing runs inside of a signal handler.
class SignalWatch {
public:
    SignalWatch()
    {
        sigemptyset(&signals_);
        for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals_, signal);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
    }
    ~SignalWatch()
    {
        if (!thread_.joinable()) return;
        pthread_kill(thread_.native_handle(), SIGUSR1);
        thread_.join();
    }
    void watch(Run& run)
    {
        thread_ = std::thread([this, &run] {
            for (int seen = 0, signal = 0; sigwait(&signals_, &signal) == 0 && signal != SIGUSR1;) {
                if (++seen == 1) {
                    fmt::print(stderr, "\nstopping after this batch; once more stops at once\n");
                    run.stop();
                } else {
                    run.stopNow();
                }
            }
        });
    }

private:
    sigset_t signals_{};
    std::thread thread_;
};

std::string shortNumber(double value)
{
    static constexpr std::array<const char*, 4> units = {"", " k", " M", " G"};
    size_t unit = 0;
    for (; value >= 10000 && unit + 1 < units.size(); ++unit) value /= 1000;
    return fmt::format("{:.{}f}{}", value, unit > 0 ? 1 : 0, units[unit]);
}

// One line on a terminal, rewritten at most ten times a second.
class LiveLine {
public:
    void show(const Snapshot& now)
    {
        const int64_t at = steadyNanos();
        if (now.state == RunState::Running && at - last_ < 100'000'000) return;
        last_ = at;
        std::string line = fmt::format("{}", runStateName(now.state));
        if (now.last) {
            line = fmt::format("batch {} | {} rows/s | delay {:.1f} ms | took {:.1f} ms | state {} rows", now.last->number, shortNumber(now.last->inputRowsPerSecond == now.last->inputRowsPerSecond ? now.last->inputRowsPerSecond : 0),
                               static_cast<double>(now.last->time.wait) / 1e6, static_cast<double>(now.last->time.total) / 1e6, shortNumber(static_cast<double>(now.stateRows)));
        }
        if (now.rejected > 0) line += fmt::format(" | {} rejected", now.rejected);
        if (!now.message.empty()) line += " | " + now.message;
        fmt::print(stderr, "\r\033[K{}", line.substr(0, 200));
    }

private:
    int64_t last_ = 0;
};

Result<RunOptions> optionsOf(const Arguments& arguments)
{
    RunOptions options;
    options.workers = arguments.workers;
    options.vectorRows = std::max<size_t>(1, arguments.vectorRows);
    options.virtualClock = arguments.clock == "virtual";
    const auto start = parseTimestamp(arguments.start, "UTC");
    if (!start) return mistake(fmt::format("--start takes a time like 2024-01-31T10:00:00Z, but is \"{}\"", arguments.start));
    options.virtualStart = Timestamp{*start};
    options.batches = arguments.batches;
    const auto drain = parseDuration(arguments.drain);
    if (!drain) return mistake(fmt::format("--drain: {}", drain.error().message), drain.error().hint);
    options.drain = *drain;
    options.planOnly = arguments.planOnly;
    for (const std::string& reset : arguments.resets) options.resets.push_back(NodeId{reset});
    for (const std::string& text : arguments.records) {
        const auto parts = splitAtEquals(text);
        if (!parts) return mistake(fmt::format("--record takes NODE=FILE, but is \"{}\"", text));
        const size_t dot = parts->first.find('.');
        options.records.push_back({.node = NodeId{parts->first.substr(0, dot)}, .port = dot == std::string::npos ? std::string() : parts->first.substr(dot + 1), .file = parts->second, .sorted = arguments.sorted});
    }
    return options;
}

Result<void> overrideSettings(const Arguments& arguments, Settings& settings)
{
    if (!arguments.checkpoint.empty()) settings.checkpoint = std::filesystem::absolute(arguments.checkpoint);
    if (arguments.trigger.empty()) return {};
    if (arguments.trigger == "available_now") settings.trigger = Trigger::AvailableNow;
    else if (arguments.trigger == "as_data_arrives") settings.trigger = Trigger::AsDataArrives;
    else if (arguments.trigger == "once") settings.trigger = Trigger::Once;
    else settings.trigger = Trigger::Interval;
    return {};
}

// The pipeline, or the exit code 2 after its problems were printed.
std::optional<CheckedPipeline> load(const Arguments& arguments)
{
    static const Catalog catalog = builtInNodes();
    auto file = DocumentFile::load(arguments.file);
    if (!file) return complain(file.error()), std::nullopt;
    Diagnostics diagnostics = file->diagnostics();
    std::optional<CheckedPipeline> checked;
    if (file->document()) {
        CheckOptions options{.folder = std::filesystem::absolute(arguments.file).parent_path()};
        for (const std::string& text : arguments.set) {
            const auto parts = splitAtEquals(text);
            if (!parts) return complain(mistake(fmt::format("--set takes NAME=VALUE, but is \"{}\"", text))), std::nullopt;
            options.parameters.insert(*parts);
        }
        checked = check(*file->document(), catalog, options);
        diagnostics = checked->diagnostics;
    }
    for (const Diagnostic& diagnostic : diagnostics) fmt::print(stderr, "{}\n", describe(diagnostic, arguments.file));
    if (!checked || hasErrors(diagnostics)) return std::nullopt;
    return checked;
}

void printPlan(const Run& run)
{
    for (const PlannedState& state : run.plan()) {
        const std::string reason = state.reason.empty() ? std::string() : " (" + state.reason + ")";
        fmt::print("{}.{}: {}{}\n", state.node.name, state.state, stateFateName(state.fate), reason);
    }
    if (run.plan().empty()) fmt::print("no node keeps state\n");
    for (const std::string& note : run.notes()) fmt::print("{}\n", note);
}

int runPipeline(const Arguments& arguments)
{
    SignalWatch signals;
    auto checked = load(arguments);
    if (!checked) return 2;
    auto options = optionsOf(arguments);
    if (!options) return complain(options.error()), 2;
    if (auto done = overrideSettings(arguments, checked->settings); !done) return complain(done.error()), 2;
    const bool live = arguments.progress == "live" || (arguments.progress == "auto" && ::isatty(STDERR_FILENO) && !::isatty(STDOUT_FILENO));
    const auto line = std::make_shared<LiveLine>();
    options->log = [live](LogLevel level, const std::string& text) {
        static constexpr std::array<const char*, 3> names = {"info", "warning", "error"};
        fmt::print(stderr, "{}{}: {}\n", live ? "\r\033[K" : "", names[static_cast<size_t>(level)], text);
    };
    if (live) {
        options->progress = [line](const SnapshotPtr& now) { line->show(*now); };
    } else if (arguments.progress == "json") {
        options->progress = [last = std::make_shared<const BatchProgress*>(nullptr)](const SnapshotPtr& now) {
            if (!now->last || std::exchange(*last, now->last.get()) == now->last.get()) return;
            fmt::print(stderr, "{}\n", progressJson(*now->last, now->name, now->runId));
        };
    }
    auto run = prepare(std::move(*checked), std::move(*options));
    if (!run) return complain(run.error()), run.error().kind == ErrorKind::Mistake ? 2 : 1;
    if (arguments.planOnly) {
        printPlan(**run);
        return std::ranges::any_of((*run)->plan(), [](const PlannedState& state) { return state.fate == StateFate::Refused; }) ? 2 : 0;
    }
    for (const std::string& note : (*run)->notes()) fmt::print(stderr, "note: {}\n", note);
    signals.watch(**run);
    const Outcome outcome = (*run)->execute();
    if (live) fmt::print(stderr, "\n");
    if (outcome.kind == Outcome::Kind::Failed) complain(outcome.error);
    return outcome.exitCode();
}

}

void addRunVerb(CLI::App& program, int& exitCode)
{
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = program.add_subcommand("run", "Run a pipeline until it ends or is stopped (Ctrl-C ends it after its batch)");
    verb->add_option("FILE", arguments->file, "The pipeline file")->required();
    verb->add_option("--set", arguments->set, "NAME=VALUE: a parameter of the pipeline");
    verb->add_option("--record", arguments->records, "NODE=FILE or NODE.PORT=FILE: write what leaves the node, one line of JSON rows a batch");
    verb->add_flag("--sorted", arguments->sorted, "Sort recorded rows within each batch");
    verb->add_flag("--plan", arguments->planOnly, "Say what happens to kept state, node by node, and run nothing");
    verb->add_option("--reset", arguments->resets, "NODE: drop its kept state");
    verb->add_option("--clock", arguments->clock, "wall, or virtual: a replay takes no real time")->check(CLI::IsMember({"wall", "virtual"}));
    verb->add_option("--start", arguments->start, "Virtual clock: its first time");
    verb->add_option("--batches", arguments->batches, "End after so many batches");
    verb->add_option("--drain", arguments->drain, "Virtual clock: go on so long after the last replay has ended");
    verb->add_option("--progress", arguments->progress, "auto, live (one line on a terminal), json (a line a batch on standard error), none")->check(CLI::IsMember({"auto", "live", "json", "none"}));
    verb->add_option("--trigger", arguments->trigger, "Instead of the setting")->check(CLI::IsMember({"interval", "as_data_arrives", "available_now", "once"}));
    verb->add_option("--checkpoint", arguments->checkpoint, "DIR: instead of the setting");
    verb->add_option("--workers", arguments->workers, "Worker threads; 0: one per core");
    verb->add_option("--vector-rows", arguments->vectorRows, "Rows that operators get at once, for tests")->group("");
    verb->footer("Examples:\n  streamwright run words.json --set port=9998\n  streamwright run words.json --clock virtual --record counts=counts.jsonl\n  streamwright run words.json --plan");
    verb->callback([arguments, &exitCode] { exitCode = runPipeline(*arguments); });
}

}
