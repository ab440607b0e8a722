#include "engine/runtime/commit.h"

#include "engine/dataflow/standing_source.h"
#include "engine/runtime/receiver_source.h"

#include <algorithm>

namespace streamwright {

namespace {

const NodeId kCheckpoint{"checkpoint"};
constexpr size_t kWaiting = 2;
// Of batches that are decided together, and what they may have changed.
constexpr size_t kGathered = 64;
constexpr size_t kSmallRows = 1000;
// Retention and the WAL checkpoint are looked at this often.
constexpr int64_t kTidyNanos = 5'000'000'000;
// Changes smaller than this are never worth a snapshot.
constexpr int64_t kSmallestSnapshot = 8 << 20;

// STREAMWRIGHT_SNAPSHOT_BYTES, for the tests of faults, whose states are small.
int64_t smallestFromEnvironment()
{
    const char* text = std::getenv("STREAMWRIGHT_SNAPSHOT_BYTES");
    return text ? std::strtoll(text, nullptr, 10) : kSmallestSnapshot;
}

// One that can be decided with others: its sinks are done with it, and keeping what it changed costs little memory.
bool isSmall(const CommitJob& job)
{
    size_t rows = 0;
    for (const StateChange& change : job.decision.states) {
        for (const BatchPtr& block : change.blocks) rows += block->rows();
    }
    return job.outputs.empty() && rows <= kSmallRows;
}

Error notCommitted(Epoch epoch, const Error& error)
{
    return {error.kind, fmt::format("batch {} is not committed: {}", epoch.value, error.message), error.hint.empty() ? "the next start runs it again" : error.hint + "; the next start runs the batch again"};
}

}

Commit::Commit(Plan& plan, Store& store, RunControl& control, Retention retention, Duration interval, std::map<size_t, Epoch> published)
    : plan_(plan), store_(store), control_(control), retention_(retention), interval_(interval.micros * 1000), published_(std::move(published)), smallestSnapshot_(smallestFromEnvironment()), tidied_(steadyNanos()), thread_([this] { work(); })
{
}

Commit::~Commit()
{
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
        if (!failure_) failure_ = transient("the run has ended");
    }
    given_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Result<void> Commit::hand(CommitJob job)
{
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return (large_ <= kWaiting && batches_ <= kGathered) || failure_; });
    if (failure_) return *failure_;
    job.small = isSmall(job);
    ++batches_;
    if (!job.small) ++large_;
    jobs_.push_back(std::move(job));
    given_.notify_one();
    return {};
}

void Commit::hand(SnapshotJob job)
{
    std::lock_guard lock(mutex_);
    ++pieces_;
    jobs_.push_back(std::move(job));
    given_.notify_one();
}

bool Commit::idleWithin(Duration time)
{
    std::unique_lock lock(mutex_);
    const auto idle = [this] { return jobs_.empty() && !working_; };
    return done_.wait_for(lock, std::chrono::microseconds(time.micros), [&] { return idle() || failure_; }) && !failure_;
}

bool Commit::hasPiece() const
{
    std::lock_guard lock(mutex_);
    return pieces_ > 0;
}

Result<void> Commit::finish()
{
    std::unique_lock lock(mutex_);
    hurry_ = true;
    given_.notify_one();
    done_.wait(lock, [this] { return (jobs_.empty() && !working_) || failure_; });
    hurry_ = false;
    if (failure_) return *failure_;
    return {};
}

std::vector<std::pair<NodeId, std::string>> Commit::outgrown()
{
    std::lock_guard lock(mutex_);
    return std::exchange(outgrown_, {});
}

