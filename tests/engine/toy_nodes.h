// Toy nodes for the tests of the runtime: small, deterministic, and able to misbehave on request.
#pragma once
#define QT_NO_EMIT
#include "engine/columns/builder.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/pipeline/document_json.h"
#include "engine/runtime/run.h"

#include <QtGlobal>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>

namespace streamwright {

struct Shared {
    std::mutex mutex;
    std::vector<std::string> lines;     // what the sink published, one per row
    std::vector<int64_t> batchTimes;
    int breakSums = 0;                  // so often throws the node `sums`
    int transientPublishes = 0;         // so often is the sink away
    bool shut = false;                  // the sink's publish waits until it is open
    std::condition_variable opened;
    std::atomic<int64_t> pushed{0};     // rows that the spring's queue has taken
    std::atomic<bool> stalled{false};   // the node `stall` is at work

    void open()
    {
        const std::scoped_lock lock(mutex);
        shut = false;
        opened.notify_all();
    }
};
inline Shared* shared = nullptr;

inline const SchemaPtr kNumbers = std::make_shared<const Schema>(std::vector<Field>{{"k", TypeKind::BigInt}, {"v", TypeKind::BigInt}});

inline BatchPtr numbers(const std::vector<std::pair<int64_t, int64_t>>& rows)
{
    FixedBuilder<int64_t> keys, values;
    for (const auto& [key, value] : rows) keys.push(key), values.push(value);
    std::vector<ColumnPtr> columns{columnFrom(TypeKind::BigInt, keys), columnFrom(TypeKind::BigInt, values)};
    return makeBatch(kNumbers, std::move(columns), rows.size());
}

struct SourceOptions {
    int64_t rows = 100;     // per batch
    int64_t batches = 5;
};

// Row i is (i mod 7, i).
class Numbers final : public ReplayableSource {
public:
    explicit Numbers(SourceOptions options) : options_(options) {}
    Result<void> open(const SourceContext&) override { return {}; }
    Result<Range> plan(const Offset& from, const ReadLimit& limit, Timestamp) override
    {
        const int64_t start = at(from);
        int64_t rows = std::min(options_.rows, options_.rows * options_.batches - start);
        if (limit.rows) rows = std::min(rows, *limit.rows);
        if (rows <= 0) return Range{from, from, {}, 0};
        return Range{from, Offset{std::to_string(start + rows)}, {}, rows};
    }
    size_t pieces(const Range&) const override { return 4; }
    Result<void> read(const Range& range, size_t piece, const BatchContext&, Emitter& out) override
    {
        const int64_t from = at(range.from), rows = at(range.until) - from;
        std::vector<std::pair<int64_t, int64_t>> mine;
        for (int64_t i = rows * static_cast<int64_t>(piece) / 4; i < rows * (static_cast<int64_t>(piece) + 1) / 4; ++i) {
            if ((from + i) % 50 == 49) out.reject({.reason = "a fiftieth", .raw = std::to_string(from + i)});
            else mine.emplace_back((from + i) % 7, from + i);
        }
        out.emit(numbers(mine));
        return {};
    }
    bool ended(const Offset& offset) const override { return at(offset) >= options_.rows * options_.batches; }
    std::string description() const override { return "numbers"; }

private:
    static int64_t at(const Offset& offset) { return offset.text.empty() ? 0 : std::stoll(offset.text); }
    SourceOptions options_;
};

struct SpringOptions {
    int64_t rows = 1000;    // in all
    int64_t step = 10;      // at once
};

// Pushes the lines "0", "1", … as fast as the queue takes them. Row i is (i mod 7, i).
class Spring final : public Receiver {
public:
    explicit Spring(SpringOptions options) : options_(options) {}
    Result<void> receive(RecordQueue& queue) override
    {
        for (int64_t row = 0; row < options_.rows;) {
            std::string lines;
            for (int64_t i = 0; i < options_.step && row < options_.rows; ++i) lines += fmt::format("{}\n", row++);
            if (queue.pushLines(lines) == 0) return {};
            shared->pushed = row;
        }
        return {};
    }
    void decode(std::span<const StringRef> records, const std::vector<Owner>&, const BatchContext&, Emitter& out) const override
    {
        std::vector<std::pair<int64_t, int64_t>> rows;
        for (const StringRef& record : records) {
            const int64_t value = std::stoll(std::string(record.view()));
            rows.emplace_back(value % 7, value);
        }
        out.emit(numbers(rows));
    }
    std::string description() const override { return "spring"; }

private:
    SpringOptions options_;
};

struct AddOptions {
    int64_t amount = 1;
};

class Add final : public RowOperator {
public:
    explicit Add(int64_t amount) : amount_(amount) {}
    void process(const Morsel& in, const BatchContext&, Emitter& out) const override
    {
        std::vector<std::pair<int64_t, int64_t>> rows;
        for (size_t i = 0; i < in.batch->rows(); ++i) {
            const int64_t value = in.batch->column(1)->value<int64_t>(i);
            if (value % 30 == 0) out.reject({.field = "amount", .reason = "a thirtieth", .row = std::to_string(value)});
            else rows.emplace_back(in.batch->column(0)->value<int64_t>(i), value + amount_);
        }
        out.emit(numbers(rows));
    }

private:
    int64_t amount_;
};

// Sums by key over all batches; a plain map as state.
class SumState final : public State {
public:
    const StateLayout& layout() const override { return layout_; }
    void beginBatch() override { before_ = sums_; }
    void rollback() override { sums_ = before_; }
    ChangeSet freeze() override
    {
        std::map<int64_t, int64_t> changed;
        for (const auto& [key, sum] : sums_) {
            if (const auto old = before_.find(key); old == before_.end() || old->second != sum) changed[key] = sum;
        }
        return changed.empty() ? ChangeSet() : ChangeSet{rows(changed)};
    }
    size_t cutSnapshot(size_t) override { return 1; }
    BatchPtr snapshotChunk(size_t) const override { return rows(sums_); }
    Result<void> apply(const Batch& changes) override
    {
        for (size_t i = 0; i < changes.rows(); ++i) sums_[changes.column(0)->value<int64_t>(i)] = changes.column(2)->value<int64_t>(i);
        return {};
    }
    int64_t rows() const override { return static_cast<int64_t>(sums_.size()); }
    int64_t bytes() const override { return rows() * 16; }
    std::map<int64_t, int64_t>& sums() { return sums_; }

private:
    BatchPtr rows(const std::map<int64_t, int64_t>& entries) const
    {
        ColumnBuilder keys(TypeKind::BigInt), deleted(TypeKind::Boolean), sums(TypeKind::BigInt);
        for (const auto& [key, sum] : entries) keys.push<int64_t>(key), deleted.push<uint8_t>(0), sums.push<int64_t>(sum);
        return makeBatch(std::make_shared<const Schema>(layout_.changes), {keys.finish(), deleted.finish(), sums.finish()}, entries.size());
    }
    StateLayout layout_{"state", Schema({{"k", TypeKind::BigInt}, {"deleted", TypeKind::Boolean}, {"sum", TypeKind::BigInt}}), 1, {"k"}};
    std::map<int64_t, int64_t> sums_, before_;
};

struct NoOptions {};

// Works for ever on its first row, as a kernel that asks the stop token from time to time.
class Stall final : public RowOperator {
public:
    void process(const Morsel& in, const BatchContext& context, Emitter& out) const override
    {
        shared->stalled = true;
        while (in.batch->rows() > 0) context.stop->check();
        out.emit(in.batch);
    }
};

// Keeps a mebibyte for every row it gets, until the batch ends.
class Hoard final : public RowOperator {
public:
    void process(const Morsel& in, const BatchContext&, Emitter& out) const override
    {
        std::vector<std::shared_ptr<Buffer>> kept;
        for (size_t i = 0; i < in.batch->rows(); ++i) kept.push_back(Buffer::allocate(1 << 20));
        out.emit(in.batch);
    }
};

class Sums final : public BatchOperator {
public:
    std::vector<std::unique_ptr<State>> makeStates() const override
    {
        std::vector<std::unique_ptr<State>> states;
        states.push_back(std::make_unique<SumState>());
        return states;
    }
    std::unique_ptr<BatchWork> begin(const BatchContext&, std::span<const std::unique_ptr<State>> states, size_t workers) const override
    {
        return std::make_unique<Work>(static_cast<SumState&>(*states[0]), workers);
    }

private:
    class Work final : public BatchWork {
    public:
        Work(SumState& state, size_t workers) : state_(state), gathered_(workers) {}
        void consume(size_t, const Morsel& in, size_t worker, Emitter& rejects) override
        {
            for (size_t i = 0; i < in.batch->rows(); ++i) {
                if (in.batch->column(1)->value<int64_t>(i) % 41 == 0) rejects.reject({.reason = "a forty-first", .row = std::to_string(in.batch->column(1)->value<int64_t>(i))});
            }
            gathered_.add(in, worker);
        }
        void prepare() override { morsels_ = gathered_.take(); }
        size_t parts() const override { return 2; }
        void finish(size_t part, Emitter& out) override
        {
            if (part == 0) return;
            std::vector<std::pair<int64_t, int64_t>> rows;
            for (const Morsel& morsel : morsels_) {
                for (size_t i = 0; i < morsel.batch->rows(); ++i) {
                    const int64_t key = morsel.batch->column(0)->value<int64_t>(i);
                    rows.emplace_back(key, state_.sums()[key] += morsel.batch->column(1)->value<int64_t>(i));
                }
            }
            if (shared->breakSums > 0 && shared->breakSums-- > 0) throw std::runtime_error("the toy is broken");
            out.emit(numbers(rows));
        }

