#include "engine/columns/row_keys.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"

namespace streamwright {

namespace {

struct Options {
    double fraction = 0.1;
    int64_t seed = 0;
};

// Whether a row is kept depends on the seed, the batch time and the row's number in the batch alone.
class SampleWork final : public BatchWork {
public:
    SampleWork(const Options& options, const BatchContext& context, size_t workers)
        : limit_(static_cast<uint64_t>(options.fraction * 0x1p63) * 2), all_(options.fraction >= 1), context_(context), gathered_(workers),
          seed_(mix(static_cast<uint64_t>(options.seed) ^ 0x9E3779B97F4A7C15ull, static_cast<uint64_t>(context.batchTime.micros) | 1))
    {
    }

    void consume(size_t, const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }
    void finish(size_t, Emitter& out) override
    {
        uint64_t number = 0;
        std::vector<uint32_t> kept;
        for (const Morsel& morsel : gathered_.take()) {
            context_.stop->check();
            kept.clear();
            for (uint32_t row = 0; row < morsel.batch->rows(); ++row) {
                if (all_ || mix(seed_ ^ ++number, 0xE7037ED1A0B428DBull) < limit_) kept.push_back(row);
            }
            if (!kept.empty()) out.emit(gather(*morsel.batch, kept));
        }
    }

private:
    uint64_t limit_;
    bool all_;
    const BatchContext& context_;
    GatheredRows gathered_;
    uint64_t seed_;
};

class Sample final : public BatchOperator {
public:
    explicit Sample(const Options& options) : options_(options) {}
    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const override { return std::make_unique<SampleWork>(options_, context, workers); }

private:
    Options options_;
};

}

NodeType sampleNode()
{
    return Declare<Options>("sample", Group::Transform)
        .summary("Keep a random part of the rows.")
        .help("Each row is kept with the probability `fraction`, so the size of the sample varies. The same seed and batch times give the same sample.")
        .input("in").output("out")
        .field(&Options::fraction, {.name = "fraction", .help = "Probability with which a row is kept, from 0 to 1.", .kind = FieldKind::Number, .required = true, .least = 0, .most = 1, .example = Json::number("0.1")})
        .field(&Options::seed, {.name = "seed", .help = "Another seed gives another sample.", .kind = FieldKind::Integer, .fallback = Json::integer(0), .example = Json::integer(42)})
        .schema([](const Options&, const Inputs& in, const PlanContext&) -> Checked<Schema> { return in.only(); })
        .make([](const Options& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Sample>> { return std::make_unique<Sample>(o); });
}

}
