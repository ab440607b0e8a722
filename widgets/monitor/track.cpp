#include "widgets/monitor/track.h"

namespace streamwright {

namespace {

constexpr size_t kMostPoints = 3000;
// The past is asked for a little more than is seen, so that one can pan.
constexpr double kMargin = 0.5;
// A hole of this share of what is seen, between the history and memory, is filled.
constexpr double kHole = 0.05;

Timestamp timeOf(double seconds) { return {static_cast<int64_t>(seconds * 1e6)}; }

}

Track::Track(RunController& run, QObject* parent) : QObject(parent), run_(run)
{
    connect(&run_, &RunController::sessionChanged, this, [this] { setOther(std::nullopt); });
}

std::span<const BatchSummary> Track::newestRun() const
{
    if (points_.empty()) return {};
    const auto first = std::ranges::find(points_, points_.back().run, &BatchSummary::run);
    return std::span(points_).subspan(static_cast<size_t>(first - points_.begin()));
}

Timestamp Track::firstLive() const { return live_.empty() ? Timestamp{INT64_MAX} : live_.front().from; }

void Track::refresh()
{
    const std::string runId = run_.snapshot().run ? run_.snapshot().run->run.runId : std::string();
    const Batches& batches = run_.batches();
    const bool another = runId != runId_ || (!live_.empty() && (batches.empty() || batches.back()->number < live_.back().last));
    if (another) {
        runId_ = runId;
        live_.clear();
        past_.clear();
        pastFrom_ = pastUntil_ = {};
    }
    addLive();
    join();
    if (seenUntil_.micros > 0) see(static_cast<double>(seenFrom_.micros) / 1e6, static_cast<double>(seenUntil_.micros) / 1e6);
}

void Track::addLive()
{
    const Batches& batches = run_.batches();
    const int64_t last = live_.empty() ? 0 : live_.back().last;
    auto fresh = std::ranges::upper_bound(batches, last, {}, [](const auto& batch) { return batch->number; });
    for (; fresh != batches.end(); ++fresh) {
        const Duration length = live_.empty() ? seconds(1) : lengthAfter(live_.back().from, lastTime_, **fresh);
        // Nothing comes before the first: it covers as much time as the one after it.
        if (live_.size() == 1) live_.front().length = length;
        live_.push_back(summaryOf(**fresh, length));
        live_.back().run = liveRun_;
        lastTime_ = (*fresh)->batchTime;
    }
    if (batches.empty()) return;
    const auto kept = std::ranges::lower_bound(live_, batches.front()->number, {}, &BatchSummary::first);
    live_.erase(live_.begin(), kept);
}

void Track::join()
{
    const auto end = std::ranges::lower_bound(past_, firstLive(), {}, &BatchSummary::from);
    points_.assign(past_.begin(), end);
    points_.insert(points_.end(), live_.begin(), live_.end());
    Q_EMIT changed();
}

void Track::see(double from, double until)
{
    seenFrom_ = timeOf(from);
    seenUntil_ = timeOf(until);
    const double width = std::max(1.0, until - from);
    // 1. memory holds all of it.
    if (asking_ || seenFrom_ >= firstLive()) return;
    // 2. the past is there, and not coarser than it must be: it was asked for a time not much wider.
    const Timestamp wantedUntil = std::min(seenUntil_, firstLive());
    const bool holds = pastFrom_ <= seenFrom_ && pastUntil_ >= wantedUntil + Duration{-static_cast<int64_t>(width * kHole * 1e6)};
    const bool fine = (pastUntil_ - pastFrom_).seconds() <= width * 4 || past_.size() < kMostPoints / 2;
    if (holds && fine) return;
    const Timestamp askFrom = timeOf(std::max(0.0, from - width * kMargin));
    ask(askFrom, std::max(askFrom, timeOf(until + width * kMargin)));
}

void Track::ask(Timestamp from, Timestamp until)
{
    asking_ = true;
    const std::string runId = runId_;
    run_.session().timeline({.from = from, .until = until, .most = kMostPoints}, run_.call(this), [this, from, until, runId](Result<Timeline> answer) {
        asking_ = false;
        if (runId != runId_) return;
        // Without a checkpoint, or a history in it, there is no past: it is not asked for again and again.
        pastFrom_ = from;
        pastUntil_ = until;
        if (!answer) return;
        past_ = std::move(answer->points);
        const auto present = std::ranges::find(answer->runs, runId_, &RecordedRun::runId);
        // While nothing was started, memory holds the newest recorded run.
        const size_t newest = answer->runs.empty() ? 0 : answer->runs.size() - 1;
        liveRun_ = present != answer->runs.end() ? static_cast<size_t>(present - answer->runs.begin()) : runId_.empty() ? newest : answer->runs.size();
        for (BatchSummary& point : live_) point.run = liveRun_;
        join();
    });
}

void Track::setOther(std::optional<RecordedRun> other)
{
    other_ = std::move(other);
    otherPoints_.clear();
    if (!other_) return Q_EMIT changed();
    run_.session().timeline({.run = other_->runId, .most = kMostPoints}, run_.call(this), [this, runId = other_->runId](Result<Timeline> answer) {
        if (!answer || !other_ || other_->runId != runId) return;
        otherPoints_ = std::move(answer->points);
        Q_EMIT changed();
    });
}

}
