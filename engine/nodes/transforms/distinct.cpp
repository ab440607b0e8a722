#include "engine/columns/ddl.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/group_by.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> columns;
};

Checked<KeyColumns> compile(const Options& options, const Schema& input)
{
    std::vector<std::string> columns = options.columns;
    for (size_t i = 0; options.columns.empty() && i < input.size(); ++i) columns.push_back(quoteName(input[i].name));
    return KeyColumns::compile(columns, input, "columns");
}

}

NodeType distinctNode()
{
    return Declare<Options>("distinct", Group::Transform)
        .summary("Keep each row of a batch once.")
        .help("With `columns` the output has these alone. NULLs count as equal.")
        .input("in").output("out").rejects()
        .field(&Options::columns, {.name = "columns", .help = "Columns or expressions to keep; all columns if left out.", .kind = FieldKind::Expressions, .example = Json::array({Json::string("user")})})
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            auto keys = compile(o, in.only());
            if (!keys) return keys.error();
            return Schema(keys->fields());
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<GroupBy>> {
            auto keys = compile(o, in.only());
            if (!keys) return keys.error();
            Schema schema(keys->fields());
            return std::make_unique<GroupBy>(std::move(*keys), AggregateCalls(), std::move(schema), "columns");
        });
}

}
