#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/panes.h"
#include "engine/nodes/windows/shared/window_frame.h"

namespace streamwright {

namespace {

struct Options {
    Duration length;
    std::optional<Duration> slide;
};

class WindowWork final : public BatchWork {
public:
    WindowWork(const WindowFrame& frame, const BatchContext& context, Panes& panes, size_t workers) : frame_(frame), context_(context), panes_(panes), rows_(workers) {}

    void consume(size_t, const Morsel& in, size_t worker, Emitter&) override { rows_.add(in, worker); }

    void finish(size_t, Emitter& out) override
    {
        if (frame_.holds(context_)) keep();
        panes_.dropUntil(0, frame_.before(context_));
        if (!frame_.emits(context_)) return;
        for (const Panes::Pane& pane : panes_.panes(0)) {
            for (const BatchPtr& batch : pane.batches) {
                if (context_.stop) context_.stop->check();
                for (size_t from = 0; from < batch->rows(); from += kVectorRows) out.emit(slice(batch, from, std::min(kVectorRows, batch->rows() - from)));
            }
        }
    }

private:
    // The batch's rows with text of their own, so that a window holds no input buffers.
    void keep()
    {
        std::vector<BatchPtr> batches;
        for (const Morsel& morsel : rows_.take()) batches.push_back(morsel.batch);
        const BatchPtr all = concatenate(panes_.rowSchema(), batches);
        std::vector<ColumnPtr> columns;
        for (const ColumnPtr& column : all->columns()) columns.push_back(compact(*column));
        panes_.append(0, context_.batchTime, makeBatch(panes_.rowSchema(), std::move(columns), all->rows()));
    }

    const WindowFrame& frame_;
    BatchContext context_;
    Panes& panes_;
    GatheredRows rows_;
};

class Window final : public BatchOperator {
public:
    Window(WindowFrame frame, Schema schema) : frame_(frame), schema_(std::move(schema)) {}

    std::vector<std::unique_ptr<State>> makeStates() const override
    {
        std::vector<std::unique_ptr<State>> states;
        states.push_back(std::make_unique<Panes>(Panes::Shape{"panes", schema_.fields(), {}}));
        return states;
    }
    bool emits(const BatchContext& context) const override { return frame_.emits(context); }

    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>> states, size_t workers) const override
    {
        return std::make_unique<WindowWork>(frame_, context, static_cast<Panes&>(*states.front()), workers);
    }

private:
    WindowFrame frame_;
    Schema schema_;
};

}

NodeType windowNode()
{
    return Declare<Options>("window", Group::Window)
        .summary("Put out the rows of the last batches together.")
        .help("At every slide the rows of all batches in the window, oldest first. The first windows are partial.")
        .input("in").output("out").needsInterval().stateful()
        .field(&Options::length, lengthField())
        .field(&Options::slide, slideField()).slides(&Options::slide)
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            auto frame = windowFrame(o.length, o.slide, in);
            if (!frame) return frame.error();
            return in.only();
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Window>> {
            auto frame = windowFrame(o.length, o.slide, in);
            if (!frame) return frame.error();
            return std::make_unique<Window>(*frame, in.only());
        });
}

}
