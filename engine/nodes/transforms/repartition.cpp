#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"

namespace streamwright {

namespace {

struct Options {
    int64_t partitions = 1;
};

// Row i of the batch goes to partition i mod n.
class RepartitionWork final : public BatchWork {
public:
    RepartitionWork(uint32_t partitions, const BatchContext& context, size_t workers) : partitions_(partitions), context_(context), gathered_(workers) {}

    void consume(size_t, const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }
    void prepare() override
    {
        size_t rows = 0;
        for (Morsel& morsel : gathered_.take()) {
            starts_.push_back(rows);
            rows += morsel.batch->rows();
            morsels_.push_back(std::move(morsel.batch));
        }
    }
    size_t parts() const override { return partitions_; }

    void finish(size_t part, Emitter& out) override
    {
        std::vector<uint32_t> rows;
        for (size_t m = 0; m < morsels_.size(); ++m) {
            context_.stop->check();
            rows.clear();
            for (size_t row = (part + partitions_ - starts_[m] % partitions_) % partitions_; row < morsels_[m]->rows(); row += partitions_) rows.push_back(static_cast<uint32_t>(row));
            if (!rows.empty()) out.emit(gather(*morsels_[m], rows), 0, static_cast<uint32_t>(part));
        }
    }

private:
    uint32_t partitions_;
    const BatchContext& context_;
    GatheredRows gathered_;
    std::vector<BatchPtr> morsels_;
    std::vector<size_t> starts_;    // number of each morsel's first row in the batch
};

class Repartition final : public BatchOperator {
public:
    explicit Repartition(uint32_t partitions) : partitions_(partitions) {}
    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const override { return std::make_unique<RepartitionWork>(partitions_, context, workers); }
    uint32_t partitions() const override { return partitions_; }

private:
    uint32_t partitions_;
};

constexpr int64_t kMostPartitions = 10'000;

}

NodeType repartitionNode()
{
    return Declare<Options>("repartition", Group::Transform)
        .summary("Spread the rows over a number of partitions.")
        .help("Row i of a batch goes to partition i mod n. Partitions decide how many part files sink.text_files writes; how many "
              "threads work is the setting `parallelism`, and the result is the same for any number.")
        .input("in").output("out")
        .field(&Options::partitions, {.name = "partitions", .help = "How many partitions the output has.", .kind = FieldKind::Integer, .required = true, .least = 1, .most = kMostPartitions, .example = Json::integer(10)})
        .schema([](const Options&, const Inputs& in, const PlanContext&) -> Checked<Schema> { return in.only(); })
        .make([](const Options& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Repartition>> { return std::make_unique<Repartition>(static_cast<uint32_t>(o.partitions)); });
}

}
