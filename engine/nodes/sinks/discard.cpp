#include "engine/columns/row_keys.h"
#include "engine/dataflow/declare.h"

#include <atomic>
#include <fmt/core.h>

namespace streamwright {

namespace {

struct Options {
    bool report = false;
};

// Order-independent: the sum over all rows of the hash of the row.
class Discard final : public Sink {
public:
    explicit Discard(bool report) : report_(report) {}

    Result<void> open(const SinkContext& context) override
    {
        node_ = context.node;
        return {};
    }

    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t workers) override { return std::make_unique<Work>(*this, workers); }
    Result<void> publish(const Pending&) override { return {}; }

    void close() override
    {
        if (report_) fmt::print("{}: {} rows, checksum {:016x}\n", node_.name, rows_, checksum_);
    }

    std::string description() const override { return "discard"; }

private:
    struct alignas(64) Tally {
        int64_t rows = 0;
        uint64_t checksum = 0;
    };

    class Work final : public SinkWork {
    public:
        Work(Discard& sink, size_t workers) : sink_(sink), tallies_(workers) {}

        void consume(const Morsel& in, size_t worker, Emitter&) override
        {
            Tally& tally = tallies_[worker];
            tally.rows += static_cast<int64_t>(in.batch->rows());
            for (const uint64_t hash : rowHashes(in.batch->columns(), in.batch->rows())) tally.checksum += mix(hash, 0x9E3779B97F4A7C15ull);
        }

        Result<std::optional<std::string>> stage(Epoch) override
        {
            for (const Tally& tally : tallies_) {
                sink_.rows_ += tally.rows;
                sink_.checksum_ += tally.checksum;
            }
            tallies_.assign(tallies_.size(), {});
            return std::optional<std::string>();
        }

    private:
        Discard& sink_;
        std::vector<Tally> tallies_;
    };

    bool report_;
    NodeId node_;
    int64_t rows_ = 0;
    uint64_t checksum_ = 0;
};

}

NodeType discardSink()
{
    return Declare<Options>("sink.discard", Group::Sink)
        .summary("Count the rows and a checksum, and keep nothing.")
        .help("For measuring, and for streams whose effect is their state. The checksum does not depend on the order of the rows.")
        .input("in")
        .afterRewind("nothing was written; the rows are counted again")
        .guarantee(Guarantee::AtLeastOnce)
        .field(&Options::report, {.name = "report", .help = "Print the rows and the checksum when the run ends.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false)})
        .make([](const Options& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Sink>> { return std::unique_ptr<Sink>(std::make_unique<Discard>(o.report)); });
}

}
