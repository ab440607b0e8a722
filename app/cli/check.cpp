// streamwright check FILE…: says what is wrong with pipelines without running them.
#include "app/cli/arguments.h"
#include "app/cli/verbs.h"
#include "engine/control/local_session.h"
#include "engine/control/work_queue.h"
#include "engine/dataflow/check.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_file.h"
#include "engine/pipeline/json.h"

#include <fmt/format.h>
#include <future>

namespace streamwright {

namespace {

struct Arguments {
    std::vector<std::string> files;
    std::vector<std::string> set;
    bool json = false;
    bool schemas = false;
    bool strict = false;
    bool verify = false;
};

// What a source or sink found when it tried the world outside.
struct Verified {
    std::string node;
    std::vector<VerifyStep> steps;
    bool passed() const { return std::ranges::all_of(steps, &VerifyStep::passed); }
};

struct Report {
    Diagnostics diagnostics;
    std::map<std::string, std::vector<Schema>> schemas;
    std::vector<Verified> verified;
    bool passed() const { return std::ranges::all_of(verified, &Verified::passed); }
};

// Of all that one node tries.
constexpr Duration kVerifyDeadline = seconds(30);

Diagnostic ofFile(const Error& error)
{
    Diagnostic diagnostic;
    diagnostic.message = error.message;
    diagnostic.hint = error.hint;
    return diagnostic;
}

std::vector<VerifyStep> verify(const StartRequest& request, const NodeId& node, const Catalog& catalog)
{
    std::promise<Result<std::vector<VerifyStep>>> promised;
    WorkQueue answers;
    const std::unique_ptr<Session> session = localSession(catalog);
    const CallOptions call{.answerOn = [&](std::function<void()> answer) { answers.add(std::move(answer)); }, .deadline = kVerifyDeadline};
    session->verify(request, node, call, [&](Result<std::vector<VerifyStep>> steps) { promised.set_value(std::move(steps)); });
    auto steps = promised.get_future().get();
    if (steps) return std::move(*steps);
    return {{"verify", false, steps.error().hint.empty() ? steps.error().message : steps.error().message + ": " + steps.error().hint}};
}

std::vector<Verified> verifyAll(const StartRequest& request, const CheckedPipeline& checked, const Catalog& catalog)
{
    std::vector<Verified> verified;
    for (const PlannedNode& node : checked.nodes) {
        if (node.type->verify) verified.push_back({node.id.name, verify(request, node.id, catalog)});
    }
    return verified;
}

Report checkFile(const std::string& path, const std::map<std::string, std::string>& parameters, bool verifies)
{
    static const Catalog catalog = builtInNodes();
    const auto file = DocumentFile::load(path);
    if (!file) return {{ofFile(file.error())}, {}};
    if (!file->document()) return {file->diagnostics(), {}};
    StartRequest request;
    request.document = *file->document();
    request.folder = std::filesystem::absolute(path).parent_path();
    request.parameters = parameters;
    CheckedPipeline checked = check(request.document, catalog, {request.folder, parameters});
    std::vector<Verified> verified;
    if (verifies && !hasErrors(checked.diagnostics)) verified = verifyAll(request, checked, catalog);
    return {std::move(checked.diagnostics), std::move(checked.schemas), std::move(verified)};
}

Json toJson(const std::string& file, const Report& report)
{
    Json diagnostics = Json::array();
    for (const Diagnostic& diagnostic : report.diagnostics) {
        diagnostics.items().push_back(Json::object({{"severity", Json::string(diagnostic.severity == Severity::Error ? "error" : "warning")}, {"node", Json::string(diagnostic.node)}, {"field", Json::string(diagnostic.field)},
                                                    {"line", Json::integer(diagnostic.line)}, {"message", Json::string(diagnostic.message)}, {"hint", Json::string(diagnostic.hint)}}));
    }
    Json schemas = Json::object();
    for (const auto& [node, outputs] : report.schemas) {
        Json ports = Json::array();
        for (const Schema& schema : outputs) ports.items().push_back(Json::string(schema.toDdl()));
        schemas.set(node, std::move(ports));
    }
    Json verified = Json::array();
    for (const Verified& node : report.verified) {
        for (const VerifyStep& step : node.steps) {
            verified.items().push_back(Json::object({{"node", Json::string(node.node)}, {"what", Json::string(step.what)}, {"passed", Json::boolean(step.passed)}, {"message", Json::string(step.message)}}));
        }
    }
    return Json::object({{"file", Json::string(file)}, {"diagnostics", std::move(diagnostics)}, {"schemas", std::move(schemas)}, {"verified", std::move(verified)}});
}

void print(const std::string& file, const Report& report, const Arguments& arguments)
{
    if (arguments.json) {
        fmt::print("{}\n", printJsonLine(toJson(file, report)));
        return;
    }
    for (const Diagnostic& diagnostic : report.diagnostics) fmt::print("{}\n", describe(diagnostic, file));
    if (arguments.schemas) {
        for (const auto& [node, outputs] : report.schemas) {
            for (const Schema& schema : outputs) fmt::print("{}: {}\n", node, schema.toDdl());
        }
    }
    for (const Verified& node : report.verified) {
        for (const VerifyStep& step : node.steps) fmt::print("{}: {}: {}: {}{}{}\n", file, node.node, step.passed ? "passed" : "failed", step.what, step.message.empty() ? "" : ": ", step.message);
    }
    if (report.diagnostics.empty() && report.passed()) fmt::print("{}: no problems\n", file);
}

int run(const Arguments& arguments)
{
    const auto parameters = parametersOf(arguments.set);
    if (!parameters) return complain(parameters.error());
    int exitCode = 0;
    for (const std::string& file : arguments.files) {
        const Report report = checkFile(file, *parameters, arguments.verify);
        print(file, report, arguments);
        if (hasErrors(report.diagnostics) || (arguments.strict && !report.diagnostics.empty())) exitCode = 2;
        else if (exitCode == 0 && !report.passed()) exitCode = 1;
    }
    return exitCode;
}

}

void addCheckVerb(CLI::App& program, int& exitCode)
{
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = program.add_subcommand("check", "Say what is wrong with a pipeline, without running it");
    verb->add_option("FILE", arguments->files, "Pipeline files")->required();
    verb->add_option("--set", arguments->set, "A parameter of the pipeline; may be given again")->type_name("NAME=VALUE")->allow_extra_args(false);
    verb->add_flag("--json", arguments->json, "One line of JSON a file, with diagnostics and schemas");
    verb->add_flag("--schemas", arguments->schemas, "Also print the columns that leave each node");
    verb->add_flag("--verify", arguments->verify, "Also try what its sources and sinks need: connect, read, write a probe");
    verb->add_flag("--strict", arguments->strict, "Fail on warnings too");
    verb->footer("Examples:\n  streamwright check words.json\n  streamwright check pipelines/*.json --strict\n  streamwright check words.json --set port=9998 --schemas\n  streamwright check words.json --verify\n"
                 "Exit codes: 0 nothing wrong, 1 a source or sink failed to verify, 2 a mistake in a pipeline or on the command line.");
    verb->callback([arguments, &exitCode] { exitCode = run(*arguments); });
}

}
