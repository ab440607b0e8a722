// The runtime on toy nodes: the same bytes with any workers and vectors, resume after every step, triggers,
// rates, failures.
#define QT_NO_EMIT
#include "engine/columns/builder.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/pipeline/document_json.h"
#include "engine/runtime/backpressure.h"
#include "engine/runtime/receiver_source.h"
#include "engine/runtime/run.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/triggers.h"

#include <QTemporaryDir>
#include <QTest>

using namespace streamwright;

namespace {

struct Shared {
    std::mutex mutex;
    std::vector<std::string> lines;     // what the sink published, one per row
    std::vector<int64_t> batchTimes;
    int breakSums = 0;                  // so often throws the node `sums`
    int transientPublishes = 0;         // so often is the sink away
};
Shared* shared = nullptr;

const SchemaPtr kNumbers = std::make_shared<const Schema>(std::vector<Field>{{"k", TypeKind::BigInt}, {"v", TypeKind::BigInt}});

BatchPtr numbers(const std::vector<std::pair<int64_t, int64_t>>& rows)
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
    size_t snapshotChunks(size_t) const override { return 1; }
    BatchPtr snapshotChunk(size_t, size_t) const override { return rows(sums_); }
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
        std::lock_guard lock(shared->mutex);
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

Catalog toys()
{
    Catalog catalog;
    const auto same = [](const auto&, const Inputs&, const PlanContext&) -> Checked<Schema> { return *kNumbers; };
    catalog.add(Declare<SourceOptions>("source.numbers", Group::Source).summary("Count.").output("out").rejects()
                    .field(&SourceOptions::rows, {.name = "rows", .help = "Rows.", .kind = FieldKind::Integer})
                    .field(&SourceOptions::batches, {.name = "batches", .help = "Batches.", .kind = FieldKind::Integer})
                    .schema(same)
                    .make([](const SourceOptions& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<ReplayableSource>> { return std::make_unique<Numbers>(o); }));
    catalog.add(Declare<AddOptions>("add", Group::Transform).summary("Add.").input("in").output("out").rejects()
                    .field(&AddOptions::amount, {.name = "amount", .help = "Amount.", .kind = FieldKind::Integer})
                    .schema(same)
                    .make([](const AddOptions& o, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<RowOperator>> { return std::make_unique<Add>(o.amount); }));
    catalog.add(Declare<NoOptions>("sums", Group::State).summary("Sum.").inputs("in").output("out").rejects().stateful().schema(same).make(making<Sums>()));
    catalog.add(Declare<NoOptions>("sink.collect", Group::Sink).summary("Collect.").inputs("in").make(making<Collect>()));
    return catalog;
}

// A diamond: numbers -> a, b -> sums; and everything that was rejected.
constexpr const char* kDiamond = R"({"format": "streamwright/1", "name": "diamond",
    "nodes": {
        "in": {"type": "source.numbers", "options": {"rows": 100, "batches": 5}},
        "a": {"type": "add", "options": {"amount": 1000}},
        "b": {"type": "add", "options": {"amount": 2}},
        "sums": {"type": "sums"},
        "out": {"type": "sink.collect"},
        "bad": {"type": "sink.collect"}},
    "edges": ["in -> a", "in -> b", "b -> sums", "a -> sums", "sums -> out",
              "in.rejected -> bad", "a.rejected -> bad", "b.rejected -> bad", "sums.rejected -> bad"]})";

CheckedPipeline checkedOf(const char* text)
{
    static const Catalog catalog = toys();
    const DocumentRead read = readDocument(text);
    return check(*read.document, catalog, {});
}

RunOptions virtualRun(size_t workers = 1, size_t vectorRows = kVectorRows)
{
    RunOptions options;
    options.virtualClock = true;
    options.workers = workers;
    options.vectorRows = vectorRows;
    return options;
}

}

class RuntimeTest : public QObject {
    Q_OBJECT

private slots:
    void init() { shared = &shared_, shared_.lines.clear(), shared_.batchTimes.clear(), shared_.breakSums = shared_.transientPublishes = 0; }

    void pidAsSpark()
    {
        RateEstimator estimator(seconds(1));
        QVERIFY(!estimator.compute(2000, 1000, 2000, 0));
        QCOMPARE(*estimator.compute(4000, 1500, 2000, 1000), 600.0);
    }

