#include "engine/nodes/sinks/shared/live_sink.h"

#include "engine/columns/builder.h"
#include "engine/columns/print.h"
#include "engine/dataflow/gathered_rows.h"

#include <map>
#include <mutex>

namespace streamwright {

namespace {

SchemaPtr shownSchema(const Schema& input, const LiveSinkOptions& options)
{
    std::vector<Field> fields = input.fields();
    if (options.addTime) fields.insert(fields.begin(), {options.layout.x, TypeKind::Timestamp});
    return std::make_shared<const Schema>(std::move(fields));
}

class Live final : public Sink {
public:
    Live(const Schema& input, LiveSinkOptions options) : schema_(shownSchema(input, options)), addTime_(options.addTime), report_(options.report)
    {
        view_ = std::make_shared<LiveView>(std::move(options.layout), schema_, std::move(options.keep));
    }

    Result<void> open(const SinkContext& context) override
    {
        node_ = context.node;
        return {};
    }
    std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t, size_t workers) override { return std::make_unique<Work>(*this, context, workers); }

    Result<void> publish(const Pending& pending) override
    {
        std::vector<BatchPtr> rows;
        {
            const std::scoped_lock lock(mutex_);
            // Nothing was staged by this process: an epoch from before a crash is not shown again.
            const auto staged = staged_.find(pending.epoch.value);
            if (staged != staged_.end()) rows = std::move(staged->second);
            staged_.erase(staged_.begin(), staged_.upper_bound(pending.epoch.value));
        }
        if (!rows.empty()) view_->publish(pending.epoch.value, pending.batchTime, rows);
        return {};
    }

    void close() override
    {
        if (!report_) return;
        const LiveContent shown = view_->content();
        fmt::print("{}: {} rows after batch {}\n", node_.name, shown.rows->rows(), shown.batch);
        for (size_t row = 0; row < shown.rows->rows(); ++row) {
            std::string text;
            appendPrintRow(*shown.rows, row, "UTC", text);
            fmt::print("{}\n", text);
        }
    }

    std::shared_ptr<const LiveView> live() const override { return view_; }
    bool onlyShows() const override { return true; }
    std::string description() const override { return "dashboard"; }

private:
    class Work final : public SinkWork {
    public:
        Work(Live& sink, const BatchContext& context, size_t workers) : sink_(sink), time_(context.batchTime), gathered_(workers) {}
        void consume(const Morsel& in, size_t worker, Emitter&) override
        {
            if (in.batch->rows() > 0) gathered_.add(in, worker);
        }

        Result<std::optional<std::string>> stage(Epoch epoch) override
        {
            std::vector<BatchPtr> rows;
            for (const Morsel& morsel : gathered_.take()) rows.push_back(sink_.addTime_ ? withTime(*morsel.batch) : morsel.batch);
            if (rows.empty()) return std::optional<std::string>();
            const std::scoped_lock lock(sink_.mutex_);
            sink_.staged_[epoch.value] = std::move(rows);
            return std::optional<std::string>("");
        }

    private:
        BatchPtr withTime(const Batch& batch) const
        {
            FixedBuilder<int64_t> times;
            std::fill_n(times.extend(batch.rows()), batch.rows(), time_.micros);
            std::vector<ColumnPtr> columns{columnFrom(TypeKind::Timestamp, times)};
            columns.insert(columns.end(), batch.columns().begin(), batch.columns().end());
            return makeBatch(sink_.schema_, std::move(columns), batch.rows());
        }

        Live& sink_;
        Timestamp time_;
        GatheredRows gathered_;
    };

    SchemaPtr schema_;
    bool addTime_, report_;
    NodeId node_;
    std::shared_ptr<LiveView> view_;
    std::mutex mutex_;
    std::map<int64_t, std::vector<BatchPtr>> staged_;   // by epoch, until it is published
};

}

std::unique_ptr<Sink> liveSink(const Schema& input, LiveSinkOptions options) { return std::make_unique<Live>(input, std::move(options)); }

std::string timeColumn(const Schema& input)
{
    std::string name = "batch_time";
    while (input.indexOf(name)) name += '_';
    return name;
}

}
