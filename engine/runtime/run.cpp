#include "engine/runtime/run.h"

#include "engine/base/suggest.h"
#include "engine/base/files.h"
#include "engine/checkpoint/browse.h"
#include "engine/columns/row_keys.h"
#include "engine/runtime/micro_batch.h"
#include "engine/runtime/preview.h"
#include "engine/runtime/receiver_source.h"
#include "engine/runtime/recovery.h"
#include "engine/runtime/source_watch.h"
#include "engine/runtime/state_snapshots.h"

#include <algorithm>
#include <array>
#include <fmt/ranges.h>
#include <random>
#include <unistd.h>

namespace streamwright {

namespace {

// Pieces of a snapshot are taken in the pause before a batch only if it is at least this long.
constexpr Duration kPauseForPiece = milliseconds(8);
// Ticks that are left out are told this often.
constexpr int64_t kSkippedLogNanos = 10'000'000'000;

// Received bytes that no batch has taken yet: so many, or a quarter of the memory budget.
constexpr int64_t kMostWaiting = int64_t{256} << 20;

std::string makeUuid()
{
    std::random_device random;
    std::array<uint32_t, 4> words{};
    for (uint32_t& word : words) word = random();
    words[1] = (words[1] & 0xFFFF0FFFu) | 0x00004000u;
    words[2] = (words[2] & 0x3FFFFFFFu) | 0x80000000u;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16, words[1] & 0xFFFF, words[2] >> 16, words[2] & 0xFFFF, words[3]);
}

int64_t machineMemory() { return static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGE_SIZE); }

// A misspelt name must not keep the state that was to be dropped.
Result<void> checkResets(const StatePlan& states, const std::vector<NodeId>& resets)
{
    std::vector<std::string> known;
    for (const PlannedState& state : states.fates) known.push_back(state.node.name);
    for (const NodeId& reset : resets) {
        if (std::ranges::find(known, reset.name) != known.end()) continue;
        const std::string near = didYouMean(reset.name, known);
        const std::string all = known.empty() ? "no node keeps state" : fmt::format("state is kept by {}", fmt::join(known, ", "));
        return mistake(fmt::format("there is no state of a node {} to reset", reset.name), near.empty() ? all : near);
    }
    return {};
}

class RunImpl final : public Run {
public:
    RunImpl(CheckedPipeline pipeline, RunOptions options, Plan plan)
        : pipeline_(std::move(pipeline)), options_(std::move(options)), plan_(std::move(plan)),
          memory_(std::make_shared<MemoryAccount>(settings().memory > 0 ? settings().memory : machineMemory() / 2))
    {
        if (!options_.taps) return;
        options_.taps->bytes = std::min(options_.taps->bytes, memory_->limit() / 8);
        taps_ = std::make_shared<TapRing>(plan_.taps, *options_.taps);
    }
    ~RunImpl() override;

    Result<void> openCheckpoint();
    Result<KeptStates> takeCheckpoint(const std::filesystem::path& folder, const CheckpointIdentity& identity);
    Result<KeptStates> readCheckpoint(const std::filesystem::path& folder);
    const std::vector<PlannedState>& plan() const override { return states_.fates; }
    const std::vector<std::string>& notes() const override { return notes_; }
    Outcome execute() override;
    void stop() override;
    void stopNow() override { control_->stopNow(); }
    void pause() override { control_->pause(); }
    void resume() override { control_->resume(); }
    void step(int64_t batches) override { control_->allow(batches); }
    SnapshotPtr snapshot() const override { return control_->recorder().latest(); }
    std::shared_ptr<const History> history() const override { return control_->recorder().history(); }
    std::optional<std::filesystem::path> checkpoint() const override { return settings().checkpoint; }
    std::shared_ptr<TapRing> taps() const override { return taps_; }
    std::map<NodeId, std::shared_ptr<const LiveView>> live() const override;

private:
    const Settings& settings() const { return pipeline_.settings; }
    Result<void> recover();
    Result<void> beginRun();
    Result<void> openSources();
    std::string wayBack(const PlanNode& source);
    Result<void> openSinks();
    void beginHistory();
    Result<MicroBatch::End> runLogged(MicroBatch& batches, Triggers& triggers);
    Result<MicroBatch::End> runBatches(MicroBatch& batches, Triggers& triggers);
    bool isDone(const MicroBatch& batches, const std::optional<Timestamp>& batchTime);
    std::optional<Timestamp> nextWake() const;
    void logSkipped(int64_t ticks);
    void takePieces(StateSnapshots& snapshots, const MicroBatch& batches, const Triggers& triggers);
    Result<MicroBatch::End> go();
    void closeAll();
    Outcome outcomeOf(const Result<MicroBatch::End>& result);

