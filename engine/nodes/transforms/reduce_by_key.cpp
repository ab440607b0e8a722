#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::vector<std::string> aggregates;
};

Checked<Grouping> compile(const Options& options, const Schema& input)
{
    auto keys = KeyColumns::compile(options.keys, input);
    if (!keys) return keys.error();
    auto aggregates = compileAggregates(options.aggregates, input);
    if (!aggregates) return aggregates.error();
    return Grouping::of(std::move(*keys), std::move(*aggregates));
}

std::vector<FieldError> checkOptions(const Options& options)
{
    if (options.keys.empty()) return {{"keys", "keys is empty", "name a column, or use reduce for one row of all"}};
    return {};
}

}

NodeType reduceByKeyNode()
{
    return Declare<Options>("reduce_by_key", Group::Transform)
        .summary("Fold the rows of each key into one row, batch by batch.")
        .help("NULL is a key like any other. A key for which an aggregate fails goes to `rejected`.")
        .input("in").output("out").rejects()
        .field(&Options::keys, {.name = "keys", .help = "The key: columns or expressions, each with AS if it needs a name.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("word")})})
        .field(&Options::aggregates, {.name = "aggregates", .help = "The columns behind the keys.", .kind = FieldKind::Aggregates, .required = true, .example = Json::array({Json::string("count(*) AS n")})})
        .check(checkOptions)
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in.only()); },
                  [](const Grouping& grouping) { return grouping.output; },
                  [](Grouping grouping) { return std::make_unique<GroupBy>(std::move(grouping)); });
}

}
