#include "engine/base/files.h"
#include "engine/base/suggest.h"
#include "engine/flow/flow.h"
#include "engine/flow/lines.h"
#include "engine/pipeline/document_file.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace streamwright {

namespace {

// The part up to the first space, and what follows it.
std::pair<std::string_view, std::string_view> splitWord(std::string_view line)
{
    const size_t space = line.find_first_of(" \t");
    if (space == std::string_view::npos) return {line, {}};
    return {line.substr(0, space), trimmed(line.substr(space))};
}

bool isEdgeEnd(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
}

class FlowReader {
public:
    FlowReader(const std::filesystem::path& file, std::string_view text) : file_(file), lines_(text) { flow_.cases.push_back({.line = 1, .file = file}); }

    Flow read()
    {
        while (lines_.next()) readLine(lines_.line());
        endCase();
        return std::move(flow_);
    }

private:
    FlowCase& now() { return flow_.cases.back(); }
    FlowPipeline& pipeline() { return pipeline_; }
    Document& document()
    {
        if (!pipeline_.document) pipeline_.document.emplace();
        return *pipeline_.document;
    }

    void complain(std::string message, std::string hint = {}) { complainAt(lines_.number(), std::move(message), std::move(hint)); }
    void complainAt(int line, std::string message, std::string hint = {}) { flow_.diagnostics.push_back({.message = std::move(message), .hint = std::move(hint), .line = line}); }

    void readLine(std::string_view line)
    {
        if (line.starts_with("==")) return beginCase(trimmed(line.substr(2)));
        if (readEdges(line) || readDefinition(line) || readRows(line)) return;
        readDirective(line);
    }

    void beginCase(std::string_view title)
    {
        const bool empty = flow_.cases.size() == 1 && !defines_ && now().batches.empty() && now().problems.empty();
        if (!empty) {
            endCase();
            flow_.cases.push_back({.file = file_});
        }
        now().title = title;
        now().line = lines_.number();
        defines_ = false;
        pipeline_ = {};
    }

    // A case without a pipeline uses the one before.
    void endCase()
    {
        FlowCase& ended = now();
        if (defines_) {
            if (!pipeline_.whole) chainNodes();
            if (pipeline_.file.empty()) pipeline_.file = file_;
            ended.pipeline = std::move(pipeline_);
        } else if (flow_.cases.size() > 1) {
            ended.pipeline = flow_.cases[flow_.cases.size() - 2].pipeline;
        } else {
            complainAt(ended.line, "the flow names no pipeline", "write `in = input n INT` and nodes, or `pipeline FILE`");
        }
        if (ended.batches.empty() && ended.problems.empty() && !ended.fails) complainAt(ended.line, "the case checks nothing", "write `batch` and rows, or `problem TEXT`");
    }

    // Without edges every node reads the one before it, the first all inputs.
    void chainNodes()
    {
        if (!pipeline_.document || !pipeline_.document->edges.empty() || pipeline_.document->nodes.empty()) return;
        Document& made = *pipeline_.document;
        for (const FlowInput& input : pipeline_.inputs) made.edges.push_back({.from = input.name, .to = made.nodes.front().id.name, .line = made.nodes.front().line});
        for (size_t i = 1; i < made.nodes.size(); ++i) made.edges.push_back({.from = made.nodes[i - 1].id.name, .to = made.nodes[i].id.name, .line = made.nodes[i].line});
    }

    // `a -> b.left -> c`: an end in the middle is read from and written to.
    bool readEdges(std::string_view line)
    {
        std::vector<std::string_view> ends;
        for (size_t arrow = line.find("->"); arrow != std::string_view::npos; arrow = line.find("->")) {
            ends.push_back(trimmed(line.substr(0, arrow)));
            line = line.substr(arrow + 2);
        }
        ends.push_back(trimmed(line));
        if (ends.size() < 2 || !std::ranges::all_of(ends, isEdgeEnd)) return false;
        defines_ = true;
        for (size_t i = 0; i + 1 < ends.size(); ++i) {
            const bool middle = i > 0;
            if (middle && ends[i].find('.') != std::string_view::npos) {
                complain(fmt::format("\"{}\" stands in the middle of a chain, where a port may mean what goes in or what comes out", ends[i]), "write two lines of edges");
            }
            if (auto edge = parseEdge(fmt::format("{} -> {}", ends[i], ends[i + 1]))) {
                edge->line = lines_.number();
                document().edges.push_back(std::move(*edge));
            } else {
                complain(fmt::format("\"{} -> {}\" is no edge", ends[i], ends[i + 1]), "edges are written as a -> b or a.rejected -> b.left");
            }
        }
        return true;
    }

