#include "engine/dataflow/declare.h"
#include "engine/nodes/transforms/shared/row_ordering.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> by;
};

}

NodeType sortNode()
{
    return Declare<Options>("sort", Group::Transform)
        .summary("Sort the rows of each batch.")
        .help(RowOrdering::kHelp)
        .input("in").output("out").rejects()
        .field(&Options::by, RowOrdering::field())
        .check([](const Options& o) { return RowOrdering::check(o.by); })
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return RowOrdering::compile(o.by, in.only()); },
                  [](const RowOrdering& order) { return *order.schema(); },
                  [](RowOrdering order) { return std::make_unique<FirstRows>(std::move(order), SIZE_MAX); });
}

}
