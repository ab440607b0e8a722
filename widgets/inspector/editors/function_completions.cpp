#include "widgets/inspector/editors/function_completions.h"

#include "engine/expression/aggregate.h"
#include "engine/expression/function.h"
#include "widgets/theme/names.h"

namespace streamwright {

std::vector<Completion> functionCompletions()
{
    std::vector<Completion> out;
    for (const Function* function : allFunctions()) {
        QString help = engineText(function->help);
        if (!function->example.expression.empty()) help += '\n' + QString::fromStdString(function->example.expression) + " = " + QString::fromStdString(function->example.result);
        out.push_back({QString::fromStdString(function->name), QString::fromStdString(function->usage), help});
    }
    return out;
}

std::vector<Completion> aggregateCompletions()
{
    std::vector<Completion> out;
    for (const AggregateFunction& function : allAggregates()) {
        out.push_back({QString::fromStdString(function.name), QString::fromStdString(function.usage), engineText(function.help) + '\n' + QString::fromStdString(function.example)});
    }
    return out;
}

}
