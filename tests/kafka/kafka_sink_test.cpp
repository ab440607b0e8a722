// sink.kafka against a real broker, through the real program. What is in the topic is read by kcat, committed records only.
#include "tests/faults/random_faults.h"
#include "tests/kafka/kafka_proxy.h"
#include "tests/kafka/kafka_room.h"

using namespace streamwright;

namespace {

constexpr int kBatches = 8;
constexpr int kRows = 10;

QByteArray sink(const QByteArray& topic, const QByteArray& more = {}, const QByteArray& brokers = Broker::brokers())
{
    return R"({"type": "sink.kafka", "options": {"brokers": ")" + brokers + R"(", "topic": ")" + topic + "\"" + more + "}}";
}

// Rows 0, 1, 2 … in a file, `kRows` a batch, written to the topic.
void writePipeline(SourceRoom& room, const QByteArray& sink, int batches = kBatches)
{
    QByteArray lines;
    for (int batch = 0; batch < batches; ++batch) lines += '[' + numbers(batch * kRows, kRows).join(',') + "]\n";
    room.put("rows.jsonl", lines);
    room.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "n BIGINT"}}, "out": )" + sink, R"("in -> out")", R"("batch_interval": "1s")");
}

int runVirtual(SourceRoom& room, const SourceRoom::Environment& variables = {})
{
    room.start({"--clock", "virtual", "--progress", "none"}, variables);
    return room.finish();
}

const QByteArray kValue = R"(, "value": "n")";

}

