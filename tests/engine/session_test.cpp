// A Session from outside: what it answers, and that it answers always. The same tests for a run in this process, in
// a process of its own, and attached to over a socket.
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

using namespace streamwright;

namespace {

const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

Document documentOf(const std::string& text)
{
    const DocumentRead read = readDocument(text);
    if (!read.document) qFatal("%s", read.diagnostics.front().message.c_str());
    return *read.document;
}

// Generated rows through one node into sink.discard.
Document through(const std::string& node, const std::string& settings = R"("batch_interval": "10ms")", int64_t rowsPerSecond = 10'000)
{
    return documentOf(fmt::format(R"({{"format": "streamwright/1", "name": "through", "settings": {{{}}},
        "nodes": {{"in": {{"type": "source.generate", "options": {{"rows_per_second": {}, "columns": ["row AS id", "concat('word', row % 7) AS word"]}}}},
                  "middle": {}, "out": {{"type": "sink.discard"}}}},
        "edges": ["in -> middle", "middle -> out"]}})", settings, rowsPerSecond, node));
}

Document wordCount(const std::string& settings = R"("batch_interval": "10ms")")
{
    return through(R"js({"type": "update_state_by_key", "options": {"keys": ["word"], "values": "id", "update": "coalesce(state, 0L) + size(values)", "as": "total"}})js", settings);
}

Result<void> pause(Session& session) { return ask<void>([&](CallOptions call, auto answer) { session.pause(call, answer); }); }
Result<void> resume(Session& session) { return ask<void>([&](CallOptions call, auto answer) { session.resume(call, answer); }); }
Result<void> step(Session& session, int64_t batches) { return ask<void>([&](CallOptions call, auto answer) { session.step(batches, call, answer); }); }
Result<void> stop(Session& session, StopHow how) { return ask<void>([&](CallOptions call, auto answer) { session.stop(how, call, answer); }); }
Result<Started> start(Session& session, StartRequest request) { return ask<Started>([&](CallOptions call, auto answer) { session.start(std::move(request), call, answer); }); }
Result<SessionSnapshot> snapshot(Session& session, Moment moment = Moment::live()) { return ask<SessionSnapshot>([&](CallOptions call, auto answer) { session.snapshot(moment, call, answer); }); }
Result<Batches> history(Session& session, HistoryQuery query) { return ask<Batches>([&](CallOptions call, auto answer) { session.history(query, call, answer); }); }
std::vector<RecordedRun> runs(Session& session)
{
    const auto runs = ask<std::vector<RecordedRun>>([&](CallOptions call, auto answer) { session.runs(call, answer); });
    return runs ? *runs : std::vector<RecordedRun>();
}
Result<Timeline> timeline(Session& session, TimelineQuery query) { return ask<Timeline>([&](CallOptions call, auto answer) { session.timeline(std::move(query), call, answer); }); }
Result<LivePage> live(Session& session, LiveQuery query) { return ask<LivePage>([&](CallOptions call, auto answer) { session.live(std::move(query), call, answer); }); }
Result<TapPage> tap(Session& session, TapQuery query) { return ask<TapPage>([&](CallOptions call, auto answer) { session.tap(std::move(query), call, answer); }); }
Result<PlanReport> plan(Session& session, StartRequest request) { return ask<PlanReport>([&](CallOptions call, auto answer) { session.plan(std::move(request), call, answer); }); }

Result<Evaluation> evaluate(Session& session, EvaluateQuery query) { return ask<Evaluation>([&](CallOptions call, auto answer) { session.evaluate(std::move(query), call, answer); }); }
Result<StatePage> statePage(Session& session, StateQuery query) { return ask<StatePage>([&](CallOptions call, auto answer) { session.statePage(std::move(query), call, answer); }); }
Result<RewindReport> rewind(Session& session, RewindRequest request) { return ask<RewindReport>([&](CallOptions call, auto answer) { session.rewind(request, call, answer); }); }
std::vector<StateInfo> statesOf(Session& session)
{
    const auto states = ask<std::vector<StateInfo>>([&](CallOptions call, auto answer) { session.states(Moment::live(), call, answer); });
    return states ? *states : std::vector<StateInfo>();
}

// Running totals into files, with a checkpoint beside them.
Document intoFiles()
{
    return documentOf(R"js({"format": "streamwright/1", "name": "files", "settings": {"batch_interval": "10ms", "checkpoint": "checkpoint"},
        "nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 10000, "columns": ["row AS id", "concat('word', row % 7) AS word"], "seed": 1}},
                  "middle": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "id", "update": "coalesce(state, 0L) + size(values)", "as": "total"}},
                  "files": {"type": "sink.files", "options": {"path": "out", "format": "json"}}},
        "edges": ["in -> middle", "middle -> files"]})js");
}

