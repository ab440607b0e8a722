// Rows through the Session: taps, live sinks, expressions on rows.
#include "tests/engine/session_room.h"

using namespace streamwright;

class SessionRowsTest : public SessionRoom {
    Q_OBJECT

private slots:
    void initTestCase_data() { addSessions(); }

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
};

QTEST_GUILESS_MAIN(SessionRowsTest)
#include "session_rows_test.moc"
