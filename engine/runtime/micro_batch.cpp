#include "engine/runtime/micro_batch.h"

#include "engine/dataflow/partitioned_source.h"
#include "engine/dataflow/standing_source.h"
#include "engine/runtime/receiver_source.h"
#include "engine/runtime/recovery.h"

#include <algorithm>

namespace streamwright {

namespace {

const NodeId kCheckpoint{"checkpoint"};
// A node's rejected rows are mentioned in the log this often.
constexpr int64_t kRejectsLogNanos = 10'000'000'000;

// Adds the time since the last lap to a part of the waterfall, so that the parts sum to the whole.
class Laps {
public:
    void lap(int64_t& part)
    {
        const int64_t now = steadyNanos();
        part += now - last_;
        last_ = now;
    }
    int64_t total() const { return last_ - start_; }

private:
    int64_t start_ = steadyNanos();
    int64_t last_ = start_;
};

}

struct MicroBatch::Batch {
    Tick tick;
    int64_t number = 0;
    BatchContext context;
    std::vector<Range> ranges;              // by Plan::sources
    std::unique_ptr<Pass> pass;
    std::vector<SinkOutput> outputs;        // exactly once: published when decided
    std::vector<SinkOutput> atOnce;
    std::vector<StateChange> states;
    std::map<size_t, int64_t> updated;      // state rows changed, by node
    Laps laps;
    BatchProgress progress;
    bool decide = false;
    bool replayed = false;
};

MicroBatch::MicroBatch(RunParts& parts, Epoch last, std::vector<Offset> offsets) : parts_(parts), number_(last.value), handedOver_(last), offsets_(std::move(offsets))
{
    const bool estimate = parts.settings.backpressure && parts.settings.trigger == Trigger::Interval && !parts.control.clock().isVirtual();
    backpressure_.assign(parts.plan.sources.size(), Backpressure(parts.settings, estimate));
}

Result<MicroBatch::End> MicroBatch::run(const Tick& tick, bool woken, const LoggedBatch* logged)
{
    Batch batch{.tick = tick, .number = logged ? logged->number : number_ + 1, .replayed = logged != nullptr};
    RunControl& control = parts_.control;
    batch.progress.started = control.clock().now();
    batch.progress.time.wait = std::max<int64_t>(0, (batch.progress.started - tick.due).micros * 1000);
    const auto stopped = [&](const Error& error) { return error.kind == ErrorKind::Transient && control.stopping(); };
    control.step(Step::BatchBegun, batch.number);

    // 1. Each source fixes the range that this batch reads; a logged batch has its ranges already.
    if (auto planned = planRanges(batch, logged); !planned) return stopped(planned.error()) ? Result<End>(End::Stopped) : planned.error();
    batch.laps.lap(batch.progress.time.plan);
    if (!batch.context.hasData && !woken && !logged && !parts_.everyInterval) return End::Nothing;
    control.step(Step::RangesPlanned, batch.number);
    control.recorder().update([&](Snapshot& now) { now.working = batch.number; });

    // 2. The ranges are logged: a crash from here on runs the same batch again.
    if (auto done = logRanges(batch); !done) return stopped(done.error()) ? Result<End>(End::Stopped) : done.error();
    batch.laps.lap(batch.progress.time.logRanges);
    control.step(Step::RangesLogged, batch.number);

    // 3. Operators run in topological order, then every sink stages; rolled back and tried again if need be.
    const auto end = computeAndStage(batch);
    if (!end || *end != End::Ran) return end;
    control.step(Step::Staged, batch.number);

    // 4. What the batch changed is taken out of the states. From here on it counts.
    freeze(batch);
    number_ = batch.number;
    lastTime_ = tick.batchTime;
    for (size_t i = 0; i < offsets_.size(); ++i) {
        if (batch.ranges[i].empty()) continue;
        auto* partitioned = dynamic_cast<PartitionedSource*>(parts_.plan.nodes[parts_.plan.sources[i]].source.get());
        offsets_[i] = partitioned ? partitioned->reached(batch.ranges[i]) : batch.ranges[i].until;
    }
    batch.laps.lap(batch.progress.time.freeze);

    // 5. Sinks that may repeat themselves publish now; the rest when the commit thread has decided.
    if (auto published = publishAtOnce(batch); !published) return published.error();
    batch.laps.lap(batch.progress.time.publish);
    fillProgress(batch);
    if (auto handed = handOver(batch); !handed) return handed.error();
    control.step(Step::Frozen, batch.number);
    batch.laps.lap(batch.progress.time.handOver);

    // 6. It is seen.
    if (parts_.recorder) {
        if (auto written = parts_.recorder->write(batch.number, *batch.pass); !written) return written.error();
    }
    if (parts_.taps) parts_.taps->add(batch.number, tick.batchTime, batch.pass->tapped());
    show(batch);
    control.step(Step::BatchEnded, batch.number);
    return End::Ran;
}

Result<void> MicroBatch::planRanges(Batch& batch, const LoggedBatch* logged)
{
    const bool interval = parts_.settings.trigger == Trigger::Interval;
    batch.context.batchTime = batch.tick.batchTime;
    batch.context.number = batch.number;
    batch.context.zeroTime = parts_.zeroTime;
    batch.context.interval = interval ? parts_.settings.batchInterval : Duration{};
    batch.context.timeZone = parts_.settings.timeZone;
    batch.context.stop = &parts_.control.stopToken();
    batch.context.hasData = false;
    const Duration span = lastTime_.micros == 0 ? parts_.settings.batchInterval : batch.tick.batchTime - lastTime_;
    for (size_t i = 0; i < parts_.plan.sources.size(); ++i) {
        PlanNode& source = parts_.plan.nodes[parts_.plan.sources[i]];
        Range range{offsets_[i], offsets_[i], {}, 0};
        if (logged) {
            if (const auto text = logged->ranges.find(source.id); text != logged->ranges.end()) {
                auto read = rangeOf(text->second);
                if (!read) return read.error();
                range = std::move(*read);
            }
        } else if (const ReadLimit limit = backpressure_[i].limit(span); limit.rows != 0 || dynamic_cast<const StandingSource*>(source.source.get())) {
            auto planned = parts_.control.patiently(source.id, [&] { return source.source->plan(offsets_[i], limit, batch.tick.batchTime); });
            if (!planned) return planned.error();
            range = std::move(*planned);
            tellStatus(i);
        }
        batch.context.hasData |= !range.empty();
        batch.ranges.push_back(std::move(range));
    }
    return {};
}

// What a source waits for, when that is news. A receiver tells by itself.
void MicroBatch::tellStatus(size_t source)
{
    const PlanNode& node = parts_.plan.nodes[parts_.plan.sources[source]];
    if (dynamic_cast<const ReceiverSource*>(node.source.get())) return;
    std::string status = node.source->status();
    if (status == statuses_[source]) return;
    if (!status.empty()) parts_.control.log(LogLevel::Info, fmt::format("{}: {}", node.id.name, status));
    statuses_[source] = std::move(status);
}

Result<void> MicroBatch::logRanges(Batch& batch)
{
    if (!parts_.store || batch.replayed || !batch.context.hasData) return {};
    LoggedBatch logged{batch.number, batch.tick.batchTime, parts_.documentHash, {}};
    for (size_t i = 0; i < batch.ranges.size(); ++i) {
        if (!batch.ranges[i].empty()) logged.ranges[parts_.plan.nodes[parts_.plan.sources[i]].id] = rangeText(batch.ranges[i]);
    }
    return parts_.control.patiently(kCheckpoint, [&] { return parts_.store->logRanges(logged); });
}

Result<MicroBatch::End> MicroBatch::computeAndStage(Batch& batch)
{
    RunControl& control = parts_.control;
    Duration pause = RunControl::kFirstPause;
    std::optional<NodeId> waitedFor;
    for (int broken = 0;; ++batch.progress.attempts) {
        for (PlanNode& node : parts_.plan.nodes) {
            for (const auto& state : node.states) state->beginBatch();
        }
        auto fault = attempt(batch);
        if (waitedFor && (!fault || fault->kind != Fault::Kind::Transient)) control.goOn(*std::exchange(waitedFor, std::nullopt));
        if (!fault) return End::Ran;
        rollback();
        switch (fault->kind) {
        case Fault::Kind::Stopped: return End::Stopped;
        case Fault::Kind::Fatal: return fault->error;
        case Fault::Kind::Transient:
            // The whole batch again, when a pause has passed with the reason in view.
            if (control.stopping()) return End::Stopped;
            waitedFor = fault->node;
            control.wait(fault->node, fault->error, pause);
            break;
        case Fault::Kind::Broken:
            if (++broken > parts_.settings.retries) {
                fault->error.kind = ErrorKind::Permanent;
                fault->error.message = fmt::format("batch {} failed {} times: {}", batch.number, broken, fault->error.message);
                return fault->error;
            }
            control.log(LogLevel::Warning, fmt::format("batch {} is rolled back and tried again ({} of {}): {}", batch.number, broken, parts_.settings.retries, fault->error.message));
        }
    }
}

// The one place that catches what a batch throws.
std::optional<MicroBatch::Fault> MicroBatch::attempt(Batch& batch)
{
    batch.outputs.clear();
    batch.atOnce.clear();
    batch.pass = std::make_unique<Pass>(parts_.plan, parts_.scheduler, batch.context, parts_.vectorRows, parts_.memory, parts_.taps);
    const auto node = [&] {
        const auto failed = batch.pass->failedNode();
        return failed ? parts_.plan.nodes[*failed].id : NodeId{"engine"};
    };
    try {
        batch.pass->run(batch.ranges);
        batch.laps.lap(batch.progress.time.compute);
        parts_.control.step(Step::Computed, batch.number);
        auto fault = stage(batch);
        batch.laps.lap(batch.progress.time.stage);
        return fault;
    } catch (const Stopped&) {
        return Fault{Fault::Kind::Stopped, {}, {}};
    } catch (const PassFailed& failed) {
        Error error = failed.error();
        error.message = fmt::format("{}: {}", failed.node().name, error.message);
        const auto kind = error.kind == ErrorKind::Transient ? Fault::Kind::Transient : error.kind == ErrorKind::Broken ? Fault::Kind::Broken : Fault::Kind::Fatal;
        return Fault{kind, failed.node(), std::move(error)};
    } catch (const MemoryExceeded& exceeded) {
        return Fault{Fault::Kind::Fatal, NodeId{exceeded.node()}, permanent(exceeded.what())};
    } catch (const std::bad_alloc&) {
        return Fault{Fault::Kind::Fatal, node(), permanent(fmt::format("{}: the machine has no more memory", node().name), "lower the setting `memory` or `max_rows_per_batch`")};
    } catch (const std::exception& exception) {
        return Fault{Fault::Kind::Broken, node(), broken(fmt::format("{}: {}", node().name, exception.what()))};
    }
}

std::optional<MicroBatch::Fault> MicroBatch::stage(Batch& batch)
{
    for (size_t index : parts_.plan.sinks) {
        if (!batch.pass->reaches(index)) continue;
        const PlanNode& sink = parts_.plan.nodes[index];
        MemoryScope scope(parts_.memory, &sink.id.name);
        parts_.control.step(Step::Staging, batch.number);
        const auto fault = [&](const Error& error) {
            const bool stopping = error.kind == ErrorKind::Transient;
            return Fault{stopping ? Fault::Kind::Stopped : error.kind == ErrorKind::Broken ? Fault::Kind::Broken : Fault::Kind::Fatal, sink.id, {error.kind, fmt::format("{}: {}", sink.id.name, error.message), error.hint}};
        };
        auto staged = parts_.control.patiently(sink.id, [&] { return batch.pass->sinkWork(index).stage(Epoch{batch.number}); });
        if (!staged) return fault(staged.error());
        if (!*staged) continue;
        const bool atOnce = !parts_.store || (sink.type->spec.guarantee == Guarantee::AtLeastOnce && !sink.sink->usesOutbox());
        SinkOutput output{index, std::move(**staged), !atOnce && sink.sink->usesOutbox()};
        if (output.outbox) {
            auto kept = parts_.control.patiently(kCheckpoint, [&] { return parts_.store->stageOutbox(Epoch{batch.number}, sink.id, output.staged); });
            if (!kept) return fault(kept.error());
        }
        (atOnce ? batch.atOnce : batch.outputs).push_back(std::move(output));
    }
    return std::nullopt;
}

void MicroBatch::rollback()
{
    for (PlanNode& node : parts_.plan.nodes) {
        for (const auto& state : node.states) state->rollback();
    }
}

void MicroBatch::freeze(Batch& batch)
{
    for (size_t n = 0; n < parts_.plan.nodes.size(); ++n) {
        const PlanNode& node = parts_.plan.nodes[n];
        for (const auto& state : node.states) {
            StateChange change{.node = node.id, .name = state->layout().name, .blocks = state->freeze(), .rows = state->rows(), .bytes = state->bytes()};
            int64_t rows = 0;
            for (const BatchPtr& block : change.blocks) rows += static_cast<int64_t>(block->rows());
            batch.updated[n] += rows;
            if (rows > 0) batch.states.push_back(std::move(change));
        }
    }
    // A virtual clock goes on from the last decided batch, so every batch is decided; else one that changed
    // nothing writes nothing.
    batch.decide = parts_.store && (batch.context.hasData || !batch.states.empty() || !batch.outputs.empty() || parts_.control.clock().isVirtual());
}

Result<void> MicroBatch::publishAtOnce(Batch& batch)
{
    for (const SinkOutput& output : batch.atOnce) {
        PlanNode& sink = parts_.plan.nodes[output.node];
        Pending pending{Epoch{batch.number}, {}, batch.tick.batchTime, output.staged};
        pending.deliver = [&pending](std::string text) -> Result<void> { return pending.delivered = std::move(text), Result<void>(); };
        if (auto done = parts_.control.patiently(sink.id, [&] { return sink.sink->publish(pending); }); !done) {
            return Error{done.error().kind, fmt::format("batch {} could not be written to {}: {}", batch.number, sink.id.name, done.error().message), done.error().hint};
        }
    }
    return {};
}

Result<void> MicroBatch::handOver(Batch& batch)
{
    if (!parts_.store) {
        for (size_t i = 0; i < offsets_.size(); ++i) parts_.plan.nodes[parts_.plan.sources[i]].source->committed(offsets_[i]);
        return {};
    }
    if (!batch.decide) return {};
    CommitJob job;
    job.decision.epoch = Epoch{batch.number};
    job.decision.batchTime = batch.tick.batchTime;
    for (size_t i = 0; i < offsets_.size(); ++i) job.decision.offsets[parts_.plan.nodes[parts_.plan.sources[i]].id] = offsets_[i].text;
    job.decision.states = std::move(batch.states);
    job.decision.watermarks = "none";
    job.decision.rowsIn = batch.progress.rowsIn;
    job.outputs = std::move(batch.outputs);
    job.offsets = offsets_;
    handedOver_ = job.decision.epoch;
    return parts_.commit->hand(std::move(job));
}

Result<void> MicroBatch::decideWhatIsLeft()
{
    if (!parts_.store || handedOver_.value == number_) return {};
    CommitJob job;
    job.decision.epoch = handedOver_ = Epoch{number_};
    job.decision.batchTime = lastTime_;
    for (size_t i = 0; i < offsets_.size(); ++i) job.decision.offsets[parts_.plan.nodes[parts_.plan.sources[i]].id] = offsets_[i].text;
    job.decision.watermarks = "none";
    job.offsets = offsets_;
    return parts_.commit->hand(std::move(job));
}

// What a node counts itself; of others that talk to a world outside, what the run sees of it.
Readings MicroBatch::readingsOf(const PlanNode& node, Readings own)
{
    if (!node.type->verify) return own;
    for (Reading& seen : parts_.control.health(node.id)) {
        if (std::ranges::none_of(own, [&](const Reading& reading) { return reading.name == seen.name; })) own.push_back(std::move(seen));
    }
    return own;
}

void MicroBatch::fillProgress(Batch& batch)
{
    BatchProgress& progress = batch.progress;
    progress.number = batch.number;
    progress.batchTime = batch.tick.batchTime;
    progress.decided = batch.decide;
    progress.memoryUsed = parts_.memory->used();
    progress.time.total = batch.laps.total();
    progress.time.commit = parts_.commit ? parts_.commit->lastCommitNanos() : 0;
    for (size_t n = 0; n < parts_.plan.nodes.size(); ++n) {
        const PlanNode& node = parts_.plan.nodes[n];
        const NodeCounters counters = batch.pass->counters(n);
        NodeProgress& shown = progress.nodes.emplace_back(NodeProgress{node.id, counters.rowsIn, counters.rowsOut, counters.rejected, counters.busyNanos});
        for (const auto& state : node.states) {
            shown.stateRows += state->rows();
            shown.stateBytes += state->bytes();
        }
        if (const auto updated = batch.updated.find(n); updated != batch.updated.end()) shown.stateUpdated = updated->second;
        if (const auto reject = batch.pass->shownRejects().find(n); reject != batch.pass->shownRejects().end()) shown.rejectedBecause = parts_.control.redact(reject->second.row.reason);
        progress.rejected += counters.rejected;
        if (node.sink) {
            progress.rowsOut += counters.rowsIn;
            progress.sinks.push_back({node.id, parts_.control.redact(node.sink->description()), counters.rowsIn, handedOver_, readingsOf(node, node.sink->readings())});
        }
    }
    // As in Spark, what the ranges cost is no part of it.
    const int64_t processing = progress.time.total - progress.time.plan - progress.time.logRanges;
    for (size_t i = 0; i < parts_.plan.sources.size(); ++i) {
        const PlanNode& node = parts_.plan.nodes[parts_.plan.sources[i]];
        if (node.sink) continue;    // rows that it refused in an earlier batch
        const bool again = batch.ranges[i].empty() && dynamic_cast<const StandingSource*>(node.source.get());
        const int64_t rows = again ? 0 : progress.nodes[parts_.plan.sources[i]].rowsOut;
        progress.rowsIn += rows;
        SourceProgress source{node.id, parts_.control.redact(node.source->description()), batch.ranges[i].from.text, batch.ranges[i].until.text, rows};
        if (const auto* receiver = dynamic_cast<const ReceiverSource*>(node.source.get())) {
            source.received = receiver->received();
            source.queued = receiver->queued();
            source.queueFill = receiver->fill();
        }
        source.rateLimit = backpressure_[i].rate();
        source.status = parts_.control.redact(node.source->status());
        source.readings = readingsOf(node, node.source->readings());
        progress.sources.push_back(std::move(source));
        backpressure_[i].batchEnded(parts_.control.clock().now(), rows, processing, progress.time.wait);
    }
    const double gap = lastStart_.micros > 0 ? (progress.started - lastStart_).seconds() : 0;
    progress.inputRowsPerSecond = static_cast<double>(progress.rowsIn) / gap;
    progress.processedRowsPerSecond = static_cast<double>(progress.rowsIn) / std::max(0.001, static_cast<double>(progress.time.total) / 1e9);
    lastStart_ = progress.started;
}

void MicroBatch::show(Batch& batch)
{
    logRejects(batch);
    batch.progress.time.total = batch.laps.total();
    const auto shown = std::make_shared<const BatchProgress>(std::move(batch.progress));
    if (parts_.history) parts_.history->add(shown);
    parts_.control.recorder().update([&](Snapshot& now) {
        ++now.batches;
        now.working = 0;
        now.rows += shown->rowsIn;
        now.rejected += shown->rejected;
        now.skippedTicks += batch.tick.skipped;
        now.behind = batch.tick.behind;
        now.stateRows = now.stateBytes = 0;
        for (const NodeProgress& node : shown->nodes) {
            now.stateRows += node.stateRows;
            now.stateBytes += node.stateBytes;
        }
        now.memoryUsed = parts_.memory->used();
        now.memoryLimit = parts_.memory->limit();
        now.last = shown;
    });
}

void MicroBatch::logRejects(const Batch& batch)
{
    for (const auto& [node, reject] : batch.pass->shownRejects()) {
        // Those that go somewhere are seen there.
        if (reject.handedOn) continue;
        const Rejected& row = reject.row;
        int64_t& last = rejectsLogged_[node];
        const int64_t now = steadyNanos();
        if (last != 0 && now - last < kRejectsLogNanos) continue;
        last = now;
        const std::string what = row.row.empty() ? std::string() : ": " + row.row.substr(0, 200);
        const std::string where = row.field.empty() ? std::string() : "." + row.field;
        const int64_t rows = batch.pass->counters(node).rejected;
        const std::string how = rows == 1 ? "1 row rejected in batch {}, because {}{}" : fmt::format("{} rows rejected in batch {{}}, the first because {{}}{{}}", rows);
        parts_.control.log(LogLevel::Warning, fmt::format("{}{}: {}", parts_.plan.nodes[node].id.name, where, fmt::format(fmt::runtime(how), batch.number, row.reason, what)));
    }
}

}
