// TLS and logins by SCRAM, PLAIN and certificate, and what becomes of a run whose user is removed. The broker is of the version to which librdkafka 2.0.2
// can log in by SCRAM (tests/servers/kafka_39.sh).
#include "tests/kafka/kafka_room.h"

using namespace streamwright;

namespace {

struct Login {
    QByteArray brokers = "KAFKA_SECURE_BROKERS";    // the name of a variable
    QByteArray mechanism = "SCRAM-SHA-512";
    QByteArray user = "streamwright";
    QByteArray password = "${env:KAFKA_PASSWORD}";
    bool trusts = true;
    bool certificate = false;
};

QByteArray secured(const Login& login)
{
    QByteArray text = R"("brokers": ")" + fromEnvironment(login.brokers) + R"(", "tls": true)";
    if (login.trusts) text += R"(, "authority": ")" + fromEnvironment("KAFKA_CA") + "\"";
    if (!login.mechanism.isEmpty()) text += R"(, "login": ")" + login.mechanism + R"(", "user": ")" + login.user + R"(", "password": ")" + login.password + "\"";
    if (login.certificate) text += R"(, "certificate": ")" + fromEnvironment("KAFKA_CERTIFICATE") + R"(", "certificate_key": ")" + fromEnvironment("KAFKA_CERTIFICATE_KEY") + R"(", "key_password": "${env:KAFKA_PASSWORD}")";
    return text;
}

QByteArray source(const QByteArray& topic, const Login& login)
{
    return R"({"type": "source.kafka", "options": {"topics": [")" + topic + R"("], "start": "earliest", )" + secured(login) + "}}";
}

const Login kByCertificate{.brokers = "KAFKA_CERTIFIED_BROKERS", .mechanism = {}, .certificate = true};

}

Q_DECLARE_METATYPE(Login)

class KafkaLoginTest : public QObject {
    Q_OBJECT

private slots:
    void aUserWhoIsRemovedWhileTheStreamRuns()
    {
        const QByteArray topic = broker_.topic(1);
        Broker::server("user", {"set", "leaver", fromEnvironment("KAFKA_PASSWORD")});
        broker_.write(topic, 0, 10);
        SourceRoom room;
        room.write(source(topic, {.user = "leaver"}), R"("batch_interval": "100ms")");
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
        QTest::addColumn<Login>("login");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("a wrong user") << Login{.user = "nobody"} << QByteArray("SASL authentication error: Authentication failed");
        QTest::newRow("a wrong password, PLAIN") << Login{.mechanism = "PLAIN", .password = "${env:PATH}"} << QByteArray("SASL authentication error: Authentication failed");
        QTest::newRow("a broker that is not trusted") << Login{.trusts = false} << QByteArray("certificate verify failed");
        // "bad certificate" or "certificate required", as the broker's Java has it.
        QTest::newRow("without a certificate") << Login{.brokers = "KAFKA_CERTIFIED_BROKERS", .mechanism = {}} << QByteArray("SSL alert number");
    }
    void refusesAtTheStart()
    {
        QFETCH(Login, login);
        QFETCH(QByteArray, words);
        const QByteArray topic = broker_.topic(1);
        SourceRoom room;
        room.write(source(topic, login));
        room.start();
        QVERIFY2(room.finish() == 1, room.output());
        QVERIFY2(room.output().contains(words), room.output());
    }

    void aRunLogsIn_data()
    {
        QTest::addColumn<Login>("login");
        QTest::newRow("by SCRAM") << Login();
        QTest::newRow("by PLAIN") << Login{.mechanism = "PLAIN"};
        QTest::newRow("by certificate") << kByCertificate;
    }
    // Writes with it what it then reads with it.
    void aRunLogsIn()
    {
        QFETCH(Login, login);
        const QByteArray topic = broker_.topic(1);
        SourceRoom writes, reads;
        writes.put("rows.jsonl", "[1, 2, 3]\n");
        writes.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "n BIGINT"}}, "out": {"type": "sink.kafka", "options": {"topic": ")" + topic + R"(", "value": "n", )" + secured(login) + "}}", R"("in -> out")", R"("batch_interval": "1s")");
        writes.start({"--clock", "virtual"});
        QVERIFY2(writes.finish() == 0, writes.output());
        reads.write(source(topic, login), R"("batch_interval": "100ms")");
        reads.start();
        QVERIFY2(reads.waitForRows(3), reads.output());
        QCOMPARE(reads.stop(), 0);
        QCOMPARE(reads.values(), numbers(1, 3));
        QVERIFY(!(writes.output() + reads.output()).contains(fromEnvironment("KAFKA_PASSWORD")));
    }

private:
    Broker broker_;
};

QTEST_GUILESS_MAIN(KafkaLoginTest)
#include "kafka_login_test.moc"
