#include "engine/columns/ddl.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> columns;
    std::string as = "count";
};

Checked<Grouping> compile(const Options& options, const Schema& input)
{
    std::vector<std::string> columns = options.columns;
    for (size_t i = 0; options.columns.empty() && i < input.size(); ++i) columns.push_back(quoteName(input[i].name));
    auto keys = KeyColumns::compile(columns, input, "columns");
    if (!keys) return keys.error();
    auto aggregates = compileAggregates({"count(*) AS " + quoteName(options.as)}, input, "as");
    if (!aggregates) return aggregates.error();
    return Grouping::of(std::move(*keys), std::move(*aggregates), "columns", "as");
}

}

NodeType countByValueNode()
{
    return Declare<Options>("count_by_value", Group::Transform)
        .summary("Count how often each value occurs in a batch.")
        .help("Without `columns` whole rows are counted.")
        .input("in").output("out").rejects()
        .field(&Options::columns, {.name = "columns", .help = "Columns or expressions that make up the value; all columns if left out.", .kind = FieldKind::Expressions, .example = Json::array({Json::string("word")})})
        .field(&Options::as, {.name = "as", .help = "Name of the count's column.", .kind = FieldKind::Text, .fallback = Json::string("count"), .example = Json::string("n")})
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in.only()); },
                  [](const Grouping& grouping) { return grouping.output; },
                  [](Grouping grouping) { return std::make_unique<GroupBy>(std::move(grouping)); });
}

}