// A paused run that has made `batches`.
void startStepped(Session& session, Document document, int64_t batches)
{
    const auto started = start(session, {.document = std::move(document), .paused = true});
    if (!started) qFatal("%s", started.error().message.c_str());
    if (auto stepped = step(session, batches); !stepped) qFatal("%s", stepped.error().message.c_str());
}

QString textOf(const Error& error) { return QString::fromStdString(error.message); }

}

class SessionTest : public QObject {
    Q_OBJECT

protected:
    virtual std::unique_ptr<Session> makeSession() = 0;

private slots:
    void nothingStartedIsAnsweredToo()
    {
        const auto session = makeSession();
        QVERIFY(snapshot(*session).value().run == nullptr);
        QVERIFY(!pause(*session));
        QVERIFY(!tap(*session, {.node = {"in"}}));
        QVERIFY(history(*session, {}).value().empty());
    }

    void aRunStartsPausesStepsAndStops()
    {
        const auto session = makeSession();
        const auto started = start(*session, {.document = wordCount()});
        QVERIFY2(started.has_value(), started ? "" : started.error().message.c_str());
        QVERIFY(!started->runId.empty());
        QVERIFY(!start(*session, {.document = wordCount()}));
        QVERIFY(pause(*session));
        const int64_t batches = snapshot(*session)->run->batches;
        QVERIFY(snapshot(*session)->run->state == RunState::Paused);
        QVERIFY(step(*session, 3));
        QCOMPARE(snapshot(*session)->run->batches, batches + 3);
        QVERIFY(snapshot(*session)->run->state == RunState::Paused);
        QVERIFY(resume(*session));
        QVERIFY(!step(*session, 1));
        QVERIFY(stop(*session, StopHow::AfterBatch));
        QVERIFY(snapshot(*session)->run->state == RunState::Stopped);
        QVERIFY(snapshot(*session)->failure.message.empty());
        QVERIFY(!pause(*session));
        QVERIFY(start(*session, {.document = wordCount()}));
    }

    void aPausedStartMakesNoBatchBeforeAStep()
    {
        const auto session = makeSession();
        QVERIFY(start(*session, {.document = wordCount(), .paused = true}));
        QVERIFY(pause(*session));
        QCOMPARE(snapshot(*session)->run->batches, 0);
        QVERIFY(step(*session, 1));
        QCOMPARE(snapshot(*session)->run->batches, 1);
    }

