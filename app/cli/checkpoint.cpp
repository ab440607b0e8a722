// streamwright checkpoint …: looks into a checkpoint, also while a run goes on; goes back to an epoch;
// decides about a pending output.
#include "app/cli/arguments.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"
#include "engine/base/hdfs_place.h"
#include "engine/checkpoint/browse.h"
#include "engine/checkpoint/export.h"
#include "engine/checkpoint/rewind.h"
#include "engine/checkpoint/shipped_store.h"
#include "engine/columns/print.h"
#include "engine/dataflow/settings.h"

#include <fmt/core.h>
#include <fstream>
#include <iostream>

namespace streamwright {

namespace {

struct Arguments {
    std::string directory;
    std::string place;      // of fetch: where it is shipped to
    std::string node;
    std::string name;
    std::string key;
    std::string search;
    std::string format = "jsonl";
    std::string output;
    int64_t epoch = 0;      // 0: the newest
    int64_t from = 0;       // of diff
    int64_t to = 0;
    int64_t skip = 0;
    int64_t limit = 20;
    bool json = false;
    bool publish = false;
    bool skipOutput = false;
};

// A checkpoint in HDFS: this machine's working copy of it.
std::string folderOf(const std::string& checkpoint) { return isHdfs(checkpoint) ? workingCopyOf(checkpoint).string() : checkpoint; }

int fetch(const Arguments& arguments)
{
    auto epoch = fetchCheckpoint({.place = arguments.place}, arguments.directory);
    if (!epoch) return complain(epoch.error());
    fmt::print("{} is as {} after epoch {}\n", arguments.directory, arguments.place, epoch->value);
    return 0;
}

int list(const Arguments& arguments)
{
    auto browser = Browser::open(arguments.directory);
    if (!browser) return complain(browser.error());
    auto identity = (*browser)->identity();
    if (!identity) return complain(identity.error());
    auto epochs = (*browser)->epochs();
    if (!epochs) return complain(epochs.error());
    if (arguments.json) {
        for (const EpochInfo& epoch : *epochs) {
            std::string pending, offsets;
            for (const PendingOutput& output : epoch.pending) pending += (pending.empty() ? "" : ", ") + jsonText(output.sink.name);
            for (const auto& [node, offset] : epoch.offsets) offsets += (offsets.empty() ? "" : ", ") + jsonText(node.name) + ": " + jsonText(offset);
            fmt::print("{{\"epoch\": {}, \"incarnation\": {}, \"batch_time\": {}, \"decided_at\": {}, \"rows\": {}, \"bytes\": {}, \"pending\": [{}], \"offsets\": {{{}}}}}\n", epoch.epoch.value, epoch.incarnation,
                       jsonText(timeText(epoch.batchTime)), jsonText(timeText(epoch.decidedAt)), epoch.rowsIn, epoch.bytes, pending, offsets);
        }
        return 0;
    }
    fmt::print("checkpoint {}, incarnation {}\n", identity->id, identity->incarnation);
    std::vector<std::vector<std::string>> table{{"EPOCH", "BATCH TIME", "DECIDED", "ROWS", "CHANGES", "PENDING"}};
    for (const EpochInfo& epoch : *epochs) {
        std::string pending;
        for (const PendingOutput& output : epoch.pending) pending += (pending.empty() ? "" : ", ") + output.sink.name;
        table.push_back({std::to_string(epoch.epoch.value), timeText(epoch.batchTime), timeText(epoch.decidedAt), std::to_string(epoch.rowsIn), bytesText(epoch.bytes), pending});
    }
    if (epochs->empty()) fmt::print("no epoch is decided yet\n");
    else printTable(table);
    auto undecided = (*browser)->undecided();
    if (undecided && !undecided->empty()) fmt::print("{} batch(es) logged and not yet decided: they run again at the next start, or are running now\n", undecided->size());
    return 0;
}

Result<Epoch> epochOf(Browser& browser, int64_t wanted)
{
    if (wanted != 0) return Epoch{wanted};
    return browser.newest();
}

// The states that --node and --state name; all when they are left out.
Result<std::vector<StateInfo>> chosenStates(Browser& browser, const Arguments& arguments, Epoch epoch)
{
    auto states = browser.states(epoch);
    if (!states) return states;
    std::vector<StateInfo> chosen;
    std::string names;
    for (StateInfo& state : *states) {
        names += (names.empty() ? "" : ", ") + state.identity.node.name;
        if (!arguments.node.empty() && state.identity.node.name != arguments.node) continue;
        if (!arguments.name.empty() && state.identity.name != arguments.name) continue;
        chosen.push_back(std::move(state));
    }
    if (chosen.empty() && !arguments.node.empty()) return mistake(fmt::format("no state of node \"{}\" at epoch {}", arguments.node, epoch.value), names.empty() ? "the checkpoint holds no state" : "nodes with state: " + names);
    return chosen;
}

void printEntries(const StateEntries& entries)
{
    std::vector<std::vector<std::string>> table{entries.schema->names()};
    for (size_t row = 0; row < entries.rows->rows(); ++row) {
        std::vector<std::string> cells;
        for (const ColumnPtr& column : entries.rows->columns()) {
            std::string text;
            if (!appendText(*column, row, "UTC", text)) text = "NULL";
            cells.push_back(std::move(text));
        }
        table.push_back(std::move(cells));
    }
    printTable(table);
}

int show(const Arguments& arguments)
{
    auto browser = Browser::open(arguments.directory);
    if (!browser) return complain(browser.error());
    auto epoch = epochOf(**browser, arguments.epoch);
    if (!epoch) return complain(epoch.error());
    auto states = chosenStates(**browser, arguments, *epoch);
    if (!states) return complain(states.error());
    const bool overview = arguments.node.empty() && arguments.key.empty() && arguments.search.empty();
    if (overview) {
        std::vector<std::vector<std::string>> table{{"NODE", "STATE", "TYPE", "ENTRIES", "SIZE", "CHANGED IN"}};
        for (const StateInfo& state : *states) {
            table.push_back({state.identity.node.name, state.identity.name, state.identity.nodeType, std::to_string(state.rows), bytesText(state.bytes), state.changed.value ? std::to_string(state.changed.value) : "-"});
            if (arguments.json) {
                fmt::print("{{\"epoch\": {}, \"node\": {}, \"state\": {}, \"type\": {}, \"layout\": {}, \"entries\": {}, \"bytes\": {}, \"changed\": {}}}\n", epoch->value, jsonText(state.identity.node.name), jsonText(state.identity.name),
                           jsonText(state.identity.nodeType), jsonText(state.identity.layout), state.rows, state.bytes, state.changed.value);
            }
        }
        if (arguments.json) return 0;
        fmt::print("epoch {}\n", epoch->value);
        if (states->empty()) fmt::print("no node keeps state\n");
        else printTable(table);
        return 0;
    }
    EntrySearch search{arguments.key, EntrySearch::Match::Exact, arguments.skip, arguments.limit};
    if (!arguments.search.empty()) {
        search.key = arguments.search;
        search.match = EntrySearch::Match::Contains;
    }
    for (const StateInfo& state : *states) {
        auto entries = (*browser)->entries(state.identity.node, state.identity.name, *epoch, search);
        if (!entries) return complain(entries.error());
        if (arguments.json) {
            for (size_t row = 0; row < entries->rows->rows(); ++row) {
                std::string line;
                appendJsonRow(*entries->rows, row, line);
                fmt::print("{}\n", line);
            }
            continue;
        }
        const auto shown = static_cast<int64_t>(entries->rows->rows());
        fmt::print("{}.{} at epoch {}: {} of {} entries\n", state.identity.node.name, state.identity.name, epoch->value, shown, entries->matching);
        if (shown > 0) printEntries(*entries);
        if (arguments.skip + shown < entries->matching) fmt::print("more: --skip {}\n", arguments.skip + shown);
    }
    return 0;
}

int diff(const Arguments& arguments)
{
    auto browser = Browser::open(arguments.directory);
    if (!browser) return complain(browser.error());
    auto differences = (*browser)->diff(NodeId{arguments.node}, {arguments.from}, {arguments.to}, arguments.limit);
    if (!differences) return complain(differences.error());
    for (const StateDifference& state : *differences) {
        if (!arguments.json) fmt::print("{}.{}: {} added, {} changed, {} removed\n", state.node.name, state.name, state.added, state.changed, state.removed);
        for (const EntryDifference& entry : state.entries) {
            if (arguments.json) {
                fmt::print("{{\"node\": {}, \"state\": {}, \"key\": {}, \"before\": {}, \"after\": {}}}\n", jsonText(state.node.name), jsonText(state.name), jsonText(entry.key), entry.before.empty() ? "null" : entry.before,
                           entry.after.empty() ? "null" : entry.after);
                continue;
            }
            switch (entry.kind) {
                case Difference::Added: fmt::print("  + {}\n", entry.after); break;
                case Difference::Removed: fmt::print("  - {}\n", entry.before); break;
                case Difference::Changed: fmt::print("  ~ {}\n    {}\n", entry.before, entry.after); break;
            }
        }
        const auto told = static_cast<int64_t>(state.entries.size());
        const int64_t all = state.added + state.changed + state.removed;
        if (!arguments.json && told < all) fmt::print("  … and {} more: --limit {}\n", all - told, all);
    }
    if (differences->empty() && !arguments.json) fmt::print("no node keeps state\n");
    return 0;
}

int exportDatabase(Browser& browser, const Arguments& arguments, Epoch epoch)
{
    if (arguments.output.empty()) return complain(mistake("a SQLite database is a file", "name it with -o"));
    auto tables = exportSqlite(browser, NodeId{arguments.node}, arguments.name, epoch, {}, arguments.output);
    if (!tables) return complain(tables.error());
    for (const ExportedTable& table : *tables) fmt::print("{}: {} entries\n", table.name, table.rows);
    return 0;
}

int exportStates(const Arguments& arguments)
{
    auto browser = Browser::open(arguments.directory);
    if (!browser) return complain(browser.error());
    auto epoch = epochOf(**browser, arguments.epoch);
    if (!epoch) return complain(epoch.error());
    auto states = chosenStates(**browser, arguments, *epoch);
    if (!states) return complain(states.error());
    if (arguments.format == "sqlite") return exportDatabase(**browser, arguments, *epoch);
    if (arguments.format == "csv" && states->size() != 1) {
        return complain(mistake(fmt::format("CSV holds the entries of one state, the checkpoint has {}", states->size()), "choose one with --node and --state, or use --format jsonl"));
    }
    std::ofstream file;
    if (!arguments.output.empty()) {
        file.open(arguments.output, std::ios::binary);
        if (!file) return complain(permanent(fmt::format("cannot write {}", arguments.output)));
    }
    std::ostream& out = arguments.output.empty() ? std::cout : file;
    for (const StateInfo& state : *states) {
        auto entries = (*browser)->entries(state.identity.node, state.identity.name, *epoch, {});
        if (!entries) return complain(entries.error());
        if (arguments.format == "csv") out << csvHeader(*entries->schema);
        // Several states in one file: each line says whose it is.
        const std::string prefix = states->size() > 1 ? fmt::format("{{\"node\": {}, \"state\": {}, \"entry\": ", jsonText(state.identity.node.name), jsonText(state.identity.name)) : "";
        std::string line;
        for (size_t row = 0; row < entries->rows->rows(); ++row) {
            line = prefix;
            if (arguments.format == "csv") appendCsvRow(*entries->rows, row, line);
            else appendJsonRow(*entries->rows, row, line);
            if (arguments.format != "csv") line += prefix.empty() ? "\n" : "}\n";
            out << line;
        }
    }
    out.flush();
    if (!out) return complain(permanent(fmt::format("cannot write {}", arguments.output.empty() ? "the output" : arguments.output)));
    return 0;
}

int verify(const Arguments& arguments)
{
    auto browser = Browser::open(arguments.directory);
    if (!browser) return complain(browser.error());
    auto found = (*browser)->verify();
    if (!found) return complain(found.error());
    if (arguments.json) {
        std::string problems;
        for (const std::string& problem : found->problems) problems += (problems.empty() ? "" : ", ") + jsonText(problem);
        fmt::print("{{\"epochs\": {}, \"rebuildable\": {}, \"blocks\": {}, \"bytes\": {}, \"files\": {}, \"problems\": [{}]}}\n", found->epochs, found->whole.size(), found->blocks, found->bytes, found->files, problems);
    } else {
        fmt::print("{} epochs, {} of them can be rebuilt; {} blocks, {}; {} files of received and staged records\n", found->epochs, found->whole.size(), found->blocks, bytesText(found->bytes), found->files);
        for (const std::string& problem : found->problems) fmt::print("problem: {}\n", problem);
        if (!found->advice.empty()) fmt::print("{}\n", found->advice);
        if (found->problems.empty()) fmt::print("everything is whole\n");
    }
    return found->problems.empty() ? 0 : 1;
}

int rewind(const Arguments& arguments)
{
    auto done = rewindCheckpoint(arguments.directory, {arguments.epoch});
    if (!done) return complain(done.error());
    if (arguments.json) {
        fmt::print("{{\"epoch\": {}, \"incarnation\": {}, \"dropped_epochs\": {}, \"dropped_pending\": {}}}\n", done->epoch.value, done->incarnation, done->droppedEpochs, done->droppedPending);
        return 0;
    }
    fmt::print("the next run goes on after epoch {}, as incarnation {}; {} epochs dropped\n", done->epoch.value, done->incarnation, done->droppedEpochs);
    if (done->droppedPending > 0) fmt::print("{} outputs of dropped epochs were not published\n", done->droppedPending);
    fmt::print("what the sinks published after epoch {} is still there and comes again\n", done->epoch.value);
    return 0;
}

int resolve(const Arguments& arguments)
{
    if (arguments.publish == arguments.skipOutput) return complain(mistake("say what is to become of the pending output: --publish or --skip"));
    auto epoch = resolveOutput(arguments.directory, NodeId{arguments.node}, arguments.publish ? Resolution::Publish : Resolution::Skip);
    if (!epoch) return complain(epoch.error());
    if (*epoch) fmt::print("{}: the output of epoch {} {}\n", arguments.node, (*epoch)->value, arguments.publish ? "is published at the next start, whatever its target says" : "counts as published");
    else fmt::print("{}: nothing is pending; the next start takes its target as it is\n", arguments.node);
    return 0;
}

using Verb = int (*)(const Arguments&);

// `examples` are what stands behind `streamwright checkpoint NAME`, one a line.
CLI::App* addVerb(CLI::App& group, const char* name, const char* help, const std::vector<std::string>& examples, const std::shared_ptr<Arguments>& arguments, int& exitCode, Verb verb)
{
    CLI::App* app = group.add_subcommand(name, help);
    app->add_option("CHECKPOINT", arguments->directory, "the checkpoint's directory, or hdfs://… for this machine's working copy of it")->required();
    std::string footer = "Examples:";
    for (const std::string& example : examples) footer += fmt::format("\n  streamwright checkpoint {} {}", name, example);
    app->footer(footer);
    app->callback([arguments, &exitCode, verb] {
        arguments->directory = folderOf(arguments->directory);
        exitCode = verb(*arguments);
    });
    return app;
}

}

void addCheckpointVerb(CLI::App& program, int& exitCode)
{
    CLI::App* group = program.add_subcommand("checkpoint", "Look into a checkpoint, go back to an epoch");
    group->require_subcommand(1);
    group->footer("Examples:\n"
                  "  streamwright checkpoint list counts.checkpoint\n"
                  "  streamwright checkpoint show counts.checkpoint --node running --key hello\n"
                  "  streamwright checkpoint diff counts.checkpoint 41 42\n"
                  "  streamwright checkpoint export counts.checkpoint --node running --format csv -o counts.csv\n"
                  "  streamwright checkpoint history counts.checkpoint --last 1h\n"
                  "  streamwright checkpoint verify counts.checkpoint\n"
                  "  streamwright checkpoint rewind counts.checkpoint --epoch 41");
    const auto arguments = std::make_shared<Arguments>();
    // CLI11's own checks of numbers speak of the largest double.
    const CLI::Range positive(int64_t{1}, std::numeric_limits<int64_t>::max(), "INT from 1");
    const CLI::Range natural(int64_t{0}, std::numeric_limits<int64_t>::max(), "INT from 0");
    const auto addJson = [&](CLI::App* app) { app->add_flag("--json", arguments->json, "lines of JSON"); };
    const auto addNode = [&](CLI::App* app) {
        app->add_option("--node", arguments->node, "the node whose state is meant (default: all)");
        app->add_option("--state", arguments->name, "one of the node's states by name");
        app->add_option("--epoch", arguments->epoch, "the epoch (default: the newest)")->check(positive);
    };

    addJson(addVerb(*group, "list", "the retained epochs", {"counts.checkpoint", "counts.checkpoint --json"}, arguments, exitCode, list));

    CLI::App* one = addVerb(*group, "show", "states, and their entries at any retained epoch",
                            {"counts.checkpoint", "counts.checkpoint --node running --key hello", "counts.checkpoint --node running --epoch 41 --search he --limit 100"}, arguments, exitCode, show);
    addNode(one);
    CLI::Option* key = one->add_option("--key", arguments->key, "the entry with this key; several key columns as \"a, b\"");
    one->add_option("--search", arguments->search, "entries whose key contains this text")->excludes(key);
    one->add_option("--skip", arguments->skip, "how many entries to pass over")->check(natural);
    one->add_option("--limit", arguments->limit, "how many entries to show")->capture_default_str()->check(natural);
    addJson(one);

    one = addVerb(*group, "diff", "what differs between two epochs", {"counts.checkpoint 41 42", "counts.checkpoint 41 42 --node running --json"}, arguments, exitCode, diff);
    one->add_option("A", arguments->from, "the earlier epoch")->required();
    one->add_option("B", arguments->to, "the later epoch")->required();
    one->add_option("--node", arguments->node, "one node only");
    one->add_option("--limit", arguments->limit, "how many entries to show per state")->capture_default_str()->check(natural);
    addJson(one);

    one = addVerb(*group, "export", "the entries of a state as JSON lines, CSV or a plain SQLite database",
                  {"counts.checkpoint > states.jsonl", "counts.checkpoint --node running --format csv -o counts.csv", "counts.checkpoint --format sqlite -o counts.sqlite"}, arguments, exitCode, exportStates);
    addNode(one);
    one->add_option("--format", arguments->format, "jsonl, csv or sqlite (a table for each state)")->capture_default_str()->check(CLI::IsMember({"jsonl", "csv", "sqlite"}));
    one->add_option("-o,--output", arguments->output, "the file to write (default: standard output)");

    addCheckpointHistoryVerb(*group, exitCode);

    addJson(addVerb(*group, "verify", "check every block and whether every epoch can be rebuilt", {"counts.checkpoint"}, arguments, exitCode, verify));

    one = addVerb(*group, "rewind", "go back to the end of an epoch; what came later is dropped", {"counts.checkpoint --epoch 41"}, arguments, exitCode, rewind);
    one->add_option("--epoch", arguments->epoch, "the epoch to go back to")->required()->check(positive);
    addJson(one);

    one = group->add_subcommand("fetch", "make a checkpoint's directory from where it is shipped to; nothing is taken over");
    one->add_option("PLACE", arguments->place, "hdfs://host:port/folder, or the second folder")->required();
    one->add_option("CHECKPOINT", arguments->directory, "the directory to make")->required();
    one->footer("Examples:\n  streamwright checkpoint fetch hdfs://namenode:9870/checkpoints/counts counts.checkpoint");
    one->callback([arguments, &exitCode] { exitCode = fetch(*arguments); });

    one = addVerb(*group, "resolve", "decide about an output whose target says something unexpected", {"counts.checkpoint out --publish", "counts.checkpoint out --skip"}, arguments, exitCode, resolve);
    one->add_option("NODE", arguments->node, "the sink")->required();
    CLI::Option* publish = one->add_flag("--publish", arguments->publish, "publish it, whatever the target says");
    one->add_flag("--skip", arguments->skipOutput, "count it as published")->excludes(publish);
}

}
