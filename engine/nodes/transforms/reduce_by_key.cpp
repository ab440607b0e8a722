#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::vector<std::string> aggregates;
};

struct Compiled {
    KeyColumns keys;
    AggregateCalls aggregates;
    Schema schema;
};

Checked<Compiled> compile(const Options& options, const Schema& input)
{
    auto keys = KeyColumns::compile(options.keys, input);
    if (!keys) return keys.error();
    auto aggregates = compileAggregates(options.aggregates, input);
    if (!aggregates) return aggregates.error();
    auto schema = groupedSchema(keys->fields(), *aggregates);
    if (!schema) return schema.error();
    return Compiled{std::move(*keys), std::move(*aggregates), std::move(*schema)};
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
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            auto compiled = compile(o, in.only());
            if (!compiled) return compiled.error();
            return std::move(compiled->schema);
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<GroupBy>> {
            auto compiled = compile(o, in.only());
            if (!compiled) return compiled.error();
            return std::make_unique<GroupBy>(std::move(compiled->keys), std::move(compiled->aggregates), std::move(compiled->schema));
        });
}

}