void Commit::work()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        given_.wait(lock, [this] { return !jobs_.empty() || ending_; });
        gather(lock);
        if (failure_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        size_t batches = 0, large = 0;
        auto* batch = std::get_if<CommitJob>(&job);
        if (batch) {
            batches = 1;
            large = batch->small ? 0 : 1;
            while (CommitJob* next = nextFor(*batch)) {
                ++batches;
                large += next->small ? 0 : 1;
                merge(*batch, std::move(*next));
                jobs_.pop_front();
            }
        }
        working_ = true;
        lock.unlock();
        const int64_t start = steadyNanos();
        auto result = batch ? commit(*batch) : snapshot(std::get<SnapshotJob>(job));
        lastNanos_ = steadyNanos() - start;
        lock.lock();
        working_ = false;
        batches_ -= batches;
        large_ -= large;
        if (batch) decidedAt_ = steadyNanos();
        if (!batch) --pieces_;
        if (!result) failure_ = result.error();
        done_.notify_all();
        if (failure_) return;
    }
}

// A decision costs an fsync, and ranges are not logged meanwhile: small batches wait for each other.
void Commit::gather(std::unique_lock<std::mutex>& lock)
{
    const auto wait = [this] {
        return !ending_ && !hurry_ && jobs_.size() < kGathered && std::ranges::all_of(jobs_, [](const Job& job) {
            const auto* batch = std::get_if<CommitJob>(&job);
            return batch && batch->small;
        });
    };
    const int64_t left = decidedAt_ + interval_ - steadyNanos();
    if (left > 0) given_.wait_for(lock, std::chrono::nanoseconds(left), [&] { return !wait(); });
}

// The next waiting batch, when no sink of either needs an epoch of its own.
CommitJob* Commit::nextFor(const CommitJob& first)
{
    auto* next = jobs_.empty() ? nullptr : std::get_if<CommitJob>(&jobs_.front());
    return next && next->outputs.empty() && first.outputs.empty() ? next : nullptr;
}

void Commit::merge(CommitJob& first, CommitJob next)
{
    for (StateChange& change : next.decision.states) {
        const auto same = std::ranges::find_if(first.decision.states, [&](const StateChange& c) { return c.node == change.node && c.name == change.name; });
        if (same == first.decision.states.end()) {
            first.decision.states.push_back(std::move(change));
            continue;
        }
        if (!same->blocks.empty()) same->earlier.push_back(std::move(same->blocks));
        same->blocks = std::move(change.blocks);
        same->rows = change.rows;
        same->bytes = change.bytes;
    }
    std::vector<StateChange> states = std::move(first.decision.states);
    const int64_t rows = first.decision.rowsIn + next.decision.rowsIn;
    first = std::move(next);
    first.decision.states = std::move(states);
    first.decision.rowsIn = rows;
}

Result<void> Commit::publish(PlanNode& sink, Store& store, RunControl& control, const PendingOutput& pending, const std::string& staged, Step before, Step after)
{
    control.step(before, pending.epoch.value);
    const Pending output{pending.epoch, pending.previous, pending.batchTime, staged, pending.incarnation};
    auto published = control.patiently(sink.id, [&] { return sink.sink->publish(output); });
    if (!published) {
        Error error = published.error();
        error.message = fmt::format("epoch {} of {} is decided but not published: {}", pending.epoch.value, sink.id.name, error.message);
        return error;
    }
    control.step(after, pending.epoch.value);
    auto cleared = control.patiently(kCheckpoint, [&] { return store.clearPending(sink.id, pending.epoch); });
    if (!cleared) return Error{cleared.error().kind, fmt::format("epoch {} of {} is published, but the checkpoint does not know yet: {}", pending.epoch.value, sink.id.name, cleared.error().message), cleared.error().hint};
    return {};
}

