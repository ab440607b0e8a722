#include "engine/base/files.h"
#include "engine/base/suggest.h"
#include "engine/flow/prepared.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace streamwright {

namespace {

// Nodes whose rows do not depend on which batch they are in.
constexpr std::array<std::string_view, 5> kRowByRow = {"select", "filter", "flat_map", "parse", "union"};

class Preparation {
public:
    Preparation(const FlowCase& flow, const Catalog& catalog, const std::filesystem::path& folder) : flow_(flow), folder_(folder)
    {
        made_.catalog = catalog;
        made_.catalog.add(flowInput(made_.inputs));
        made_.catalog.add(flowSink());
    }

    PreparedCase make()
    {
        for (FlowFailure& failure : writeGiven(flow_, folder_)) made_.failures.push_back(std::move(failure));
        if (!takeDocument() || !problemsAreExpected()) return std::move(made_);
        standIn();
        if (!made_.failures.empty()) return std::move(made_);
        const CheckedPipeline checked = checkPrepared(flow_, made_, folder_);
        if (hasErrors(checked.diagnostics)) {
            tell(checked.diagnostics);
            return std::move(made_);
        }
        made_.runs = true;
        made_.batches = flow_.batches.empty() ? 1 : static_cast<size_t>(flow_.batches.back().number);
        made_.inputs->interval = checked.settings.batchInterval;
        typeRows(checked);
        judgeNodes(checked);
        return std::move(made_);
    }

private:
    void fail(int line, std::string message) { made_.failures.push_back({line, std::move(message), {}}); }
    // Mistakes stand where they are: in the flow or in the pipeline file that it names.
    void tell(const Diagnostics& diagnostics)
    {
        const bool elsewhere = flow_.pipeline.file != flow_.file;
        for (const Diagnostic& diagnostic : diagnostics) {
            if (diagnostic.severity != Severity::Error) continue;
            Diagnostic shown = diagnostic;
            if (!elsewhere) shown.line = 0;
            fail(elsewhere ? flow_.line : diagnostic.line, describe(shown, elsewhere ? flow_.pipeline.file.string() : std::string()));
        }
    }

    bool takeDocument()
    {
        if (flow_.pipeline.document) {
            made_.document = *flow_.pipeline.document;
        } else if (flow_.pipeline.whole) {
            matchProblems(flow_.pipeline.diagnostics);
            return false;
        }
        for (auto input = flow_.pipeline.inputs.rbegin(); input != flow_.pipeline.inputs.rend(); ++input) {
            made_.document.nodes.insert(made_.document.nodes.begin(), inputNode(NodeId{input->name}, input->schema, input->line));
        }
        if (!flow_.pipeline.whole) addSinks();
        return true;
    }

    // A pipeline needs a sink; where the flow has none, its ends get one each.
    void addSinks()
    {
        std::vector<Node>& nodes = made_.document.nodes;
        if (std::ranges::any_of(nodes, [](const Node& node) { return node.type.starts_with("sink."); })) return;
        const size_t count = nodes.size();
        for (size_t i = 0; i < count; ++i) {
            const std::string end = nodes[i].id.name;
            if (std::ranges::any_of(made_.document.edges, [&](const Edge& edge) { return edge.from == end; })) continue;
            const int line = nodes[i].line;
            nodes.push_back({.id = NodeId{"flow_end_" + end}, .type = std::string(kFlowSink), .line = line});
            made_.document.edges.push_back({.from = end, .to = "flow_end_" + end, .line = line});
        }
    }

    static Node inputNode(NodeId id, const std::string& schema, int line)
    {
        Node node{.id = std::move(id), .type = std::string(kFlowInput), .line = line};
        node.options.set("schema", Json::string(schema));
        node.options.set("input", Json::string(node.id.name));
        node.options.setLine(line);
        for (auto& [name, value] : node.options.members()) value.setLine(line);
        return node;
    }

    bool problemsAreExpected()
    {
        const CheckedPipeline checked = checkPrepared(flow_, made_, folder_);
        schemas_ = checked.schemas;
        matchProblems(checked.diagnostics);
        return made_.failures.empty() && !hasErrors(checked.diagnostics);
    }