    private:
        SumState& state_;
        GatheredRows gathered_;
        std::vector<Morsel> morsels_;
    };
};

// Publishes rows as text; staged in the outbox.
class Collect final : public Sink {
public:
    Result<void> open(const SinkContext&) override { return {}; }
    std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t, size_t workers) override { return std::make_unique<Work>(context, workers); }
    bool usesOutbox() const override { return true; }
    Result<void> publish(const Pending& pending) override
    {
        std::unique_lock lock(shared->mutex);
        shared->opened.wait(lock, [] { return !shared->shut; });
        if (shared->transientPublishes > 0 && shared->transientPublishes-- > 0) return transient("the toy is away");
        shared->lines.push_back(std::to_string(pending.epoch.value) + ": " + pending.staged);
        shared->batchTimes.push_back(pending.batchTime.micros);
        return {};
    }
    std::string description() const override { return "collect"; }

private:
    class Work final : public SinkWork {
    public:
        Work(const BatchContext&, size_t workers) : gathered_(workers) {}
        void consume(const Morsel& in, size_t worker, Emitter&) override { gathered_.add(in, worker); }
        Result<std::optional<std::string>> stage(Epoch) override
        {
            std::string text;
            for (const Morsel& morsel : gathered_.take()) {
                for (size_t i = 0; i < morsel.batch->rows(); ++i) {
                    for (const ColumnPtr& column : morsel.batch->columns()) text += column->isNull(i) ? "-," : column->type().is(TypeKind::BigInt) || column->type().is(TypeKind::Timestamp) ? std::to_string(column->value<int64_t>(i)) + "," : std::string(column->text(i).view()) + ",";
                }
            }
            if (text.empty()) return std::optional<std::string>();
            return std::optional(text);
        }

