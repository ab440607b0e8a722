#include "engine/runtime/pass.h"

#include "engine/base/clock.h"
#include "engine/columns/builder.h"
#include "engine/dataflow/standing_source.h"

#include <algorithm>

namespace streamwright {

namespace {

// Below this many rows other workers are not woken: that costs more than the work.
constexpr int64_t kSmallRows = 8192;
// Rejected rows of a source go on in batches of this many.
constexpr size_t kRejectsAtOnce = 1024;

}

// One task of a head on one worker: hands morsels on and measures who is busy.
class Task {
public:
    Task(Pass& pass, size_t head, size_t task, size_t worker) : pass_(pass), task_(static_cast<uint32_t>(task)), worker_(worker), current_(head), since_(steadyNanos()) {}
    ~Task()
    {
        if (std::uncaught_exceptions() > exceptions_) pass_.failedIn(current_);
        switchTo(current_);
    }
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    // The time since the last switch was the current node's.
    size_t switchTo(size_t node)
    {
        const int64_t now = steadyNanos();
        counters(current_).busyNanos += now - since_;
        since_ = now;
        return std::exchange(current_, node);
    }
    NodeCounters& counters(size_t node) { return pass_.counter(worker_, node); }
    void deliver(const std::vector<Target>& targets, const BatchPtr& batch, uint32_t partition);

    Pass& pass() { return pass_; }
    size_t worker() const { return worker_; }

private:
    void into(const Target& target, Morsel morsel);
    void through(const RowStep& step, const Morsel& morsel);

    Pass& pass_;
    uint32_t task_;
    uint32_t sequence_ = 0;
    size_t worker_;
    size_t current_;
    int64_t since_;
    int exceptions_ = std::uncaught_exceptions();
};

// What a head puts out: cut to vectors, then handed on.
class HeadEmitter final : public Emitter {
public:
    enum class Rejects : unsigned char { AtOnce, Held };
    HeadEmitter(Task& task, size_t node, size_t part, Rejects rejects) : task_(task), node_(node), part_(static_cast<uint32_t>(part)), rejects_(rejects) {}

    void emit(BatchPtr batch, size_t port, std::optional<uint32_t> partition) override
    {
        const size_t rows = batch->rows(), most = task_.pass().vectorRows_;
        if (rows == 0) return;
        task_.counters(node_).rowsOut += static_cast<int64_t>(rows);
        const std::vector<Target>& targets = task_.pass().plan_.nodes[node_].outputs[port];
        if (rows <= most) return task_.deliver(targets, batch, partition.value_or(0));
        for (size_t from = 0; from < rows; from += most) task_.deliver(targets, slice(batch, from, std::min(most, rows - from)), partition.value_or(0));
    }

    void reject(Rejected row) override
    {
        const bool handedOn = !task_.pass().plan_.nodes[node_].outputs.back().empty();
        if (++task_.counters(node_).rejected == 1) task_.pass().show(node_, {row, handedOn});
        if (!handedOn) return;
        if (rejects_ == Rejects::Held) return task_.pass().held(task_.worker(), node_).push_back({true, 0, {part_, sequence_++}, std::move(row)});
        rows_.push_back(std::move(row));
        if (rows_.size() >= kRejectsAtOnce) flush();
    }

    bool wants(size_t port) const override { return !task_.pass().plan_.nodes[node_].outputs[port].empty(); }

    void flush()
    {
        if (rows_.empty()) return;
        const BatchPtr batch = task_.pass().rejectedBatch(node_, rows_);
        rows_.clear();
        task_.deliver(task_.pass().plan_.nodes[node_].outputs.back(), batch, 0);
    }

private:
    Task& task_;
    size_t node_;
    uint32_t part_;
    uint32_t sequence_ = 0;
    Rejects rejects_;
    std::vector<Rejected> rows_;
};

// What a row operator puts out.
class StepEmitter final : public Emitter {
public:
    StepEmitter(Task& task, const RowStep& step, uint32_t partition) : task_(task), step_(step), partition_(partition) {}

