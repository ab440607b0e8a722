// TLS and a login by SCRAM, and what becomes of a run whose user is removed. The broker is of the version to which librdkafka 2.0.2
// can log in by SCRAM (tests/servers/kafka_39.sh).
#include "tests/kafka/kafka_room.h"

using namespace streamwright;

namespace {

QByteArray source(const QByteArray& topic, const QByteArray& user = "streamwright", bool trusts = true)
{
    return R"({"type": "source.kafka", "options": {"brokers": ")" + fromEnvironment("KAFKA_SECURE_BROKERS") + R"(", "topics": [")" + topic + R"("], "start": "earliest", "tls": true, )" +
           (trusts ? R"("authority": ")" + fromEnvironment("KAFKA_CA") + "\", " : QByteArray()) + R"("login": "SCRAM-SHA-512", "user": ")" + user + R"(", "password": "${env:KAFKA_PASSWORD}"}})";
}

}

class KafkaLoginTest : public QObject {
    Q_OBJECT

private slots:
    void aUserWhoIsRemovedWhileTheStreamRuns()
    {
        const QByteArray topic = broker_.topic(1);
        Broker::server("user", {"set", "leaver", fromEnvironment("KAFKA_PASSWORD")});
        broker_.write(topic, 0, 10);
        SourceRoom room;
        room.write(source(topic, "leaver"), R"("batch_interval": "100ms")");
        room.start();
        QVERIFY2(room.waitForRows(10), room.output());
        Broker::server("user", {"remove", "leaver"});
        // The broker asks again who it is.
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("SASL authentication error: Authentication failed"), room.output());
        broker_.write(topic, 10, 10);
        Broker::server("user", {"set", "leaver", fromEnvironment("KAFKA_PASSWORD")});
        room.start();
        QVERIFY2(room.waitForRows(20), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), numbers(0, 20));
        QVERIFY(!room.output().contains(fromEnvironment("KAFKA_PASSWORD")));
    }

    void refusesAtTheStart_data()
    {
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<bool>("trusts");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("a wrong user") << QByteArray("nobody") << true << QByteArray("SASL authentication error: Authentication failed");
        QTest::newRow("a broker that is not trusted") << QByteArray("streamwright") << false << QByteArray("certificate verify failed");
    }
    void refusesAtTheStart()
    {
        QFETCH(QByteArray, user);
        QFETCH(bool, trusts);
        QFETCH(QByteArray, words);
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        room.write(source(topic, user, trusts));
        room.start();
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains(words), room.output());
    }

    void aSinkLogsInToo()
    {
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        room.put("rows.jsonl", "[1, 2, 3]\n");
        room.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "n BIGINT"}}, "out": )" + source(topic).replace("source.kafka", "sink.kafka").replace(R"("topics": [")" + topic + R"("], "start": "earliest")", R"("topic": ")" + topic + R"(", "value": "n")"), R"("in -> out")", R"("batch_interval": "1s")");
        room.start({"--clock", "virtual"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(broker_.read(topic), numbers(1, 3));
    }

private:
    Broker broker_;
};

QTEST_GUILESS_MAIN(KafkaLoginTest)
#include "kafka_login_test.moc"
