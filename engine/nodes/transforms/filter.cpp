#include "engine/dataflow/declare.h"
#include "engine/dataflow/rejecting.h"
#include "engine/expression/expression.h"

namespace streamwright {

namespace {

struct Options {
    std::string condition;
};

class Filter final : public RowOperator {
public:
    explicit Filter(Expression condition) : condition_(std::move(condition)) {}

    void process(const Morsel& in, const BatchContext& context, Emitter& out) const override
    {
        const Batch& batch = *in.batch;
        const Evaluated keep = condition_.evaluate(batch, evalContext(context));
        rejectRows(batch, "condition", keep.errors, out);
        const std::vector<uint32_t> rows = rowsThatAreTrue(*keep.column);
        if (rows.size() == batch.rows()) out.emit(in.batch);
        else if (!rows.empty()) out.emit(gather(batch, rows));
    }

private:
    Expression condition_;
};

}

NodeType filterNode()
{
    return Declare<Options>("filter", Group::Transform)
        .summary("Keep the rows for which the condition is true.")
        .help("Rows for which it is false or NULL are dropped; rows for which it fails go to `rejected`.")
        .input("in").output("out").rejects()
        .field(&Options::condition, {.name = "condition", .help = "Boolean expression over the input columns.", .kind = FieldKind::Expression, .required = true, .example = Json::string("amount > 100")})
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            if (auto condition = compileCondition(o.condition, in.only()); !condition) return inField("condition", condition.error());
            return in.only();
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Filter>> {
            auto condition = compileCondition(o.condition, in.only());
            if (!condition) return inField("condition", condition.error());
            return std::make_unique<Filter>(std::move(*condition));
        });
}

}