    void emit(BatchPtr batch, size_t port, std::optional<uint32_t> partition) override
    {
        if (batch->rows() == 0) return;
        task_.counters(step_.node).rowsOut += static_cast<int64_t>(batch->rows());
        task_.deliver(step_.outputs[port], batch, partition.value_or(partition_));
    }

    void reject(Rejected row) override
    {
        const bool handedOn = !step_.outputs.back().empty();
        if (++task_.counters(step_.node).rejected == 1) task_.pass().show(step_.node, {row, handedOn});
        if (!handedOn) return;
        rows_.push_back(std::move(row));
    }

    void flush()
    {
        if (!rows_.empty()) task_.deliver(step_.outputs.back(), task_.pass().rejectedBatch(step_.node, rows_), partition_);
    }

private:
    Task& task_;
    const RowStep& step_;
    uint32_t partition_;
    std::vector<Rejected> rows_;
};

// Rows that a gathering operator or a sink refuses while it takes them in.
class LeafRejects final : public Emitter {
public:
    LeafRejects(Task& task, const Target& leaf, Ordinal ordinal) : task_(task), leaf_(leaf), ordinal_(ordinal) {}
    void emit(BatchPtr, size_t, std::optional<uint32_t>) override {}
    void reject(Rejected row) override
    {
        const bool handedOn = !task_.pass().plan_.nodes[leaf_.node].outputs.back().empty();
        if (++task_.counters(leaf_.node).rejected == 1) task_.pass().show(leaf_.node, {row, handedOn});
        if (!handedOn) return;
        task_.pass().held(task_.worker(), leaf_.node).push_back({false, leaf_.port, ordinal_, std::move(row)});
    }

private:
    Task& task_;
    const Target& leaf_;
    Ordinal ordinal_;
};

void Task::deliver(const std::vector<Target>& targets, const BatchPtr& batch, uint32_t partition)
{
    pass_.context_.stop->check();
    for (const Target& target : targets) {
        const Ordinal ordinal{(target.way << kWayBits) | task_, sequence_++};
        if (target.kind == Target::Kind::Row) through(*target.step, Morsel{batch, ordinal, partition});
        else into(target, Morsel{batch, ordinal, partition});
    }
}

void Task::through(const RowStep& step, const Morsel& morsel)
{
    const size_t before = switchTo(step.node);
    counters(step.node).rowsIn += static_cast<int64_t>(morsel.batch->rows());
    MemoryScope scope(pass_.memory_, &pass_.plan_.nodes[step.node].id.name);
    StepEmitter out(*this, step, morsel.partition);
    step.op->process(morsel, pass_.context_, out);
    out.flush();
    switchTo(before);
}

void Task::into(const Target& target, Morsel morsel)
{
    if (target.kind == Target::Kind::Record) {
        pass_.recorded_[worker_ * pass_.plan_.records.size() + target.node].push_back({morsel.ordinal, std::move(morsel.batch)});
        return;
    }
    if (target.kind == Target::Kind::Tap) {
        if (!pass_.taps_.empty()) pass_.taps_[worker_ * pass_.plan_.taps.size() + target.node].take(morsel.ordinal, morsel.batch);
        return;
    }
    const size_t before = switchTo(target.node);
    counters(target.node).rowsIn += static_cast<int64_t>(morsel.batch->rows());
    MemoryScope scope(pass_.memory_, &pass_.plan_.nodes[target.node].id.name);
    LeafRejects rejects(*this, target, morsel.ordinal);
    if (target.kind == Target::Kind::Operator) pass_.works_[target.node]->consume(target.port, morsel, worker_, rejects);
    else pass_.sinkWorks_[target.node]->consume(morsel, worker_, rejects);
    switchTo(before);
}

Pass::Pass(const Plan& plan, Scheduler& scheduler, const BatchContext& context, size_t vectorRows, std::shared_ptr<MemoryAccount> memory, const TapRing* taps)
    : plan_(plan), scheduler_(scheduler), context_(context), vectorRows_(vectorRows), memory_(std::move(memory)), works_(plan.nodes.size()), sinkWorks_(plan.nodes.size()),
      counters_(plan.nodes.size() * scheduler.workers()), held_(plan.nodes.size() * scheduler.workers()), recorded_(plan.records.size() * scheduler.workers())
{
    if (!taps) return;
    const std::vector<TapWish> wishes = taps->wishes();
    for (size_t worker = 0; worker < scheduler.workers(); ++worker) {
        for (const TapWish& wish : wishes) taps_.emplace_back(wish, static_cast<uint64_t>(context.number));
    }
}

// Rows of the batch may come to what stands behind sources and behind operators that emit in it.
void Pass::findReached()
{
    reached_.assign(plan_.nodes.size(), 0);
    for (size_t node = 0; node < plan_.nodes.size(); ++node) {
        const PlanNode& head = plan_.nodes[node];
        if (head.row || (!head.source && !reached_[node])) continue;
        const bool emits = !head.gather || head.gather->emits(context_);
        for (size_t port = emits ? 0 : head.outputs.size() - 1; port < head.outputs.size(); ++port) reach(head.outputs[port]);
    }
}

void Pass::reach(const std::vector<Target>& targets)
{
    for (const Target& target : targets) {
        if (target.kind == Target::Kind::Row) {
            for (const std::vector<Target>& output : target.step->outputs) reach(output);
        } else if (target.kind == Target::Kind::Operator || target.kind == Target::Kind::Sink) {
            reached_[target.node] = 1;
        }
    }
}

void Pass::begin()
{
    findReached();
    for (size_t node : plan_.gathers) {
        if (!reached_[node]) continue;
        const PlanNode& gather = plan_.nodes[node];
        MemoryScope scope(memory_, &gather.id.name);
        works_[node] = gather.gather->begin(context_, gather.states, scheduler_.workers());
    }
    for (size_t node : plan_.sinks) {
        if (!reached_[node]) continue;
        const PlanNode& sink = plan_.nodes[node];
        MemoryScope scope(memory_, &sink.id.name);
        sinkWorks_[node] = sink.sink->begin(context_, sink.partitions, scheduler_.workers());
    }
}

void Pass::run(const std::vector<Range>& ranges)
{
    begin();
    size_t source = 0;
    for (size_t node = 0; node < plan_.nodes.size(); ++node) {
        const PlanNode& head = plan_.nodes[node];
        if (head.row) continue;
        if (head.source) readSource(node, ranges[source++]);
        if (head.gather && reached_[node]) finishGather(node);
        if (!head.outputs.back().empty()) deliverHeldRejects(node);
        works_[node].reset();   // the nodes after it make use of its memory
    }
}

void Pass::readSource(size_t node, const Range& range)
{
    const PlanNode& head = plan_.nodes[node];
    if (range.empty() && !dynamic_cast<const StandingSource*>(head.source.get())) return;
    const auto size = range.rows >= 0 && range.rows < kSmallRows ? Scheduler::Size::Small : Scheduler::Size::Large;
    scheduler_.run(head.source->pieces(range), size, [&](size_t piece, size_t worker) {
        Task task(*this, node, piece, worker);
        MemoryScope scope(memory_, &head.id.name);
        HeadEmitter out(task, node, piece, HeadEmitter::Rejects::AtOnce);
        if (auto read = head.source->read(range, piece, context_, out); !read) throw PassFailed(head.id, read.error());
        out.flush();
    });
}

void Pass::finishGather(size_t node)
{
    const PlanNode& head = plan_.nodes[node];
    BatchWork& work = *works_[node];
    int64_t rows = 0;
    for (size_t worker = 0; worker < scheduler_.workers(); ++worker) rows += counter(worker, node).rowsIn;
    for (const auto& state : head.states) rows += state->rows();
    {
        Task task(*this, node, 0, 0);
        MemoryScope scope(memory_, &head.id.name);
        work.prepare();
    }
    scheduler_.run(work.parts(), rows < kSmallRows ? Scheduler::Size::Small : Scheduler::Size::Large, [&](size_t part, size_t worker) {
        Task task(*this, node, part, worker);
        MemoryScope scope(memory_, &head.id.name);
        HeadEmitter out(task, node, part, HeadEmitter::Rejects::Held);
        work.finish(part, out);
    });
}

void Pass::deliverHeldRejects(size_t node)
{
    std::vector<HeldReject> all;
    for (size_t worker = 0; worker < scheduler_.workers(); ++worker) std::ranges::move(held(worker, node), std::back_inserter(all));
    if (all.empty()) return;
    std::ranges::stable_sort(all, [](const HeldReject& a, const HeldReject& b) { return std::tuple(a.finishing, a.port, a.ordinal) < std::tuple(b.finishing, b.port, b.ordinal); });
    std::vector<Rejected> rows;
    for (HeldReject& reject : all) rows.push_back(std::move(reject.row));
    Task task(*this, node, 0, 0);
    MemoryScope scope(memory_, &plan_.nodes[node].id.name);
    const BatchPtr batch = rejectedBatch(node, rows);
    for (size_t from = 0; from < batch->rows(); from += vectorRows_) {
        task.deliver(plan_.nodes[node].outputs.back(), slice(batch, from, std::min(vectorRows_, batch->rows() - from)), 0);
    }
}

BatchPtr Pass::rejectedBatch(size_t node, std::vector<Rejected>& rows) const
{
    const SchemaPtr schema = rejectedSchema();
    std::vector<ColumnBuilder> columns;
    for (const Field& field : schema->fields()) columns.emplace_back(field.type);
    const auto text = [](ColumnBuilder& column, const std::string& value) { value.empty() ? column.pushNull() : column.pushText(value); };
    for (const Rejected& row : rows) {
        columns[0].push<int64_t>(context_.batchTime.micros);
        columns[1].pushText(plan_.nodes[node].id.name);
        text(columns[2], row.field);
        columns[3].pushText(row.reason);
        text(columns[4], row.row);
        row.raw ? columns[5].pushText(*row.raw) : columns[5].pushNull();
    }
    std::vector<ColumnPtr> finished;
    for (ColumnBuilder& column : columns) finished.push_back(column.finish());
    return makeBatch(schema, std::move(finished), rows.size());
}

void Pass::show(size_t node, ShownReject reject)
{
    std::lock_guard lock(shownMutex_);
    shown_.try_emplace(node, std::move(reject));
}

void Pass::failedIn(size_t node)
{
    std::lock_guard lock(shownMutex_);
    if (!failedNode_) failedNode_ = node;
}

NodeCounters Pass::counters(size_t node) const
{
    NodeCounters sum;
    for (size_t worker = 0; worker < scheduler_.workers(); ++worker) {
        const NodeCounters& one = counters_[worker * plan_.nodes.size() + node];
        sum.rowsIn += one.rowsIn;
        sum.rowsOut += one.rowsOut;
        sum.rejected += one.rejected;
        sum.busyNanos += one.busyNanos;
    }
    return sum;
}

std::vector<TapRows> Pass::tapped()
{
    static const std::string kName = "taps";
    MemoryScope scope(memory_, &kName);
    std::vector<TapRows> all;
    for (size_t tap = 0; !taps_.empty() && tap < plan_.taps.size(); ++tap) {
        std::vector<TapSample*> samples;
        for (size_t worker = 0; worker < scheduler_.workers(); ++worker) samples.push_back(&taps_[worker * plan_.taps.size() + tap]);
        all.push_back(TapSample::join(samples, plan_.taps[tap].schema));
    }
    return all;
}

std::vector<BatchPtr> Pass::recorded(size_t record)
{
    std::vector<Recorded> all;
    for (size_t worker = 0; worker < scheduler_.workers(); ++worker) std::ranges::copy(recorded_[worker * plan_.records.size() + record], std::back_inserter(all));
    std::ranges::stable_sort(all, {}, &Recorded::ordinal);
    std::vector<BatchPtr> batches;
    for (Recorded& one : all) batches.push_back(std::move(one.batch));
    return batches;
}

}
