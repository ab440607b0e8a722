// streamwright nodes [NAME]: the node types and functions that this program knows, from their declarations.
#include "app/cli/functions.h"
#include "app/cli/verbs.h"
#include "engine/base/suggest.h"
#include "engine/dataflow/settings.h"
#include "engine/nodes/catalog.h"
#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace streamwright {

namespace {

struct Arguments {
    std::string name;
    bool json = false;
    bool functions = false;
};

Json texts(const std::vector<std::string>& list)
{
    Json json = Json::array();
    for (const std::string& text : list) json.items().push_back(Json::string(text));
    return json;
}

Json toJson(const FieldSpec& field)
{
    Json json = Json::object({{"name", Json::string(field.name)}, {"kind", Json::string(std::string(fieldKindName(field.kind)))}, {"help", Json::string(field.help)}, {"required", Json::boolean(field.required)}});
    if (!field.fallback.isNull()) json.set("default", field.fallback);
    if (!field.unit.empty()) json.set("unit", Json::string(field.unit));
    if (field.least) json.set("least", Json::number(fmt::format("{}", *field.least)));
    if (field.most) json.set("most", Json::number(fmt::format("{}", *field.most)));
    if (!field.choices.empty()) json.set("choices", texts(field.choices));
    if (!field.example.isNull()) json.set("example", field.example);
    return json;
}

Json toJson(const std::vector<PortSpec>& ports)
{
    Json json = Json::array();
    for (const PortSpec& port : ports) {
        Json item = Json::object({{"name", Json::string(port.name)}});
        if (!port.help.empty()) item.set("help", Json::string(port.help));
        if (port.many) item.set("many", Json::boolean(true));
        json.items().push_back(std::move(item));
    }
    return json;
}

Json toJson(const NodeSpec& spec)
{
    Json fields = Json::array();
    for (const FieldSpec& field : spec.fields) fields.items().push_back(toJson(field));
    Json json = Json::object({{"type", Json::string(spec.type)}, {"group", Json::string(std::string(groupName(spec.group)))}, {"summary", Json::string(spec.summary)}});
    if (!spec.help.empty()) json.set("help", Json::string(spec.help));
    json.set("inputs", toJson(spec.inputs));
    json.set("outputs", toJson(spec.outputs));
    json.set("rejects", Json::boolean(spec.rejects));
    json.set("stateful", Json::boolean(spec.stateful));
    json.set("needs_interval", Json::boolean(spec.needsInterval));
    if (spec.group == Group::Source || spec.group == Group::Sink) json.set("guarantee", Json::string(spec.guarantee == Guarantee::ExactlyOnce ? "exactly once" : "at least once"));
    json.set("fields", std::move(fields));
    return json;
}

std::string listOf(const std::vector<PortSpec>& ports, bool rejects)
{
    std::string text;
    for (const PortSpec& port : ports) text += (text.empty() ? "" : ", ") + port.name + (port.many ? " (any number of edges)" : "") + (port.help.empty() ? "" : ": " + port.help);
    if (rejects) text += std::string(text.empty() ? "" : ", ") + std::string(kRejectedPort);
    return text.empty() ? "none" : text;
}

void print(const NodeSpec& spec)
{
    fmt::print("{}\n  {}\n", spec.type, spec.summary);
    if (!spec.help.empty()) fmt::print("  {}\n", spec.help);
    fmt::print("\n  inputs:  {}\n  outputs: {}\n", listOf(spec.inputs, false), listOf(spec.outputs, spec.rejects));
    if (spec.stateful) fmt::print("  keeps state between batches\n");
    if (spec.needsInterval) fmt::print("  works over batch time: needs the trigger `interval`\n");
    if (!spec.fields.empty()) fmt::print("\n  options:\n");
    for (const FieldSpec& field : spec.fields) {
        std::string traits(fieldKindName(field.kind));
        if (!field.unit.empty()) traits += ", " + field.unit;
        if (field.least) traits += ", from " + field.limitText(*field.least);
        if (field.most) traits += ", to " + field.limitText(*field.most);
        if (field.required) traits += ", required";
        if (!field.fallback.isNull()) traits += ", default " + printJsonLine(field.fallback);
        fmt::print("    {} ({})\n      {}\n", field.name, traits, field.help);
        if (!field.choices.empty()) fmt::print("      one of {}\n", fmt::join(field.choices, ", "));
        if (!field.example.isNull()) fmt::print("      for example {}\n", printJsonLine(field.example));
    }
}

int describeOne(const Arguments& arguments, const Catalog& catalog)
{
    if (const NodeType* type = catalog.find(arguments.name)) {
        if (arguments.json) fmt::print("{}", printJson(toJson(type->spec)));
        else print(type->spec);
        return 0;
    }
    if (describeFunction(arguments.name, arguments.json)) return 0;
    std::vector<std::string> known = catalog.names();
    std::ranges::copy(functionNames(), std::back_inserter(known));
    const std::string hint = didYouMean(arguments.name, known);
    fmt::print(stderr, "error: no node type or function called {}{}\n", arguments.name, hint.empty() ? std::string() : " (" + hint + ")");
    return 2;
}

void listNodes(const Catalog& catalog)
{
    std::string_view group;
    for (const NodeType& type : catalog.types()) {
        if (groupName(type.spec.group) != group) fmt::print("{}{}:\n", group.empty() ? "" : "\n", groupName(type.spec.group));
        group = groupName(type.spec.group);
        fmt::print("  {:<26} {}\n", type.spec.type, type.spec.summary);
    }
}

int run(const Arguments& arguments)
{
    const Catalog catalog = builtInNodes();
    if (!arguments.name.empty()) return describeOne(arguments, catalog);
    if (arguments.json) {
        Json nodes = Json::array();
        for (const NodeType& type : catalog.types()) nodes.items().push_back(toJson(type.spec));
        Json settings = Json::array();
        for (const FieldSpec& field : settingFields()) settings.items().push_back(toJson(field));
        fmt::print("{}", printJson(Json::object({{"nodes", std::move(nodes)}, {"settings", std::move(settings)}, {"functions", functionsAsJson()}})));
    } else if (arguments.functions) {
        listFunctions();
    } else {
        listNodes(catalog);
    }
    return 0;
}

}

void addNodesVerb(CLI::App& program, int& exitCode)
{
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = program.add_subcommand("nodes", "List the node types and functions, or describe one");
    verb->add_option("NAME", arguments->name, "A node type or a function; all if left out");
    verb->add_flag("--json", arguments->json, "Print JSON");
    verb->add_flag("--functions", arguments->functions, "List the functions of expressions instead");
    verb->footer("Examples:\n  streamwright nodes\n  streamwright nodes reduce_by_key\n  streamwright nodes split\n  streamwright nodes --json");
    verb->callback([arguments, &exitCode] { exitCode = run(*arguments); });
}

}
