#include "engine/flow/runner.h"

#include "engine/base/files.h"
#include "engine/columns/calendar.h"
#include "engine/flow/capture.h"
#include "engine/flow/prepared.h"
#include "engine/flow/table.h"
#include "engine/pipeline/json.h"
#include "engine/runtime/run.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <random>

namespace streamwright {

namespace {

constexpr std::array<size_t, 3> kVectors = {1, 3, 4096};
constexpr std::array<size_t, 3> kWorkers = {1, 2, 4};

// A folder that is empty at first and gone at the end.
class ScratchFolder {
public:
    ScratchFolder()
    {
        std::random_device random;
        path_ = std::filesystem::temp_directory_path() / fmt::format("streamwright-flow-{:08x}{:08x}", random(), random());
        std::filesystem::create_directories(path_);
    }
    ~ScratchFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::vector<std::string> linesOf(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

// Rows that left each port, by batch.
using Came = std::vector<std::vector<std::vector<std::string>>>;

// One run of a case, or several after each other on one checkpoint.
class CaseRun {
public:
    CaseRun(const FlowCase& flow, const PreparedCase& prepared, const FlowMode& mode) : flow_(flow), prepared_(prepared), mode_(mode) {}

    std::vector<FlowFailure> run()
    {
        came_.assign(prepared_.ports.size(), std::vector<std::vector<std::string>>(mode_.cutRows > 0 ? 1 : prepared_.batches));
        failures_ = writeGiven(flow_, folder_.path());
        const auto error = execute();
        judgeEnd(error);
        if (!error) {
            for (size_t port = 0; port < prepared_.ports.size(); ++port) comparePort(prepared_.ports[port], came_[port]);
            for (const FlowFile& file : flow_.files) compareFile(file);
        }
        return std::move(failures_);
    }

private:
    void fail(int line, std::string message) { failures_.push_back({line, std::move(message), {}}); }

    // All batches; the error that ended them.
    std::optional<Error> execute()
    {
        std::optional<OutputCapture> capture;
        if (prepared_.capture) capture.emplace();
        const int64_t batches = static_cast<int64_t>(prepared_.batches);
        std::optional<Error> error;
        for (int64_t done = 0; done < batches && !error; done += mode_.restarts ? 1 : batches) {
            const size_t workers = mode_.restarts ? kWorkers[static_cast<size_t>(done) % kWorkers.size()] : mode_.workers;
            error = start(mode_.restarts ? 1 : batches, workers);
        }
        if (capture) printed_ = capture->take();
        return error;
    }

    std::optional<Error> start(int64_t batches, size_t workers)
    {
        CheckedPipeline checked = checkPrepared(flow_, prepared_, folder_.path());
        // What sinks write depends on whether a checkpoint is there.
        checked.settings.checkpoint = mode_.restarts || prepared_.capture ? std::optional(folder_.path() / ".checkpoint") : std::nullopt;
        checked.settings.shipping.reset();
        RunOptions options{.workers = workers, .vectorRows = mode_.vectorRows, .virtualClock = true, .batches = batches};
        if (!flow_.start.empty()) {
            const auto at = parseTimestamp(flow_.start, "UTC");
            if (!at) return mistake(fmt::format("start takes a time like 2024-01-31T10:00:00Z, but is \"{}\"", flow_.start));
            options.virtualStart = Timestamp{*at};
        }
        for (size_t i = 0; i < prepared_.ports.size(); ++i) {
            const ExpectedPort& port = prepared_.ports[i];
            options.records.push_back({.node = NodeId{port.node}, .port = port.port, .line = [this, i](int64_t batch, const std::string& line) { keep(i, batch, line); }});
        }
        auto run = prepare(std::move(checked), std::move(options));
        if (!run) return run.error();
        Outcome outcome = (*run)->execute();
        if (outcome.kind == Outcome::Kind::Failed) return std::move(outcome.error);
        return std::nullopt;
    }

    void keep(size_t port, int64_t batch, const std::string& line)
    {
        const auto read = readJson(line);
        const Json* rows = std::get_if<Json>(&read);
        if (!rows) return fail(flow_.line, fmt::format("what left {} is not JSON: {}", prepared_.ports[port].node, line));
        auto& batches = came_[port];
        const size_t at = mode_.cutRows > 0 ? 0 : static_cast<size_t>(batch - 1);
        if (at >= batches.size()) return fail(flow_.line, fmt::format("batch {} was run, but there are {}", batch, batches.size()));
        if (mode_.cutRows == 0) batches[at].clear();
        for (const Json& row : rows->items()) batches[at].push_back(printJsonLine(row));
    }

    void judgeEnd(const std::optional<Error>& error)
    {
        if (error) {
            const std::string told = error->message + (error->hint.empty() ? "" : " (" + error->hint + ")");
            if (!flow_.fails) fail(flow_.line, "the run fails: " + told);
            else if (told.find(flow_.fails->text) == std::string::npos) fail(flow_.fails->line, "the run fails for another reason\n" + sideBySide({flow_.fails->text}, {told}));
        } else if (flow_.fails) {
            fail(flow_.fails->line, fmt::format("the run was to fail ({}), but it did not", flow_.fails->text));
        }
    }

    void comparePort(const ExpectedPort& port, const std::vector<std::vector<std::string>>& came)
    {
        const std::string name = port.port.empty() ? port.node : port.node + "." + port.port;
        for (size_t batch = 0; batch < came.size(); ++batch) {
            const auto difference = compareRows(port.batches[batch], came[batch], port.order);
            if (!difference) continue;
            const int line = difference->line > 0 ? difference->line : port.lines[batch] > 0 ? port.lines[batch] : lineOfBatch(batch, port.line);
            const std::string where = mode_.cutRows > 0 ? name : fmt::format("{}, batch {}", name, batch + 1);
            const std::string hint = port.named ? "" : fmt::format(" (rejected rows that are wanted are written as `{}: […]`)", name);
            fail(line, fmt::format("{}: {} expected, {} came{}\n{}", where, count(port.batches[batch].size()), came[batch].size(), hint, difference->text));
        }
    }

    static std::string count(size_t rows) { return fmt::format("{} row{}", rows, rows == 1 ? "" : "s"); }

    int lineOfBatch(size_t batch, int otherwise) const
    {
        const auto found = std::ranges::find(flow_.batches, static_cast<int64_t>(batch + 1), &FlowBatch::number);
        return found == flow_.batches.end() ? otherwise : found->line;
    }

    void compareFile(const FlowFile& file)
    {
        switch (file.kind) {
            case FlowFile::Kind::Given: return;
            case FlowFile::Kind::Printed: return compareText(file, "standard output", printed_);
            case FlowFile::Kind::Names: return compareNames(file);
            case FlowFile::Kind::Table: return compareTable(file);
            case FlowFile::Kind::Content: break;
        }
        const auto text = readFile(folder_.path() / file.path);
        if (!text) return fail(file.line, fmt::format("the file {} is not there; there are {}", file.path, fmt::join(namesIn(folder_.path()), ", ")));
        compareText(file, file.path, *text);
    }

    void compareText(const FlowFile& file, const std::string& name, const std::string& actual)
    {
        const std::string expected = contentOf(file.value);
        if (actual == expected) return;
        const auto left = linesOf(expected), right = linesOf(actual);
        fail(file.line, left == right ? name + " differs in its last line end" : fmt::format("{} differs\n{}", name, sideBySide(left, right)));
    }

    void compareNames(const FlowFile& file)
    {
        std::vector<std::string> expected;
        for (const Json& name : file.value.items()) expected.push_back(name.asString());
        std::ranges::sort(expected);
        const std::vector<std::string> actual = namesIn(folder_.path() / file.path);
        if (actual != expected) fail(file.line, fmt::format("the files in {} differ\n{}", file.path, sideBySide(expected, actual)));
    }

    void compareTable(const FlowFile& file)
    {
        std::vector<std::string> expected;
        for (const Json& row : file.value.items()) expected.push_back(printJsonLine(row));
        std::ranges::sort(expected);
        const auto actual = tableRows(folder_.path() / file.path, file.table);
        if (!actual) return fail(file.line, actual.error().message);
        if (*actual != expected) fail(file.line, fmt::format("the table {} of {} differs\n{}", file.table, file.path, sideBySide(expected, *actual)));
    }

    // Files below a folder, without what programs hide.
    static std::vector<std::string> namesIn(const std::filesystem::path& folder)
    {
        std::vector<std::string> names;
        std::error_code ignored;
        for (auto at = std::filesystem::recursive_directory_iterator(folder, ignored); at != std::filesystem::recursive_directory_iterator(); at.increment(ignored)) {
            if (at->path().filename().string().starts_with('.')) {
                if (at->is_directory(ignored)) at.disable_recursion_pending();
            } else if (at->is_regular_file(ignored)) {
                names.push_back(at->path().lexically_relative(folder).string());
            }
        }
        std::ranges::sort(names);
        return names;
    }

    const FlowCase& flow_;
    const PreparedCase& prepared_;
    FlowMode mode_;
    ScratchFolder folder_;
    Came came_;
    std::string printed_;
    std::vector<FlowFailure> failures_;
};

// The same failure in several modes is one.
void merge(std::vector<FlowFailure>& all, std::vector<FlowFailure> more, const std::string& mode)
{
    for (FlowFailure& failure : more) {
        const auto known = std::ranges::find_if(all, [&](const FlowFailure& one) { return one.line == failure.line && one.message == failure.message; });
        if (known == all.end()) {
            failure.modes = {mode};
            all.push_back(std::move(failure));
        } else {
            known->modes.push_back(mode);
        }
    }
}

}

std::string describe(const FlowMode& mode)
{
    std::string text = fmt::format("vectors of {} row{}, ", mode.vectorRows, mode.vectorRows == 1 ? "" : "s");
    text += mode.restarts ? "restarted after every batch" : fmt::format("{} worker{}", mode.workers, mode.workers == 1 ? "" : "s");
    if (mode.cutRows > 0) text += fmt::format(", batches of {} row{}", mode.cutRows, mode.cutRows == 1 ? "" : "s");
    return text;
}

std::vector<FlowMode> modesOf(const FlowCase& flow, Thoroughness thoroughness)
{
    if (thoroughness == Thoroughness::Quick) return {{.workers = 2}, {.vectorRows = 3, .restarts = true}};
    std::vector<FlowMode> modes;
    for (const size_t rows : kVectors) {
        for (const size_t workers : kWorkers) modes.push_back({.vectorRows = rows, .workers = workers});
        modes.push_back({.vectorRows = rows, .restarts = true});
    }
    if (!flow.batchesMatter && flow.files.empty() && !flow.fails) {
        modes.push_back({.workers = 1, .cutRows = 1});
        modes.push_back({.vectorRows = 3, .workers = 2, .cutRows = 2});
    }
    return modes;
}

CaseResult runCase(const FlowCase& flow, const Catalog& catalog, Thoroughness thoroughness)
{
    CaseResult result;
    const ScratchFolder folder;
    const PreparedCase prepared = prepareCase(flow, catalog, folder.path());
    result.failures = prepared.failures;
    if (!prepared.runs || !result.failures.empty()) return result;
    for (const FlowMode& mode : modesOf(flow, thoroughness)) {
        if (mode.cutRows > 0 && (!prepared.cutting || !result.failures.empty())) continue;
        ++result.modes;
        if (mode.cutRows > 0) {
            const PreparedCase cut = prepareCut(flow, catalog, folder.path(), mode.cutRows);
            merge(result.failures, CaseRun(flow, cut, mode).run(), describe(mode));
        } else {
            merge(result.failures, CaseRun(flow, prepared, mode).run(), describe(mode));
        }
    }
    return result;
}

std::string describe(const FlowFailure& failure, const std::filesystem::path& file, size_t modes)
{
    std::string text = file.string();
    if (failure.line > 0) text += fmt::format(":{}", failure.line);
    text += ": " + failure.message;
    if (!failure.modes.empty() && failure.modes.size() < modes) {
        text += fmt::format("\n    only in {} of {} ways of running: {}", failure.modes.size(), modes, failure.modes.front());
        if (failure.modes.size() > 1) text += fmt::format(", {} …", failure.modes[1]);
    }
    return text;
}

}
