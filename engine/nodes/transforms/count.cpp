#include "engine/columns/builder.h"
#include "engine/dataflow/declare.h"

namespace streamwright {

namespace {

struct Options {
    std::string as = "count";
};

class CountWork final : public BatchWork {
public:
    CountWork(SchemaPtr output, size_t workers) : output_(std::move(output)), counts_(workers) {}

    void consume(size_t, const Morsel& in, size_t worker, Emitter&) override { counts_[worker].rows += static_cast<int64_t>(in.batch->rows()); }
    void finish(size_t, Emitter& out) override
    {
        int64_t rows = 0;
        for (const Count& count : counts_) rows += count.rows;
        out.emit(makeBatch(output_, {columnOf(TypeKind::BigInt, std::vector<Value>{{rows}})}, 1));
    }

private:
    struct alignas(64) Count {
        int64_t rows = 0;
    };
    SchemaPtr output_;
    std::vector<Count> counts_;
};

class Count final : public BatchOperator {
public:
    explicit Count(const std::string& as) : output_(std::make_shared<const Schema>(std::vector<Field>{{as, TypeKind::BigInt}})) {}
    std::unique_ptr<BatchWork> begin(const BatchContext&, std::span<const std::unique_ptr<State>>, size_t workers) const override { return std::make_unique<CountWork>(output_, workers); }

private:
    SchemaPtr output_;
};

}

NodeType countNode()
{
    return Declare<Options>("count", Group::Transform)
        .summary("Count the rows of each batch.")
        .help("One row per batch, 0 for a batch without rows.")
        .input("in").output("out")
        .field(&Options::as, {.name = "as", .help = "Name of the count's column.", .kind = FieldKind::Text, .fallback = Json::string("count"), .example = Json::string("n")})
        .schema([](const Options& o, const Inputs&, const PlanContext&) -> Checked<Schema> { return Schema({{o.as, TypeKind::BigInt}}); })
        .make([](const Options& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Count>> { return std::make_unique<Count>(o.as); });
}

}
