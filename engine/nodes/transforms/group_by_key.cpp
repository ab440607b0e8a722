#include "engine/columns/ddl.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::string values;
    std::string as = "values";
};

Checked<Grouping> compile(const Options& options, const Schema& input)
{
    auto keys = KeyColumns::compile(options.keys, input);
    if (!keys) return keys.error();
    // Told in the words of the option, not of the aggregate behind it.
    if (auto values = compileExpression(options.values, input); !values) return inField("values", values.error());
    auto aggregates = compileAggregates({"collect_all(" + options.values + ") AS " + quoteName(options.as)}, input, "values");
    if (!aggregates) return aggregates.error();
    return Grouping::of(std::move(*keys), std::move(*aggregates), "values", "as");
}

std::vector<FieldError> checkOptions(const Options& options)
{
    if (options.keys.empty()) return {{"keys", "keys is empty", "name a column"}};
    return {};
}

}

NodeType groupByKeyNode()
{
    return Declare<Options>("group_by_key", Group::Transform)
        .summary("Gather the values of each key into an array, batch by batch.")
        .help("Values stand in the order of their rows, NULLs too. A key for which a value fails goes to `rejected`.")
        .input("in").output("out").rejects()
        .field(&Options::keys, {.name = "keys", .help = "The key: columns or expressions, each with AS if it needs a name.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("user")})})
        .field(&Options::values, {.name = "values", .help = "The value of a row; struct(a, b) gathers several columns.", .kind = FieldKind::Expression, .required = true, .example = Json::string("amount")})
        .field(&Options::as, {.name = "as", .help = "Name of the arrays' column.", .kind = FieldKind::Text, .fallback = Json::string("values"), .example = Json::string("amounts")})
        .check(checkOptions)
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in.only()); },
                  [](const Grouping& grouping) { return grouping.output; },
                  [](Grouping grouping) { return std::make_unique<GroupBy>(std::move(grouping)); });
}

}
