#include "engine/remote/remote_session.h"

#include "engine/control/open_calls.h"
#include "engine/remote/link.h"

namespace streamwright {

namespace {

// Stop at once is met within a second, or by force.
constexpr std::chrono::milliseconds kStopPatience{900};

class RemoteSession final : public Session {
public:
    explicit RemoteSession(std::shared_ptr<Place> place) : link_(std::make_shared<Link>(std::move(place))) {}
    ~RemoteSession() override
    {
        calls_.close();
        link_->stop();
    }

    void start(StartRequest request, CallOptions call, Answer<Started> answer) override { send<&Session::start>(std::move(call), std::move(answer), request); }
    void plan(StartRequest request, CallOptions call, Answer<PlanReport> answer) override { send<&Session::plan>(std::move(call), std::move(answer), request); }
    void pause(CallOptions call, Answer<void> answer) override { send<&Session::pause>(std::move(call), std::move(answer)); }
    void resume(CallOptions call, Answer<void> answer) override { send<&Session::resume>(std::move(call), std::move(answer)); }
    void step(int64_t batches, CallOptions call, Answer<void> answer) override { send<&Session::step>(std::move(call), std::move(answer), batches); }
    void stop(StopHow how, CallOptions call, Answer<void> answer) override
    {
        const uint64_t id = send<&Session::stop>(std::move(call), std::move(answer), how);
        if (how == StopHow::AtOnce) link_->killUnlessAnswered(id, kStopPatience);
    }

    void snapshot(Moment moment, CallOptions call, Answer<SessionSnapshot> answer) override { send<&Session::snapshot>(std::move(call), std::move(answer), moment); }
    void history(HistoryQuery query, CallOptions call, Answer<Batches> answer) override { send<&Session::history>(std::move(call), std::move(answer), query); }
    void runs(CallOptions call, Answer<std::vector<RecordedRun>> answer) override { send<&Session::runs>(std::move(call), std::move(answer)); }
    void timeline(TimelineQuery query, CallOptions call, Answer<Timeline> answer) override { send<&Session::timeline>(std::move(call), std::move(answer), query); }
    void log(int64_t after, CallOptions call, Answer<std::vector<LogLine>> answer) override { send<&Session::log>(std::move(call), std::move(answer), after); }
    void document(CallOptions call, Answer<Document> answer) override { send<&Session::document>(std::move(call), std::move(answer)); }

    void tap(TapQuery query, CallOptions call, Answer<TapPage> answer) override { send<&Session::tap>(std::move(call), std::move(answer), query); }
    void live(LiveQuery query, CallOptions call, Answer<LivePage> answer) override { send<&Session::live>(std::move(call), std::move(answer), query); }
    void evaluate(EvaluateQuery query, CallOptions call, Answer<Evaluation> answer) override { send<&Session::evaluate>(std::move(call), std::move(answer), query); }
    void verify(StartRequest request, NodeId node, CallOptions call, Answer<std::vector<VerifyStep>> answer) override { send<&Session::verify>(std::move(call), std::move(answer), request, node); }

    void epochs(CallOptions call, Answer<std::vector<EpochInfo>> answer) override { send<&Session::epochs>(std::move(call), std::move(answer)); }
    void states(Moment moment, CallOptions call, Answer<std::vector<StateInfo>> answer) override { send<&Session::states>(std::move(call), std::move(answer), moment); }
    void statePage(StateQuery query, CallOptions call, Answer<StatePage> answer) override { send<&Session::statePage>(std::move(call), std::move(answer), query); }
    void keyHistory(KeyQuery query, CallOptions call, Answer<KeyHistory> answer) override { send<&Session::keyHistory>(std::move(call), std::move(answer), query); }
    void topKeys(TopKeysQuery query, CallOptions call, Answer<std::vector<TopKey>> answer) override { send<&Session::topKeys>(std::move(call), std::move(answer), query); }
    void inputs(Moment moment, CallOptions call, Answer<std::vector<EpochInput>> answer) override { send<&Session::inputs>(std::move(call), std::move(answer), moment); }
    void exportStates(ExportQuery query, CallOptions call, Answer<std::vector<ExportedTable>> answer) override { send<&Session::exportStates>(std::move(call), std::move(answer), query); }
    void diff(DiffQuery query, CallOptions call, Answer<std::vector<StateDifference>> answer) override { send<&Session::diff>(std::move(call), std::move(answer), query); }
    void rewind(RewindRequest request, CallOptions call, Answer<RewindReport> answer) override { send<&Session::rewind>(std::move(call), std::move(answer), request); }
    void browse(StartRequest request) override { link_->browse(std::move(request)); }

private:
    template <auto M>
    using VerbOf = VerbAt<kNumberOf<M>>;

    // The call as a message, and what becomes of its answer. The id of the call.
    template <auto M, class T, class... A>
    uint64_t send(CallOptions options, Answer<T> answer, const A&... arguments)
    {
        static_assert(std::is_same_v<std::tuple<A...>, typename VerbOf<M>::Arguments>);
        const Duration deadline = options.deadline;
        Cancel cancel = options.cancel;
        const auto reply = calls_.add<T>(std::move(options), std::move(answer));
        bool live = false;
        if constexpr (verbs::same<M, &Session::snapshot>()) live = (arguments.isLive() && ...);
        Link::Call call = callFor<M, T>(reply, live);
        call.id = link_->newId();
        Writer out;
        write(out, MessageKind::Call);
        out.number(call.id);
        out.number(kNumberOf<M>);
        write(out, deadline);
        (write(out, arguments), ...);
        call.message = out.take();
        const uint64_t id = call.id;
        link_->send(std::move(call));
        cancel.onRequest([weak = std::weak_ptr(link_), id] {
            if (const auto link = weak.lock()) link->cancel(id);
        });
        return id;
    }

    template <auto M, class T>
    static Link::Call callFor(const Reply<T>& reply, bool live)
    {
        Link::Call call;
        call.about = VerbOf<M>::kAbout;
        call.begins = verbs::same<M, &Session::start>();
        call.take = [reply, live](Reader& in, Link& link) {
            auto result = read<Result<T>>(in);
            if constexpr (std::is_same_v<T, SessionSnapshot>) {
                if (result) link.namePlace(*result);
                if (result && live) link.remember(*result);
            }
            reply.give(std::move(result));
        };
        call.fail = [reply](const Error& error) { reply.give(error); };
        if constexpr (verbs::same<M, &Session::stop>()) call.takeLast = [reply](const SessionSnapshot&) { reply.give({}); };
        if constexpr (verbs::same<M, &Session::snapshot>()) {
            if (live) call.takeLast = [reply](const SessionSnapshot& last) { reply.give(last); };
        }
        return call;
    }

    OpenCalls calls_;
    const std::shared_ptr<Link> link_;
};

}

std::unique_ptr<Session> remoteSession(std::shared_ptr<Place> place) { return std::make_unique<RemoteSession>(std::move(place)); }

}
