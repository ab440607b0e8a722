// A run through the Session: how it starts, is paused, stepped and stopped, and that every call is answered.
#include "tests/engine/session_room.h"

using namespace streamwright;

class SessionRunsTest : public SessionRoom {
    Q_OBJECT

private slots:
    void initTestCase_data() { addSessions(); }

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

QTEST_GUILESS_MAIN(SessionRunsTest)
#include "session_runs_test.moc"
