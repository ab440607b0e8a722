// streamwright run FILE: runs a pipeline until it ends or is told to stop.
#include "app/cli/arguments.h"
#include "app/cli/display.h"
#include "app/cli/listening.h"
#include "app/cli/signal_watch.h"
#include "app/cli/verbs.h"
#include "engine/base/clock.h"
#include "engine/base/hdfs_place.h"
#include "engine/base/memory.h"
#include "engine/columns/calendar.h"
#include "engine/control/local_run.h"
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_file.h"
#include "engine/runtime/run.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

struct Arguments {
    std::string file;
    std::vector<std::string> set, records, resets;
    bool sorted = false, planOnly = false, preview = false;
    std::string clock = "wall", progress = "auto";
    std::optional<std::string> start, drain, trigger, checkpoint, checkpointCopy;
    std::optional<int64_t> batches;
    size_t workers = 0;
    size_t vectorRows = kVectorRows;
    ListenArguments listen;
};

Result<std::vector<Recording>> recordings(const Arguments& arguments)
{
    std::vector<Recording> records;
    for (const std::string& text : arguments.records) {
        const auto parts = splitAtEquals(text);
        if (!parts || parts->second.empty()) return mistake(fmt::format("--record takes NODE=FILE, but is \"{}\"", text), "write for example --record counts=counts.jsonl");
        const size_t dot = parts->first.find('.');
        const std::filesystem::path file = parts->second;
        if (std::ranges::any_of(records, [&](const Recording& other) { return other.file == file; })) return mistake(fmt::format("--record names the file {} twice", file.string()), "give each node a file of its own");
        records.push_back({.node = NodeId{parts->first.substr(0, dot)}, .port = dot == std::string::npos ? std::string() : parts->first.substr(dot + 1), .file = file, .sorted = arguments.sorted});
    }
    return records;
}

Result<RunOptions> optionsOf(const Arguments& arguments)
{
    RunOptions options;
    options.workers = arguments.workers;
    options.vectorRows = arguments.vectorRows;
    options.virtualClock = arguments.clock == "virtual";
    if (!options.virtualClock && (arguments.start || arguments.drain)) {
        return mistake(fmt::format("{} belongs to a virtual clock, but the clock is wall", arguments.start ? "--start" : "--drain"), "add --clock virtual, or leave it out");
    }
    if (arguments.start) {
        const auto start = parseTimestamp(*arguments.start, "UTC");
        if (!start) return mistake(fmt::format("--start takes a time like 2024-01-31T10:00:00Z, but is \"{}\"", *arguments.start));
        options.virtualStart = Timestamp{*start};
    }
    if (arguments.drain) {
        const auto drain = parseDuration(*arguments.drain);
        if (!drain) return mistake(fmt::format("--drain: {}", drain.error().message), drain.error().hint);
        options.drain = *drain;
    }
    if (arguments.batches && *arguments.batches < 1) return mistake(fmt::format("--batches takes a number from 1 up, but is {}", *arguments.batches));
    options.batches = arguments.batches;
    options.planOnly = arguments.planOnly;
    options.preview = arguments.preview;
    if (arguments.preview && (arguments.checkpoint || arguments.planOnly)) return mistake("--preview has a temporary checkpoint of its own", "leave --checkpoint and --plan out");
    for (const std::string& reset : arguments.resets) options.resets.push_back(NodeId{reset});
    auto records = recordings(arguments);
    if (!records) return records.error();
    options.records = std::move(*records);
    return options;
}

Result<void> overrideSettings(const Arguments& arguments, CheckedPipeline& pipeline)
{
    if (arguments.checkpoint) setCheckpoint(pipeline.settings, *arguments.checkpoint, {});
    if (arguments.checkpointCopy) {
        if (!pipeline.settings.checkpoint) return mistake("--checkpoint-copy is a copy of the checkpoint, but there is none", "name a folder with --checkpoint");
        const std::string& place = *arguments.checkpointCopy;
        pipeline.settings.shipping = CheckpointShipping{.place = isHdfs(place) ? place : std::filesystem::absolute(place).lexically_normal().string()};
    }
    if (!arguments.trigger) return {};
    for (const Trigger trigger : {Trigger::Interval, Trigger::AsDataArrives, Trigger::AvailableNow, Trigger::Once}) {
        if (triggerName(trigger) == *arguments.trigger) pipeline.settings.trigger = trigger;
    }
    for (const PlannedNode& node : pipeline.nodes) {
        if (const auto warning = waitsInVain(node.id, node.type->spec, pipeline.settings.trigger)) fmt::print(stderr, "{}\n", describe(*warning, arguments.file));
    }
    if (pipeline.settings.trigger == Trigger::Interval) return {};
    for (const PlannedNode& node : pipeline.nodes) {
        if (!node.type->spec.needsInterval) continue;
        return mistake(fmt::format("{} needs a batch at every interval, but --trigger is {}", node.id.name, *arguments.trigger), "leave --trigger out, or make it interval");
    }
    return {};
}