class KafkaSinkTest : public QObject {
    Q_OBJECT

private slots:
    void everythingThatARecordHas()
    {
        const QByteArray topic = broker_.topic(3);
        SourceRoom room;
        room.put("rows.jsonl", R"([{"n": 1, "word": "a", "at": "2023-11-14T22:13:20.123Z", "p": 2}, {"n": 2, "word": null, "at": null, "p": 0}])" "\n");
        room.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "n BIGINT, word STRING, at TIMESTAMP, p INT"}}, "out": )" +
                      sink(topic, R"(, "key": "n", "value": "word", "headers": {"h": "'x' || n", "none": "word"}, "partition": "p", "timestamp": "at")"), R"("in -> out")", R"("batch_interval": "1s")");
        QVERIFY2(runVirtual(room) == 0, room.output());
        QCOMPARE(broker_.read(topic, "%p|%k|%s|%S|%h|%T\n", {"-p", "2"}), (QByteArrayList{"2|1|a|1|h=x1,none=a|1700000000123"}));
        const QByteArray second = broker_.read(topic, "%p|%k|%s|%S|%h\n", {"-p", "0"}).first();
        QVERIFY2(second.startsWith("0|2||-1|h=x2,none="), second);
    }

    void wholeRows_data()
    {
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<QByteArray>("record");
        QTest::newRow("json") << QByteArray() << QByteArray(R"({"n":0})");
        QTest::newRow("csv") << QByteArray(R"(, "format": "csv")") << QByteArray("0");
    }
    void wholeRows()
    {
        QFETCH(QByteArray, options);
        QFETCH(QByteArray, record);
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        writePipeline(room, sink(topic, options));
        QVERIFY2(runVirtual(room) == 0, room.output());
        QCOMPARE(broker_.read(topic).first(), record);
        QCOMPARE(broker_.read(topic).size(), kBatches * kRows);
    }

    // The same key goes where a Java client would put it: murmur2 of "a", "b", "c" in four partitions.
    void keysGoWhereJavaPutsThem()
    {
        const QByteArray topic = broker_.topic(4);
        SourceRoom room;
        room.put("rows.jsonl", R"(["foobar", "21", "a-little-bit-long-string"])" "\n");
        room.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "k STRING"}}, "out": )" + sink(topic, R"(, "key": "k")"), R"("in -> out")", R"("batch_interval": "1s")");
        QVERIFY2(runVirtual(room) == 0, room.output());
        // Kafka's own UtilsTest: murmur2("21") = -973932308, ("foobar") = -790332482, ("a-little-bit-long-string") = -985981536.
        const auto partition = [](int32_t hash) { return QByteArray::number((hash & 0x7fffffff) % 4); };
        QByteArrayList expected{"21 " + partition(-973932308), "a-little-bit-long-string " + partition(-985981536), "foobar " + partition(-790332482)};
        QByteArrayList found = broker_.read(topic, "%k %p\n");
        std::ranges::sort(found);
        QCOMPARE(found, expected);
    }

    void whatTheTopicDoesNotTakeIsRejected()
    {
        const QByteArray topic = broker_.topic(1, {{"max.message.bytes", "11000000"}});
        SourceRoom room;
        QByteArray rows = "[";
        for (const int size : {10 << 20, 10, 11'000'000, 10'999'900, 1}) rows += (rows.size() > 1 ? "," : "") + QByteArray::number(size);
        room.put("rows.jsonl", rows + "]\n");
        room.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "n INT"}}, "bad": {"type": "sink.files", "options": {"path": "bad", "format": "json"}}, "out": )" +
                      sink(topic, ", \"value\": \"repeat('x', n)\""), R"("in -> out", "out.rejected -> bad")", R"("batch_interval": "1s")");
        QVERIFY2(runVirtual(room) == 0, room.output());
        const QByteArrayList sizes = broker_.read(topic, "%S\n");
        QCOMPARE(sizes, (QByteArrayList{QByteArray::number(10 << 20), "10", "10999900", "1"}));
        QCOMPARE(room.values("bad", "reason"), (QByteArrayList{"the record takes 11000097 bytes, the topic takes 11000000"}));
    }

    // Dies at every step of a batch's life and of recovery; what committed readers see is what an undisturbed run writes.
    void killedAtEveryStep_data()
    {
        QTest::addColumn<QStringList>("crashes");
        for (const char* step : {"batch_begun", "ranges_planned", "ranges_logged", "computed", "staging", "staged", "frozen", "outbox_sealed", "deciding", "decided", "publishing", "published", "cleared", "sources_told", "batch_ended"}) {
            QTest::newRow(step) << QStringList{QString("%1:4").arg(step)};
        }
        for (const char* step : {"opened", "state_restored", "sinks_opened", "recovery_publishing", "recovery_published", "recovered"}) {
            QTest::newRow(qPrintable(QString("decided, then %1").arg(step))) << QStringList{"decided:4", QString(step)};
        }
    }
    void killedAtEveryStep()
    {
        QFETCH(QStringList, crashes);
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        writePipeline(room, sink(topic, kValue));
        for (const QString& crash : crashes) QCOMPARE(runVirtual(room, {{"STREAMWRIGHT_CRASH", crash}}), -1);
        QVERIFY2(runVirtual(room) == 0, room.output());
        QCOMPARE(broker_.read(topic), numbers(0, kBatches * kRows));
    }

    // The commit was sent, its answer is lost, the program dies: the marker tells the next run.
    void theAnswerToACommitIsLost_data()
    {
        QTest::addColumn<bool>("arrives");
        QTest::addColumn<bool>("dies");
        QTest::newRow("it arrived, the program dies") << true << true;
        QTest::newRow("it never arrived, the program dies") << false << true;
        QTest::newRow("it arrived, the program goes on") << true << false;
        QTest::newRow("it never arrived, the program goes on") << false << false;
    }
    void theAnswerToACommitIsLost()
    {
        QFETCH(bool, arrives);
        QFETCH(bool, dies);
        KafkaProxy proxy(front_, behind_);
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        // A broker aborts a transaction that takes longer than this.
        writePipeline(room, sink(topic, kValue + R"(, "transaction_timeout": "2s")", front_.c_str()));
        room.start({"--clock", "virtual", "--progress", "none"}, {{"STREAMWRIGHT_CRASH", "published:3"}});
        QCOMPARE(room.finish(), -1);
        proxy.freezeAt(kEndTransactionRequest, arrives ? KafkaProxy::Lose::Answer : KafkaProxy::Lose::Request);
        room.start({"--clock", "virtual", "--progress", "none"});
        QVERIFY(proxy.waitUntilFrozen(kPatience));
        if (dies) {
            room.kill();
            proxy.restore();
            QVERIFY2(runVirtual(room) == 0, room.output());
        } else {
            // Longer than the transaction may last: the broker aborts it.
            Broker::wait([&] { return !broker_.hasOpenTransaction(topic); });
            proxy.restore();
            QVERIFY2(room.finish() == 0, room.output());
        }
        QCOMPARE(broker_.read(topic), numbers(0, kBatches * kRows));
    }

    // A broker that is killed and comes again after the transaction has run out ends it before its partitions have a leader, and
    // Kafka 4.4 then forgets to say so in them.
    void theEndOfATransactionIsLost_data()
    {
        QTest::addColumn<bool>("dies");
        QTest::newRow("the program dies too") << true;
        QTest::newRow("the program goes on") << false;
    }
    void theEndOfATransactionIsLost()
    {
        QFETCH(bool, dies);
        KafkaProxy proxy(front_, behind_);
        const QByteArray topic = broker_.topic(2);
        SourceRoom room;
        writePipeline(room, sink(topic, kValue + R"(, "partition": "n::INT % 2", "transaction_timeout": "1s")", front_.c_str()));
        room.start({"--clock", "virtual", "--progress", "none"}, {{"STREAMWRIGHT_CRASH", "published:3"}});
        QCOMPARE(room.finish(), -1);
        proxy.freezeAt(kEndTransactionRequest, KafkaProxy::Lose::Request);
        room.start({"--clock", "virtual", "--progress", "none"});
        QVERIFY(proxy.waitUntilFrozen(kPatience));
        if (dies) room.kill();
        Broker::server("kill");
        Broker::server("start");
        proxy.restore();
        if (dies) room.start({"--clock", "virtual", "--progress", "none"});
        QVERIFY2(room.finish() == 0, room.output());
        QByteArrayList rows = broker_.read(topic), expected = numbers(0, kBatches * kRows);
        std::sort(rows.begin(), rows.end());
        std::sort(expected.begin(), expected.end());
        QCOMPARE(rows, expected);
    }

    void connectionsAreCut()
    {
        KafkaProxy proxy(front_, behind_);
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        writePipeline(room, sink(topic, kValue, front_.c_str()), 60);
        room.start({"--clock", "virtual", "--progress", "none"});
        for (int cut = 1; cut <= 5; ++cut) {
            const int seen = proxy.seen(kEndTransactionRequest);
            QVERIFY2(room.waitFor([&] { return proxy.seen(kEndTransactionRequest) > seen + 2 || room.process().state() == QProcess::NotRunning; }), room.output());
            proxy.cut();
        }
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(broker_.read(topic), numbers(0, 60 * kRows));
    }

    void randomFaults_data() { addFaultSeeds(); }
    void randomFaults()
    {
        QFETCH(int, seed);
        KafkaProxy proxy(front_, behind_);
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        constexpr int kMany = 60;
        writePipeline(room, sink(topic, kValue + R"(, "transaction_timeout": "2s")", front_.c_str()), kMany);
        const auto lose = [&](KafkaProxy::Lose what) {
            proxy.freezeAt(kEndTransactionRequest, what);
            // A program that ends meanwhile sends none.
            room.waitFor([&] { return proxy.waitUntilFrozen(10) || room.process().state() == QProcess::NotRunning; });
            proxy.restore();
        };
        RandomFaults faults(seed, kMany, {[&] { proxy.cut(); }, [&] { lose(KafkaProxy::Lose::Answer); }, [&] { lose(KafkaProxy::Lose::Request); },
                                          [&] {
                                              Broker::server("kill");
                                              Broker::server("start");
                                          }});
        const int code = faults.run(room, {"--clock", "virtual", "--progress", "none"}, [&] { return proxy.seen(kEndTransactionRequest); });
        QVERIFY2(code == 0, room.output());
        QCOMPARE(broker_.read(topic), numbers(0, kMany * kRows));
    }

    // A copy of the checkpoint is run while the first run stands still: the first one finds out before it writes anything.
    void aRunThatStoodStill_data()
    {
        QTest::addColumn<QString>("halt");
        for (const char* step : {"computed", "staged", "outbox_sealed", "deciding", "decided", "publishing", "published", "cleared"}) QTest::newRow(step) << QString("%1:4").arg(step);
    }
    void aRunThatStoodStill()
    {
        QFETCH(QString, halt);
        const QByteArray topic = broker_.topic(1);
        SourceRoom first, second;
        writePipeline(first, sink(topic, kValue));
        first.start({"--clock", "virtual", "--progress", "none"}, {{"STREAMWRIGHT_HALT", halt}});
        QVERIFY2(first.waitForHalt(), first.output());
        // Who does not know that the first one lives takes a copy of what it left.
        writePipeline(second, sink(topic, kValue));
        QCOMPARE(QProcess::execute("cp", {"-r", first.path("p.checkpoint"), second.path("p.checkpoint")}), 0);
        QVERIFY2(runVirtual(second) == 0, second.output());
        QCOMPARE(broker_.read(topic), numbers(0, kBatches * kRows));
        first.signal(SIGCONT);
        QVERIFY2(first.finish() == 1, first.output());
        QVERIFY2(first.output().contains("writes to topic " + topic + " with this checkpoint"), first.output());
        QCOMPARE(broker_.read(topic), numbers(0, kBatches * kRows));
    }

    void aCheckpointThatWasCopiedCannotBeRunTwice()
    {
        const QByteArray topic = broker_.topic(1);
        SourceRoom first, second;
        writePipeline(first, sink(topic, kValue), 4);
        QVERIFY2(runVirtual(first) == 0, first.output());
        writePipeline(second, sink(topic, kValue));
        QCOMPARE(QProcess::execute("cp", {"-r", first.path("p.checkpoint"), second.path("p.checkpoint")}), 0);
        QVERIFY2(runVirtual(second) == 0, second.output());
        writePipeline(first, sink(topic, kValue));
        QCOMPARE(runVirtual(first), 1);
        QVERIFY2(first.output().contains("holds epoch") && first.output().contains("checkpoint resolve"), first.output());
        QCOMPARE(broker_.read(topic), numbers(0, kBatches * kRows));
    }

    void aTopicThatWasMadeAnewHasNoMarker()
    {
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        writePipeline(room, sink(topic, kValue), 4);
        QVERIFY2(runVirtual(room) == 0, room.output());
        broker_.remove(topic);
        broker_.create(topic, 1);
        writePipeline(room, sink(topic, kValue));
        QCOMPARE(runVirtual(room), 1);
        QVERIFY2(room.output().contains("no longer holds the marker of this run"), room.output());
        QProcess resolve;
        resolve.start(PROGRAM_FOLDER "/streamwright", {"checkpoint", "resolve", room.path("p.checkpoint"), "out", "--skip"});
        QVERIFY(resolve.waitForFinished(kPatience) && resolve.exitCode() == 0);
        QVERIFY2(runVirtual(room) == 0, room.output());
        QCOMPARE(broker_.read(topic), numbers(4 * kRows, 4 * kRows));
    }

    void atLeastOnce()
    {
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        writePipeline(room, sink(topic, kValue + R"(, "delivery": "at_least_once")"));
        QCOMPARE(runVirtual(room, {{"STREAMWRIGHT_CRASH", "published:4"}}), -1);
        QVERIFY2(runVirtual(room) == 0, room.output());
        const QByteArrayList found = broker_.read(topic);
        // Batch 4 is there twice, and nothing is missing.
        QCOMPARE(found, numbers(0, 4 * kRows) + numbers(3 * kRows, 5 * kRows));
        QCOMPARE(broker_.end(topic), 9 * kRows);
    }

    void verifyTakesTheSteps()
    {
        const QByteArray topic = broker_.topic(2);
        QByteArray said = verify(sink(topic, kValue));
        QVERIFY2(said.contains("reach " + Broker::brokers()) && said.contains("2 partitions") && said.contains("they can be begun"), said);
        said = verify(sink("nowhere", kValue));
        QVERIFY2(said.contains("there is none of this name yet"), said);
        QCOMPARE(broker_.end(topic), 0);
    }

    void theBrokerGoesAndComesAgain()
    {
        const QByteArray topic = broker_.topic(1);
        Broker::server("stop");
        SourceRoom room;
        writePipeline(room, sink(topic, kValue), 40);
        room.start({"--clock", "virtual", "--progress", "none"});
        QVERIFY2(room.waitForOutput("Connection refused"), room.output());
        Broker::server("start");
        QVERIFY2(room.waitFor([&] { return broker_.end(topic) > 3 * kRows; }), room.output());
        Broker::server("kill");
        Broker::server("start");
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(broker_.read(topic), numbers(0, 40 * kRows));
    }

private:
    static QByteArray verify(const QByteArray& out)
    {
        SourceRoom room;
        writePipeline(room, out);
        QProcess check;
        check.setProcessChannelMode(QProcess::MergedChannels);
        check.start(PROGRAM_FOLDER "/streamwright", {"check", "--verify", room.path("p.json")});
        return check.waitForFinished(kPatience) ? check.readAll() : QByteArray("check hangs");
    }

    Broker broker_;
    std::string front_ = fromEnvironment("KAFKA_PROXIED_BROKERS").toStdString();
    std::string behind_ = fromEnvironment("KAFKA_BEHIND_PROXY").toStdString();
};

QTEST_GUILESS_MAIN(KafkaSinkTest)
#include "kafka_sink_test.moc"
