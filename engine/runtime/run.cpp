#include "engine/pipeline/parameters.h"
#include "engine/runtime/receiver_source.h"
#include "engine/runtime/run_impl.h"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace streamwright {

namespace {

// Pieces of a snapshot are taken in the pause before a batch only if it is at least this long.
constexpr Duration kPauseForPiece = milliseconds(8);
// Ticks that are left out are told this often.
constexpr int64_t kSkippedLogNanos = 10'000'000'000;

// Without the secrets that were inserted as parameters.
Error redacted(Error error, const std::shared_ptr<const Parameters>& parameters)
{
    if (!parameters) return error;
    error.message = parameters->redact(std::move(error.message));
    error.hint = parameters->redact(std::move(error.hint));
    return error;
}

}

int64_t machineMemory() { return static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGE_SIZE); }

RunImpl::~RunImpl()
{
    commit_.reset();
    history_.reset();
    closeAll();
}

void RunImpl::stop()
{
    control_->recorder().update([](Snapshot& now) { now.state = RunState::Stopping; });
    control_->stop();
}

std::map<NodeId, std::shared_ptr<const LiveView>> RunImpl::live() const
{
    std::map<NodeId, std::shared_ptr<const LiveView>> views;
    for (size_t index : plan_.sinks) {
        if (auto view = plan_.nodes[index].sink->live()) views[plan_.nodes[index].id] = std::move(view);
    }
    return views;
}

std::optional<Timestamp> RunImpl::nextWake() const
{
    std::optional<Timestamp> wake;
    for (size_t index : plan_.gathers) {
        const PlanNode& node = plan_.nodes[index];
        const auto wants = node.gather->nextWake(node.states);
        if (wants && (!wake || *wants < *wake)) wake = wants;
    }
    return wake;
}

// Whether no batch follows the one at `batchTime` (none: before the first).
bool RunImpl::isDone(const MicroBatch& batches, const std::optional<Timestamp>& batchTime)
{
    if (options_.batches) return done_ >= *options_.batches;
    if (options_.virtualClock) {
        if (!sources_->allEnded(batches.offsets())) return false;
        if (!endedAt_) endedAt_ = batchTime ? *batchTime : control_->clock().now();
        return (batchTime ? *batchTime : *endedAt_) >= *endedAt_ + options_.drain;
    }
    if (settings().trigger == Trigger::Once) return done_ > 0;
    return settings().trigger == Trigger::AvailableNow && sources_->allEnded(batches.offsets());
}

// Batches that were logged and not decided, at their own times; ticks between them had no data and are
// run too, since windows count them.
Result<MicroBatch::End> RunImpl::runLogged(MicroBatch& batches, Triggers& triggers)
{
    for (const LoggedBatch& logged : restored_.undecided) {
        if (options_.batches && done_ >= *options_.batches) return MicroBatch::End::Ran;
        for (int64_t number = batches.number() + 1; number <= logged.number; ++number) {
            const bool last = number == logged.number;
            if (!last && !triggers.everyInterval()) continue;
            const Timestamp time = logged.batchTime - Duration{(logged.number - number) * settings().batchInterval.micros};
            if (!last && time <= restored_.batchTime) continue;
            control_->waitWhilePaused();
            if (control_->stopping()) return MicroBatch::End::Stopped;
            const LoggedBatch empty{number, time, pipeline_.documentHash, {}};
            const auto end = batches.run(Tick{.batchTime = time, .due = control_->clock().now()}, false, last ? &logged : &empty);
            if (!end || *end != MicroBatch::End::Ran) return end;
            ++done_;
            control_->batchEnded();
            triggers.ranAt(time);
        }
    }
    return MicroBatch::End::Ran;
}

// The pause before the next tick is used for pieces. A batch that no pause follows is followed by one piece:
// a stream that is never idle gets its snapshots too.
void RunImpl::takePieces(StateSnapshots& snapshots, const MicroBatch& batches, const Triggers& triggers)
{
    const auto pause = [&] { return triggers.due() - kPauseForPiece - control_->clock().now(); };
    const bool pauses = triggers.everyInterval() && !options_.virtualClock && pause().micros > 0;
    bool taken = false;
    while (pauses && snapshots.wanted() && !control_->stopping() && pause().micros > 0 && commit_->idleWithin(pause())) {
        snapshots.takePiece(batches.handedOver());
        taken = true;
    }
    if (!taken) snapshots.takePiece(batches.handedOver());
}

