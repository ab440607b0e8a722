#include "engine/columns/ddl.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> columns;
};

Checked<Grouping> compile(const Options& options, const Schema& input)
{
    std::vector<std::string> columns = options.columns;
    for (size_t i = 0; options.columns.empty() && i < input.size(); ++i) columns.push_back(quoteName(input[i].name));
    auto keys = KeyColumns::compile(columns, input, "columns");
    if (!keys) return keys.error();
    return Grouping::of(std::move(*keys), AggregateCalls(), "columns", "columns");
}

}

NodeType distinctNode()
{
    return Declare<Options>("distinct", Group::Transform)
        .summary("Keep each row of a batch once.")
        .help("With `columns` the output has these alone. NULLs count as equal.")
        .input("in").output("out").rejects()
        .field(&Options::columns, {.name = "columns", .help = "Columns or expressions to keep; all columns if left out.", .kind = FieldKind::Expressions, .example = Json::array({Json::string("user")})})
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in.only()); },
                  [](const Grouping& grouping) { return grouping.output; },
                  [](Grouping grouping) { return std::make_unique<GroupBy>(std::move(grouping)); });
}

}