    // Every `problem` is told, and no other error.
    void matchProblems(const Diagnostics& diagnostics)
    {
        const std::string file = flow_.pipeline.file.filename().string();
        Diagnostics strange = diagnostics;
        for (const FlowText& problem : flow_.problems) {
            const auto tells = [&](const Diagnostic& one) { return describe(one, file).find(problem.text) != std::string::npos && (problem.told == 0 || one.line == problem.told); };
            std::erase_if(strange, tells);
            if (std::ranges::any_of(diagnostics, tells)) continue;
            std::vector<std::string> all;
            for (const Diagnostic& one : diagnostics) all.push_back(describe(one, file));
            const std::string expected = problem.told > 0 ? fmt::format("{}:{}: … {}", file, problem.told, problem.text) : problem.text;
            fail(problem.line, "the check does not tell this problem\n" + sideBySide({expected}, all));
        }
        tell(strange);
    }

    bool isReal(const Node& node) const { return std::ranges::find(flow_.pipeline.real, node.id.name) != flow_.pipeline.real.end(); }

    // Sources of a whole pipeline become inputs, its sinks keep nothing.
    void standIn()
    {
        for (const std::string& name : flow_.pipeline.real) {
            if (!made_.document.find(name)) fail(flow_.line, noSuchNode(name));
        }
        if (!flow_.pipeline.whole) return;
        for (Node& node : made_.document.nodes) {
            const NodeType* type = made_.catalog.find(node.type);
            if (!type || isReal(node)) continue;
            if (type->spec.group == Group::Source && schemas_.contains(node.id.name)) {
                Node input = inputNode(node.id, schemas_.at(node.id.name).front().toDdl(), node.line);
                node.type = input.type;
                node.options = std::move(input.options);
            } else if (type->spec.group == Group::Sink) {
                node.type = kFlowSink;
                node.options = Json::object();
            }
        }
    }

    std::string noSuchNode(const std::string& name) const
    {
        std::vector<std::string> names;
        for (const Node& node : made_.document.nodes) names.push_back(node.id.name);
        const std::string close = didYouMean(name, names);
        return fmt::format("the pipeline has no node \"{}\"{}", name, close.empty() ? "" : " (" + close + ")");
    }

    void typeRows(const CheckedPipeline& checked)
    {
        for (const FlowBatch& batch : flow_.batches) {
            for (const FlowRows& rows : batch.rows) {
                const auto node = std::ranges::find_if(checked.nodes, [&](const PlannedNode& one) { return one.id.name == rows.node; });
                if (node == checked.nodes.end()) fail(rows.line, noSuchNode(rows.node));
                else if (node->type->spec.type == kFlowInput && rows.port.empty()) give(rows, *node, batch.number, checked.settings);
                else expect(rows, *node, batch.number, checked.settings);
            }
        }
        for (auto& [name, batches] : made_.inputs->batches) batches.resize(made_.batches);
    }

    void give(const FlowRows& rows, const PlannedNode& node, int64_t number, const Settings& settings)
    {
        const TypedRows typed = typedRows(rows.rows, std::make_shared<const Schema>(node.outputs.front()), settings.timeZone);
        for (const Diagnostic& diagnostic : typed.diagnostics) fail(diagnostic.line, rows.node + ": " + describeRow(diagnostic));
        if (!typed.batch) return;
        auto& batches = made_.inputs->batches[rows.node];
        batches.resize(made_.batches);
        batches[static_cast<size_t>(number - 1)] = typed.batch->rows() > 0 ? typed.batch : nullptr;
    }

    void expect(const FlowRows& rows, const PlannedNode& node, int64_t number, const Settings& settings)
    {
        const SchemaPtr schema = schemaOf(rows, node);
        if (!schema) return;
        const bool rejected = rows.port == kRejectedPort;
        ExpectedRows expected = expectedRows(rows.rows, schema, settings.timeZone, rejected ? Naming::Parts : Naming::WholeRows);
        for (const Diagnostic& diagnostic : expected.diagnostics) fail(diagnostic.line, rows.node + ": " + describeRow(diagnostic));
        ExpectedPort& port = portOf(rows.node, rows.port, rows.line);
        if (rows.anyOrder) port.order = RowOrder::Any;
        port.batches[static_cast<size_t>(number - 1)] = std::move(expected.rows);
        port.lines[static_cast<size_t>(number - 1)] = rows.line;
    }

    static std::string describeRow(const Diagnostic& diagnostic) { return diagnostic.message + (diagnostic.hint.empty() ? "" : " (" + diagnostic.hint + ")"); }