// A stream that is always late is not worth a line for every batch.
void RunImpl::logSkipped(int64_t ticks)
{
    skipped_ += ticks;
    const int64_t now = steadyNanos();
    if (skipped_ == 0 || (skippedLogged_ != 0 && now - skippedLogged_ < kSkippedLogNanos)) return;
    const bool again = skippedLogged_ != 0;
    control_->log(LogLevel::Warning, fmt::format("{} ticks were missed and are skipped{}", skipped_, again ? ": batches take longer than the batch interval" : ""));
    skippedLogged_ = now;
    skipped_ = 0;
}

Result<MicroBatch::End> RunImpl::runBatches(MicroBatch& batches, Triggers& triggers)
{
    const auto failure = [this] { return commit_ ? commit_->failure() : std::nullopt; };
    const auto interrupted = [&] { return control_->stopping() || control_->pausing() || failure(); };
    const DataWatch watch = sources_->watch(batches.offsets());
    std::optional<StateSnapshots> snapshots;
    if (commit_) snapshots.emplace(plan_, *commit_);
    std::optional<Timestamp> batchTime;
    if (options_.virtualClock && batches.number() > 0) sources_->askForEnds(batches.offsets());
    while (!isDone(batches, batchTime)) {
        const auto wake = triggers.everyInterval() ? std::nullopt : nextWake();
        control_->waitWhilePaused();
        if (control_->stopping()) return MicroBatch::End::Stopped;
        if (const auto failed = failure()) return *failed;
        const auto tick = triggers.next(interrupted, watch, wake);
        if (!tick) continue;
        logSkipped(tick->skipped);
        const bool woken = (wake && tick->batchTime >= *wake) || settings().trigger == Trigger::Once;
        const auto end = batches.run(*tick, woken, nullptr);
        if (!end || *end == MicroBatch::End::Stopped) return end;
        if (*end == MicroBatch::End::Nothing) {
            sources_->foundNothing();
            if (settings().trigger == Trigger::AvailableNow && sources_->receiversRead(batches.offsets())) return MicroBatch::End::Ran;
            continue;
        }
        ++done_;
        control_->batchEnded();
        batchTime = tick->batchTime;
        if (snapshots) takePieces(*snapshots, batches, triggers);
    }
    return MicroBatch::End::Ran;
}

Result<MicroBatch::End> RunImpl::go()
{
    if (auto recovered = recover(); !recovered) return recovered.error();
    std::vector<Offset> offsets;
    for (size_t index : plan_.sources) {
        const auto at = restored_.offsets.find(plan_.nodes[index].id);
        offsets.push_back(at == restored_.offsets.end() ? Offset() : Offset{at->second});
    }
    Scheduler scheduler(std::max<size_t>(1, options_.workers ? options_.workers : settings().parallelism ? settings().parallelism : std::thread::hardware_concurrency()));
    const auto last = restored_.epoch.value > 0 ? std::optional(restored_.batchTime) : std::nullopt;
    Triggers triggers(control_->clock(), settings(), zeroTime_, last);
    RunParts parts{plan_, settings(), *control_, scheduler, memory_, store_.get(), commit_.get(), plan_.records.empty() ? nullptr : &*recorder_, taps_.get(), history_.get(), options_.vectorRows,
                   pipeline_.documentHash, zeroTime_, triggers.everyInterval()};
    MicroBatch batches(parts, restored_.epoch, std::move(offsets));
    control_->recorder().update([](Snapshot& now) { now.state = RunState::Running; });
    auto end = runLogged(batches, triggers);
    const bool ran = end && *end == MicroBatch::End::Ran;
    do {
        if (ran) end = runBatches(batches, triggers);
        if (!end || !commit_ || control_->stoppingNow()) break;
        if (auto left = batches.decideWhatIsLeft(); !left) return left.error();
        if (auto finished = commit_->finish(); !finished) return finished.error();
        // What the last batch published may have been rejected: that is available now, too.
    } while (ran && *end == MicroBatch::End::Ran && settings().trigger == Trigger::AvailableNow && !options_.batches && sources_->lateRejects(batches.offsets()));
    // What came before the batch that failed is still published, unless a target keeps it waiting.
    if (!end && commit_ && !control_->stoppingNow()) {
        control_->stop();
        (void)commit_->finish();
    }
    return end;
}

