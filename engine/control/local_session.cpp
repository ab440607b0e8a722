#include "engine/control/local_session.h"

#include "engine/control/checkpoint_reader.h"
#include "engine/control/local_run.h"
#include "engine/control/past.h"
#include "engine/control/preparation.h"
#include "engine/control/rewinding.h"
#include "engine/control/rows_of_run.h"
#include "engine/control/work_queue.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

using RunPtr = std::shared_ptr<LocalRun>;

Error nothingStarted() { return mistake("nothing was started"); }

class LocalSession final : public Session {
public:
    explicit LocalSession(const Catalog& catalog, RunPtr run = nullptr) : catalog_(catalog), run_(std::move(run)) {}
    ~LocalSession() override { calls_.close(); }

    void start(StartRequest request, CallOptions call, Answer<Started> answer) override;
    void plan(StartRequest request, CallOptions call, Answer<PlanReport> answer) override;
    void pause(CallOptions call, Answer<void> answer) override;
    void resume(CallOptions call, Answer<void> answer) override;
    void step(int64_t batches, CallOptions call, Answer<void> answer) override;
    void stop(StopHow how, CallOptions call, Answer<void> answer) override;

    void snapshot(Moment moment, CallOptions call, Answer<SessionSnapshot> answer) override { answerNow(call, std::move(answer), snapshotAt(moment)); }
    void history(HistoryQuery query, CallOptions call, Answer<Batches> answer) override;
    void runs(CallOptions call, Answer<std::vector<RecordedRun>> answer) override;
    void timeline(TimelineQuery query, CallOptions call, Answer<Timeline> answer) override;
    void log(int64_t after, CallOptions call, Answer<std::vector<LogLine>> answer) override;
    void document(CallOptions call, Answer<Document> answer) override;

    void tap(TapQuery query, CallOptions call, Answer<TapPage> answer) override;
    void live(LiveQuery query, CallOptions call, Answer<LivePage> answer) override;
    void evaluate(EvaluateQuery query, CallOptions call, Answer<Evaluation> answer) override;
    void verify(StartRequest request, NodeId node, CallOptions call, Answer<std::vector<VerifyStep>> answer) override;

    void epochs(CallOptions call, Answer<std::vector<EpochInfo>> answer) override;
    void states(Moment moment, CallOptions call, Answer<std::vector<StateInfo>> answer) override;
    void statePage(StateQuery query, CallOptions call, Answer<StatePage> answer) override;
    void keyHistory(KeyQuery query, CallOptions call, Answer<KeyHistory> answer) override;
    void topKeys(TopKeysQuery query, CallOptions call, Answer<std::vector<TopKey>> answer) override;
    void inputs(Moment moment, CallOptions call, Answer<std::vector<EpochInput>> answer) override;
    void exportStates(ExportQuery query, CallOptions call, Answer<std::vector<ExportedTable>> answer) override;
    void diff(DiffQuery query, CallOptions call, Answer<std::vector<StateDifference>> answer) override;
    void rewind(RewindRequest request, CallOptions call, Answer<RewindReport> answer) override;
    void browse(StartRequest request) override;

private:
    RunPtr run() const
    {
        std::lock_guard lock(mutex_);
        return run_;
    }
    // Whose checkpoint is looked at: the run's, or that of the document given.
    struct Pipeline {
        StartRequest request;
        std::filesystem::path checkpoint;
        bool runs = false;
    };
    Result<Pipeline> pipeline() const;
    template <class T>
    void readCheckpoint(CallOptions call, Answer<T> answer, std::function<Result<T>(const std::filesystem::path& checkpoint, const StopToken& stop)> read);
    Result<SessionSnapshot> snapshotAt(Moment moment) const;

