#include "engine/flow/stand_ins.h"

#include "engine/dataflow/declare.h"

namespace streamwright {

namespace {

struct InputOptions {
    Schema schema;
    std::string input;
};

// Batch n gives the n-th rows: which one follows from the batch time, so that empty batches leave no range.
class FlowSource final : public ReplayableSource {
public:
    FlowSource(std::shared_ptr<const FlowInputs> inputs, const std::string& input) : inputs_(std::move(inputs))
    {
        if (const auto found = inputs_->batches.find(input); found != inputs_->batches.end()) batches_ = &found->second;
    }

    Result<void> open(const SourceContext& context) override
    {
        start_ = context.start;
        return {};
    }

    Result<Range> plan(const Offset& from, const ReadLimit&, Timestamp batchTime) override
    {
        const int64_t index = (batchTime - start_).micros / inputs_->interval.micros - 1;
        if (!batches_ || index < 0 || index >= static_cast<int64_t>(batches_->size()) || !batchAt(index)) return Range{from, from, {}, 0};
        return Range{from, Offset{std::to_string(index + 1)}, {}, static_cast<int64_t>(batchAt(index)->rows())};
    }

    size_t pieces(const Range&) const override { return kPieces; }

    Result<void> read(const Range& range, size_t piece, const BatchContext&, Emitter& out) override
    {
        const BatchPtr& batch = batchAt(std::stoll(range.until.text) - 1);
        const size_t from = batch->rows() * piece / kPieces, until = batch->rows() * (piece + 1) / kPieces;
        if (from < until) out.emit(slice(batch, from, until - from));
        return {};
    }

    bool ended(const Offset&) const override { return false; }
    std::string description() const override { return "rows of a flow"; }

private:
    static constexpr size_t kPieces = 3;
    const BatchPtr& batchAt(int64_t index) const { return (*batches_)[static_cast<size_t>(index)]; }

    std::shared_ptr<const FlowInputs> inputs_;
    const std::vector<BatchPtr>* batches_ = nullptr;
    Timestamp start_;
};

struct NoOptions {};

class FlowSinkImpl final : public Sink {
public:
    Result<void> open(const SinkContext&) override { return {}; }
    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t) override { return std::make_unique<Work>(); }
    Result<void> publish(const Pending&) override { return {}; }
    std::string description() const override { return "flow"; }

private:
    class Work final : public SinkWork {
    public:
        void consume(const Morsel&, size_t, Emitter&) override {}
        Result<std::optional<std::string>> stage(Epoch) override { return std::optional<std::string>(); }
    };
};

}

NodeType flowInput(std::shared_ptr<const FlowInputs> inputs)
{
    return Declare<InputOptions>(std::string(kFlowInput), Group::Source)
        .summary("Give the rows of a flow.")
        .output("out")
        .rejects()
        .field(&InputOptions::schema, {.name = "schema", .help = "The columns.", .kind = FieldKind::Schema, .required = true})
        .field(&InputOptions::input, {.name = "input", .help = "Whose rows.", .required = true})
        .schema([](const InputOptions& o, const Inputs&, const PlanContext&) -> Checked<Schema> { return o.schema; })
        .make([inputs](const InputOptions& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<ReplayableSource>> {
            return std::unique_ptr<ReplayableSource>(std::make_unique<FlowSource>(inputs, o.input));
        });
}

NodeType flowSink()
{
    return Declare<NoOptions>(std::string(kFlowSink), Group::Sink)
        .summary("Show a flow what reaches a sink.")
        .input("in")
        .rejects()
        .make([](const NoOptions&, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Sink>> { return std::unique_ptr<Sink>(std::make_unique<FlowSinkImpl>()); });
}

}