const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

struct Loaded {
    StartRequest request;               // what a viewer is told of the run
    CheckedPipeline pipeline;
};

// None after the problems were printed.
std::optional<Loaded> load(const Arguments& arguments)
{
    auto file = DocumentFile::load(arguments.file);
    if (!file) return complain(file.error()), std::nullopt;
    const auto parameters = parametersOf(arguments.set);
    if (!parameters) return complain(parameters.error()), std::nullopt;
    Diagnostics diagnostics = file->diagnostics();
    std::optional<Loaded> loaded;
    if (file->document()) {
        StartRequest request{.document = *file->document(), .folder = std::filesystem::absolute(arguments.file).parent_path(), .parameters = *parameters};
        if (arguments.preview) request.mode = StartRequest::Mode::Preview;
        CheckedPipeline checked = check(request.document, catalog(), {request.folder, request.parameters});
        diagnostics = checked.diagnostics;
        loaded = {std::move(request), std::move(checked)};
    }
    for (const Diagnostic& diagnostic : diagnostics) fmt::print(stderr, "{}\n", describe(diagnostic, arguments.file));
    if (!loaded || hasErrors(diagnostics)) return std::nullopt;
    return loaded;
}

void printPlan(const Run& run, const Settings& settings)
{
    const Epoch decided = run.snapshot()->decided;
    if (!settings.checkpoint) fmt::print("no checkpoint: every run begins anew\n");
    else if (decided.value == 0) fmt::print("{}: begins with batch 1\n", settings.checkpoint->string());
    else fmt::print("{}: goes on after batch {}\n", settings.checkpoint->string(), decided.value);
    for (const PlannedState& state : run.plan()) {
        const std::string reason = state.reason.empty() ? std::string() : " (" + state.reason + ")";
        fmt::print("{}{}{}: {}{}\n", state.node.name, state.state.empty() ? "" : ".", state.state, stateFateName(state.fate), reason);
    }
    if (run.plan().empty()) fmt::print("no node keeps state\n");
    for (const std::string& note : run.notes()) fmt::print("{}\n", note);
}

// `ended` is told before anything of it is printed.
int executeRun(Run& run, Display& display, SignalWatch& signals, const std::function<void(const Outcome&)>& ended = nullptr)
{
    for (const std::string& note : run.notes()) display.log(LogLevel::Info, note);
    signals.watch({[&run] { run.stop(); }, [&run] { run.stopNow(); }, [&display](const std::string& text) { display.log(LogLevel::Info, text); }});
    display.begin(run);
    const Outcome outcome = run.execute();
    if (ended) ended(outcome);
    display.end();
    if (outcome.kind == Outcome::Kind::Failed) complain(outcome.error);
    if (outcome.kind == Outcome::Kind::Stopped && signals.stoppedAtOnce()) return 1;
    return outcome.exitCode();
}

// The same, while viewers look at it and one of them controls it.
int executeServed(const std::shared_ptr<Run>& run, const std::shared_ptr<LocalRun>& shown, const Arguments& arguments, Display& display, SignalWatch& signals)
{
    const auto session = localSession(catalog(), shown);
    shown->ready(run);
    auto listening = Listening::open(*session, arguments.listen, {.name = run->snapshot()->run.name, .file = std::filesystem::absolute(arguments.file)});
    if (!listening) return complain(listening.error());
    for (const std::string& line : (*listening)->lines()) display.log(LogLevel::Info, line);
    return executeRun(*run, display, signals, [&](const Outcome& outcome) {
        shown->end(outcome.error);
        listening->reset();
    });
}

int runPipeline(const Arguments& arguments)
{
    auto loaded = load(arguments);
    if (!loaded) return 2;
    CheckedPipeline& checked = loaded->pipeline;
    SignalWatch signals;
    auto options = optionsOf(arguments);
    if (!options) return complain(options.error()), 2;
    if (auto done = overrideSettings(arguments, checked); !done) return complain(done.error()), 2;
    Display display(arguments.progress, checked);
    display.listen(*options);
    const Settings settings = checked.settings;
    std::shared_ptr<LocalRun> shown;
    if (arguments.listen.address) {
        shown = std::make_shared<LocalRun>(std::move(loaded->request), catalog(), checked);
        shown->listen(*options);
    }
    auto prepared = prepare(std::move(checked), std::move(*options));
    if (!prepared) return complain(prepared.error());
    const std::shared_ptr<Run> run = std::move(*prepared);
    if (arguments.planOnly) {
        printPlan(*run, settings);
        return std::ranges::any_of(run->plan(), [](const PlannedState& state) { return state.fate == StateFate::Refused; }) ? 2 : 0;
    }
    return shown ? executeServed(run, shown, arguments, display, signals) : executeRun(*run, display, signals);
}