    CheckedPipeline pipeline_;
    RunOptions options_;
    Plan plan_;
    std::shared_ptr<MemoryAccount> memory_;
    std::shared_ptr<TapRing> taps_;
    std::optional<TemporaryFolder> temporary_;  // of a preview
    std::unique_ptr<Store> store_;
    std::unique_ptr<RunControl> control_;
    std::optional<SourceWatch> sources_;
    StatePlan states_;
    Restored restored_;
    std::vector<std::string> notes_;
    std::map<size_t, Epoch> published_;
    std::unique_ptr<Commit> commit_;
    std::unique_ptr<HistoryWriter> history_;
    std::optional<RecorderFiles> recorder_;
    Timestamp zeroTime_;
    RunIdentity identity_;
    int64_t seed_ = 0;
    int64_t done_ = 0;                      // batches of this run
    std::optional<Timestamp> endedAt_;      // batch time at which every source had ended
    bool closed_ = false;
    int64_t skipped_ = 0;                   // ticks that no log line has told yet
    int64_t skippedLogged_ = 0;
};

RunImpl::~RunImpl()
{
    commit_.reset();
    history_.reset();
    closeAll();
}

// Opens or makes the checkpoint.
Result<KeptStates> RunImpl::takeCheckpoint(const std::filesystem::path& folder, const CheckpointIdentity& identity)
{
    auto store = Store::open(folder, identity);
    if (!store) return store.error();
    store_ = std::move(*store);
    auto restored = store_->restore();
    if (!restored) return restored.error();
    restored_ = std::move(*restored);
    return KeptStates{store_->identity(), store_->states()};
}

// For a plan: nothing is written, and another run may hold it.
Result<KeptStates> RunImpl::readCheckpoint(const std::filesystem::path& folder)
{
    auto browser = Browser::open(folder);
    if (!browser) return browser.error();
    auto identity = (*browser)->identity();
    if (!identity) return identity.error();
    auto epochs = (*browser)->epochs();
    if (!epochs) return epochs.error();
    KeptStates kept{std::move(*identity), {}};
    if (epochs->empty()) return kept;
    restored_.epoch = epochs->back().epoch;
    restored_.batchTime = epochs->back().batchTime;
    restored_.offsets = epochs->back().offsets;
    for (const EpochInfo& epoch : *epochs) restored_.pending.insert(restored_.pending.end(), epoch.pending.begin(), epoch.pending.end());
    auto undecided = (*browser)->undecided();
    if (!undecided) return undecided.error();
    std::erase_if(*undecided, [&](const LoggedBatch& logged) { return logged.number <= restored_.epoch.value; });
    restored_.undecided = std::move(*undecided);
    auto states = (*browser)->states(restored_.epoch);
    if (!states) return states.error();
    for (StateInfo& state : *states) kept.states.push_back(std::move(state.identity));
    return kept;
}

