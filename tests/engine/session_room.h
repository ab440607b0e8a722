// A Session from outside, of each kind: in this process, in a process of its own, and attached to over a socket. What a test
// asks it, and the pipelines it runs.
#pragma once
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "engine/remote/own_process.h"
#include "engine/remote/server.h"
#include "engine/remote/token.h"
#include "tests/engine/asked.h"

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <fmt/format.h>

namespace streamwright {

inline const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

inline Document documentOf(const std::string& text)
{
    const DocumentRead read = readDocument(text);
    if (!read.document) qFatal("%s", read.diagnostics.front().message.c_str());
    return *read.document;
}

// Generated rows through one node into sink.discard.
inline Document through(const std::string& node, const std::string& settings = R"("batch_interval": "10ms")", int64_t rowsPerSecond = 10'000)
{
    return documentOf(fmt::format(R"({{"format": "streamwright/1", "name": "through", "settings": {{{}}},
        "nodes": {{"in": {{"type": "source.generate", "options": {{"rows_per_second": {}, "columns": ["row AS id", "concat('word', row % 7) AS word"]}}}},
                  "middle": {}, "out": {{"type": "sink.discard"}}}},
        "edges": ["in -> middle", "middle -> out"]}})", settings, rowsPerSecond, node));
}

inline Document wordCount(const std::string& settings = R"("batch_interval": "10ms")")
{
    return through(R"js({"type": "update_state_by_key", "options": {"keys": ["word"], "values": "id", "update": "coalesce(state, 0L) + size(values)", "as": "total"}})js", settings);
}

inline Result<void> pause(Session& session) { return ask<void>([&](CallOptions call, auto answer) { session.pause(call, answer); }); }
inline Result<void> resume(Session& session) { return ask<void>([&](CallOptions call, auto answer) { session.resume(call, answer); }); }
inline Result<void> step(Session& session, int64_t batches) { return ask<void>([&](CallOptions call, auto answer) { session.step(batches, call, answer); }); }
inline Result<void> stop(Session& session, StopHow how) { return ask<void>([&](CallOptions call, auto answer) { session.stop(how, call, answer); }); }
inline Result<Started> start(Session& session, StartRequest request) { return ask<Started>([&](CallOptions call, auto answer) { session.start(std::move(request), call, answer); }); }
inline Result<SessionSnapshot> snapshot(Session& session, Moment moment = Moment::live()) { return ask<SessionSnapshot>([&](CallOptions call, auto answer) { session.snapshot(moment, call, answer); }); }
inline Result<Batches> history(Session& session, HistoryQuery query) { return ask<Batches>([&](CallOptions call, auto answer) { session.history(query, call, answer); }); }
inline std::vector<RecordedRun> runs(Session& session)
{
    const auto runs = ask<std::vector<RecordedRun>>([&](CallOptions call, auto answer) { session.runs(call, answer); });
    return runs ? *runs : std::vector<RecordedRun>();
}
inline Result<Timeline> timeline(Session& session, TimelineQuery query) { return ask<Timeline>([&](CallOptions call, auto answer) { session.timeline(std::move(query), call, answer); }); }
inline Result<LivePage> live(Session& session, LiveQuery query) { return ask<LivePage>([&](CallOptions call, auto answer) { session.live(std::move(query), call, answer); }); }
inline Result<TapPage> tap(Session& session, TapQuery query) { return ask<TapPage>([&](CallOptions call, auto answer) { session.tap(std::move(query), call, answer); }); }
inline Result<PlanReport> plan(Session& session, StartRequest request) { return ask<PlanReport>([&](CallOptions call, auto answer) { session.plan(std::move(request), call, answer); }); }

inline Result<Evaluation> evaluate(Session& session, EvaluateQuery query) { return ask<Evaluation>([&](CallOptions call, auto answer) { session.evaluate(std::move(query), call, answer); }); }
inline Result<StatePage> statePage(Session& session, StateQuery query) { return ask<StatePage>([&](CallOptions call, auto answer) { session.statePage(std::move(query), call, answer); }); }
inline Result<RewindReport> rewind(Session& session, RewindRequest request) { return ask<RewindReport>([&](CallOptions call, auto answer) { session.rewind(request, call, answer); }); }
inline std::vector<StateInfo> statesOf(Session& session)
{
    const auto states = ask<std::vector<StateInfo>>([&](CallOptions call, auto answer) { session.states(Moment::live(), call, answer); });
    return states ? *states : std::vector<StateInfo>();
}

// Running totals into files, with a checkpoint beside them.
inline Document intoFiles()
{
    return documentOf(R"js({"format": "streamwright/1", "name": "files", "settings": {"batch_interval": "10ms", "checkpoint": "checkpoint"},
        "nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 10000, "columns": ["row AS id", "concat('word', row % 7) AS word"], "seed": 1}},
                  "middle": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "id", "update": "coalesce(state, 0L) + size(values)", "as": "total"}},
                  "files": {"type": "sink.files", "options": {"path": "out", "format": "json"}}},
        "edges": ["in -> middle", "middle -> files"]})js");
}

// A paused run that has made `batches`.
inline void startStepped(Session& session, Document document, int64_t batches)
{
    const auto started = start(session, {.document = std::move(document), .paused = true});
    if (!started) qFatal("%s", started.error().message.c_str());
    if (auto stepped = step(session, batches); !stepped) qFatal("%s", stepped.error().message.c_str());
}

inline QString textOf(const Error& error) { return QString::fromStdString(error.message); }

// Every test runs once for each kind of Session: a test class adds them in its initTestCase_data.
class SessionRoom : public QObject {
protected:
    void addSessions()
    {
        // What children leave for viewers to find.
        qputenv("XDG_RUNTIME_DIR", runtime_.path().toUtf8());
        QTest::addColumn<QByteArray>("where");
        for (const char* where : {"this process", "own process", "attached"}) QTest::newRow(where) << QByteArray(where);
    }
    std::unique_ptr<Session> makeSession()
    {
        QFETCH_GLOBAL(QByteArray, where);
        if (where == "this process") return localSession(catalog());
        // A child `streamwright run --listen`.
        if (where == "own process") return remoteSession(std::make_shared<OwnProcess>(PROGRAM_FOLDER "/streamwright"));
        served_ = std::make_unique<Served>();
        return remoteSession(placeAt({served_->server->address(), served_->token}));
    }

private:
    // A session in this process, reached through its server.
    struct Served {
        std::string token = newToken();
        std::unique_ptr<Session> session = localSession(catalog());
        std::unique_ptr<SessionServer> server = listenTo(*session, token);

        static std::unique_ptr<SessionServer> listenTo(Session& session, const std::string& token)
        {
            auto server = SessionServer::listen(session, {.token = token});
            if (!server) qFatal("%s", server.error().message.c_str());
            return std::move(*server);
        }
    };
    QTemporaryDir runtime_;
    std::unique_ptr<Served> served_;
};

}
