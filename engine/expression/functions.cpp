// All scalar functions, by name and alias.
#include "engine/expression/function.h"

namespace streamwright {

namespace {

struct Registry {
    std::vector<Function> functions;
    std::unordered_map<std::string_view, const Function*> byName;

    Registry()
    {
        for (auto* family : {mathFunctions, textFunctions, regexFunctions, timeFunctions, logicFunctions, jsonFunctions, arrayFunctions}) {
            for (Function& function : family()) functions.push_back(std::move(function));
        }
        std::sort(functions.begin(), functions.end(), [](const Function& a, const Function& b) { return a.name < b.name; });
        for (const Function& function : functions) {
            byName.emplace(function.name, &function);
            for (const std::string& alias : function.aliases) byName.emplace(alias, &function);
        }
    }
};

const Registry& registry()
{
    static const Registry all;
    return all;
}

}

const Function* findFunction(std::string_view name)
{
    std::string lower(name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto found = registry().byName.find(lower);
    return found == registry().byName.end() ? nullptr : found->second;
}

std::vector<const Function*> allFunctions()
{
    std::vector<const Function*> all;
    for (const Function& function : registry().functions) all.push_back(&function);
    return all;
}

}