// Opens or makes the checkpoint and plans what happens to kept state.
Result<void> RunImpl::openCheckpoint()
{
    if (options_.preview) {
        auto folder = TemporaryFolder::make();
        if (!folder) return folder.error();
        pipeline_.settings.checkpoint = folder->path() / "checkpoint";
        temporary_ = std::move(*folder);
    }
    std::error_code ignored;
    const auto& folder = settings().checkpoint;
    const bool exists = folder && std::filesystem::exists(*folder, ignored);
    const Timestamp now = options_.virtualClock ? options_.virtualStart : wallClock()->now();
    CheckpointIdentity identity{.id = makeUuid()};
    identity.zeroTime = options_.virtualClock ? now : Triggers::zeroTimeAt(now, settings().batchInterval);
    identity.interval = settings().batchInterval;
    identity.timeZone = settings().timeZone;
    identity.keyHashVersion = kKeyHashVersion;
    identity.documentHash = pipeline_.documentHash;
    identity.seed = options_.virtualClock ? 0 : static_cast<int64_t>(std::random_device()());
    // A mistake is told before anything is made.
    if (!exists) {
        if (auto known = checkResets(planStates(plan_, settings(), nullptr, options_.resets), options_.resets); !known) return known;
    }
    std::optional<KeptStates> kept;
    if (folder && (exists || !options_.planOnly)) {
        auto found = options_.planOnly ? readCheckpoint(*folder) : takeCheckpoint(*folder, identity);
        if (!found) return found.error();
        kept = std::move(*found);
        identity = kept->identity;
        if (identity.keyHashVersion != kKeyHashVersion) {
            return permanent(fmt::format("the checkpoint {} spreads keys by hash version {}, this program by version {}", folder->string(), identity.keyHashVersion, kKeyHashVersion));
        }
        followRenames(plan_, restored_);
        if (auto fits = checkPending(plan_, restored_, *folder); !fits) return fits;
    }
    zeroTime_ = identity.zeroTime;
    identity_ = {pipeline_.name, identity.id, makeUuid()};
    seed_ = identity.seed;
    states_ = planStates(plan_, settings(), kept ? &*kept : nullptr, options_.resets);
    if (auto known = checkResets(states_, options_.resets); !known) return known;
    for (const LoggedBatch& logged : restored_.undecided) {
        if (logged.documentHash != pipeline_.documentHash) notes_.push_back(fmt::format("batch {} was logged by another version of the pipeline; it is run again from its ranges with this one", logged.number));
    }
    const bool resumes = restored_.epoch.value > 0;
    auto clock = options_.virtualClock ? virtualClock(resumes ? restored_.batchTime : zeroTime_) : wallClock();
    control_ = std::make_unique<RunControl>(std::move(clock), options_);
    sources_.emplace(plan_, control_->clock(), settings().trigger);
    control_->recorder().update([&](Snapshot& snapshot) {
        snapshot.run = identity_;
        snapshot.decided = restored_.epoch;
        snapshot.memoryLimit = memory_->limit();
    });
    return {};
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

Result<void> RunImpl::beginRun()
{
    if (!store_) return {};
    CheckpointIdentity now = store_->identity();
    now.interval = settings().batchInterval;
    now.timeZone = settings().timeZone;
    now.documentHash = pipeline_.documentHash;
    if (!states_.reset.empty()) ++now.incarnation;
    std::vector<StateIdentity> identities;
    for (const PlanNode& node : plan_.nodes) {
        for (const auto& state : node.states) identities.push_back(stateIdentity(node, *state));
    }
    Store::Renamed renamed;
    for (const StatePlan::Kept& kept : states_.kept) {
        const NodeId& node = plan_.nodes[kept.node].id;
        if (kept.stored.node != node) renamed.emplace_back(kept.stored, node);
    }
    return control_->patiently(NodeId{"checkpoint"}, [&] { return store_->beginRun(now, identities, states_.reset, renamed); });
}

Result<void> RunImpl::openSources()
{
    for (size_t index : plan_.sources) {
        PlanNode& node = plan_.nodes[index];
        if (node.receiver) {
            const auto folder = store_ && !options_.preview ? std::optional(store_->receivedFolder() / node.id.name) : std::nullopt;
            for (const std::string& was : node.was) {
                std::error_code ignored;
                const bool moves = folder && !plan_.indexOf(NodeId{was}) && !std::filesystem::exists(*folder, ignored) && std::filesystem::exists(store_->receivedFolder() / was, ignored);
                if (!moves) continue;
                if (auto renamed = publishFile(store_->receivedFolder() / was, *folder); !renamed) return renamed.error();
            }
            auto source = std::make_unique<ReceiverSource>(node.id, std::move(node.receiver), folder, std::min(kMostWaiting, memory_->limit() / 4), *control_);
            if (const auto at = restored_.offsets.find(node.id); at != restored_.offsets.end()) source->needs(Offset{at->second});
            for (const LoggedBatch& logged : restored_.undecided) {
                const auto text = logged.ranges.find(node.id);
                if (text == logged.ranges.end()) continue;
                if (auto range = rangeOf(text->second)) source->needs(range->until);
            }
            node.source = std::move(source);
        }
        const int64_t seed = static_cast<int64_t>(mix(static_cast<uint64_t>(seed_) + 1, hashBytes(node.id.name.data(), node.id.name.size())) >> 1);
        const SourceContext context{node.id, zeroTime_, seed, options_.virtualClock, restored_.epoch.value > 0};
        auto opened = control_->patiently(node.id, [&] { return node.source->open(context); });
        if (!opened) {
            const std::string back = wayBack(node);
            return Error{opened.error().kind, fmt::format("{}: {}", node.id.name, opened.error().message), back.empty() ? opened.error().hint : back};
        }
    }
    return {};
}

// What to type when received records are damaged: the newest epoch that had not read so far.
std::string RunImpl::wayBack(const PlanNode& source)
{
    if (!store_ || !dynamic_cast<ReceiverSource*>(source.source.get())) return {};
    const LogPosition whole = ReceiveLog::wholeUntil(store_->receivedFolder() / source.id.name);
    auto offsets = store_->offsetsOf(source.id);
    if (!offsets) return {};
    for (auto at = offsets->rbegin(); at != offsets->rend(); ++at) {
        const auto read = LogPosition::parse(at->second);
        if (!read || *read > whole) continue;
        if (at == offsets->rbegin()) return {};   // whole as far as it was read
        return fmt::format("epoch {0} can still be used, what was received after it is lost: streamwright checkpoint rewind {1} --epoch {0}", at->first.value, store_->directory().string());
    }
    return fmt::format("no retained epoch ends before the damage: restore {} from a backup, or move it away and start anew", store_->directory().string());
}

Result<void> RunImpl::openSinks()
{
    for (size_t index : plan_.sinks) {
        PlanNode& sink = plan_.nodes[index];
        if (auto opened = control_->patiently(sink.id, [&] { return sink.sink->open(SinkContext{sink.id}); }); !opened) {
            return Error{opened.error().kind, fmt::format("{}: {}", sink.id.name, opened.error().message), opened.error().hint};
        }
    }
    return {};
}

// 1. the checkpoint is ours. 2. states are back. 3. targets answer. 4. decided output goes out. 5. sources open.
Result<void> RunImpl::recover()
{
    control_->recorder().update([](Snapshot& now) { now.state = RunState::Recovering; });
    control_->step(Step::Opened, restored_.epoch.value);
    if (auto begun = beginRun(); !begun) return begun;
    if (store_) {
        Recovery recovery(plan_, *store_, *control_, memory_);
        if (auto restored = recovery.restoreStates(states_); !restored) return restored;
        control_->step(Step::StateRestored, restored_.epoch.value);
        if (auto opened = recovery.openSinks(restored_); !opened) return opened;
        control_->step(Step::SinksOpened, restored_.epoch.value);
        if (auto published = recovery.publishPending(restored_); !published) return published;
        published_ = recovery.published();
    } else {
        if (auto opened = openSinks(); !opened) return opened;
    }
    control_->step(Step::Recovered, restored_.epoch.value);
    if (auto opened = openSources(); !opened) return opened;
    auto recorder = RecorderFiles::open(plan_.records, restored_.epoch.value > 0);
    if (!recorder) return recorder.error();
    recorder_ = std::move(*recorder);
    if (store_) beginHistory();
    if (store_) commit_ = std::make_unique<Commit>(plan_, *store_, *control_, Retention{settings().retainEpochs, settings().retainBytes}, published_);
    return {};
}

// For people: what goes wrong with it is said, and holds nothing up. A preview leaves none.
void RunImpl::beginHistory()
{
    if (options_.preview || !options_.history) return;
    RecordedRun run{.runId = identity_.runId, .name = identity_.name, .documentHash = pipeline_.documentHash, .started = control_->clock().now()};
    history_ = std::make_unique<HistoryWriter>(store_->directory(), std::move(run), [this](const Error& error) {
        control_->log(LogLevel::Warning, error.hint.empty() ? error.message : fmt::format("{}: {}", error.message, error.hint));
    });
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
    const auto interrupted = [this] { return control_->stopping() || control_->pausing(); };
    const DataWatch watch = sources_->watch(batches.offsets());
    std::optional<StateSnapshots> snapshots;
    if (commit_) snapshots.emplace(plan_, *commit_);
    std::optional<Timestamp> batchTime;
    if (options_.virtualClock && batches.number() > 0) sources_->askForEnds(batches.offsets());
    while (!isDone(batches, batchTime)) {
        const auto wake = triggers.everyInterval() ? std::nullopt : nextWake();
        control_->waitWhilePaused();
        if (control_->stopping()) return MicroBatch::End::Stopped;
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
    if (end && *end == MicroBatch::End::Ran) end = runBatches(batches, triggers);
    if (end && commit_ && !control_->stoppingNow()) {
        if (auto left = batches.decideWhatIsLeft(); !left) return left.error();
        if (auto finished = commit_->finish(); !finished) return finished.error();
    }
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
        outcome.error = result.error();
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

Result<std::unique_ptr<Run>> prepare(CheckedPipeline pipeline, RunOptions options)
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
    const auto endless = [&plan](size_t index) { return plan->nodes[index].source && plan->nodes[index].source->endless(); };
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