Result<void> Commit::commit(CommitJob& job)
{
    const Epoch epoch = job.decision.epoch;
    // 1. The bytes of all sinks in the outbox become durable at once.
    if (std::ranges::any_of(job.outputs, &SinkOutput::outbox)) {
        if (auto sealed = control_.patiently(kCheckpoint, [&] { return store_.sealOutbox(epoch); }); !sealed) return notCommitted(epoch, sealed.error());
        control_.step(Step::OutboxSealed, epoch.value);
    }
    // 2. One transaction decides; one that is to be shipped counts from then on.
    for (const SinkOutput& output : job.outputs) {
        job.decision.pending.push_back({plan_.nodes[output.node].id, epoch, published_[output.node], job.decision.batchTime, output.outbox ? std::string() : output.staged, output.outbox, store_.identity().incarnation});
    }
    control_.step(Step::Deciding, epoch.value);
    if (auto done = control_.patiently(kCheckpoint, [&] { return store_.decide(job.decision); }); !done) return notCommitted(epoch, done.error());
    control_.step(Step::Decided, epoch.value);
    if (store_.ships()) {
        control_.step(Step::Shipping, epoch.value);
        if (auto done = control_.patiently(kCheckpoint, [&] { return store_.ship(); }); !done) return notCommitted(epoch, done.error());
        control_.step(Step::Shipped, epoch.value);
    }
    decided_ = epoch;
    // 3. Every sink publishes; its pending row goes.
    for (size_t i = 0; i < job.outputs.size(); ++i) {
        const SinkOutput& output = job.outputs[i];
        if (auto done = publish(plan_.nodes[output.node], store_, control_, job.decision.pending[i], output.staged, Step::Publishing, Step::Published); !done) return done;
        published_[output.node] = epoch;
        control_.step(Step::Cleared, epoch.value);
    }
    // 4. Sources may forget what lies before.
    for (size_t i = 0; i < plan_.sources.size(); ++i) plan_.nodes[plan_.sources[i]].source->committed(job.offsets[i]);
    control_.step(Step::SourcesTold, epoch.value);
    control_.recorder().quietly([&](Snapshot& now) {
        now.decided = epoch;
        now.fsyncs = store_.fsyncs();
    });
    lookAtStates(job);
    tidyNowAndThen();
    return {};
}

void Commit::lookAtStates(const CommitJob& job)
{
    for (const StateChange& change : job.decision.states) {
        const auto size = store_.stateSize(change.node, change.name);
        if (size.changedBytes < std::max(smallestSnapshot_, size.snapshotBytes)) continue;
        const std::pair key(change.node, change.name);
        std::lock_guard lock(mutex_);
        if (std::ranges::find(outgrown_, key) == outgrown_.end()) outgrown_.push_back(key);
    }
}

Result<void> Commit::snapshot(const SnapshotJob& job)
{
    if (job.rows) {
        auto written = control_.patiently(kCheckpoint, [&] { return store_.writeSnapshotChunk(job.node, job.state, job.epoch, job.chunk, *job.rows); });
        if (written) control_.step(Step::SnapshotChunk, job.epoch.value);
        return written;
    }
    auto finished = control_.patiently(kCheckpoint, [&] { return store_.finishSnapshot(job.node, job.state, job.epoch, job.chunk, job.complete); });
    if (finished) control_.step(Step::SnapshotFinished, job.complete.value);
    return finished;
}

void Commit::tidyNowAndThen()
{
    // A virtual clock passes a day in a second: there the batches count.
    const bool many = control_.clock().isVirtual() && decided_.load().value - tidiedAt_.value >= std::max<int64_t>(retention_.epochs, 8);
    if (!many && !untidy_ && steadyNanos() - tidied_ < kTidyNanos) return;
    tidiedAt_ = decided_;
    // A large state leaves much to delete: it is done while nothing else is to do, and a little after each batch.
    const auto tidied = store_.tidy(retention_, [this] {
        const std::lock_guard lock(mutex_);
        return jobs_.empty();
    });
    untidy_ = tidied && !*tidied;
    if (!tidied) control_.log(LogLevel::Warning, "checkpoint: " + tidied.error().message);
    if (auto offsets = store_.oldestOffsets(); offsets) {
        for (size_t node : plan_.sources) {
            ReplayableSource* source = plan_.nodes[node].source.get();
            const auto offset = offsets->find(plan_.nodes[node].id);
            if (offset == offsets->end()) continue;
            if (auto* receiver = dynamic_cast<ReceiverSource*>(source)) receiver->forgetBefore(Offset{offset->second});
            if (auto* standing = dynamic_cast<StandingSource*>(source)) standing->forgetBefore(Offset{offset->second});
        }
    }
    tidied_ = steadyNanos();
}

}