    // Memory forgets what the checkpoint keeps: another session, and the next runs, know the batches of those before.
    void historySurvivesTheRun()
    {
        const QTemporaryDir folder;
        const auto request = [&](StartRequest::Begin begin) { return StartRequest{.document = wordCount(R"("batch_interval": "10ms", "checkpoint": "checkpoint")"), .folder = folder.path().toStdString(), .begin = begin, .paused = true}; };
        const auto runFor = [&](Session& session, int64_t batches, StartRequest::Begin begin = StartRequest::Begin::Continue) {
            const auto started = start(session, request(begin));
            if (!started) qFatal("%s", started.error().message.c_str());
            if (!step(session, batches) || !stop(session, StopHow::AfterBatch)) qFatal("the run did not go on");
            return started->runId;
        };
        const std::string first = runFor(*makeSession(), 6);
        const auto session = makeSession();
        session->browse(request(StartRequest::Begin::Continue));
        QCOMPARE(history(*session, {})->size(), size_t{6});
        QCOMPARE(history(*session, {.after = 2, .most = 2})->front()->number, 5);
        QCOMPARE(runs(*session).size(), size_t{1});
        QCOMPARE(timeline(*session, {})->points.size(), size_t{6});
        const std::string second = runFor(*session, 2);
        QCOMPARE(history(*session, {})->size(), size_t{2});
        QCOMPARE(history(*session, {})->front()->number, 7);
        QCOMPARE(history(*session, {.run = first})->size(), size_t{6});
        QCOMPARE(timeline(*session, {})->points.size(), size_t{8});
        // What was set aside is still there to be compared with.
        runFor(*session, 3, StartRequest::Begin::Fresh);
        const auto all = runs(*session);
        QCOMPARE(all.size(), size_t{3});
        QVERIFY(all[0].runId == first && all[1].runId == second && all[1].first == 7 && all[1].last == 8);
        QCOMPARE(timeline(*session, {})->points.size(), size_t{3});
        QCOMPARE(timeline(*session, {.run = first})->points.size(), size_t{6});
        QVERIFY(!timeline(*session, {.run = "none"}));
    }