    // What is known at once is handed to the executor at once.
    template <class T>
    static void answerNow(const CallOptions& call, Answer<T> answer, Result<T> result)
    {
        auto shared = std::make_shared<Result<T>>(std::move(result));
        call.answerOn([answer = std::move(answer), shared] { answer(std::move(*shared)); });
    }
    // `work` on the thread of `queue`, unless the call was answered before by its deadline.
    template <class T>
    void answerOn(WorkQueue& queue, CallOptions call, Answer<T> answer, std::function<Result<T>(const StopToken& stop)> work)
    {
        answerOn(queue, calls_.add<T>(std::move(call), std::move(answer)), std::move(work));
    }
    template <class T, class Work>
    static void answerOn(WorkQueue& queue, const Reply<T>& reply, Work work)
    {
        queue.add([reply, work = std::move(work)] {
            if (!reply.open()) return;
            try {
                reply.give(work(reply.stop()));
            } catch (const Stopped&) {
                // Who stopped it has answered.
            } catch (const std::exception& failure) {
                reply.give(broken(failure.what()));
            }
        });
    }

    const Catalog& catalog_;
    OpenCalls calls_;
    mutable std::mutex mutex_;
    RunPtr run_;                        // the newest
    std::optional<StartRequest> browsed_;
    CheckpointReader reader_;           // on the thread of disk_
    WorkQueue disk_;                    // plans, checkpoints
    WorkQueue rows_;                    // taps, expressions: short
    WorkQueue outside_;                 // what waits for other machines
};

void LocalSession::start(StartRequest request, CallOptions call, Answer<Started> answer)
{
    const auto reply = calls_.add<Started>(std::move(call), std::move(answer));
    RunPtr old;
    std::lock_guard lock(mutex_);
    if (run_ && !run_->ended()) return reply.give(mistake("a run is going on", "stop it first"));
    if (run_ && run_->isHosted()) return reply.give(mistake("the process of this run ends with it", "begin it there again"));
    old = std::exchange(run_, std::make_shared<LocalRun>(std::move(request), catalog_, reply));
}

void LocalSession::plan(StartRequest request, CallOptions call, Answer<PlanReport> answer)
{
    answerOn<PlanReport>(disk_, std::move(call), std::move(answer), [this, request = std::move(request)](const StopToken&) { return planFor(request, catalog_); });
}

void LocalSession::pause(CallOptions call, Answer<void> answer)
{
    const auto reply = calls_.add<void>(std::move(call), std::move(answer));
    const RunPtr now = run();
    now ? now->pause(reply) : reply.give(nothingStarted());
}

void LocalSession::resume(CallOptions call, Answer<void> answer)
{
    const auto reply = calls_.add<void>(std::move(call), std::move(answer));
    const RunPtr now = run();
    now ? now->resume(reply) : reply.give(nothingStarted());
}

void LocalSession::step(int64_t batches, CallOptions call, Answer<void> answer)
{
    const auto reply = calls_.add<void>(std::move(call), std::move(answer));
    const RunPtr now = run();
    now ? now->step(batches, reply) : reply.give(nothingStarted());
}

void LocalSession::stop(StopHow how, CallOptions call, Answer<void> answer)
{
    const auto reply = calls_.add<void>(std::move(call), std::move(answer));
    const RunPtr now = run();
    now ? now->stop(how, reply) : reply.give(nothingStarted());
}

Result<SessionSnapshot> LocalSession::snapshotAt(Moment moment) const
{
    SessionSnapshot shown;
    shown.where = "this window";
    const RunPtr now = run();
    if (!now) return moment.isLive() ? Result<SessionSnapshot>(shown) : nothingStarted();
    Snapshot snapshot = *now->snapshot();
    if (!moment.isLive()) {
        const auto history = now->history();
        const auto batches = history ? history->batches() : Batches();
        const auto at = std::ranges::find(batches, *moment.batch, &BatchProgress::number);
        if (at == batches.end()) return mistake(fmt::format("batch {} is not among those kept", *moment.batch));
        snapshot.last = *at;
        snapshot.stateRows = snapshot.stateBytes = 0;
        for (const NodeProgress& node : snapshot.last->nodes) snapshot.stateRows += node.stateRows, snapshot.stateBytes += node.stateBytes;
    }
    shown.run = std::make_shared<const Snapshot>(std::move(snapshot));
    shown.mode = now->request().mode;
    shown.documentHash = now->documentHash();
    shown.newestLogLine = now->log().newest();
    shown.failure = now->failure();
    return shown;
}

