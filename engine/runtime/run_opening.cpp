#include "engine/base/files.h"
#include "engine/base/suggest.h"
#include "engine/checkpoint/browse.h"
#include "engine/checkpoint/directory_lock.h"
#include "engine/columns/row_keys.h"
#include "engine/dataflow/partitioned_source.h"
#include "engine/dataflow/standing_source.h"
#include "engine/runtime/late_rejects.h"
#include "engine/runtime/receiver_source.h"
#include "engine/runtime/run_impl.h"

#include <algorithm>
#include <chrono>
#include <fmt/ranges.h>
#include <random>
#include <thread>

// How a run begins: its checkpoint, sources and sinks, and what is left to do of the run before.
namespace streamwright {

namespace {

// Received bytes that no batch has taken yet: so many, or a quarter of the memory budget.
constexpr int64_t kMostWaiting = int64_t{256} << 20;

// A server that has just come again may not answer at once. Nobody can stop a run yet that only begins, so that is not for long.
constexpr auto kOpeningPatience = std::chrono::seconds(3);
constexpr auto kOpeningPause = std::chrono::milliseconds(250);

Result<std::unique_ptr<Store>> openStore(const std::filesystem::path& folder, const CheckpointIdentity& identity, const std::optional<CheckpointCopy>& copy)
{
    const auto until = std::chrono::steady_clock::now() + kOpeningPatience;
    for (;;) {
        auto store = Store::open(folder, identity, copy);
        if (store || !copy || store.error().kind != ErrorKind::Transient || std::chrono::steady_clock::now() > until) return store;
        std::this_thread::sleep_for(kOpeningPause);
    }
}

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

}

// Opens or makes the checkpoint.
Result<KeptStates> RunImpl::takeCheckpoint(const std::filesystem::path& folder, const CheckpointIdentity& identity)
{
    std::optional<CheckpointCopy> copy;
    if (const auto& shipping = settings().shipping) copy = CheckpointCopy{shipping->place, shipping->token, shipping->snapshotEvery};
    auto store = openStore(folder, identity, copy);
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
        pipeline_.settings.shipping.reset();
        temporary_ = std::move(*folder);
    }
    std::error_code ignored;
    const auto& folder = settings().checkpoint;
    const bool exists = folder && std::filesystem::exists(*folder, ignored);
    const Timestamp now = options_.virtualClock ? options_.virtualStart : wallClock()->now();
    CheckpointIdentity identity{.id = randomUuid()};
    identity.zeroTime = options_.virtualClock ? now : Triggers::zeroTimeAt(now, settings().batchInterval);
    identity.interval = settings().batchInterval;
    identity.timeZone = settings().timeZone;
    identity.keyHashVersion = kKeyHashVersion;
    identity.documentHash = pipeline_.documentHash;
    identity.seed = options_.virtualClock ? 0 : static_cast<int64_t>(std::random_device()());
    // A mistake is told before anything is made.
    if (!exists && !settings().shipping) {
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
    identity_ = {pipeline_.name, identity.id, randomUuid()};
    seed_ = identity.seed;
    states_ = planStates(plan_, settings(), kept ? &*kept : nullptr, options_.resets);
    if (auto known = checkResets(states_, options_.resets); !known) return known;
    for (const LoggedBatch& logged : restored_.undecided) {
        if (logged.documentHash != pipeline_.documentHash) notes_.push_back(fmt::format("batch {} was logged by another version of the pipeline; it is run again from its ranges with this one", logged.number));
    }
    const bool resumes = restored_.epoch.value > 0;
    auto clock = options_.virtualClock ? virtualClock(resumes ? restored_.batchTime : zeroTime_) : wallClock();
    control_ = std::make_unique<RunControl>(std::move(clock), options_, pipeline_.parameters);
    sources_.emplace(plan_, control_->clock(), settings().trigger);
    control_->recorder().update([&](Snapshot& snapshot) {
        snapshot.run = identity_;
        snapshot.decided = restored_.epoch;
        snapshot.memoryLimit = memory_->limit();
    });
    return {};
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

// Before the sinks: what is still to be published may be rejected.
Result<void> RunImpl::openLateRejects()
{
    for (size_t index : plan_.sources) {
        PlanNode& node = plan_.nodes[index];
        if (!node.sink) continue;
        const auto folder = keptBy(node);
        if (auto moved = followRename(node, folder); !moved) return moved;
        auto source = std::make_unique<LateRejectsSource>(folder, *control_);
        eachLogged(node.id, [&](const Offset& until) { source->needs(until); });
        auto opened = control_->patiently(node.id, [&] { return source->open({}); });
        if (!opened) return Error{opened.error().kind, fmt::format("{}: {}", node.id.name, opened.error().message), opened.error().hint};
        node.source = std::move(source);
    }
    return {};
}

// The places in a log that the checkpoint counts on.
void RunImpl::eachLogged(const NodeId& node, const std::function<void(const Offset&)>& take)
{
    if (const auto at = restored_.offsets.find(node); at != restored_.offsets.end()) take(Offset{at->second});
    for (const LoggedBatch& logged : restored_.undecided) {
        const auto text = logged.ranges.find(node);
        if (text == logged.ranges.end()) continue;
        if (auto range = rangeOf(text->second)) take(range->until);
    }
}

// Where a source keeps what cannot be asked for again.
std::optional<std::filesystem::path> RunImpl::keptBy(const PlanNode& node) const { return store_ && !options_.preview ? std::optional(store_->receivedFolder() / node.id.name) : std::nullopt; }

// The log of a node that was renamed moves with it.
Result<void> RunImpl::followRename(const PlanNode& node, const std::optional<std::filesystem::path>& folder)
{
    for (const std::string& was : node.was) {
        std::error_code ignored;
        const bool moves = folder && !plan_.indexOf(NodeId{was}) && !std::filesystem::exists(*folder, ignored) && std::filesystem::exists(store_->receivedFolder() / was, ignored);
        if (!moves) continue;
        if (auto renamed = publishFile(store_->receivedFolder() / was, *folder); !renamed) return renamed.error();
    }
    return {};
}

Result<void> RunImpl::openSources()
{
    for (size_t index : plan_.sources) {
        PlanNode& node = plan_.nodes[index];
        if (node.sink) continue;
        const auto folder = keptBy(node);
        if (auto moved = followRename(node, folder); !moved) return moved;
        if (node.receiver) {
            auto source = std::make_unique<ReceiverSource>(node.id, std::move(node.receiver), folder, std::min(kMostWaiting, memory_->limit() / 4), *control_);
            eachLogged(node.id, [&](const Offset& until) { source->needs(until); });
            node.source = std::move(source);
        }
        const int64_t seed = static_cast<int64_t>(mix(static_cast<uint64_t>(seed_) + 1, hashBytes(node.id.name.data(), node.id.name.size())) >> 1);
        const SourceContext context{node.id, zeroTime_, seed, options_.virtualClock, restored_.epoch.value > 0};
        if (auto* partitioned = dynamic_cast<PartitionedSource*>(node.source.get())) {
            const bool bounded = options_.virtualClock || settings().trigger == Trigger::AvailableNow || settings().trigger == Trigger::Once;
            partitioned->belongsTo({bounded, store_ && !options_.preview ? store_->identity().id : std::string()});
        }
        if (auto* standing = dynamic_cast<StandingSource*>(node.source.get()); standing && folder) standing->keepIn(*folder);
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
        SinkContext context{sink.id};
        context.stop = &control_->stopToken();
        context.late = dynamic_cast<LateRejects*>(sink.source.get());
        if (auto opened = control_->patiently(sink.id, [&] { return sink.sink->open(context); }); !opened) {
            return Error{opened.error().kind, fmt::format("{}: {}", sink.id.name, opened.error().message), opened.error().hint};
        }
    }
    return {};
}

// 1. the checkpoint is ours. 2. states are back. 3. targets answer. 4. decided output goes out. 5. sources open.
Result<void> RunImpl::recover()
{
    if (restored_.epoch.value > 0) control_->recorder().update([](Snapshot& now) { now.state = RunState::Recovering; });
    control_->step(Step::Opened, restored_.epoch.value);
    if (auto begun = beginRun(); !begun) return begun;
    if (auto opened = openLateRejects(); !opened) return opened;
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
    if (store_) commit_ = std::make_unique<Commit>(plan_, *store_, *control_, Retention{settings().retainEpochs, settings().retainBytes}, options_.virtualClock ? Duration{} : settings().checkpointInterval, published_);
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

}
