#include "engine/columns/builder.h"
#include "engine/dataflow/panes.h"
#include "engine/nodes/windows/shared/window_frame.h"

namespace streamwright {

namespace {

struct Options {
    Duration length;
    std::optional<Duration> slide;
    std::string as = "count";
};

// One pane a batch, of one row: how many rows came.
class CountWork final : public BatchWork {
public:
    CountWork(const WindowFrame& frame, const SchemaPtr& output, const BatchContext& context, Panes& panes, size_t workers)
        : frame_(frame), output_(output), context_(context), panes_(panes), counts_(workers)
    {
    }

    void consume(size_t, const Morsel& in, size_t worker, Emitter&) override { counts_[worker].rows += static_cast<int64_t>(in.batch->rows()); }

    void finish(size_t, Emitter& out) override
    {
        int64_t count = 0;
        for (const Count& ours : counts_) count += ours.rows;
        if (count > 0 && frame_.holds(context_)) panes_.append(0, context_.batchTime, rowOf(panes_.rowSchema(), count));
        panes_.dropUntil(0, frame_.before(context_));
        if (!frame_.emits(context_)) return;
        int64_t total = 0;
        for (const Panes::Pane& pane : panes_.panes(0)) total += pane.batches.front()->column(0)->value<int64_t>(0);
        out.emit(rowOf(output_, total));
    }

private:
    struct alignas(64) Count {
        int64_t rows = 0;
    };

    static BatchPtr rowOf(const SchemaPtr& schema, int64_t count) { return makeBatch(schema, {columnOf(TypeKind::BigInt, std::vector<Value>{{count}})}, 1); }

    const WindowFrame& frame_;
    const SchemaPtr& output_;
    BatchContext context_;
    Panes& panes_;
    std::vector<Count> counts_;
};

class CountByWindow final : public BatchOperator {
public:
    CountByWindow(WindowFrame frame, std::string as) : frame_(frame), output_(std::make_shared<const Schema>(std::vector<Field>{{std::move(as), TypeKind::BigInt}})) {}

    std::vector<std::unique_ptr<State>> makeStates() const override
    {
        std::vector<std::unique_ptr<State>> states;
        states.push_back(std::make_unique<Panes>(Panes::Shape{"panes", {{"count", TypeKind::BigInt}}, {}}));
        return states;
    }
    bool emits(const BatchContext& context) const override { return frame_.emits(context); }

    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>> states, size_t workers) const override
    {
        return std::make_unique<CountWork>(frame_, output_, context, static_cast<Panes&>(*states.front()), workers);
    }

private:
    WindowFrame frame_;
    SchemaPtr output_;
};

}

NodeType countByWindowNode()
{
    return Declare<Options>("count_by_window", Group::Window)
        .summary("Count the rows of the last batches.")
        .help("One row at every slide, 0 for an empty window.")
        .input("in").output("out").needsInterval().stateful()
        .field(&Options::as, {.name = "as", .help = "Name of the count's column.", .kind = FieldKind::Text, .fallback = Json::string("count"), .example = Json::string("n")})
        .field(&Options::length, lengthField())
        .field(&Options::slide, slideField()).slides(&Options::slide)
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            auto frame = windowFrame(o.length, o.slide, in);
            if (!frame) return frame.error();
            return Schema({{o.as, TypeKind::BigInt}});
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<CountByWindow>> {
            auto frame = windowFrame(o.length, o.slide, in);
            if (!frame) return frame.error();
            return std::make_unique<CountByWindow>(*frame, o.as);
        });
}

}
