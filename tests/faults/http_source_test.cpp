// source.http through the real program and real sockets: what was acknowledged is there after any kill, once where the client
// says how; clients that misbehave cost bounded memory and hold nobody up.
#include "tests/faults/network_room.h"

#include <QTest>

#include <atomic>
#include <random>
#include <thread>

using namespace streamwright;

namespace {

QByteArray httpSource(int port, const QByteArray& more = {}) { return R"({"type": "source.http", "options": {"port": )" + QByteArray::number(port) + more + "}}"; }
QString url(int port, const QString& path = "/") { return QString("http://127.0.0.1:%1%2").arg(port).arg(path); }

}

class HttpSourceTest : public QObject {
    Q_OBJECT

private slots:
    void postsOfCurl()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port, R"(, "path": "/events", "token": "${env:INTAKE_TOKEN}", "max_request": "100000", "max_record": "1000")"));
        room.start({"--progress", "json"}, {{"INTAKE_TOKEN", "secret"}});
        QVERIFY2(listens(room, port), room.output());
        const QStringList to{url(port, "/events"), "-H", "Authorization: Bearer secret"};
        Curled got = curl(to + QStringList{"--data-binary", "one\ntwo\r\nthree"});
        QCOMPARE(got.status, 202);
        QCOMPARE(got.body, "{\"records\": 3, \"repeated\": false}\n");
        QCOMPARE(curl({url(port, "/events"), "-d", "x"}).status, 401);
        QCOMPARE(curl({url(port, "/events"), "-H", "Authorization: Bearer secres", "-d", "x"}).status, 401);
        QCOMPARE(curl({url(port, "/other"), "-H", "Authorization: Bearer secret", "-d", "x"}).status, 404);
        got = curl(to);
        QCOMPARE(got.status, 405);
        QCOMPARE(got.header("Allow"), "POST");
        // Announced, and found out while it comes; curl asks first whether it may send as much.
        QCOMPARE(curl(to + QStringList{"--data-binary", "@-"}, QByteArray(200'000, 'x')).status, 413);
        QCOMPARE(curl(to + QStringList{"--data-binary", "@-", "-H", "Transfer-Encoding: chunked"}, QByteArray(200'000, 'x')).status, 413);
        QCOMPARE(curl(to + QStringList{"--data-binary", "@-", "-H", "Expect: 100-continue"}, QByteArray("four\n")).status, 202);
        QCOMPARE(curl(to + QStringList{"--data-binary", "@-", "-H", "Transfer-Encoding: chunked"}, QByteArray("five\n")).status, 202);
        got = curl(to + QStringList{"--data-binary", "@-"}, "ok\n" + QByteArray(2000, 'x') + "\n");
        QCOMPARE(got.status, 413);
        QVERIFY2(got.body.contains("Record 2 must not be longer than 1000 bytes (max_record), but it has 2000; nothing was taken"), got.body);
        QCOMPARE(curl(to + QStringList{"-d", "x", "-H", "Content-Encoding: gzip"}).status, 415);
        QCOMPARE(curl(to + QStringList{"-d", ""}).status, 202);
        QVERIFY2(room.waitForRows(5), room.output());
        QVERIFY2(room.waitFor([&] { return reading(room, "errors") >= 8; }), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), (QByteArrayList{"one", "two", "three", "four", "five"}));
    }

    void arraysAndWholeBodies()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port, R"(, "body": "json_array", "format": "json", "schema": "id BIGINT, word STRING")"));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        QCOMPARE(curl({url(port), "-d", "[{\"id\": 1,\n \"word\": \"a\"}, {\"word\": \"b\\n\", \"id\": 2}, {\"id\": \"x\"}]"}).status, 202);
        QCOMPARE(curl({url(port), "-d", "{\"id\": 1}"}).status, 400);
        QCOMPARE(curl({url(port), "-d", "[{\"id\": 1}"}).status, 400);
        QCOMPARE(curl({url(port), "-d", "[1] [2]"}).status, 400);
        QVERIFY2(room.waitForRows(2) && room.waitForRows(1, "bad"), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values("out", "id"), (QByteArrayList{"1", "2"}));
        QCOMPARE(room.values("out", "word"), (QByteArrayList{"a", "b\n"}));
        SourceRoom whole;
        whole.write(httpSource(port, R"(, "body": "whole")"));
        whole.start();
        QVERIFY2(listens(whole, port), whole.output());
        QCOMPARE(curl({url(port), "--data-binary", "two\nlines\n"}).status, 202);
        QVERIFY2(whole.waitForRows(1), whole.output());
        QCOMPARE(whole.stop(), 0);
        QCOMPARE(whole.values(), QByteArrayList{"two\nlines\n"});
    }

    void tooOften()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port, R"(, "max_requests_per_second": 0.02)"));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        Poster poster(port);
        int taken = 0, refused = 0;
        for (int i = 0; i < 30; ++i) poster.post("x\n") == 202 ? ++taken : ++refused;
        QVERIFY2(taken >= 1 && refused >= 28, QByteArray::number(taken));
        const Curled got = curl({url(port), "-d", "x"});
        QCOMPARE(got.status, 429);
        QVERIFY2(got.header("Retry-After").toInt() >= 1 && got.header("Retry-After").toInt() <= 50, got.headers);
        QVERIFY2(room.waitForRows(taken), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values().size(), taken);
    }

    // The same key again, also after kills, is answered and not taken again; other bytes under it are refused.
    void aKeyIsTakenOnce()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        const QStringList post{url(port), "--data-binary", "one\ntwo\n", "-H", "Idempotency-Key: first"};
        QCOMPARE(curl(post).body, "{\"records\": 2, \"repeated\": false}\n");
        QCOMPARE(curl(post).body, "{\"records\": 2, \"repeated\": true}\n");
        for (int life = 0; life < 2; ++life) {
            room.kill();
            room.start();
            QVERIFY2(listens(room, port), room.output());
            QCOMPARE(curl(post).body, "{\"records\": 2, \"repeated\": true}\n");
        }
        const Curled other = curl({url(port), "-d", "other", "-H", "Idempotency-Key: first"});
        QCOMPARE(other.status, 422);
        QVERIFY2(other.body.contains("the key first was used before"), other.body);
        QCOMPARE(curl({url(port), "-d", "three", "-H", "Idempotency-Key: " + QString(256, 'k')}).status, 400);
        QCOMPARE(curl({url(port), "-d", "three", "-H", "Idempotency-Key: " + QString(255, 'k')}).status, 202);
        QVERIFY2(room.waitForRows(3), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), (QByteArrayList{"one", "two", "three"}));
    }

    // Numbered records, a request sent again until it was answered, the program killed at any time: with keys each
    // record is there exactly once, without them at least once.
    void tenThousandRecordsThroughKills_data()
    {
        QTest::addColumn<bool>("keys");
        QTest::newRow("with keys") << true;
        QTest::newRow("without keys") << false;
    }
    void tenThousandRecordsThroughKills()
    {
        QFETCH(bool, keys);
        constexpr int kRequests = 1000, kRecords = 10, kKills = 12;
        std::mt19937 random(keys ? 3 : 4);
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port), R"("batch_interval": "20ms", "max_rows_per_batch": 400, "backpressure": false)");
        room.start();
        QVERIFY2(listens(room, port), room.output());
        Poster poster(port);
        int kills = 0, repeated = 0;
        for (int request = 0; request < kRequests; ++request) {
            QByteArray body;
            for (int i = 0; i < kRecords; ++i) body += QByteArray::number(request * kRecords + i) + "\n";
            const QByteArray key = keys ? "request-" + QByteArray::number(request) : QByteArray();
            const bool dies = kills < kKills && request >= (kills + 1) * kRequests / (kKills + 1);
            int status = 0;
            if (dies) {
                // Sent, and the answer never read: it may have been taken or not.
                Poster lost(port);
                std::thread killer([&, pause = random() % 8000] {
                    std::this_thread::sleep_for(std::chrono::microseconds(pause));
                    ::kill(static_cast<pid_t>(room.process().processId()), SIGKILL);
                });
                while (lost.post(body, key) != 0) ++repeated;
                killer.join();
                room.process().waitForFinished();
                ++kills;
                room.start();
                QVERIFY2(listens(room, port), room.output());
            }
            for (int attempt = 0; status != 202 && attempt < 100; ++attempt) status = poster.post(body, key);
            QVERIFY2(status == 202, room.output());
        }
        QCOMPARE(poster.post("end\n"), 202);
        QVERIFY2(room.waitFor([&] { return room.values().contains("end"); }), room.output());
        QCOMPARE(room.stop(), 0);
        auto found = counts(room.values());
        QCOMPARE(found.take("end"), 1);
        QCOMPARE(found.size(), kRequests * kRecords);
        int twice = 0;
        for (const int times : found) twice += times > 1 ? 1 : 0;
        if (keys) QCOMPARE(twice, 0);
        else qInfo("%d of %d records came more than once, %d answers were thrown away", twice, kRequests * kRecords, repeated);
    }

    // Keys outlive the records: the segments of the log are gone, the keys are known.
    void keysOutliveTheLog()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port, R"(, "max_request": "64MiB")"), R"("batch_interval": "20ms", "retain": {"epochs": 1})");
        room.start();
        QVERIFY2(listens(room, port), room.output());
        Poster poster(port);
        QCOMPARE(poster.post("first\n", "old"), 202);
        QByteArray mebibyte;
        while (mebibyte.size() < 1 << 20) mebibyte += QByteArray(1000, 'x') + '\n';
        for (int i = 0; i < 70; ++i) {
            int status = 0;
            while (status != 202) {
                status = poster.post(mebibyte);
                QVERIFY2(status == 202 || status == 503, room.output());
            }
        }
        const QDir log(room.path("p.checkpoint/received/in"));
        // Batches go on: with them what nobody needs is deleted.
        QVERIFY2(room.waitFor([&] { return poster.post("x\n") == 202 && !log.exists("00000001.log") && log.exists("00000001.keys"); }), log.entryList().join(' ').toUtf8() + room.output());
        room.kill();
        room.start();
        QVERIFY2(listens(room, port), room.output());
        Poster again(port);
        QCOMPARE(again.post("first\n", "old"), 202);
        QVERIFY2(again.body().contains("\"repeated\": true"), again.body());
        QCOMPARE(room.stop(), 0);
    }

    void noMoreKeysThanMayBe()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port, R"(, "max_keys": 3, "dedupe_for": "6s")"));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        Poster poster(port);
        for (const char* key : {"a", "b", "c"}) QCOMPARE(poster.post("x\n", key), 202);
        QCOMPARE(poster.post("x\n", "d"), 503);
        QVERIFY2(poster.body().contains("3 keys are remembered, more may not be"), poster.body());
        QCOMPARE(poster.post("x\n", "a"), 202);
        QVERIFY2(room.waitFor([&] { return poster.post("x\n", "d") == 202; }), room.output());
        QVERIFY2(room.waitForRows(4), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values().size(), 4);
    }

    void aFullDiskIsToldToTheClient()
    {
        const FullDisk disk;
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        QCOMPARE(curl({url(port), "-d", "before"}).status, 202);
        QVERIFY2(room.waitForRows(1), room.output());
        disk.fill(room.process());
        const Curled got = curl({url(port), "-d", "meanwhile"});
        QCOMPARE(got.status, 503);
        QVERIFY2(got.body.contains("file size limit") && !got.header("Retry-After").isEmpty(), got.body);
        disk.free(room.process());
        QCOMPARE(curl({url(port), "-d", "after"}).status, 202);
        QVERIFY2(room.waitForRows(2), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), (QByteArrayList{"before", "after"}));
    }

    // Heads that do not end, bodies that do not come, connections that do nothing: others are served, memory has a bound.
    void slowClients()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port, R"(, "max_connections": 400, "request_timeout": "2s")"));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        std::vector<RawClient> slow(300);
        for (size_t i = 0; i < slow.size(); ++i) {
            QVERIFY2(slow[i].open(port), room.output());
            if (i % 3 == 0) slow[i].send("POST / HTTP/1.1\r\nHo");
            if (i % 3 == 1) slow[i].send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow");
        }
        Poster poster(port);
        for (int i = 0; i < 50; ++i) QCOMPARE(poster.post("good\n"), 202);
        // Who does not send its body is told so.
        QVERIFY2(slow[1].line().startsWith("HTTP/1.1 408"), room.output());
        RawClient head;
        QVERIFY(head.open(port));
        head.send("POST / HTTP/1.1\r\n" + QByteArray(100'000, 'h'));
        QVERIFY2(head.line().startsWith("HTTP/1.1 431"), room.output());
        RawClient nonsense;
        QVERIFY(nonsense.open(port));
        nonsense.send("one line of text\r\n\r\n");
        QVERIFY2(nonsense.line().startsWith("HTTP/1.1 400"), room.output());
        QVERIFY2(room.waitForRows(50), room.output());
        QVERIFY2(room.mostMemory() < 200 * kMemoryFactor, QByteArray::number(room.mostMemory()));
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values().size(), 50);
    }

    void manyLargeBodies()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port, R"(, "max_request": "8MiB")"));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        std::vector<RawClient> large(100);
        QByteArray part(6 << 20, 'x');
        for (qsizetype at = 999; at < part.size(); at += 1000) part[at] = '\n';
        for (RawClient& connection : large) {
            QVERIFY2(connection.open(port), room.output());
            connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n");
            connection.send(part, 100);
        }
        int refused = 0;
        for (RawClient& connection : large) refused += connection.line(20).startsWith("HTTP/1.1 503") ? 1 : 0;
        QVERIFY2(refused >= 80, QByteArray::number(refused));
        large.clear();
        Poster poster(port);
        QCOMPARE(poster.post("good\n"), 202);
        QVERIFY2(room.waitForRows(1), room.output());
        QVERIFY2(room.mostMemory() < 300 * kMemoryFactor, QByteArray::number(room.mostMemory()));
        QCOMPARE(room.stop(), 0);
    }

    // A stop answers those who wait, and what they were told is kept.
    void aStopAnswersWhoWaits()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(httpSource(port));
        room.start();
        QVERIFY2(listens(room, port), room.output());
        std::atomic<int> taken{0};
        std::vector<std::thread> clients;
        for (int c = 0; c < 4; ++c) {
            clients.emplace_back([&, c] {
                Poster poster(port);
                for (int i = 0; poster.post(QByteArray::number(c) + " " + QByteArray::number(i) + "\n") == 202; ++i) ++taken;
            });
        }
        QVERIFY2(room.waitFor([&] { return taken > 100; }), room.output());
        QCOMPARE(room.stop(), 0);
        for (std::thread& client : clients) client.join();
        const int answered = taken;
        room.write(httpSource(port), R"("batch_interval": "20ms")");
        room.start();
        QVERIFY2(room.waitFor([&] { return room.values().size() >= answered; }), room.output());
        QCOMPARE(room.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(HttpSourceTest)
#include "http_source_test.moc"
