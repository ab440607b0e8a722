#include "engine/dataflow/declare.h"
#include "engine/dataflow/rejecting.h"
#include "engine/nodes/projection.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> columns;
};

class Select final : public RowOperator {
public:
    explicit Select(Projection projection) : projection_(std::move(projection)) {}

    void process(const Morsel& in, const BatchContext& context, Emitter& out) const override { projection_.apply(*in.batch, evalContext(context), out); }

private:
    Projection projection_;
};

}

NodeType selectNode()
{
    return Declare<Options>("select", Group::Transform)
        .summary("Compute the output columns from each row.")
        .help("Each entry is a column or an expression with AS; * stands for all columns. A row for which an expression fails goes to `rejected`.")
        .input("in").output("out").rejects()
        .field(&Options::columns, {.name = "columns", .help = "The output columns, in order.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("id"), Json::string("amount * 2 AS twice")})})
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return Projection::compile("columns", o.columns, in.only()); },
                  [](const Projection& projection) { return *projection.schema(); },
                  [](Projection projection) { return std::make_unique<Select>(std::move(projection)); });
}

}