    void ticks()
    {
        auto clock = virtualClock(Timestamp{0});
        Settings settings;
        Triggers triggers(*clock, settings, Timestamp{0}, std::nullopt);
        const auto no = [] { return false; };
        QCOMPARE(triggers.next(no, {}, std::nullopt)->batchTime.micros, 1'000'000);
        QCOMPARE(triggers.next(no, {}, std::nullopt)->batchTime.micros, 2'000'000);
        // The wall clock of this machine is far behind no tick: a run that was down skips more than 100.
        auto wall = wallClock();
        settings.batchInterval = milliseconds(10);
        Triggers late(*wall, settings, Timestamp{0}, Timestamp{wall->now().micros - 10'000'000});
        const auto tick = late.next(no, {}, std::nullopt);
        QVERIFY(tick->skipped > 900);
        QCOMPARE(tick->batchTime.micros % 10'000, 0);
        settings.catchUp = CatchUp::EveryTick;
        Triggers every(*wall, settings, Timestamp{0}, Timestamp{wall->now().micros - 10'000'000});
        QCOMPARE(every.next(no, {}, std::nullopt)->skipped, 0);
    }

    void schedulerRunsEveryTaskOnceAndCarriesTheFirstException()
    {
        Scheduler scheduler(4);
        std::vector<std::atomic<int>> seen(1000);
        scheduler.run(1000, Scheduler::Size::Large, [&](size_t task, size_t) { ++seen[task]; });
        for (const auto& count : seen) QCOMPARE(count.load(), 1);
        try {
            scheduler.run(100, Scheduler::Size::Large, [](size_t task, size_t) {
                if (task >= 10) throw std::runtime_error(std::to_string(task));
            });
            QFAIL("nothing was thrown");
        } catch (const std::runtime_error& error) {
            QCOMPARE(std::string(error.what()), "10");
        }
    }

    void sameBytesWithAnyWorkersAndVectors()
    {
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        QVERIFY(expected.size() >= 10);
        for (const size_t workers : {1, 2, 4}) {
            for (const size_t vectorRows : {1, 3, 4096}) QVERIFY(linesOf(kDiamond, virtualRun(workers, vectorRows), std::nullopt) == expected);
        }
    }

    void resumedAfterEveryBatch()
    {
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        QTemporaryDir folder;
        shared_.lines.clear();
        for (int run = 0; run < 7; ++run) {
            RunOptions options = virtualRun(static_cast<size_t>(1 + run % 3));
            options.batches = 1;
            if (run < 5) runOnce(kDiamond, options, folder.path());
        }
        QVERIFY(sorted(shared_.lines) == sorted(expected));
    }

    void brokenOperatorIsRolledBackAndTriedAgain()
    {
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        shared_.breakSums = 3;
        QVERIFY(linesOf(kDiamond, virtualRun(), std::nullopt) == expected);
        shared_.breakSums = 4;
        const Outcome outcome = runOnce(kDiamond, virtualRun(), {});
        QCOMPARE(outcome.kind, Outcome::Kind::Failed);
        QVERIFY(outcome.error.message.find("sums: the toy is broken") != std::string::npos);
    }

    void targetThatIsAwayIsWaitedFor()
    {
        QTemporaryDir folder;
        const auto expected = linesOf(kDiamond, virtualRun(), std::nullopt);
        shared_.transientPublishes = 2;
        std::vector<std::string> log;
        RunOptions options = virtualRun();
        options.log = [&](LogLevel, const std::string& line) { log.push_back(line); };
        shared_.lines.clear();
        QCOMPARE(runOnce(kDiamond, options, folder.path()).kind, Outcome::Kind::Finished);
        QVERIFY(sorted(shared_.lines) == sorted(expected));
        QVERIFY(std::ranges::any_of(log, [](const std::string& line) { return line.find("the toy is away") != std::string::npos; }));
    }

    void refusesStateThatDoesNotFit()
    {
        QTemporaryDir folder;
        RunOptions options = virtualRun();
        options.batches = 2;
        runOnce(kDiamond, options, folder.path());
        CheckedPipeline changed = checkedOf(kDiamond);
        changed.settings.checkpoint = folder.filePath("c").toStdString();
        static NodeType other = *changed.nodes[3].type;
        for (PlannedNode& node : changed.nodes) {
            if (node.id.name != "sums") continue;
            other = *node.type;
            other.spec.stateVersion = 2;
            node.type = &other;
        }
        auto refused = prepare(changed, virtualRun());
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("sums") != std::string::npos);
        options.resets = {NodeId{"sums"}};
        auto reset = prepare(changed, options);
        QVERIFY(reset.has_value());
        QCOMPARE((*reset)->plan().front().fate, StateFate::Reset);
        QCOMPARE((*reset)->execute().kind, Outcome::Kind::Finished);
    }

private:
    Outcome runOnce(const char* text, RunOptions options, const QString& folder)
    {
        CheckedPipeline checked = checkedOf(text);
        if (!folder.isEmpty()) checked.settings.checkpoint = (folder + "/c").toStdString();
        auto run = prepare(std::move(checked), std::move(options));
        if (!run) {
            qWarning("%s", run.error().message.c_str());
            return {Outcome::Kind::Failed, run.error(), 0};
        }
        const Outcome outcome = (*run)->execute();
        if (outcome.kind == Outcome::Kind::Failed) qWarning("%s", outcome.error.message.c_str());
        return outcome;
    }

    std::vector<std::string> linesOf(const char* text, RunOptions options, std::optional<QString> folder)
    {
        shared_.lines.clear();
        runOnce(text, std::move(options), folder.value_or(QString()));
        return shared_.lines;
    }

    static std::vector<std::string> sorted(std::vector<std::string> lines)
    {
        std::ranges::sort(lines);
        return lines;
    }

    Shared shared_;
};

QTEST_GUILESS_MAIN(RuntimeTest)
#include "runtime_test.moc"
