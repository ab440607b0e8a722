// What a checkpoint keeps, through the Session: history, states, rewind.
#include "tests/engine/session_room.h"

using namespace streamwright;

class SessionStateTest : public SessionRoom {
    Q_OBJECT

private slots:
    void initTestCase_data() { addSessions(); }

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
};

QTEST_GUILESS_MAIN(SessionStateTest)
#include "session_state_test.moc"