// An option that may be given many times, one value each.
template <class Value>
CLI::Option* addMany(CLI::App& verb, const std::string& name, Value& value, const std::string& type, const std::string& help)
{
    return verb.add_option(name, value, help)->type_name(type)->allow_extra_args(false);
}

void addOptions(CLI::App& verb, Arguments& arguments)
{
    verb.add_option("FILE", arguments.file, "The pipeline file")->type_name("");
    addMany(verb, "--set", arguments.set, "NAME=VALUE", "A parameter of the pipeline; may be given again");
    addMany(verb, "--record", arguments.records, "NODE[.PORT]=FILE", "Write what leaves the node, one line of JSON rows a batch; may be given again");
    verb.add_flag("--sorted", arguments.sorted, "Sort recorded rows within each batch");
    verb.add_flag("--preview", arguments.preview, "Sinks discard what reaches them, the checkpoint is temporary: nothing is written");
    verb.add_flag("--plan", arguments.planOnly, "Say what happens to kept state, node by node, and run nothing");
    addMany(verb, "--reset", arguments.resets, "NODE", "Drop what the node keeps; may be given again");
    verb.add_option("--clock", arguments.clock, "wall, or virtual: a replay takes no real time")->check(CLI::IsMember({"wall", "virtual"}));
    verb.add_option("--start", arguments.start, "Virtual clock: its first time (1970-01-01T00:00:00Z)")->type_name("TIME");
    verb.add_option("--drain", arguments.drain, "Virtual clock: go on so long after the last replay has ended (0s)")->type_name("DURATION");
    verb.add_option("--batches", arguments.batches, "End after so many batches")->type_name("N");
    verb.add_option("--trigger", arguments.trigger, "Instead of the setting")->check(CLI::IsMember({"interval", "as_data_arrives", "available_now", "once"}));
    verb.add_option("--checkpoint", arguments.checkpoint, "Instead of the setting: a folder, or hdfs://host:port/folder")->type_name("FOLDER");
    verb.add_option("--checkpoint-copy", arguments.checkpointCopy, "Instead of the setting: ship every decision there")->type_name("FOLDER");
    verb.add_option("--workers", arguments.workers, "Worker threads; 0: as the setting `parallelism` says, else one per core")->type_name("N")->check(CLI::Range(0, 1024));
    verb.add_option("--progress", arguments.progress, "auto: a live line if standard error is a terminal; live; json: a line for each batch on standard error; none")
        ->check(CLI::IsMember({"auto", "live", "json", "none"}));
    verb.add_option("--vector-rows", arguments.vectorRows, "Rows that operators get at once, for tests")->group("")->check(CLI::Range(1, 1 << 20));
    addListenOptions(verb, arguments.listen);
}

}

void addRunVerb(CLI::App& program, int& exitCode)
{
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = program.add_subcommand("run", "Run a pipeline until it ends or is stopped (Ctrl-C ends it after its batch)");
    addOptions(*verb, *arguments);
    verb->footer("Ctrl-C (or SIGTERM) ends the run after its batch: it commits, publishes and closes its sources. Once more stops at once.\n"
                 "Exit codes: 0 ended or stopped after its batch; 1 failed while running, or stopped at once; 2 a mistake in the pipeline or on the command line.\n"
                 "\n"
                 "Examples:\n"
                 "  streamwright run words.json                                     until Ctrl-C\n"
                 "  streamwright run words.json --set host=db1 --set port=9998      with other parameters\n"
                 "  streamwright run words.json --trigger available_now             what is there now, then end\n"
                 "  streamwright run words.json --batches 10 --record counts=counts.jsonl\n"
                 "  streamwright run replay.json --clock virtual --drain 60s        as fast as it goes, windows emptied\n"
                 "  streamwright run words.json --plan                              what would happen to kept state\n"
                 "  streamwright run words.json --progress json 2> progress.jsonl\n"
                 "  streamwright run words.json --listen                            and attach with the designer\n"
                 "  streamwright run words.json --listen 127.0.0.1:9090             with /metrics for Prometheus\n"
                 "  streamwright run --listen                                       a pipeline is started by who attaches");
    verb->callback([arguments, verb, &exitCode] {
        keepFreedMemory();
        if (auto settled = settleListening(arguments->listen, arguments->file); !settled) exitCode = complain(settled.error());
        else if (!arguments->file.empty()) exitCode = runPipeline(*arguments);
        else if (arguments->listen.address) exitCode = serveEmptySession(*verb, arguments->listen);
        else exitCode = complain(mistake("FILE is required", "`streamwright run --help` explains"));
    });
}

}
