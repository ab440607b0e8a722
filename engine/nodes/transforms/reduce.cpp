#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> aggregates;
};

Checked<std::unique_ptr<GroupBy>> compile(const Options& options, const Schema& input)
{
    auto aggregates = compileAggregates(options.aggregates, input);
    if (!aggregates) return aggregates.error();
    auto schema = groupedSchema({}, *aggregates);
    if (!schema) return schema.error();
    return std::make_unique<GroupBy>(KeyColumns(), std::move(*aggregates), std::move(*schema));
}

}

NodeType reduceNode()
{
    return Declare<Options>("reduce", Group::Transform)
        .summary("Fold all rows of a batch into one row.")
        .help("A batch without rows gives none.")
        .input("in").output("out").rejects()
        .field(&Options::aggregates, {.name = "aggregates", .help = "The output columns.", .kind = FieldKind::Aggregates, .required = true, .example = Json::array({Json::string("sum(amount) AS total")})})
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            auto aggregates = compileAggregates(o.aggregates, in.only());
            if (!aggregates) return aggregates.error();
            return groupedSchema({}, *aggregates);
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in.only()); });
}

}
