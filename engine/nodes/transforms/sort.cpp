#include "engine/dataflow/declare.h"
#include "engine/nodes/transforms/shared/row_order.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> by;
};

class SortWork final : public BatchWork {
public:
    SortWork(const RowOrder& order, const SchemaPtr& schema, const BatchContext& context, size_t workers) : rows_(order, schema, context, workers) {}
    void consume(size_t, const Morsel& in, size_t worker, Emitter& rejects) override { rows_.add(in, worker, rejects); }
    void finish(size_t, Emitter& out) override { rows_.emit(SIZE_MAX, out); }

private:
    OrderedRows rows_;
};

class Sort final : public BatchOperator {
public:
    Sort(RowOrder order, const Schema& schema) : order_(std::move(order)), schema_(std::make_shared<const Schema>(schema)) {}
    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const override { return std::make_unique<SortWork>(order_, schema_, context, workers); }

private:
    RowOrder order_;
    SchemaPtr schema_;
};

}

NodeType sortNode()
{
    return Declare<Options>("sort", Group::Transform)
        .summary("Sort the rows of each batch.")
        .help("As in Spark NULLs come first when ascending and last when descending, unless NULLS FIRST or NULLS LAST says otherwise; "
              "rows that are equal stay in their order.")
        .input("in").output("out").rejects()
        .field(&Options::by, {.name = "by", .help = "Columns or expressions, each with ASC or DESC.", .kind = FieldKind::Ordering, .required = true, .example = Json::array({Json::string("n DESC"), Json::string("word")})})
        .check([](const Options& o) {
            std::vector<FieldError> errors;
            if (o.by.empty()) errors.push_back({"by", "by is empty", "name a column, for example \"n DESC\""});
            return errors;
        })
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            if (auto order = RowOrder::compile(o.by, in.only()); !order) return order.error();
            return in.only();
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Sort>> {
            auto order = RowOrder::compile(o.by, in.only());
            if (!order) return order.error();
            return std::make_unique<Sort>(std::move(*order), in.only());
        });
}

}
