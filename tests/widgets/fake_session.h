// A session that answers what a test tells it to, and remembers what it was asked.
#pragma once
#include "engine/control/session.h"

namespace streamwright {

class FakeSession : public Session {
public:
    struct Asked {
        EvaluateQuery query;
        Call call;
        Answer<Evaluation> answer;
    };
    struct Verified {
        NodeId node;
        Call call;
        Answer<std::vector<VerifyStep>> answer;
    };
    std::vector<Asked> evaluations;
    std::vector<Verified> verifications;

    void start(StartRequest, Call, Answer<Started>) override {}
    void plan(StartRequest, Call, Answer<PlanReport>) override {}
    void pause(Call, Answer<void>) override {}
    void resume(Call, Answer<void>) override {}
    void step(int64_t, Call, Answer<void>) override {}
    void stop(StopHow, Call, Answer<void>) override {}
    void snapshot(Moment, Call, Answer<SessionSnapshot>) override {}
    void history(HistoryQuery, Call, Answer<Batches>) override {}
    void log(int64_t, Call, Answer<std::vector<LogLine>>) override {}
    void document(Call, Answer<Document>) override {}
    void tap(TapQuery, Call, Answer<TapPage>) override {}
    void evaluate(EvaluateQuery query, Call call, Answer<Evaluation> answer) override { evaluations.push_back({std::move(query), std::move(call), std::move(answer)}); }
    void verify(StartRequest, NodeId node, Call call, Answer<std::vector<VerifyStep>> answer) override { verifications.push_back({std::move(node), std::move(call), std::move(answer)}); }
    void epochs(Call, Answer<std::vector<EpochInfo>>) override {}
    void states(Moment, Call, Answer<std::vector<StateInfo>>) override {}
    void statePage(StateQuery, Call, Answer<StatePage>) override {}
    void diff(DiffQuery, Call, Answer<std::vector<StateDifference>>) override {}
    void rewind(RewindRequest, Call, Answer<RewindReport>) override {}
};

}