    SchemaPtr schemaOf(const FlowRows& rows, const PlannedNode& node)
    {
        const NodeSpec& spec = node.type->spec;
        if (rows.port == kRejectedPort && spec.rejects) return rejectedSchema();
        if (rows.port.empty()) return std::make_shared<const Schema>(node.outputs.empty() ? node.inputs.only() : node.outputs.front());
        const auto port = std::ranges::find(spec.outputs, rows.port, &PortSpec::name);
        if (port != spec.outputs.end()) return std::make_shared<const Schema>(node.outputs[static_cast<size_t>(port - spec.outputs.begin())]);
        std::vector<std::string> names;
        for (const PortSpec& one : spec.outputs) names.push_back(one.name);
        if (spec.rejects) names.emplace_back(kRejectedPort);
        const std::string close = didYouMean(rows.port, names);
        fail(rows.line, fmt::format("{} ({}) has no output \"{}\"{}", rows.node, spec.type, rows.port, close.empty() ? "" : " (" + close + ")"));
        return nullptr;
    }

    ExpectedPort& portOf(const std::string& node, const std::string& port, int line)
    {
        for (ExpectedPort& one : made_.ports) {
            if (one.node == node && one.port == port) return one;
        }
        made_.ports.push_back({.node = node, .port = port, .line = line, .batches = std::vector<std::vector<ExpectedRow>>(made_.batches), .lines = std::vector<int>(made_.batches)});
        return made_.ports.back();
    }

    void judgeNodes(const CheckedPipeline& checked)
    {
        made_.cutting = !flow_.batchesMatter;
        for (const PlannedNode& node : checked.nodes) {
            const NodeSpec& spec = node.type->spec;
            if (spec.group == Group::Sink && spec.type != kFlowSink) made_.capture = true;
            const bool rowByRow = std::ranges::find(kRowByRow, spec.type) != kRowByRow.end() || spec.type == kFlowInput || spec.type == kFlowSink;
            made_.cutting = made_.cutting && rowByRow;
            const bool named = std::ranges::any_of(made_.ports, [&](const ExpectedPort& one) { return one.node == node.id.name && one.port == kRejectedPort; });
            if (!spec.rejects || named) continue;
            ExpectedPort& port = portOf(node.id.name, std::string(kRejectedPort), flow_.line);
            port.named = false;
        }
    }

    const FlowCase& flow_;
    std::filesystem::path folder_;
    PreparedCase made_;
    std::map<std::string, std::vector<Schema>> schemas_;
};

bool mixesInputs(const PreparedCase& prepared)
{
    return std::ranges::any_of(prepared.document.nodes, [](const Node& node) { return node.type == "union"; });
}

}

std::string contentOf(const Json& value)
{
    if (value.isString()) return value.asString();
    std::string text;
    for (const Json& line : value.items()) text += line.asString() + "\n";
    return text;
}

std::vector<FlowFailure> writeGiven(const FlowCase& flow, const std::filesystem::path& folder)
{
    std::vector<FlowFailure> failures;
    for (const FlowFile& file : flow.files) {
        if (file.kind != FlowFile::Kind::Given) continue;
        const std::filesystem::path path = folder / file.path;
        auto written = makeFolder(path.parent_path());
        if (written) written = writeDurably(path, contentOf(file.value));
        if (!written) failures.push_back({file.line, written.error().message, {}});
    }
    return failures;
}

PreparedCase prepareCase(const FlowCase& flow, const Catalog& catalog, const std::filesystem::path& folder) { return Preparation(flow, catalog, folder).make(); }

CheckedPipeline checkPrepared(const FlowCase& flow, const PreparedCase& prepared, const std::filesystem::path& folder)
{
    return check(prepared.document, prepared.catalog, {.folder = folder, .parameters = flow.set});
}

PreparedCase prepareCut(const FlowCase& flow, const Catalog& catalog, const std::filesystem::path& folder, size_t rows)
{
    PreparedCase cut = prepareCase(flow, catalog, folder);
    cut.batches = 1;
    for (auto& [name, batches] : cut.inputs->batches) {
        std::vector<BatchPtr> full;
        for (const BatchPtr& batch : batches) {
            if (batch) full.push_back(batch);
        }
        batches.clear();
        if (full.empty()) continue;
        const BatchPtr all = concatenate(full.front()->schemaPtr(), full);
        for (size_t from = 0; from < all->rows(); from += rows) batches.push_back(slice(all, from, std::min(rows, all->rows() - from)));
        cut.batches = std::max(cut.batches, batches.size());
    }
    for (ExpectedPort& port : cut.ports) {
        std::vector<ExpectedRow> all;
        for (const auto& batch : port.batches) all.insert(all.end(), batch.begin(), batch.end());
        port.batches = {std::move(all)};
        port.lines = {port.line};
        if (mixesInputs(cut)) port.order = RowOrder::Any;
    }
    return cut;
}

}
