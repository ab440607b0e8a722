// streamwright functions [NAME]: the functions of expressions, from their declarations.
#include "app/cli/functions.h"

#include "app/cli/verbs.h"
#include "engine/base/suggest.h"
#include "engine/expression/aggregate.h"
#include "engine/expression/function.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <map>

namespace streamwright {

namespace {

Json texts(const std::vector<std::string>& list)
{
    Json json = Json::array();
    for (const std::string& text : list) json.items().push_back(Json::string(text));
    return json;
}

Json toJson(const Function& function)
{
    return Json::object({{"name", Json::string(function.name)}, {"family", Json::string(function.family)}, {"usage", Json::string(function.usage)}, {"help", Json::string(function.help)},
                         {"aliases", texts(function.aliases)}, {"example", Json::string(function.example.expression)}, {"result", Json::string(function.example.result)}});
}

Json toJson(const AggregateFunction& function)
{
    return Json::object({{"name", Json::string(function.name)}, {"family", Json::string("aggregate")}, {"usage", Json::string(function.usage)}, {"help", Json::string(function.help)}, {"aliases", texts(function.aliases)}, {"example", Json::string(function.example)}});
}

void printAliases(const std::vector<std::string>& aliases)
{
    if (!aliases.empty()) fmt::print("  also called {}\n", fmt::join(aliases, ", "));
}

void print(const Function& function)
{
    fmt::print("{}\n  {}\n", function.usage, function.help);
    printAliases(function.aliases);
    if (function.example.result.empty()) fmt::print("  for example {}\n", function.example.expression);
    else fmt::print("  for example {} is {}\n", function.example.expression, function.example.result);
}

void print(const AggregateFunction& function)
{
    fmt::print("{}\n  {}\n", function.usage, function.help);
    printAliases(function.aliases);
    fmt::print("  an aggregate, for example {}\n", function.example);
}

const AggregateFunction* findAggregate(const std::string& name)
{
    for (const AggregateFunction& function : allAggregates()) {
        if (function.name == name || std::ranges::find(function.aliases, name) != function.aliases.end()) return &function;
    }
    return nullptr;
}

struct Arguments {
    std::string name;
    bool json = false;
};

int run(const Arguments& arguments)
{
    if (arguments.name.empty()) {
        if (arguments.json) fmt::print("{}", printJson(functionsAsJson()));
        else listFunctions();
        return 0;
    }
    if (describeFunction(arguments.name, arguments.json)) return 0;
    const std::string hint = didYouMean(arguments.name, functionNames());
    fmt::print(stderr, "error: no function called {} ({})\n", arguments.name, hint.empty() ? "streamwright functions lists them" : hint);
    return 2;
}

}

std::vector<std::string> functionNames()
{
    std::vector<std::string> names;
    for (const Function* function : allFunctions()) names.push_back(function->name);
    for (const AggregateFunction& function : allAggregates()) names.push_back(function.name);
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

Json functionsAsJson()
{
    Json functions = Json::array();
    for (const Function* function : allFunctions()) functions.items().push_back(toJson(*function));
    for (const AggregateFunction& function : allAggregates()) functions.items().push_back(toJson(function));
    return functions;
}

bool describeFunction(const std::string& name, bool json)
{
    const auto show = [json](const auto& found) {
        if (json) fmt::print("{}", printJson(toJson(found)));
        else print(found);
        return true;
    };
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (const Function* function = findFunction(lower)) return show(*function);
    const AggregateFunction* aggregate = findAggregate(lower);
    return aggregate && show(*aggregate);
}

void listFunctions()
{
    std::map<std::string, std::vector<std::string>> families;
    for (const Function* function : allFunctions()) families[function->family].push_back(function->name);
    for (const AggregateFunction& function : allAggregates()) families["aggregate"].push_back(function.name);
    for (const auto& [family, names] : families) {
        fmt::print("{} ({}):\n", family, names.size());
        std::string line;
        for (const std::string& name : names) {
            if (line.size() + name.size() > 96) {
                fmt::print(" {}\n", line);
                line.clear();
            }
            line += " " + name;
        }
        fmt::print(" {}\n", line);
    }
    fmt::print("`streamwright functions NAME` explains one.\n");
}

void addFunctionsVerb(CLI::App& program, int& exitCode)
{
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = program.add_subcommand("functions", "List the functions of expressions, or describe one");
    verb->add_option("NAME", arguments->name, "A function; all if left out");
    verb->add_flag("--json", arguments->json, "Print JSON");
    verb->footer("Examples:\n  streamwright functions\n  streamwright functions from_json\n  streamwright functions sum\n  streamwright functions --json\n"
                 "Exit codes: 0 fine, 2 there is no such function.");
    verb->callback([arguments, &exitCode] { exitCode = run(*arguments); });
}

}
