#include "widgets/session/run_controller.h"

#include "widgets/theme/names.h"

#include <QApplication>
#include <QPointer>

#include <algorithm>

namespace streamwright {

namespace {

constexpr int kPollMilliseconds = 100;
constexpr size_t kKeptBatches = 3600;
constexpr size_t kKeptLogLines = 10'000;

bool isEnded(RunState state) { return state == RunState::Finished || state == RunState::Stopped || state == RunState::Failed; }

}

RunController::RunController(std::unique_ptr<Session> session, QObject* parent) : QObject(parent), session_(std::move(session))
{
    timer_.setInterval(kPollMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &RunController::poll);
    poll();
}

RunController::~RunController() = default;

void RunController::setSession(std::unique_ptr<Session> session)
{
    session_ = std::move(session);
    forget();
    starting_ = asking_ = askingBatches_ = askingLog_ = false;
    poll();
    Q_EMIT sessionChanged();
    Q_EMIT stateChanged();
}

CallOptions RunController::call(QObject* receiver, Duration deadline) const
{
    const QPointer<QObject> guard(receiver);
    const QPointer<const RunController> self(this);
    const Session* asked = session_.get();
    // An answer of a session that was let go meanwhile is of no use any more.
    Executor onUiThread = [guard, self, asked](std::function<void()> work) {
        if (!qApp) return;
        QMetaObject::invokeMethod(
            qApp,
            [guard, self, asked, work = std::move(work)] {
                if (guard && self && self->session_.get() == asked) work();
            },
            Qt::QueuedConnection);
    };
    return {.answerOn = std::move(onUiThread), .deadline = deadline};
}

RunState RunController::state() const { return snapshot_.run ? snapshot_.run->state : RunState::Finished; }

bool RunController::isRunning() const { return starting_ || (snapshot_.run && !isEnded(snapshot_.run->state)); }

bool RunController::isPaused() const { return snapshot_.run && snapshot_.run->state == RunState::Paused; }

std::shared_ptr<const BatchProgress> RunController::batch(int64_t number) const
{
    const auto at = std::ranges::lower_bound(batches_, number, {}, [](const auto& batch) { return batch->number; });
    return at != batches_.end() && (*at)->number == number ? *at : nullptr;
}

std::shared_ptr<const BatchProgress> RunController::batchOf(const Moment& moment)
{
    if (moment.isLive()) return batches_.empty() ? nullptr : batches_.back();
    if (auto held = batch(*moment.batch)) return held;
    if (earlier_ && earlier_->number == *moment.batch) return earlier_;
    askForOne(*moment.batch);
    return nullptr;
}

// Of the runs that the history holds, the newest that has it.
void RunController::askForOne(int64_t number)
{
    if (std::exchange(askedFor_, number) == number) return;
    session_->runs(call(this), [this, number](Result<std::vector<RecordedRun>> runs) {
        if (!runs) return;
        const auto run = std::find_if(runs->rbegin(), runs->rend(), [number](const RecordedRun& one) { return one.first <= number && number <= one.last; });
        if (run == runs->rend()) return;
        session_->history({.after = number - 1, .most = 1, .moment = Moment::ofBatch(number), .run = run->runId}, call(this), [this, number](Result<Batches> found) {
            if (!found || found->empty() || found->back()->number != number) return;
            earlier_ = found->back();
            if (moment_ == Moment::ofBatch(number)) Q_EMIT momentChanged();
        });
    });
}

void RunController::setMoment(Moment moment)
{
    if (moment == moment_) return;
    moment_ = moment;
    Q_EMIT momentChanged();
}

// What an earlier run left is not this one's.
void RunController::forget()
{
    snapshot_ = {};
    lost_.clear();
    batches_.clear();
    log_.clear();
    earlier_.reset();
    askedFor_ = 0;
    setMoment(Moment::live());
    Q_EMIT batchesChanged();
    Q_EMIT logChanged();
    Q_EMIT snapshotChanged();
}

void RunController::browse(StartRequest request)
{
    if (isRunning()) return;
    session_->browse(std::move(request));
    if (!snapshot_.run) askForRecorded();
}

void RunController::askForRecorded()
{
    if (askingBatches_) return;
    askingBatches_ = true;
    session_->history({.most = kKeptBatches}, call(this), [this](Result<Batches> answer) {
        askingBatches_ = false;
        if (!answer || snapshot_.run || starting_) return;
        const auto newest = [](const Batches& batches) { return batches.empty() ? nullptr : batches.back(); };
        const auto before = newest(batches_), now = newest(*answer);
        if (batches_.size() == answer->size() && (before == now || (before && now && before->number == now->number && before->started == now->started))) return;
        batches_ = std::move(*answer);
        Q_EMIT batchesChanged();
    });
}

void RunController::start(StartRequest request)
{
    forget();
    starting_ = true;
    Q_EMIT stateChanged();
    session_->start(std::move(request), call(this, seconds(60)), [this](Result<Started> started) {
        starting_ = false;
        if (!started) Q_EMIT failed(engineText(started.error().message), engineText(started.error().hint));
        else Q_EMIT this->started(*started);
        poll();
        Q_EMIT stateChanged();
    });
    timer_.start();
}

// Of a verb that has nothing else to say than whether it was done.
Answer<void> RunController::tellFailure()
{
    return [this](Result<void> done) {
        if (!done) Q_EMIT failed(engineText(done.error().message), engineText(done.error().hint));
        poll();
    };
}

void RunController::pause() { session_->pause(call(this), tellFailure()); }
void RunController::resume() { session_->resume(call(this), tellFailure()); }
void RunController::step() { session_->step(1, call(this, seconds(3600)), tellFailure()); }
void RunController::stop(StopHow how) { session_->stop(how, call(this, seconds(3600)), tellFailure()); }

void RunController::poll()
{
    if (asking_) return;
    asking_ = true;
    session_->snapshot(Moment::live(), call(this), [this](Result<SessionSnapshot> snapshot) {
        asking_ = false;
        if (snapshot) take(std::move(*snapshot));
        else lose(snapshot.error());
    });
}

// The other end does not answer: what was seen last stays, with the reason.
void RunController::lose(const Error& error)
{
    if (error.kind == ErrorKind::Transient) timer_.start();
    const QString message = engineText(error.message);
    if (message == lost_) return;
    lost_ = message;
    Q_EMIT snapshotChanged();
    Q_EMIT failed(message, engineText(error.hint));
}

void RunController::take(SessionSnapshot snapshot)
{
    lost_.clear();
    const bool was = isRunning();
    const RunState before = state();
    const auto previous = std::move(snapshot_);
    snapshot_ = std::move(snapshot);
    const bool isNew = snapshot_.run != previous.run;
    const int64_t newest = snapshot_.run && snapshot_.run->last ? snapshot_.run->last->number : 0;
    if (newest > (batches_.empty() ? 0 : batches_.back()->number)) askForBatches();
    if (snapshot_.newestLogLine > (log_.empty() ? 0 : log_.back().number)) askForLog();
    if (isNew) Q_EMIT snapshotChanged();
    if (before != state() || was != isRunning()) Q_EMIT stateChanged();
    if (was && !isRunning() && !snapshot_.failure.message.empty()) {
        Q_EMIT failed(engineText(snapshot_.failure.message), engineText(snapshot_.failure.hint));
    }
    // Nothing moves by itself any more, unless another viewer begins something.
    if (isRunning() || !snapshot_.controls) timer_.start();
    else if (!askingBatches_ && !askingLog_) timer_.stop();
}

void RunController::askForBatches()
{
    if (askingBatches_) return;
    askingBatches_ = true;
    const HistoryQuery query{.after = batches_.empty() ? 0 : batches_.back()->number, .most = kKeptBatches};
    session_->history(query, call(this), [this](Result<Batches> answer) {
        askingBatches_ = false;
        if (!answer || answer->empty()) return;
        batches_.insert(batches_.end(), answer->begin(), answer->end());
        if (batches_.size() > kKeptBatches) batches_.erase(batches_.begin(), batches_.end() - kKeptBatches);
        Q_EMIT batchesChanged();
    });
}

void RunController::askForLog()
{
    if (askingLog_) return;
    askingLog_ = true;
    session_->log(log_.empty() ? 0 : log_.back().number, call(this), [this](Result<std::vector<LogLine>> answer) {
        askingLog_ = false;
        if (!answer || answer->empty()) return;
        log_.insert(log_.end(), answer->begin(), answer->end());
        if (log_.size() > kKeptLogLines) log_.erase(log_.begin(), log_.end() - kKeptLogLines);
        Q_EMIT logChanged();
    });
}

}