    bool readDefinition(std::string_view line)
    {
        const size_t equals = line.find('=');
        if (equals == std::string_view::npos) return false;
        const std::string_view name = trimmed(line.substr(0, equals));
        if (!isNodeName(name)) return false;
        const auto [type, rest] = splitWord(trimmed(line.substr(equals + 1)));
        defines_ = true;
        if (type == "input") {
            pipeline_.inputs.push_back({std::string(name), std::string(rest), lines_.number()});
            return true;
        }
        Node node{.id = NodeId{std::string(name)}, .type = std::string(type), .line = lines_.number()};
        if (!rest.empty()) {
            if (auto options = readValue(rest)) node.options = std::move(*options);
        }
        document().nodes.push_back(std::move(node));
        return true;
    }

    bool readRows(std::string_view line)
    {
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) return false;
        std::string_view head = trimmed(line.substr(0, colon));
        FlowRows rows{.line = lines_.number()};
        static constexpr std::string_view kAnyOrder = " in any order";
        if (head.ends_with(kAnyOrder)) {
            rows.anyOrder = true;
            head = trimmed(head.substr(0, head.size() - kAnyOrder.size()));
        }
        if (!isEdgeEnd(head)) return false;
        const size_t dot = head.find('.');
        rows.node = head.substr(0, dot);
        if (dot != std::string_view::npos) rows.port = head.substr(dot + 1);
        auto value = readValue(trimmed(line.substr(colon + 1)));
        if (!value) return true;
        if (!value->isArray()) complainAt(rows.line, fmt::format("{} takes an array of rows, but is {}", head, value->describe()), "write [] for no rows");
        else if (now().batches.empty()) complainAt(rows.line, fmt::format("the rows of {} stand before the first `batch`", head), "write a line `batch` before them");
        else {
            rows.rows = std::move(*value);
            now().batches.back().rows.push_back(std::move(rows));
        }
        return true;
    }

    std::optional<Json> readValue(std::string_view rest)
    {
        auto read = lines_.value(rest);
        if (auto* problem = std::get_if<JsonProblem>(&read)) return complainAt(problem->line, problem->message), std::nullopt;
        return std::move(std::get<Json>(read));
    }

    void readDirective(std::string_view line)
    {
        const auto [word, rest] = splitWord(line);
        static const std::vector<std::pair<std::string_view, void (FlowReader::*)(std::string_view)>> kDirectives = {
            {"batch", &FlowReader::readBatch}, {"settings", &FlowReader::readSettings}, {"parameters", &FlowReader::readParameters}, {"set", &FlowReader::readSet},
            {"start", &FlowReader::readStart}, {"pipeline", &FlowReader::readPipeline}, {"document", &FlowReader::readDocumentText}, {"real", &FlowReader::readReal},
            {"given", &FlowReader::readGiven}, {"file", &FlowReader::readContent}, {"files", &FlowReader::readNames}, {"prints", &FlowReader::readPrinted}, {"table", &FlowReader::readTable},
            {"problem", &FlowReader::readProblem}, {"fails", &FlowReader::readFails}, {"batches", &FlowReader::readBatches}};
        for (const auto& [name, read] : kDirectives) {
            if (word == name) return (this->*read)(rest);
        }
        std::vector<std::string> names;
        for (const auto& [name, read] : kDirectives) names.emplace_back(name);
        const std::string close = didYouMean(word, names);
        complain(fmt::format("the line \"{}\" cannot be read", line), close.empty() ? "write `NAME = TYPE {OPTIONS}`, `A -> B`, `batch` or `NAME: ROWS`" : close);
    }