    private:
        GatheredRows gathered_;
    };
};

template <class T, class... Arguments>
auto making(Arguments... arguments)
{
    return [arguments...](const auto&, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<T>> { return std::make_unique<T>(arguments...); };
}

inline void addToys(Catalog& catalog)
{
    const auto same = [](const auto&, const Inputs&, const PlanContext&) -> Checked<Schema> { return *kNumbers; };
    catalog.add(Declare<SourceOptions>("source.numbers", Group::Source).summary("Count.").output("out").rejects()
                    .field(&SourceOptions::rows, {.name = "rows", .help = "Rows.", .kind = FieldKind::Integer})
                    .field(&SourceOptions::batches, {.name = "batches", .help = "Batches.", .kind = FieldKind::Integer})
                    .schema(same)
                    .make([](const SourceOptions& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<ReplayableSource>> { return std::make_unique<Numbers>(o); }));
    catalog.add(Declare<SpringOptions>("source.spring", Group::Source).summary("Flow.").output("out").rejects()
                    .field(&SpringOptions::rows, {.name = "rows", .help = "Rows.", .kind = FieldKind::Integer})
                    .field(&SpringOptions::step, {.name = "step", .help = "Rows at once.", .kind = FieldKind::Integer})
                    .schema(same)
                    .make([](const SpringOptions& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<Receiver>> { return std::make_unique<Spring>(o); }));
    catalog.add(Declare<NoOptions>("stall", Group::Transform).summary("Stall.").input("in").output("out").schema(same).make(making<Stall>()));
    catalog.add(Declare<NoOptions>("hoard", Group::Transform).summary("Hoard.").input("in").output("out").schema(same).make(making<Hoard>()));
    catalog.add(Declare<AddOptions>("add", Group::Transform).summary("Add.").input("in").output("out").rejects()
                    .field(&AddOptions::amount, {.name = "amount", .help = "Amount.", .kind = FieldKind::Integer})
                    .schema(same)
                    .make([](const AddOptions& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<RowOperator>> { return std::make_unique<Add>(o.amount); }));
    catalog.add(Declare<NoOptions>("sums", Group::State).summary("Sum.").inputs("in").output("out").rejects().stateful().schema(same).make(making<Sums>()));
    catalog.add(Declare<NoOptions>("sink.collect", Group::Sink).summary("Collect.").inputs("in").make(making<Collect>()));
}

// A pipeline of built-in and toy nodes.
inline CheckedPipeline checkedOf(const std::string& text, const Catalog& catalog)
{
    const DocumentRead read = readDocument(text);
    CheckedPipeline checked = check(*read.document, catalog, {});
    for (const Diagnostic& diagnostic : checked.diagnostics) {
        if (diagnostic.severity == Severity::Error) qWarning("%s", describe(diagnostic, "pipeline").c_str());
    }
    return checked;
}

inline RunOptions virtualRun(size_t workers = 1, size_t vectorRows = kVectorRows)
{
    RunOptions options;
    options.virtualClock = true;
    options.workers = workers;
    options.vectorRows = vectorRows;
    return options;
}

}
