#include "engine/dataflow/declare.h"
#include "engine/nodes/transforms/shared/row_order.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> by;
    int64_t count = 10;
};

class TopWork final : public BatchWork {
public:
    TopWork(const RowOrder& order, size_t count, const SchemaPtr& schema, const BatchContext& context, size_t workers) : rows_(order, schema, context, workers), count_(count) {}
    void consume(size_t, const Morsel& in, size_t worker, Emitter& rejects) override { rows_.add(in, worker, rejects); }
    void finish(size_t, Emitter& out) override { rows_.emit(count_, out); }

private:
    OrderedRows rows_;
    size_t count_;
};

class Top final : public BatchOperator {
public:
    Top(RowOrder order, size_t count, const Schema& schema) : order_(std::move(order)), count_(count), schema_(std::make_shared<const Schema>(schema)) {}
    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const override { return std::make_unique<TopWork>(order_, count_, schema_, context, workers); }

private:
    RowOrder order_;
    size_t count_;
    SchemaPtr schema_;
};

}

NodeType topNode()
{
    return Declare<Options>("top", Group::Transform)
        .summary("Keep the first rows of each batch in an order.")
        .help("As in Spark NULLs come first when ascending and last when descending, unless NULLS FIRST or NULLS LAST says otherwise; "
              "rows that are equal stay in their order.")
        .input("in").output("out").rejects()
        .field(&Options::by, {.name = "by", .help = "Columns or expressions, each with ASC or DESC.", .kind = FieldKind::Ordering, .required = true, .example = Json::array({Json::string("n DESC"), Json::string("word")})})
        .field(&Options::count, {.name = "count", .help = "How many rows are kept.", .kind = FieldKind::Integer, .fallback = Json::integer(10), .unit = "rows", .least = 0, .example = Json::integer(10)})
        .check([](const Options& o) {
            std::vector<FieldError> errors;
            if (o.by.empty()) errors.push_back({"by", "by is empty", "name a column, for example \"n DESC\""});
            return errors;
        })
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            if (auto order = RowOrder::compile(o.by, in.only()); !order) return order.error();
            return in.only();
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Top>> {
            auto order = RowOrder::compile(o.by, in.only());
            if (!order) return order.error();
            return std::make_unique<Top>(std::move(*order), static_cast<size_t>(o.count), in.only());
        });
}

}