    void readBatch(std::string_view rest)
    {
        const int64_t last = now().batches.empty() ? 0 : now().batches.back().number;
        int64_t number = last + 1;
        if (!rest.empty()) {
            const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), number);
            if (end.ec != std::errc() || end.ptr != rest.data() + rest.size()) return complain(fmt::format("batch takes a number or nothing, but is \"{}\"", rest));
            if (number <= last) return complain(fmt::format("batches ascend, but {} follows {}", number, last));
        }
        now().batches.push_back({.number = number, .line = lines_.number()});
    }

    void readSettings(std::string_view rest)
    {
        defines_ = true;
        if (auto value = readValue(rest)) document().settings = std::move(*value);
    }

    void readParameters(std::string_view rest)
    {
        defines_ = true;
        if (auto value = readValue(rest)) document().parameters = std::move(*value);
    }

    void readSet(std::string_view rest)
    {
        const size_t equals = rest.find('=');
        if (equals == std::string_view::npos || equals == 0) return complain(fmt::format("set takes NAME=VALUE, but is \"{}\"", rest));
        now().set[std::string(rest.substr(0, equals))] = rest.substr(equals + 1);
    }

    void readStart(std::string_view rest) { now().start = rest; }

    void readPipeline(std::string_view rest)
    {
        defines_ = pipeline_.whole = true;
        pipeline_.file = (file_.parent_path() / rest).lexically_normal();
        const auto read = DocumentFile::load(pipeline_.file);
        if (!read) return complain(read.error().message, read.error().hint);
        takeDocument(*read);
    }

    void readDocumentText(std::string_view)
    {
        defines_ = pipeline_.whole = true;
        std::string text;
        const int first = lines_.number();
        if (!lines_.textUntilEnd(text)) return complainAt(first, "the document does not end", "write a line `end` behind it");
        takeDocument(DocumentFile::fromText(std::move(text)));
    }

    void takeDocument(const DocumentFile& read)
    {
        pipeline_.document = read.document();
        pipeline_.diagnostics = read.diagnostics();
    }

    void readReal(std::string_view rest)
    {
        while (!rest.empty()) {
            const auto [name, more] = splitWord(rest);
            pipeline_.real.emplace_back(name);
            rest = more;
        }
    }

    void readFile(FlowFile::Kind kind, std::string_view rest)
    {
        FlowFile file{.kind = kind, .line = lines_.number()};
        if (kind != FlowFile::Kind::Printed) {
            const auto [path, value] = splitWord(rest);
            file.path = path;
            rest = value;
        }
        auto value = readValue(rest);
        if (!value) return;
        const bool lines = value->isArray() && std::ranges::all_of(value->items(), [](const Json& item) { return item.isString(); });
        if (!lines && (!value->isString() || kind == FlowFile::Kind::Names)) return complainAt(file.line, fmt::format("{} is an array of text{}, but is {}", kind == FlowFile::Kind::Names ? "the list of names" : "content", kind == FlowFile::Kind::Names ? "" : " (lines) or text", value->describe()));
        file.value = std::move(*value);
        now().files.push_back(std::move(file));
    }

    void readTable(std::string_view rest)
    {
        const auto [path, behind] = splitWord(rest);
        const auto [name, rows] = splitWord(behind);
        FlowFile file{.kind = FlowFile::Kind::Table, .path = std::string(path), .table = std::string(name), .line = lines_.number()};
        auto value = readValue(rows);
        if (!value) return;
        if (!value->isArray() || !std::ranges::all_of(value->items(), [](const Json& row) { return row.isArray(); })) return complainAt(file.line, "the rows of a table are arrays in an array: [[\"a\", 1], [\"b\", 2]]");
        file.value = std::move(*value);
        now().files.push_back(std::move(file));
    }

    void readGiven(std::string_view rest) { readFile(FlowFile::Kind::Given, rest); }
    void readContent(std::string_view rest) { readFile(FlowFile::Kind::Content, rest); }
    void readNames(std::string_view rest) { readFile(FlowFile::Kind::Names, rest); }
    void readPrinted(std::string_view rest) { readFile(FlowFile::Kind::Printed, rest); }
    void readProblem(std::string_view rest)
    {
        FlowText problem{.line = lines_.number()};
        static constexpr std::string_view kUp = " up:";
        int up = 0;
        const auto number = std::from_chars(rest.data(), rest.data() + rest.size(), up);
        const std::string_view behind = rest.substr(static_cast<size_t>(number.ptr - rest.data()));
        if (number.ec == std::errc() && behind.starts_with(kUp)) {
            problem.told = problem.line - up;
            rest = trimmed(behind.substr(kUp.size()));
        }
        problem.text = rest;
        now().problems.push_back(std::move(problem));
    }
    void readFails(std::string_view rest) { now().fails = FlowText{std::string(rest), lines_.number()}; }

    void readBatches(std::string_view rest)
    {
        if (rest != "matter") return complain(fmt::format("batches can only `matter`, but is \"batches {}\"", rest));
        now().batchesMatter = true;
    }

    std::filesystem::path file_;
    FlowLines lines_;
    Flow flow_;
    FlowPipeline pipeline_;
    bool defines_ = false;      // the case has a pipeline of its own
};

}

Flow readFlow(const std::filesystem::path& file, std::string_view text) { return FlowReader(file, text).read(); }

Flow readFlow(const std::filesystem::path& file)
{
    const auto text = readFile(file);
    if (text) return readFlow(file, *text);
    Flow flow;
    flow.diagnostics.push_back({.message = text.error().message, .hint = text.error().hint});
    return flow;
}

}
