// source.kafka against a real broker, through the real program: every record once and in the order of its partition, whatever the
// log looks like, and whatever happens to the broker, the topic or the program.
#include "tests/kafka/kafka_room.h"

using namespace streamwright;

namespace {

const QByteArray kOnce = R"("trigger": "available_now")";
const QByteArray kLive = R"("batch_interval": "100ms")";

// The options without brokers: `"topics": ["t"]`.
QByteArray source(const QByteArray& options, const QByteArray& brokers = Broker::brokers())
{
    return R"({"type": "source.kafka", "options": {"brokers": ")" + brokers + R"(", )" + options + "}}";
}
QByteArray topics(const QByteArray& name, const QByteArray& more = R"(, "start": "earliest")") { return R"("topics": [")" + name + "\"]" + more; }

// Runs until all that is there is read; the exit code.
int runOnce(SourceRoom& room, const SourceRoom::Environment& variables = {})
{
    room.start({}, variables);
    return room.finish();
}

QByteArrayList sorted(QByteArrayList list)
{
    std::ranges::sort(list, {}, [](const QByteArray& value) { return value.toInt(); });
    return list;
}

}

class KafkaSourceTest : public QObject {
    Q_OBJECT

private slots:
    void everythingThatIsKnownOfARecord()
    {
        const QByteArray topic = broker_.topic(2);
        broker_.write(topic, {{.key = "k", .value = "one", .partition = 0, .timestamp = 1'700'000'000'123, .headers = {{"h", "x"}, {"h", "y"}}}});
        broker_.write(topic, {{.value = "two", .partition = 1, .timestamp = 1'700'000'000'456, .noKey = true}, {.key = "gone", .partition = 1, .timestamp = 1'700'000'000'789, .noValue = true}});
        SourceRoom room;
        room.write(source(topics(topic) + R"(, "columns": ["key", "headers", "timestamp", "partition", "offset", "topic"])"), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), (QByteArrayList{"one", "two", ""}));
        QCOMPARE(room.values("out", "key"), (QByteArrayList{"k", "", "gone"}));
        QCOMPARE(room.values("out", "partition"), (QByteArrayList{"0", "1", "1"}));
        QCOMPARE(room.values("out", "offset"), (QByteArrayList{"0", "0", "1"}));
        QCOMPARE(room.values("out", "topic"), (QByteArrayList{topic, topic, topic}));
        QCOMPARE(room.values("out", "timestamp").first(), QByteArray("2023-11-14T22:13:20.123000Z"));
        const QByteArray text = published(room);
        QVERIFY2(text.contains(R"("headers":[{"key":"h","value":"78"},{"key":"h","value":"79"}])"), text);
        QVERIFY2(text.contains(R"("value":null)"), text);
    }

    void formats_data()
    {
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<QByteArrayList>("good");
        QTest::addColumn<QByteArrayList>("bad");
        QTest::newRow("json") << QByteArray(R"("format": "json", "schema": "n BIGINT", "columns": ["offset"])") << QByteArrayList{"1", "", "3"} << QByteArrayList{"1", "2", "5"};
        QTest::newRow("csv") << QByteArray(R"("format": "csv", "schema": "n BIGINT", "columns": ["offset"])") << QByteArrayList{"7"} << QByteArrayList{"0", "1", "2", "4"};
        QTest::newRow("text") << QByteArray(R"("schema": "n STRING")") << QByteArrayList{R"({"n": 1})", "no", "\xEF\xBF\xBD(", "", R"({"n": 3})", "7"} << QByteArrayList{};
        QTest::newRow("bytes") << QByteArray(R"("format": "bytes", "schema": "n BINARY")") << QByteArrayList{"7B226E223A20317D", "6E6F", "FF28", "", "7B226E223A20337D", "37"} << QByteArrayList{};
    }
    void formats()
    {
        QFETCH(QByteArray, options);
        QFETCH(QByteArrayList, good);
        QFETCH(QByteArrayList, bad);
        const QByteArray topic = broker_.topic(1);
        for (const char* value : {R"({"n": 1})", "no", "\xff(", "", R"({"n": 3})", "7"}) broker_.write(topic, {{.value = value, .noKey = true}});
        SourceRoom room;
        room.write(source(topics(topic) + ", " + options), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        if (QByteArray(QTest::currentDataTag()) == "csv") {
            // An empty record is a row of NULLs.
            QCOMPARE(room.values("out", "n"), (QByteArrayList{"", "7"}));
            QCOMPARE(room.values("out", "offset"), (QByteArrayList{"3", "5"}));
            QCOMPARE(room.values("bad", "reason").size(), 4);
            return;
        }
        QCOMPARE(room.values("out", "n"), good);
        QCOMPARE(room.values("bad", "reason").size(), bad.size());
        for (const QByteArray& reason : room.values("bad", "reason")) QVERIFY2(reason.contains("partition 0 of " + topic + ", offset "), reason);
        if (!bad.isEmpty()) QCOMPARE(room.values("bad", "raw"), (QByteArrayList{"6E6F", "FF28", "37"}));
    }

    // Where a new stream begins is decided once, also when nothing was there yet.
    void starts_data()
    {
        QTest::addColumn<QByteArray>("start");
        QTest::addColumn<QByteArrayList>("first");
        QTest::newRow("earliest") << QByteArray(R"("start": "earliest")") << numbers(0, 10);
        QTest::newRow("latest") << QByteArray(R"("start": "latest")") << QByteArrayList{};
        QTest::newRow("offsets") << QByteArray(R"("start": "offsets", "start_offsets": {"TOPIC": {"0": 4}})") << numbers(4, 6);
        QTest::newRow("an offset by name") << QByteArray(R"("start": "offsets", "start_offsets": {"TOPIC": {"0": "latest"}})") << QByteArrayList{};
        QTest::newRow("time") << QByteArray(R"("start": "time", "start_time": "2023-11-14T22:13:27Z")") << numbers(7, 3);
        QTest::newRow("a time after all") << QByteArray(R"("start": "time", "start_time": "2099-01-01T00:00:00Z")") << QByteArrayList{};
    }
    void starts()
    {
        QFETCH(QByteArray, start);
        QFETCH(QByteArrayList, first);
        const QByteArray topic = broker_.topic(1);
        const auto write = [&](int from) {
            for (int i = from; i < from + 10; ++i) broker_.write(topic, {{.value = QByteArray::number(i), .timestamp = 1'700'000'000'000 + i * 1000, .noKey = true}});
        };
        write(0);
        SourceRoom room;
        room.write(source(topics(topic, ", " + start.replace("TOPIC", topic))), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), first);
        write(10);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), first + numbers(10, 10));
    }

    void refusesAStartThatIsNotThere()
    {
        const QByteArray topic = broker_.topic(1);
        broker_.write(topic, 0, 10);
        SourceRoom room;
        room.write(source(topics(topic, R"(, "start": "offsets", "start_offsets": {")" + topic + R"(": {"0": 11}})")), kOnce);
        QCOMPARE(runOnce(room), 1);
        QVERIFY2(room.output().contains("partition 0 of " + topic + " holds offsets 0 to 10, but 11 is to be the first"), room.output());
    }

    // Control records, aborted records and compacted ones leave gaps, also at the end of what is there.
    void gaps()
    {
        const QByteArray topic = broker_.topic(1);
        TestProducer transactions("gaps");
        const auto transaction = [&](int from, int count, bool commits) {
            transactions.begin();
            for (int i = from; i < from + count; ++i) transactions.send(topic, {.value = QByteArray::number(i), .noKey = true});
            if (commits) transactions.commit();
            else transactions.abort();
        };
        transaction(0, 5, true);
        transaction(100, 5, false);
        transaction(5, 5, true);
        transaction(200, 5, false);
        Broker::wait([&] { return broker_.end(topic) == 24; });
        SourceRoom room;
        room.write(source(topics(topic)), kOnce + R"(, "max_rows_per_batch": 3)");
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), numbers(0, 10));
        transaction(10, 5, true);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), numbers(0, 15));

        SourceRoom all;
        all.write(source(topics(topic) + R"(, "isolation": "read_uncommitted")"), kOnce);
        QVERIFY2(runOnce(all) == 0, all.output());
        QCOMPARE(all.values(), numbers(0, 5) + numbers(100, 5) + numbers(5, 5) + numbers(200, 5) + numbers(10, 5));
    }

    void compacted()
    {
        const QByteArray topic = broker_.topic(1, {{"cleanup.policy", "compact"}, {"segment.bytes", "1048576"}, {"min.cleanable.dirty.ratio", "0.01"}, {"max.compaction.lag.ms", "100"}, {"segment.ms", "100"}});
        const QByteArray padding(4000, ' ');
        for (int i = 0; i < 1500; ++i) broker_.write(topic, {{.key = QByteArray::number(i % 7), .value = QByteArray::number(i) + padding}});
        // Compaction comes when it comes, and the last segment is never part of it.
        Broker::wait([&] { return broker_.read(topic).size() < 1000; });
        SourceRoom room;
        room.write(source(topics(topic) + R"(, "columns": ["offset"])"), kOnce + R"(, "max_rows_per_batch": 100)");
        QVERIFY2(runOnce(room) == 0, room.output());
        const QByteArrayList offsets = room.values("out", "offset");
        const QByteArrayList there = broker_.read(topic, "%o\n");
        QVERIFY(!there.isEmpty() && offsets.size() < 1500);
        // What was compacted away between the two was read all the same.
        for (const QByteArray& offset : there) QVERIFY(offsets.contains(offset));
        QCOMPARE(offsets, sorted(offsets));
    }

    void losses_data()
    {
        QTest::addColumn<QByteArray>("event");
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QByteArrayList>("skipped");
        QTest::newRow("deleted before it was read") << QByteArray("deleted") << QByteArray("offsets 10 to 49 are no longer there") << numbers(50, 50);
        QTest::newRow("made anew and shorter") << QByteArray("shorter") << QByteArray("it ends at offset 5, but was read up to 10: the topic was made anew") << numbers(1000, 5);
        QTest::newRow("made anew and longer") << QByteArray("longer") << QByteArray("another record stands at offset 9, which was read last: the topic was made anew") << numbers(1000, 20);
        QTest::newRow("gone") << QByteArray("gone") << QByteArray("it was read, and is no longer there") << QByteArrayList{};
    }
    void losses()
    {
        QFETCH(QByteArray, event);
        QFETCH(QByteArray, message);
        QFETCH(QByteArrayList, skipped);
        const QByteArray topic = broker_.topic(1);
        broker_.write(topic, 0, 10);
        SourceRoom room;
        room.write(source(topics(topic)), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), numbers(0, 10));
        if (event == "deleted") {
            broker_.write(topic, 10, 90);
            broker_.forget(topic, 0, 50);
        } else {
            broker_.remove(topic);
            broker_.forgetPartitions();
            if (event != "gone") broker_.create(topic, 1);
            if (event != "gone") broker_.write(topic, 1000, event == "shorter" ? 5 : 20);
        }
        QCOMPARE(runOnce(room), 1);
        QVERIFY2(room.output().contains("partition 0 of " + topic + ": " + message) && room.output().contains("set on_data_loss to skip"), room.output());
        QCOMPARE(room.values(), numbers(0, 10));

        room.write(source(topics(topic) + R"(, "on_data_loss": "skip")"), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        QVERIFY2(room.output().contains("skipped: partition 0 of " + topic + ": " + message), room.output());
        QCOMPARE(room.values(), numbers(0, 10) + skipped);
    }

    void newPartitionsAndTopicsAreRead()
    {
        const QByteArray topic = broker_.topic(1, {}, "grows");
        const QByteArray later = topic + "-later";
        broker_.write(topic, 0, 10);
        SourceRoom room;
        room.write(source(R"("pattern": ")" + topic + R"((-later)?", "start": "latest", "refresh": "200ms")"), kLive);
        room.start({"--progress", "json"});
        QVERIFY2(room.waitForOutput("endOffset"), room.output());
        broker_.grow(topic, 3);
        broker_.write(topic, 10, 10, 1);
        broker_.write(topic, 20, 10, 2);
        broker_.create(later, 2);
        broker_.write(later, 30, 10, 1);
        broker_.write(topic, 40, 10, 0);
        QVERIFY2(room.waitForRows(40), room.output().right(900));
        QCOMPARE(room.stop(), 0);
        QCOMPARE(sorted(room.values()), numbers(10, 40));
    }

    // Also by a client that has heard of it before and asked for no topics since.
    void aTopicThatHasGrownIsKnown()
    {
        const QByteArray topic = broker_.topic(1);
        broker_.write(topic, 0, 10);
        const auto early = KafkaCluster::open({.brokers = Broker::brokers().toStdString()}, KafkaIsolation::ReadUncommitted);
        QVERIFY((*early)->offsets({{{topic.toStdString(), 0}, kKafkaLatest}}, seconds(20)));
        broker_.grow(topic, 3);
        Result<KafkaOffsets> offsets = KafkaOffsets();
        // The new partitions' leader may not have heard of them.
        Broker::wait([&] {
            offsets = (*early)->offsets({{{topic.toStdString(), 0}, kKafkaLatest}, {{topic.toStdString(), 2}, kKafkaLatest}}, seconds(20));
            return offsets || offsets.error().message.find("Not leader") == std::string::npos;
        });
        QVERIFY2(offsets, offsets ? "" : offsets.error().message.c_str());
        QCOMPARE(offsets->at({topic.toStdString(), 0}), 10);
        QCOMPARE(offsets->at({topic.toStdString(), 2}), 0);
    }

    void onlyThePartitionsThatAreNamed()
    {
        const QByteArray topic = broker_.topic(3);
        for (int p = 0; p < 3; ++p) broker_.write(topic, p * 10, 10, p);
        SourceRoom room;
        room.write(source(R"("partitions": {")" + topic + R"(": [2, 0]}, "start": "earliest")"), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), numbers(0, 10) + numbers(20, 10));
    }

    // A batch takes of each partition as much as it lags.
    void aLimitIsSharedByLag()
    {
        const QByteArray topic = broker_.topic(2);
        broker_.write(topic, 0, 300, 0);
        broker_.write(topic, 1000, 100, 1);
        SourceRoom room;
        room.write(source(topics(topic)), kOnce + R"(, "max_rows_per_batch": 100)");
        room.start({"--progress", "json"});
        QCOMPARE(room.finish(), 0);
        const QByteArray first = room.output().split('\n').first();
        QVERIFY2(first.contains(R"(\"0\": [75)") && first.contains(R"(\"1\": [25)"), first);
        // What is left of it is told.
        QVERIFY2(first.contains("\"lag_rows\":300,") && first.contains("\"" + topic + "-0.lag_rows\":225,") && first.contains("\"" + topic + "-1.lag_rows\":75,"), first);
        QCOMPARE(room.values().size(), 400);
        QCOMPARE(sorted(room.values()), numbers(0, 300) + numbers(1000, 100));
    }

    // Ordinary tools see how far the stream is.
    void theGroupTellsTheLag()
    {
        const QByteArray topic = broker_.topic(2);
        const QByteArray group = "group-of-" + topic;
        broker_.write(topic, 0, 30, 0);
        broker_.write(topic, 30, 12, 1);
        SourceRoom room;
        room.write(source(topics(topic, ", \"start\": \"earliest\", \"group\": \"" + group + "\"")), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        const auto cluster = KafkaCluster::open({.brokers = Broker::brokers().toStdString()}, KafkaIsolation::ReadCommitted, group.toStdString());
        const auto committed = (*cluster)->committed({{topic.toStdString(), 0}, {topic.toStdString(), 1}}, seconds(20));
        QVERIFY(committed);
        QCOMPARE(committed->at({topic.toStdString(), 0}).offset, 30);
        QCOMPARE(committed->at({topic.toStdString(), 1}).offset, 12);
    }

    void aTransactionOfSomebodyElseIsWaitedFor()
    {
        const QByteArray topic = broker_.topic(1);
        TestProducer open("open-transaction");
        open.begin();
        open.send(topic, {.value = "0", .noKey = true});
        open.flush();
        broker_.write(topic, 1, 5);
        SourceRoom room;
        room.write(source(topics(topic)), kLive);
        room.start();
        QVERIFY2(room.waitForOutput("partition 0 of " + topic + " waits for an open transaction since "), room.output());
        QVERIFY(room.values().isEmpty());
        open.commit();
        QVERIFY2(room.waitForRows(6), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), numbers(0, 6));
    }

    void largeRecords()
    {
        const QByteArray topic = broker_.topic(1, {{"max.message.bytes", "20000000"}});
        const QByteArray large(10 << 20, 'x');
        broker_.write(topic, {{.value = "before", .noKey = true}, {.value = large, .noKey = true}, {.value = "after", .noKey = true}});
        SourceRoom room;
        room.write(source(topics(topic)), kOnce);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(room.values(), (QByteArrayList{"before", large, "after"}));
    }

    // A topic that is not there yet is waited for.
    void aTopicThatComesLater()
    {
        const QByteArray topic = "later-" + QByteArray::number(QCoreApplication::applicationPid());
        SourceRoom room;
        room.write(source(topics(topic)), kLive);
        room.start();
        QVERIFY2(room.waitForOutput("there is no topic " + topic), room.output());
        broker_.create(topic, 1);
        broker_.write(topic, 0, 10);
        QVERIFY2(room.waitForRows(10), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), numbers(0, 10));
    }

    void verifyTakesTheSteps()
    {
        const QByteArray topic = broker_.topic(2);
        broker_.write(topic, 0, 10);
        QByteArray said = verify(source(topics(topic)));
        QVERIFY2(said.contains("reach " + Broker::brokers()) && said.contains("2 partitions") && said.contains("10 read"), said);
        said = verify(source(topics("nowhere")));
        QVERIFY2(said.contains("there is no topic nowhere"), said);
        SocketPeer nobody(false);
        said = verify(source(topics(topic), "127.0.0.1:" + QByteArray::number(nobody.port())));
        QVERIFY2(said.contains("Connection refused"), said);
    }

    // Dies at every step of a batch's life, is started again, and has read everything once.
    void killedAtEveryStep_data()
    {
        QTest::addColumn<QString>("crash");
        for (const char* step : {"ranges_planned", "ranges_logged", "computed", "staging", "staged", "frozen", "deciding", "decided", "publishing", "published", "cleared", "sources_told", "batch_ended"}) {
            QTest::newRow(step) << QString("%1:2").arg(step);
        }
    }
    void killedAtEveryStep()
    {
        QFETCH(QString, crash);
        const QByteArray topic = broker_.topic(2);
        broker_.write(topic, 0, 40, 0);
        broker_.write(topic, 40, 40, 1);
        SourceRoom room;
        room.write(source(topics(topic)), kOnce + R"(, "max_rows_per_batch": 20)");
        QCOMPARE(runOnce(room, {{"STREAMWRIGHT_CRASH", crash}}), -1);
        QVERIFY2(runOnce(room) == 0, room.output());
        QCOMPARE(sorted(room.values()), numbers(0, 80));
    }

    void theBrokerGoesAndComesAgain()
    {
        const QByteArray topic = broker_.topic(1);
        broker_.write(topic, 0, 10);
        Broker::server("stop");
        SourceRoom room;
        room.write(source(topics(topic)), kLive);
        room.start();
        QVERIFY2(room.waitForOutput("Connection refused"), room.output());
        Broker::server("start");
        QVERIFY2(room.waitForRows(10), room.output());
        broker_.write(topic, 10, 10);
        QVERIFY2(room.waitForRows(20), room.output());
        Broker::server("kill");
        QVERIFY2(room.waitFor([&] { return room.output().count("waiting for in") >= 2; }), room.output());
        Broker::server("start");
        broker_.write(topic, 20, 10);
        QVERIFY2(room.waitForRows(30), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), numbers(0, 30));
    }

private:
    static QByteArray published(const SourceRoom& room)
    {
        QByteArray text;
        const QDir folder(room.path("out"));
        for (const QString& name : folder.entryList({"part-*"}, QDir::Files, QDir::Name)) {
            QFile file(folder.filePath(name));
            if (file.open(QFile::ReadOnly)) text += file.readAll();
        }
        return text;
    }
    static QByteArray verify(const QByteArray& in)
    {
        SourceRoom room;
        room.write(in);
        QProcess check;
        check.setProcessChannelMode(QProcess::MergedChannels);
        check.start(PROGRAM_FOLDER "/streamwright", {"check", "--verify", room.path("p.json")});
        return check.waitForFinished(kPatience) ? check.readAll() : QByteArray("check hangs");
    }

    Broker broker_;
};

QTEST_GUILESS_MAIN(KafkaSourceTest)
#include "kafka_source_test.moc"
