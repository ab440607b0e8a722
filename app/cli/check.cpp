// streamwright check FILE…: says what is wrong with pipelines without running them.
#include "app/cli/arguments.h"
#include "app/cli/verbs.h"
#include "engine/dataflow/check.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_file.h"
#include "engine/pipeline/json.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

struct Arguments {
    std::vector<std::string> files;
    std::vector<std::string> set;
    bool json = false;
    bool schemas = false;
    bool strict = false;
};

struct Report {
    Diagnostics diagnostics;
    std::map<std::string, std::vector<Schema>> schemas;
};

Diagnostic ofFile(const Error& error)
{
    Diagnostic diagnostic;
    diagnostic.message = error.message;
    diagnostic.hint = error.hint;
    return diagnostic;
}

Report checkFile(const std::string& path, const std::map<std::string, std::string>& parameters)
{
    static const Catalog catalog = builtInNodes();
    const auto file = DocumentFile::load(path);
    if (!file) return {{ofFile(file.error())}, {}};
    if (!file->document()) return {file->diagnostics(), {}};
    CheckedPipeline checked = check(*file->document(), catalog, {std::filesystem::absolute(path).parent_path(), parameters});
    return {std::move(checked.diagnostics), std::move(checked.schemas)};
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
    return Json::object({{"file", Json::string(file)}, {"diagnostics", std::move(diagnostics)}, {"schemas", std::move(schemas)}});
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
    if (report.diagnostics.empty()) fmt::print("{}: no problems\n", file);
}

int run(const Arguments& arguments)
{
    const auto parameters = parametersOf(arguments.set);
    if (!parameters) return complain(parameters.error());
    int exitCode = 0;
    for (const std::string& file : arguments.files) {
        const Report report = checkFile(file, *parameters);
        print(file, report, arguments);
        if (hasErrors(report.diagnostics) || (arguments.strict && !report.diagnostics.empty())) exitCode = 2;
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
    verb->add_flag("--strict", arguments->strict, "Fail on warnings too");
    verb->footer("Examples:\n  streamwright check words.json\n  streamwright check pipelines/*.json --strict\n  streamwright check words.json --set port=9998 --schemas\n"
                 "Exit codes: 0 nothing wrong, 2 a mistake in a pipeline or on the command line.");
    verb->callback([arguments, &exitCode] { exitCode = run(*arguments); });
}

}
