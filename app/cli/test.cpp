// streamwright test FILE…: runs flow files and says what differs from what they expect.
#include "app/cli/verbs.h"
#include "engine/flow/runner.h"
#include "engine/nodes/catalog.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

struct Arguments {
    std::vector<std::string> paths;
    std::string only;
    bool quick = false;
    bool list = false;
};

struct Totals {
    size_t files = 0, cases = 0, failed = 0, unreadable = 0, runs = 0;
};

// A folder stands for the flow files below it, a pipeline for the flow of its name beside it.
std::vector<std::filesystem::path> flowFiles(const std::string& path)
{
    if (path.ends_with(".json")) return {std::filesystem::path(path).replace_extension(".flow")};
    if (!std::filesystem::is_directory(path)) return {path};
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file() && entry.path().extension() == ".flow") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

void testFile(const std::filesystem::path& file, const Arguments& arguments, Totals& totals)
{
    static const Catalog catalog = builtInNodes();
    ++totals.files;
    if (!std::filesystem::exists(file)) {
        const std::string pipeline = std::filesystem::path(file).replace_extension(".json").filename().string();
        fmt::print("{}: error: there is no such file, and so nothing is expected of {} (begin it with `pipeline {}`; streamwright test --help shows the rest)\n", file.string(), pipeline, pipeline);
        ++totals.unreadable;
        return;
    }
    const Flow flow = readFlow(file);
    for (const Diagnostic& diagnostic : flow.diagnostics) fmt::print("{}\n", describe(diagnostic, file.string()));
    if (!flow.diagnostics.empty()) {
        ++totals.unreadable;
        return;
    }
    for (const FlowCase& one : flow.cases) {
        if (one.title.find(arguments.only) == std::string::npos) continue;
        ++totals.cases;
        if (arguments.list) {
            fmt::print("{}:{}: {}\n", file.string(), one.line, one.title);
            continue;
        }
        const CaseResult result = runCase(one, catalog, arguments.quick ? Thoroughness::Quick : Thoroughness::Thorough);
        totals.runs += result.modes;
        if (result.failures.empty()) continue;
        ++totals.failed;
        if (!one.title.empty()) fmt::print("FAILED {}\n", one.title);
        for (const FlowFailure& failure : result.failures) fmt::print("{}\n", describe(failure, file, result.modes));
    }
}

std::string plural(size_t count, std::string_view noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

int run(const Arguments& arguments)
{
    Totals totals;
    for (const std::string& path : arguments.paths) {
        const auto files = flowFiles(path);
        if (files.empty()) fmt::print(stderr, "warning: no .flow file below {}\n", path);
        for (const auto& file : files) testFile(file, arguments, totals);
    }
    if (arguments.list) return totals.unreadable > 0 ? 2 : 0;
    if (totals.unreadable > 0) fmt::print("{} cannot be read\n", plural(totals.unreadable, "file"));
    if (totals.cases == 0) {
        fmt::print("no case was run\n");
        return 2;
    }
    if (totals.failed > 0) fmt::print("{} of {} failed\n", totals.failed, plural(totals.cases, "case"));
    else fmt::print("{} in {}: all as expected, in {}\n", plural(totals.cases, "case"), plural(totals.files, "file"), plural(totals.runs, "run"));
    return totals.unreadable > 0 ? 2 : totals.failed > 0 ? 1 : 0;
}

}

void addTestVerb(CLI::App& program, int& exitCode)
{
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = program.add_subcommand("test", "Run .flow files: pipelines with given rows and the rows expected of them");
    verb->add_option("FILE", arguments->paths, "Flow files, folders of them, or pipelines (words.json: the flow words.flow beside it)")->required()->check(CLI::ExistingPath);
    verb->add_option("--only", arguments->only, "TEXT: only cases with this in their title");
    verb->add_flag("--quick", arguments->quick, "Run each case in two ways instead of all");
    verb->add_flag("--list", arguments->list, "List the cases and run nothing");
    verb->footer("A flow file:\n"
                 "  in = input n INT, name STRING\n"
                 "  keep = filter {\"condition\": \"n > 1\"}\n"
                 "  batch\n"
                 "    in: [[1, \"a\"], [2, \"b\"]]\n"
                 "    keep: [[2, \"b\"]]\n"
                 "\n"
                 "For a whole pipeline write `pipeline words.json` instead of nodes: its sources are then inputs, and\n"
                 "`out: […]` is what reaches its sink `out`. Every case is run with vectors of 1, 3 and 4,096 rows, with\n"
                 "1, 2 and 4 workers, and restarted after every batch; all must give the same.\n"
                 "\n"
                 "Examples:\n"
                 "  streamwright test words.json\n"
                 "  streamwright test tests/flows --only \"NULL keys\"\n"
                 "Exit codes: 0 all as expected, 1 something differs, 2 a file cannot be read.");
    verb->callback([arguments, &exitCode] { exitCode = run(*arguments); });
}

}
