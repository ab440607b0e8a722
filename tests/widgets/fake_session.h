// A session that answers what a test tells it to, and remembers what it was asked.
#pragma once
#include "engine/control/session.h"

namespace streamwright {

class FakeSession : public Session {
public:
    struct Asked {
        EvaluateQuery query;
        CallOptions call;
        Answer<Evaluation> answer;
    };
    struct Verified {
        NodeId node;
        CallOptions call;
        Answer<std::vector<VerifyStep>> answer;
    };
    std::vector<Asked> evaluations;
    std::vector<Verified> verifications;

    void start(StartRequest, CallOptions, Answer<Started>) override {}
    void plan(StartRequest, CallOptions, Answer<PlanReport>) override {}
    void pause(CallOptions, Answer<void>) override {}
    void resume(CallOptions, Answer<void>) override {}
    void step(int64_t, CallOptions, Answer<void>) override {}
    void stop(StopHow, CallOptions, Answer<void>) override {}
    void snapshot(Moment, CallOptions, Answer<SessionSnapshot>) override {}
    void history(HistoryQuery, CallOptions, Answer<Batches>) override {}
    void runs(CallOptions, Answer<std::vector<RecordedRun>>) override {}
    void timeline(TimelineQuery, CallOptions, Answer<Timeline>) override {}
    void log(int64_t, CallOptions, Answer<std::vector<LogLine>>) override {}
    void document(CallOptions, Answer<Document>) override {}
    void tap(TapQuery, CallOptions, Answer<TapPage>) override {}
    void live(LiveQuery, CallOptions, Answer<LivePage>) override {}
    void evaluate(EvaluateQuery query, CallOptions call, Answer<Evaluation> answer) override { evaluations.push_back({std::move(query), std::move(call), std::move(answer)}); }
    void verify(StartRequest, NodeId node, CallOptions call, Answer<std::vector<VerifyStep>> answer) override { verifications.push_back({std::move(node), std::move(call), std::move(answer)}); }
    void epochs(CallOptions, Answer<std::vector<EpochInfo>>) override {}
    void states(Moment, CallOptions, Answer<std::vector<StateInfo>>) override {}
    void statePage(StateQuery, CallOptions, Answer<StatePage>) override {}
    void keyHistory(KeyQuery, CallOptions, Answer<KeyHistory>) override {}
    void topKeys(TopKeysQuery, CallOptions, Answer<std::vector<TopKey>>) override {}
    void inputs(Moment, CallOptions, Answer<std::vector<EpochInput>>) override {}
    void exportStates(ExportQuery, CallOptions, Answer<std::vector<ExportedTable>>) override {}
    void diff(DiffQuery, CallOptions, Answer<std::vector<StateDifference>>) override {}
    void rewind(RewindRequest, CallOptions, Answer<RewindReport>) override {}
};

}
