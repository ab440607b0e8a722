#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> aggregates;
};

Checked<Grouping> compile(const Options& options, const Schema& input)
{
    auto aggregates = compileAggregates(options.aggregates, input);
    if (!aggregates) return aggregates.error();
    return Grouping::of(KeyColumns(), std::move(*aggregates));
}

}

NodeType reduceNode()
{
    return Declare<Options>("reduce", Group::Transform)
        .summary("Fold all rows of a batch into one row.")
        .help("A batch without rows gives none.")
        .input("in").output("out").rejects()
        .field(&Options::aggregates, {.name = "aggregates", .help = "The output columns.", .kind = FieldKind::Aggregates, .required = true, .example = Json::array({Json::string("sum(amount) AS total")})})
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in.only()); },
                  [](const Grouping& grouping) { return grouping.output; },
                  [](Grouping grouping) { return std::make_unique<GroupBy>(std::move(grouping)); });
}

}