void LocalSession::history(HistoryQuery query, CallOptions call, Answer<Batches> answer)
{
    const RunPtr now = run();
    const bool present = now && (query.run.empty() || query.run == now->snapshot()->run.runId);
    if (present) query.run = now->snapshot()->run.runId;
    const auto memory = present ? now->history() : nullptr;
    Batches held = memory ? memory->batches() : Batches();
    const int64_t first = held.empty() ? 0 : held.front()->number;
    cut(held, query);
    const bool enough = !memory || memory->isWhole() || held.size() >= query.most || query.after + 1 >= first;
    if (present && enough) return answerNow<Batches>(call, std::move(answer), std::move(held));
    answerOn<Batches>(disk_, std::move(call), std::move(answer), [this, query, first, held = std::move(held)](const StopToken&) mutable -> Result<Batches> {
        // Without a checkpoint there is no more than this.
        const auto found = pipeline();
        return found ? withRecorded(found->checkpoint, query, first, std::move(held)) : std::move(held);
    });
}

void LocalSession::runs(CallOptions call, Answer<std::vector<RecordedRun>> answer)
{
    readCheckpoint<std::vector<RecordedRun>>(std::move(call), std::move(answer), [](const auto& checkpoint, const StopToken&) { return recordedRuns(checkpoint); });
}

void LocalSession::timeline(TimelineQuery query, CallOptions call, Answer<Timeline> answer)
{
    readCheckpoint<Timeline>(std::move(call), std::move(answer), [query = std::move(query)](const auto& checkpoint, const StopToken&) { return recordedTimeline(checkpoint, query); });
}

void LocalSession::log(int64_t after, CallOptions call, Answer<std::vector<LogLine>> answer)
{
    const RunPtr now = run();
    answerNow<std::vector<LogLine>>(call, std::move(answer), now ? now->log().after(after) : std::vector<LogLine>());
}

void LocalSession::document(CallOptions call, Answer<Document> answer)
{
    const RunPtr now = run();
    answerNow<Document>(call, std::move(answer), now ? Result<Document>(now->request().document) : nothingStarted());
}

void LocalSession::tap(TapQuery query, CallOptions call, Answer<TapPage> answer)
{
    answerOn<TapPage>(rows_, std::move(call), std::move(answer), [now = run(), query = std::move(query)](const StopToken& stop) { return tapPage(now.get(), query, stop); });
}

void LocalSession::live(LiveQuery query, CallOptions call, Answer<LivePage> answer)
{
    answerOn<LivePage>(rows_, std::move(call), std::move(answer), [now = run(), query = std::move(query)](const StopToken&) { return livePage(now.get(), query); });
}

void LocalSession::evaluate(EvaluateQuery query, CallOptions call, Answer<Evaluation> answer)
{
    answerOn<Evaluation>(rows_, std::move(call), std::move(answer), [now = run(), query = std::move(query)](const StopToken& stop) { return evaluation(now.get(), query, stop); });
}

void LocalSession::verify(StartRequest request, NodeId node, CallOptions call, Answer<std::vector<VerifyStep>> answer)
{
    const auto reply = calls_.add<std::vector<VerifyStep>>(std::move(call), std::move(answer));
    const auto probe = std::make_shared<Probe>();
    reply.onStop([probe] { probe->end(); });
    answerOn(outside_, reply, [this, request = std::move(request), node = std::move(node), probe](const StopToken&) { return verifyNode(request, node, catalog_, *probe); });
}

void LocalSession::browse(StartRequest request)
{
    std::lock_guard lock(mutex_);
    browsed_ = std::move(request);
}

Result<LocalSession::Pipeline> LocalSession::pipeline() const
{
    std::optional<StartRequest> browsed;
    RunPtr now;
    {
        std::lock_guard lock(mutex_);
        browsed = browsed_;
        now = run_;
    }
    // A preview's checkpoint goes with its run.
    if (now && now->checkpoint() && (!now->ended() || (!browsed && now->request().mode == StartRequest::Mode::Run))) return Pipeline{now->request(), *now->checkpoint(), !now->ended()};
    if (!browsed) return mistake("there is no checkpoint to look at", "run the pipeline, with a setting `checkpoint`");
    const auto checkpoint = checkedFor(*browsed, catalog_).settings.checkpoint;
    if (!checkpoint) return mistake("the pipeline has no checkpoint", "its setting `checkpoint` names one");
    return Pipeline{std::move(*browsed), *checkpoint, false};
}

