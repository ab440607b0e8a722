#include "engine/dataflow/declare.h"
#include "engine/nodes/transforms/shared/row_ordering.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> by;
    int64_t count = 10;
};

}

NodeType topNode()
{
    return Declare<Options>("top", Group::Transform)
        .summary("Keep the first rows of each batch in an order.")
        .help(RowOrdering::kHelp)
        .input("in").output("out").rejects()
        .field(&Options::by, RowOrdering::field())
        .field(&Options::count, {.name = "count", .help = "How many rows are kept.", .kind = FieldKind::Integer, .fallback = Json::integer(10), .unit = "rows", .least = 0, .example = Json::integer(10)})
        .check([](const Options& o) { return RowOrdering::check(o.by); })
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return RowOrdering::compile(o.by, in.only()); },
                  [](const RowOrdering& order) { return *order.schema(); },
                  [](RowOrdering order, const Options& o) { return std::make_unique<FirstRows>(std::move(order), static_cast<size_t>(o.count)); });
}

}
