#include "engine/nodes/windows/shared/window_work.h"

#include "engine/columns/builder.h"
#include "engine/dataflow/change_set.h"
#include "engine/nodes/windows/shared/pane_maker.h"
#include "engine/nodes/windows/shared/window_totals.h"

namespace streamwright {

namespace {

class WindowWork final : public BatchWork {
public:
    WindowWork(const WindowAggregation& node, const PaneColumns& columns, const BatchContext& context, Panes& panes, KeyedTable* totals, KeyedTable* counted, size_t workers)
        : node_(node), columns_(columns), context_(context), panes_(panes), totals_(totals), counted_(counted), maker_(node, context_, workers)
    {
    }

    void consume(size_t, const Morsel& in, size_t worker, Emitter& rejects) override
    {
        came_.store(true, std::memory_order_relaxed);
        maker_.consume(in, worker, rejects);
    }
    void prepare() override
    {
        maker_.close();
        if (totals_ && node_.frame.emits(context_)) countPanes();
    }
    size_t parts() const override { return kPartitions; }

    void finish(size_t part, Emitter& out) override
    {
        const auto partition = static_cast<uint32_t>(part);
        const PaneMaker::Pane pane = maker_.make(partition, out);
        if (totals_) withTotals(partition, pane, out);
        else withKeys(partition, pane, out);
    }

private:
    BatchPtr paneBatch(const PaneMaker::Pane& pane, ColumnPtr sequence) const
    {
        std::vector<ColumnPtr> columns{std::move(sequence)};
        for (const ColumnPtr& column : pane.keyColumns) columns.push_back(compact(*column));
        for (const ColumnPtr& column : pane.partials) columns.push_back(compact(*column));
        return makeBatch(panes_.rowSchema(), std::move(columns), pane.keys.size());
    }

    // Keys leave with their last row.
    void withKeys(uint32_t partition, const PaneMaker::Pane& pane, Emitter& out)
    {
        const bool keep = !pane.keys.empty() && node_.frame.holds(context_);
        const bool idle = panes_.panes(partition).empty() && !keep;
        if (idle) return;
        WindowKeys& keys = keysOf(partition);
        if (keep) {
            const BatchPtr rows = paneBatch(pane, keys.number(pane.keys, pane.hashes));
            panes_.append(partition, context_.batchTime, rows);
            keys.enter(*rows);
        }
        while (!panes_.panes(partition).empty() && panes_.panes(partition).front().time <= node_.frame.before(context_)) {
            const Panes::Pane& oldest = panes_.panes(partition).front();
            keys.leave(oldest.batches.size() == 1 ? *oldest.batches.front() : *concatenate(panes_.rowSchema(), oldest.batches));
            panes_.dropUntil(partition, oldest.time);
        }
        if (!node_.frame.emits(context_)) return;
        WindowKeys::Results results = keys.results();
        if (results.keys.empty()) return;
        std::vector<Type> types;
        for (const Field& key : node_.keys.fields()) types.push_back(key.type);
        std::vector<ColumnPtr> columns = decodeKeys(results.keys, types);
        columns.insert(columns.end(), results.columns.begin(), results.columns.end());
        const BatchPtr batch = makeBatch(node_.output, std::move(columns), results.keys.size());
        emitResults(node_, context_, batch, std::move(results.errors), out);
    }

    WindowKeys& keysOf(uint32_t partition)
    {
        std::unique_ptr<Panes::Derived>& derived = panes_.derived(partition);
        if (!derived) derived = std::make_unique<WindowKeys>(columns_, node_.calls, panes_.panes(partition));
        return static_cast<WindowKeys&>(*derived);
    }

    // An idle window writes nothing: without new panes the note stays as it is.
    void countPanes()
    {
        CountedPanes noted(*counted_);
        // A checkpoint of before these notes: then the last slide tells it.
        const Timestamp before = totals_->untouched() ? Timestamp{std::numeric_limits<int64_t>::min()} : context_.batchTime - node_.frame.slide;
        countedUntil_ = noted.until().value_or(before);
        bool fresh = came_;
        for (uint32_t partition = 0; partition < kPartitions && !fresh; ++partition) fresh = !panes_.panes(partition).empty() && panes_.panes(partition).back().time > countedUntil_;
        if (fresh) noted.note(context_.batchTime);
    }

    // Keys stay: what a slide changes is the panes that are not in the totals yet and those that go now.
    void withTotals(uint32_t partition, const PaneMaker::Pane& pane, Emitter& out)
    {
        if (!pane.keys.empty() && node_.frame.holds(context_)) panes_.append(partition, context_.batchTime, paneBatch(pane, repeated(TypeKind::BigInt, int64_t{0}, pane.keys.size())));
        if (node_.frame.emits(context_)) {
            WindowTotals totals(node_, columns_, partition, *totals_);
            totals.slide(panes_.panes(partition), countedUntil_, node_.frame.before(context_));
            panes_.dropUntil(partition, node_.frame.before(context_));
            totals.emit(context_, out);
        }
        totals_->seal(partition);
    }

    const WindowAggregation& node_;
    const PaneColumns& columns_;
    BatchContext context_;
    Panes& panes_;
    KeyedTable* totals_;
    KeyedTable* counted_;
    Timestamp countedUntil_;
    std::atomic<bool> came_{false};
    PaneMaker maker_;
};

}

std::unique_ptr<BatchWork> makeWindowWork(const WindowAggregation& node, const PaneColumns& columns, const BatchContext& context, Panes& panes, KeyedTable* totals, KeyedTable* counted, size_t workers)
{
    return std::make_unique<WindowWork>(node, columns, context, panes, totals, counted, workers);
}

}