template <class T>
void LocalSession::readCheckpoint(CallOptions call, Answer<T> answer, std::function<Result<T>(const std::filesystem::path&, const StopToken&)> read)
{
    answerOn<T>(disk_, std::move(call), std::move(answer), [this, read = std::move(read)](const StopToken& stop) -> Result<T> {
        const auto found = pipeline();
        if (!found) return found.error();
        return read(found->checkpoint, stop);
    });
}

void LocalSession::epochs(CallOptions call, Answer<std::vector<EpochInfo>> answer)
{
    readCheckpoint<std::vector<EpochInfo>>(std::move(call), std::move(answer), [this](const auto& checkpoint, const StopToken&) { return reader_.epochs(checkpoint); });
}

void LocalSession::states(Moment moment, CallOptions call, Answer<std::vector<StateInfo>> answer)
{
    readCheckpoint<std::vector<StateInfo>>(std::move(call), std::move(answer), [this, moment](const auto& checkpoint, const StopToken&) { return reader_.states(checkpoint, moment); });
}

void LocalSession::statePage(StateQuery query, CallOptions call, Answer<StatePage> answer)
{
    readCheckpoint<StatePage>(std::move(call), std::move(answer), [this, query = std::move(query)](const auto& checkpoint, const StopToken& stop) { return reader_.page(checkpoint, query, stop); });
}

void LocalSession::keyHistory(KeyQuery query, CallOptions call, Answer<KeyHistory> answer)
{
    readCheckpoint<KeyHistory>(std::move(call), std::move(answer), [this, query = std::move(query)](const auto& checkpoint, const StopToken& stop) { return reader_.keyHistory(checkpoint, query, stop); });
}

void LocalSession::topKeys(TopKeysQuery query, CallOptions call, Answer<std::vector<TopKey>> answer)
{
    readCheckpoint<std::vector<TopKey>>(std::move(call), std::move(answer), [this, query = std::move(query)](const auto& checkpoint, const StopToken& stop) { return reader_.topKeys(checkpoint, query, stop); });
}

void LocalSession::inputs(Moment moment, CallOptions call, Answer<std::vector<EpochInput>> answer)
{
    readCheckpoint<std::vector<EpochInput>>(std::move(call), std::move(answer), [this, moment](const auto& checkpoint, const StopToken&) { return reader_.inputs(checkpoint, moment); });
}

void LocalSession::exportStates(ExportQuery query, CallOptions call, Answer<std::vector<ExportedTable>> answer)
{
    readCheckpoint<std::vector<ExportedTable>>(std::move(call), std::move(answer), [this, query = std::move(query)](const auto& checkpoint, const StopToken&) { return reader_.exportStates(checkpoint, query); });
}

void LocalSession::diff(DiffQuery query, CallOptions call, Answer<std::vector<StateDifference>> answer)
{
    readCheckpoint<std::vector<StateDifference>>(std::move(call), std::move(answer), [this, query = std::move(query)](const auto& checkpoint, const StopToken&) { return reader_.diff(checkpoint, query); });
}

void LocalSession::rewind(RewindRequest request, CallOptions call, Answer<RewindReport> answer)
{
    answerOn<RewindReport>(disk_, std::move(call), std::move(answer), [this, request](const StopToken&) -> Result<RewindReport> {
        const auto found = pipeline();
        if (!found) return found.error();
        if (found->runs && !request.dryRun) return mistake("a run is going on", "stop it first");
        return rewindWithCopy(found->checkpoint, found->request, catalog_, request);
    });
}

}

std::unique_ptr<Session> localSession(const Catalog& catalog) { return std::make_unique<LocalSession>(catalog); }

std::unique_ptr<Session> localSession(const Catalog& catalog, std::shared_ptr<LocalRun> run) { return std::make_unique<LocalSession>(catalog, std::move(run)); }

}