void RunImpl::closeAll()
{
    if (std::exchange(closed_, true)) return;
    for (size_t index : plan_.sources) {
        if (auto* receiver = dynamic_cast<ReceiverSource*>(plan_.nodes[index].source.get())) receiver->close();
    }
    for (size_t index : plan_.sinks) plan_.nodes[index].sink->close();
}

Outcome RunImpl::outcomeOf(const Result<MicroBatch::End>& result)
{
    Outcome outcome{.batches = done_};
    if (!result) {
        outcome.kind = Outcome::Kind::Failed;
        outcome.error = redacted(result.error(), pipeline_.parameters);
    } else if (*result == MicroBatch::End::Stopped) {
        outcome.kind = Outcome::Kind::Stopped;
    }
    return outcome;
}

Outcome RunImpl::execute()
{
    const auto result = go();
    const Outcome outcome = outcomeOf(result);
    control_->recorder().update([](Snapshot& now) { now.state = RunState::Stopping; });
    commit_.reset();
    history_.reset();
    closeAll();
    store_.reset();
    control_->recorder().update([&](Snapshot& now) {
        now.state = outcome.kind == Outcome::Kind::Failed ? RunState::Failed : outcome.kind == Outcome::Kind::Stopped ? RunState::Stopped : RunState::Finished;
        now.message = outcome.error.message;
        now.working = 0;
    });
    return outcome;
}

std::string_view stateFateName(StateFate fate)
{
    static constexpr std::array<std::string_view, 4> names = {"fresh", "kept", "reset", "refused"};
    return names[static_cast<size_t>(fate)];
}

int Outcome::exitCode() const
{
    if (kind != Kind::Failed) return 0;
    return error.kind == ErrorKind::Mistake ? 2 : 1;
}

namespace {

Result<std::unique_ptr<Run>> open(CheckedPipeline pipeline, RunOptions options)
{
    if (hasErrors(pipeline.diagnostics)) return mistake("the pipeline has mistakes", "`streamwright check FILE` shows them");
    auto plan = Plan::make(pipeline, options);
    if (!plan) return plan.error();
    if (options.virtualClock) {
        for (size_t index : plan->sources) {
            const PlanNode& node = plan->nodes[index];
            if (node.receiver) return mistake(fmt::format("{}: a {} receives from outside and cannot run under a virtual clock", node.id.name, node.type->spec.type), "run it with the wall clock, or replay recorded rows with source.replay");
        }
    }
    const auto endless = [&plan](size_t index) { return plan->nodes[index].sink || (plan->nodes[index].source && plan->nodes[index].source->endless()); };
    if (options.drain.micros > 0 && std::ranges::all_of(plan->sources, endless)) return mistake("a drain begins when the last replay has ended, but no source of this pipeline ends", "give a number of batches instead");
    const bool planOnly = options.planOnly;
    auto run = std::make_unique<RunImpl>(std::move(pipeline), std::move(options), std::move(*plan));
    if (auto opened = run->openCheckpoint(); !opened) return opened.error();
    if (!planOnly) {
        for (const PlannedState& state : run->plan()) {
            if (state.fate != StateFate::Refused) continue;
            return mistake(fmt::format("the kept state of {} does not fit: {}", state.node.name, state.reason), fmt::format("`--reset {}` drops it, or take the change back", state.node.name));
        }
    }
    return std::unique_ptr<Run>(std::move(run));
}

}

Result<std::unique_ptr<Run>> prepare(CheckedPipeline pipeline, RunOptions options)
{
    const auto parameters = pipeline.parameters;
    auto run = open(std::move(pipeline), std::move(options));
    return run ? std::move(run) : Result<std::unique_ptr<Run>>(redacted(run.error(), parameters));
}

}
