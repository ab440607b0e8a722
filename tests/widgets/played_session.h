// A session that shows what a test puts into it, as a run would.
#pragma once
#include "tests/widgets/fake_session.h"

namespace streamwright {

class PlayedSession : public FakeSession {
public:
    SessionSnapshot shown;
    Batches batches;
    Timeline past;
    std::vector<RecordedRun> recorded;

    void snapshot(Moment, CallOptions call, Answer<SessionSnapshot> answer) override { give<SessionSnapshot>(call, answer, shown); }
    void history(HistoryQuery query, CallOptions call, Answer<Batches> answer) override
    {
        Batches found;
        for (const auto& batch : batches) {
            if (batch->number > query.after && batch->number <= query.moment.batch.value_or(INT64_MAX)) found.push_back(batch);
        }
        give<Batches>(call, answer, found);
    }
    void runs(CallOptions call, Answer<std::vector<RecordedRun>> answer) override { give<std::vector<RecordedRun>>(call, answer, recorded); }
    void timeline(TimelineQuery, CallOptions call, Answer<Timeline> answer) override { give<Timeline>(call, answer, past); }

    // The next snapshot: a run that has made `batches`.
    void run(RunState state, const std::string& message = {})
    {
        Snapshot now = shown.run ? *shown.run : Snapshot{.run = {"words", "id", "run"}};
        now.state = state;
        now.message = message;
        now.last = batches.empty() ? nullptr : batches.back();
        shown.run = std::make_shared<const Snapshot>(std::move(now));
    }

private:
    template <class T>
    static void give(const CallOptions& call, const Answer<T>& answer, T value)
    {
        call.answerOn([answer, value = std::move(value)] { answer(value); });
    }
};

// A batch of a socket, a stateful node and a sink, whose parts sum to its time; `share` of a second long.
inline std::shared_ptr<const BatchProgress> playedBatch(int64_t number, double share = 0.1, double queueFill = 0)
{
    const auto nanos = [&](double part) { return static_cast<int64_t>(share * part * 1e9); };
    BatchProgress batch{.number = number, .batchTime = {number * 1'000'000}, .started = {1'700'000'000'000'000 + number * 1'000'000}, .rowsIn = 100 * number, .rowsOut = 7};
    batch.inputRowsPerSecond = static_cast<double>(100 * number);
    batch.processedRowsPerSecond = 1e5;
    batch.decided = true;
    batch.memoryUsed = 1 << 20;
    batch.time = {.wait = 1'000'000, .plan = nanos(0.05), .logRanges = nanos(0.05), .compute = nanos(0.7), .stage = nanos(0.05), .freeze = nanos(0.05), .handOver = 0, .commit = nanos(0.2), .publish = nanos(0.05)};
    batch.time.total = batch.time.plan + batch.time.logRanges + batch.time.compute + batch.time.stage + batch.time.freeze + batch.time.publish + nanos(0.05);
    batch.nodes = {{NodeId{"lines"}, 0, 100 * number, 0, 1'000'000}, {NodeId{"totals"}, 100 * number, 7, 0, 9'000'000, 50 + number, 4000, 7}, {NodeId{"out"}, 7, 0, 0, 100'000}};
    batch.sources = {{NodeId{"lines"}, "socket localhost:9999", "1:0", "1:400", 100 * number, 12, 3, queueFill, 0, ""}};
    batch.sinks = {{NodeId{"out"}, "console", 7, Epoch{number}}};
    return std::make_shared<const BatchProgress>(std::move(batch));
}

inline constexpr char kPlayedPipeline[] = R"js({"format": "streamwright/1", "name": "words", "settings": {"batch_interval": "1s"}, "nodes": {
"lines": {"type": "source.socket", "options": {"port": 9999}},
"totals": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "1L", "update": "coalesce(state, 0L) + size(values)", "as": "total"}},
"out": {"type": "sink.console"}}, "edges": ["lines -> totals", "totals -> out"]})js";

}
