#include "engine/columns/builder.h"
#include "engine/columns/print.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"

#include <cstdio>

namespace streamwright {

namespace {

struct Options {
    int64_t rows = 10;
};

constexpr std::string_view kRule = "-------------------------------------------\n";
constexpr size_t kLinesShown = 1000;

SchemaPtr linesSchema()
{
    static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"line", TypeKind::String}});
    return schema;
}

// Of a long print its end: the view keeps no more.
BatchPtr linesOf(std::string_view text)
{
    size_t from = text.size();
    for (size_t line = 0; line <= kLinesShown && from > 0 && from != std::string_view::npos; ++line) from = text.rfind('\n', from - 1);
    if (from != std::string_view::npos) text.remove_prefix(from);
    ColumnBuilder lines(TypeKind::String);
    size_t rows = 0;
    for (size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1), ++rows) lines.pushText(text.substr(0, end));
    return makeBatch(linesSchema(), {lines.finish()}, rows);
}

// Spark's DStream print() in Scala: a frame for every batch, also an empty one; `...` when there is more.
class Console final : public Sink {
public:
    explicit Console(int64_t rows) : rows_(static_cast<size_t>(rows)), view_(std::make_shared<LiveView>(LiveLayout{.kind = LiveLayout::Kind::Text}, linesSchema(), LiveKeep{.how = LiveKeep::How::Append, .most = kLinesShown})) {}

    Result<void> open(const SinkContext&) override { return {}; }
    std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t, size_t workers) override { return std::make_unique<Work>(rows_, context, workers); }

    Result<void> publish(const Pending& pending) override
    {
        if (std::fwrite(pending.staged.data(), 1, pending.staged.size(), stdout) != pending.staged.size() || std::fflush(stdout) != 0) {
            return permanent("the console cannot be written to (is the reader of the pipe gone?)");
        }
        const BatchPtr lines = linesOf(pending.staged);
        view_->publish(pending.epoch.value, pending.batchTime, std::span(&lines, 1));
        return {};
    }

    // The console of a designer is its dashboard.
    std::shared_ptr<const LiveView> live() const override { return view_; }
    std::string description() const override { return "console"; }

private:
    class Work final : public SinkWork {
    public:
        Work(size_t rows, const BatchContext& context, size_t workers) : rows_(rows), context_(context), gathered_(workers) {}

        void consume(const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }

        Result<std::optional<std::string>> stage(Epoch) override
        {
            std::string text(kRule);
            text += "Time: " + std::to_string(context_.batchTime.millis()) + " ms\n";
            text += kRule;
            size_t printed = 0;
            bool more = false;
            for (const Morsel& morsel : gathered_.take()) {
                for (size_t row = 0; row < morsel.batch->rows() && !more; ++row) {
                    more = printed == rows_;
                    if (more) break;
                    appendPrintRow(*morsel.batch, row, context_.timeZone, text);
                    text += '\n';
                    ++printed;
                }
            }
            text += more ? "...\n\n" : "\n";
            return std::optional<std::string>(std::move(text));
        }

    private:
        size_t rows_;
        BatchContext context_;
        GatheredRows gathered_;
    };

    size_t rows_;
    std::shared_ptr<LiveView> view_;
};

}

NodeType consoleSink()
{
    return Declare<Options>("sink.console", Group::Sink)
        .summary("Print the first rows of every batch, as Spark's print().")
        .help("At least once: after a crash the frame of the last batch may be printed again. The designer shows the print on the dashboard.")
        .input("in")
        .afterRewind("what was printed stays; it is printed again")
        .guarantee(Guarantee::AtLeastOnce)
        .live()
        .field(&Options::rows, {.name = "rows", .help = "How many rows of each batch are printed.", .kind = FieldKind::Integer, .fallback = Json::integer(10), .unit = "rows", .least = 0, .example = Json::integer(20)})
        .make([](const Options& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Sink>> { return std::unique_ptr<Sink>(std::make_unique<Console>(o.rows)); });
}

}