    // What a live sink shows, now, after an earlier batch, and when the run has ended; a preview shows it too.
    void liveSinksShowTheirRows()
    {
        for (const auto mode : {StartRequest::Mode::Run, StartRequest::Mode::Preview}) {
            const auto session = makeSession();
            QVERIFY(!live(*session, {.node = {"shown"}}));
            const Document document = documentOf(R"js({"format": "streamwright/1", "settings": {"batch_interval": "10ms"},
                "nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 10000, "columns": ["concat('word', row % 7) AS word", "row AS n"]}},
                          "shown": {"type": "sink.table", "options": {"show": "per_key", "keys": ["word"], "rows": 3}}},
                "edges": ["in -> shown"]})js");
            QVERIFY(start(*session, {.document = document, .mode = mode, .paused = true}));
            QCOMPARE(live(*session, {.node = {"shown"}})->batch, 0);
            QVERIFY(step(*session, 3));
            const auto now = *live(*session, {.node = {"shown"}});
            QVERIFY(now.layout.kind == LiveLayout::Kind::Table && now.batch == 3 && now.grid.rows.size() == 3 && now.grid.schema.size() == 2);
            QCOMPARE(live(*session, {.node = {"shown"}, .moment = Moment::ofBatch(2)})->batch, 2);
            QVERIFY(!live(*session, {.node = {"in"}}));
            QVERIFY(stop(*session, StopHow::AfterBatch));
            QCOMPARE(live(*session, {.node = {"shown"}})->batch, 3);
        }
    }

    void historyHoldsTheBatchesUpToAMoment()
    {
        const auto session = makeSession();
        startStepped(*session, wordCount(), 6);
        QCOMPARE(history(*session, {})->size(), size_t{6});
        const Batches some = *history(*session, {.after = 1, .most = 2, .moment = Moment::ofBatch(4)});
        QCOMPARE(some.size(), size_t{2});
        QCOMPARE(some[0]->number, 3);
        QCOMPARE(some[1]->number, 4);
        QCOMPARE(snapshot(*session, Moment::ofBatch(2))->run->last->number, 2);
        QVERIFY(!snapshot(*session, Moment::ofBatch(99)));
    }

    void aTapShowsWhatLeftAPort()
    {
        const auto session = makeSession();
        startStepped(*session, wordCount(), 3);
        const auto page = tap(*session, {.node = {"in"}, .most = 5, .profile = true, .json = true});
        QVERIFY2(page.has_value(), page ? "" : page.error().message.c_str());
        QCOMPARE(page->batch, 3);
        QCOMPARE(page->rowsInBatch, 100);
        QVERIFY(page->complete);
        QCOMPARE(page->grid.schema.size(), size_t{2});
        QCOMPARE(page->grid.rows.size(), size_t{5});
        QCOMPARE(page->json.size(), size_t{5});
        QCOMPARE(page->profile.size(), size_t{2});
        QCOMPARE(page->batches, (std::vector<int64_t>{1, 2, 3}));
        const auto words = tap(*session, {.node = {"out"}, .filter = "word = 'word3'"});
        QVERIFY2(words.has_value(), words ? "" : words.error().message.c_str());
        QCOMPARE(words->grid.rows.size(), size_t{1});
        QCOMPARE(words->rowsInBatch, 7);
        QCOMPARE(tap(*session, {.node = {"in"}, .moment = Moment::ofBatch(2)})->batch, 2);
        QVERIFY(!tap(*session, {.node = {"in"}, .moment = Moment::ofBatch(77)}));
        QVERIFY(!tap(*session, {.node = {"nobody"}}));
        QVERIFY(!tap(*session, {.node = {"in"}, .filter = "nothing = 1"}));
    }

    void aTapKeepsTheFirstOfManyAndWhatWasAskedFor()
    {
        const auto session = makeSession();
        startStepped(*session, through(R"({"type": "filter", "options": {"condition": "true"}})", R"("batch_interval": "1s")", 20'000), 1);
        const TapPage first = *tap(*session, {.node = {"middle"}});
        QCOMPARE(first.rowsInBatch, 20'000);
        QVERIFY(!first.complete);
        QCOMPARE(first.grid.rows.size(), size_t{256});
        QCOMPARE(first.grid.rows[255][0].text, std::string("255"));
        QVERIFY(tap(*session, {.node = {"middle"}, .sample = TapQuery::Sample::Last}));
        QVERIFY(step(*session, 1));
        const TapPage last = *tap(*session, {.node = {"middle"}, .sample = TapQuery::Sample::Random});
        QCOMPARE(last.batch, 2);
        QCOMPARE(last.grid.rows.size(), size_t{256});
        QCOMPARE(last.grid.rows[255][0].text, std::string("39999"));
        QVERIFY(step(*session, 1));
        const TapPage random = *tap(*session, {.node = {"middle"}});
        QCOMPARE(random.grid.rows.size(), size_t{256});
        QVERIFY(std::stoll(random.grid.rows[255][0].text) - std::stoll(random.grid.rows[0][0].text) > 15'000);
    }

    void longCellsAreCutWhenAnswered()
    {
        const auto session = makeSession();
        startStepped(*session, through(R"js({"type": "select", "options": {"columns": ["repeat('ä', 3000) AS long"]}})js"), 1);
        const Cell cell = tap(*session, {.node = {"middle"}, .most = 1})->grid.rows[0][0];
        QCOMPARE(cell.cutFrom, 6000);
        QCOMPARE(cell.text.size(), size_t{4096});
    }

    void aPlanSaysWhatAStartWouldDo()
    {
        const auto session = makeSession();
        const PlanReport report = *plan(*session, {.document = wordCount()});
        QCOMPARE(report.states.size(), size_t{1});
        QVERIFY(report.states[0].fate == StateFate::Fresh);
        const PlanReport wrong = *plan(*session, {.document = through(R"({"type": "filter", "options": {"condition": "nothing"}})")});
        QVERIFY(hasErrors(wrong.diagnostics));
    }

    void aMistakeInTheDocumentIsTheAnswer()
    {
        const auto session = makeSession();
        const auto started = start(*session, {.document = through(R"({"type": "filter", "options": {"condition": "nothing"}})")});
        QVERIFY(!started);
        QVERIFY2(textOf(started.error()).contains("middle.condition"), started.error().message.c_str());
        QVERIFY(snapshot(*session)->run->state == RunState::Failed);
    }

    void stopAtOnceEndsAnEndlessLambda()
    {
        const auto session = makeSession();
        QVERIFY(start(*session, {.document = through(R"js({"type": "select", "options": {"columns": ["aggregate(sequence(1, 2000000000), 0L, (a, x) -> a + x) AS slow"]}})js", R"("batch_interval": "10ms", "memory": "64GiB")")}));
        stopsWithinASecond(*session);
    }

    // A hundred rows of a hundred megabytes.
    void tenGigabytesOfRepeatEndWithTheBudgetAndNameTheNode()
    {
        const auto session = makeSession();
        QVERIFY(start(*session, {.document = through(R"js({"type": "select", "options": {"columns": ["repeat(word, 20000000) AS long"]}})js", R"("batch_interval": "10ms", "memory": "64MiB")")}));
        QVERIFY(untilEnded(*session));
        const SessionSnapshot now = *snapshot(*session);
        QVERIFY(now.run->state == RunState::Failed);
        QVERIFY2(textOf(now.failure).contains("node middle"), now.failure.message.c_str());
    }

    void aCancelledCallIsAnsweredAtOnce()
    {
        const auto session = makeSession();
        QVERIFY(start(*session, {.document = wordCount(R"("batch_interval": "1h")"), .paused = true}));
        QVERIFY(pause(*session));
        const Asked<void> asked;
        CallOptions call{.answerOn = answersElsewhere(), .deadline = seconds(3600)};
        session->step(1, call, asked.answer());
        QCOMPARE(asked.count(), 0);
        call.cancel.request();
        const auto answer = asked.wait();
        QVERIFY(!answer);
        QVERIFY(answer.error().kind == ErrorKind::Transient);
        QVERIFY(stop(*session, StopHow::AtOnce));
        QCOMPARE(asked.count(), 1);
    }

    void aDeadlineAnswers()
    {
        const auto session = makeSession();
        QVERIFY(start(*session, {.document = wordCount(R"("batch_interval": "1h")"), .paused = true}));
        QVERIFY(pause(*session));
        const auto late = ask<void>([&](CallOptions call, auto answer) { session->step(1, call, answer); }, milliseconds(50));
        QVERIFY(!late);
        QVERIFY2(textOf(late.error()).contains("50ms"), late.error().message.c_str());
    }

    void whoWaitsIsAnsweredWhenTheSessionGoes()
    {
        auto session = makeSession();
        QVERIFY(start(*session, {.document = wordCount(R"("batch_interval": "1h")"), .paused = true}));
        QVERIFY(pause(*session));
        std::vector<Asked<void>> waiting(20);
        for (const auto& asked : waiting) session->step(1, {.answerOn = answersElsewhere(), .deadline = seconds(3600)}, asked.answer());
        session.reset();
        for (const auto& asked : waiting) {
            QVERIFY(!asked.wait());
            QCOMPARE(asked.count(), 1);
        }
    }

    void theLogTellsLinesAfterANumber()
    {
        const auto session = makeSession();
        QVERIFY(start(*session, {.document = through(R"js({"type": "filter", "options": {"condition": "1 / (id - 3) > 0"}})js"), .paused = true}));
        QVERIFY(step(*session, 1));
        const auto all = ask<std::vector<LogLine>>([&](CallOptions call, auto answer) { session->log(0, call, answer); });
        QVERIFY(!all->empty());
        QVERIFY(QString::fromStdString(all->back().text).contains("rejected"));
        QCOMPARE(snapshot(*session)->newestLogLine, all->back().number);
        QVERIFY(ask<std::vector<LogLine>>([&](CallOptions call, auto answer) { session->log(all->back().number, call, answer); })->empty());
    }

    void anExpressionIsEvaluatedOnTapRows()
    {
        const auto session = makeSession();
        startStepped(*session, wordCount(), 1);
        const auto value = evaluate(*session, {.expression = "concat(word, '!')", .node = {"in"}});
        QVERIFY2(value.has_value(), value ? "" : value.error().message.c_str());
        QCOMPARE(value->values.size(), size_t{5});
        QCOMPARE(value->values[3].text, std::string("word3!"));
        QCOMPARE(value->inputs.schema.names(), (std::vector<std::string>{"word"}));
        const auto failing = evaluate(*session, {.expression = "1 / (id - 2)", .node = {"in"}});
        QVERIFY(failing->errors[0].empty());
        QVERIFY(QString::fromStdString(failing->errors[2]).contains("zero"));
        QVERIFY(!evaluate(*session, {.expression = "nothing + 1", .node = {"in"}}));
    }

    void anExpressionIsEvaluatedOnGivenRowsWhenNothingRuns()
    {
        const auto session = makeSession();
        EvaluateQuery query{.expression = "a + 1", .rows = {R"({"a": 1})", R"({"a": null})"}};
        query.schema = *parseSchema("a BIGINT");
        const auto value = evaluate(*session, query);
        QVERIFY2(value.has_value(), value ? "" : value.error().message.c_str());
        QCOMPARE(value->values[0].text, std::string("2"));
        QVERIFY(value->values[1].null);
    }

    void anEndlessExpressionIsCutOff()
    {
        const auto session = makeSession();
        startStepped(*session, wordCount(), 1);
        QElapsedTimer timer;
        timer.start();
        const auto endless = evaluate(*session, {.expression = "aggregate(sequence(1, 2000000000 - CAST(id AS INT)), 0L, (a, x) -> a + x)", .node = {"in"}});
        QVERIFY2(endless.has_value(), endless ? "" : endless.error().message.c_str());
        QVERIFY(!endless->errors[0].empty());
        const auto large = evaluate(*session, {.expression = "repeat(word, 100000000)", .node = {"in"}});
        QVERIFY(!large->errors[0].empty());
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
    }

    void aPreviewOpensNoSinkAndWritesNothing()
    {
        QTemporaryDir folder;
        const auto session = makeSession();
        QVERIFY(start(*session, {.document = intoFiles(), .folder = folder.path().toStdString(), .mode = StartRequest::Mode::Preview, .paused = true}));
        QVERIFY(step(*session, 3));
        QVERIFY(tap(*session, {.node = {"files"}})->rowsInBatch > 0);
        QVERIFY(QTest::qWaitFor([&] { return snapshot(*session)->run->decided.value == 3; }, 10'000));
        QVERIFY(!statesOf(*session).empty());
        QVERIFY(QDir(folder.path()).isEmpty());
        QVERIFY(stop(*session, StopHow::AfterBatch));
        QVERIFY(QDir(folder.path()).isEmpty());
        QVERIFY(start(*session, {.document = intoFiles(), .folder = folder.path().toStdString(), .paused = true}));
        QVERIFY(step(*session, 1));
        QVERIFY(!QDir(folder.path()).isEmpty());
    }

    void statesAreBrowsedWhileARunGoesAndAfterIt()
    {
        QTemporaryDir folder;
        const StartRequest request{.document = intoFiles(), .folder = folder.path().toStdString(), .paused = true};
        {
            const auto session = makeSession();
            QVERIFY(start(*session, request));
            QVERIFY(step(*session, 4));
            QVERIFY(plan(*session, request)->exists);
            QVERIFY(QTest::qWaitFor([&] { return snapshot(*session)->run->decided.value == 4; }, 10'000));
            QCOMPARE(statesOf(*session).size(), size_t{1});
            QVERIFY(!rewind(*session, {.epoch = {2}, .dryRun = false}));
        }
        const auto session = makeSession();
        QVERIFY(statesOf(*session).empty());
        session->browse(request);
        const auto found = ask<std::vector<EpochInfo>>([&](CallOptions call, auto answer) { session->epochs(call, answer); });
        QVERIFY2(found.has_value(), found ? "" : found.error().message.c_str());
        QCOMPARE(found->back().epoch.value, 4);
        const auto page = statePage(*session, {.node = {"middle"}, .search = {.from = 1, .limit = 2}, .sortBy = "word", .descending = true});
        QVERIFY2(page.has_value(), page ? "" : page.error().message.c_str());
        QCOMPARE(page->matching, 7);
        QCOMPARE(page->grid.rows.size(), size_t{2});
        QCOMPARE(page->grid.rows[0][static_cast<size_t>(*page->grid.schema.indexOf("word"))].text, std::string("word5"));
        QCOMPARE(statePage(*session, {.node = {"middle"}, .search = {.key = "word3"}})->matching, 1);
        QVERIFY(!statePage(*session, {.node = {"middle"}, .sortBy = "nothing"}));
        const auto changes = ask<std::vector<StateDifference>>([&](CallOptions call, auto answer) { session->diff({.from = Moment::ofBatch(1), .to = Moment::ofBatch(3)}, call, answer); });
        QCOMPARE(changes->front().changed, 7);
    }

    void aRewindTellsCopiesAndGoesBack()
    {
        QTemporaryDir folder;
        const StartRequest request{.document = intoFiles(), .folder = folder.path().toStdString(), .paused = true};
        const auto session = makeSession();
        QVERIFY(start(*session, request));
        QVERIFY(step(*session, 3));
        QVERIFY(stop(*session, StopHow::AfterBatch));
        const auto told = rewind(*session, {.epoch = {2}});
        QVERIFY2(told.has_value(), told ? "" : told.error().message.c_str());
        QCOMPARE(told->sinks.size(), size_t{1});
        QCOMPARE(told->sources.size(), size_t{1});
        QVERIFY(told->copy.empty());
        QCOMPARE(told->sinks[0].what, std::string("batch 3: its files stay; the rows come again, in files of the next incarnation"));
        QCOMPARE(told->sources[0].what, std::string("what batch 3 read is read again, as it is there now"));
        QVERIFY(told->canReadAgain && !told->sources[0].loses);
        const auto done = rewind(*session, {.epoch = {2}, .dryRun = false});
        QVERIFY2(done.has_value(), done ? "" : done.error().message.c_str());
        QVERIFY(std::filesystem::exists(done->copy / "checkpoint.sqlite"));
        const auto found = ask<std::vector<EpochInfo>>([&](CallOptions call, auto answer) { session->epochs(call, answer); });
        QCOMPARE(found->back().epoch.value, 2);
        QVERIFY(!rewind(*session, {.epoch = {77}}));
    }

private:
    // In the middle of its first batch.
    static void stopsWithinASecond(Session& session)
    {
        QVERIFY(QTest::qWaitFor([&] { return snapshot(session)->run->working == 1; }, 20'000));
        QElapsedTimer timer;
        timer.start();
        QVERIFY(stop(session, StopHow::AtOnce));
        QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(snapshot(session)->run->state == RunState::Stopped);
    }
    static bool untilEnded(Session& session)
    {
        return QTest::qWaitFor([&] { return snapshot(session)->run->state >= RunState::Finished; }, 20'000);
    }
};

class LocalSessionTest : public SessionTest {
    Q_OBJECT

protected:
    std::unique_ptr<Session> makeSession() override { return localSession(catalog()); }
};

// A child `streamwright run --listen`.
class OwnProcessTest : public SessionTest {
    Q_OBJECT

protected:
    std::unique_ptr<Session> makeSession() override { return remoteSession(std::make_shared<OwnProcess>(PROGRAM_FOLDER "/streamwright")); }
};

// A session in this process, reached through its server; both go together.
class AttachedTest : public SessionTest {
    Q_OBJECT

protected:
    std::unique_ptr<Session> makeSession() override
    {
        served_.push_back(std::make_unique<Served>());
        return remoteSession(placeAt({served_.back()->server->address(), served_.back()->token}));
    }

private slots:
    void cleanup() { served_.clear(); }

private:
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
    std::vector<std::unique_ptr<Served>> served_;
};

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    // What children leave for viewers to find.
    QTemporaryDir runtime;
    qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
    LocalSessionTest local;
    OwnProcessTest own;
    AttachedTest attached;
    return QTest::qExec(&local, argc, argv) + QTest::qExec(&own, argc, argv) + QTest::qExec(&attached, argc, argv);
}
#include "session_test.moc"
