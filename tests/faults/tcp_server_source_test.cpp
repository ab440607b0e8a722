// source.tcp_server through the real program and real sockets: what was acknowledged is there after any kill; peers that
// misbehave cost bounded memory and hold nobody up.
#include "tests/faults/network_room.h"

#include <QSet>
#include <QTest>

#include <random>

using namespace streamwright;

namespace {

QByteArray tcpSource(int port, const QByteArray& more = {}) { return R"({"type": "source.tcp_server", "options": {"port": )" + QByteArray::number(port) + more + "}}"; }

}

class TcpServerSourceTest : public QObject {
    Q_OBJECT

private slots:
    void manyConnections()
    {
        constexpr int kConnections = 40, kLines = 250;
        const int port = freePort();
        SourceRoom room;
        room.write(tcpSource(port));
        room.start({"--progress", "json"});
        QVERIFY2(listens(room, port), room.output());
        std::vector<RawClient> connections(kConnections);
        for (RawClient& connection : connections) QVERIFY2(connection.open(port), room.output());
        for (int line = 0; line < kLines; ++line) {
            for (int c = 0; c < kConnections; ++c) connections[static_cast<size_t>(c)].send(QByteArray::number(c) + " " + QByteArray::number(line) + (line % 3 == 0 ? "\r\n" : "\n"));
        }
        QVERIFY2(room.waitForRows(kConnections * kLines), room.output());
        QVERIFY2(room.waitFor([&] { return reading(room, "connected") == kConnections; }), room.output());
        // The last line of one is cut off; another ends well.
        connections[0].send("half a li");
        connections[0].close();
        connections[1].close();
        QVERIFY2(room.waitForRows(1, "bad"), room.output());
        QVERIFY2(room.waitFor([&] { return reading(room, "connected") == kConnections - 2; }), room.output());
        QCOMPARE(room.stop(), 0);
        const auto found = counts(room.values());
        QCOMPARE(found.size(), kConnections * kLines);
        // Of each connection the order is kept.
        QMap<QByteArray, int> next;
        for (const QByteArray& row : room.values()) QCOMPARE(row.split(' ')[1].toInt(), next[row.split(' ')[0]]++);
        QCOMPARE(room.values("bad", "raw"), QByteArrayList{QByteArray("half a li").toHex().toUpper()});
        QVERIFY2(room.values("bad", "reason")[0].startsWith("the line has no end: the peer closed the connection (127.0.0.1:"), room.values("bad", "reason")[0]);
        QCOMPARE(reading(room, "bytes") > 0, true);
    }

    // A line that was acknowledged is there after any kill; the others may be.
    void acknowledgedLinesSurviveKills()
    {
        constexpr int kLives = 10;
        std::mt19937 random(11);
        const int port = freePort();
        SourceRoom room;
        room.write(tcpSource(port, R"(, "ack": "line")"), R"("batch_interval": "20ms", "max_rows_per_batch": 500, "backpressure": false)");
        QSet<QByteArray> acknowledged;
        int lines = 0;
        for (int life = 0; life < kLives; ++life) {
            room.start();
            RawClient connection;
            QVERIFY2(opened(room, connection, port), room.output());
            const int first = lines, dies = 200 + static_cast<int>(random() % 3000);
            int known = 0;
            while (known < dies) {
                QByteArray some;
                for (int i = 0; i < 50; ++i) some += QByteArray::number(lines++) + " is a line\n";
                QCOMPARE(connection.send(some), some.size());
                const QByteArray number = connection.line();
                QVERIFY2(number.toInt() >= known && number.toInt() <= lines - first && !number.isEmpty(), number + room.output());
                known = number.toInt();
            }
            room.kill();
            for (int line = first; line < first + known; ++line) acknowledged.insert(QByteArray::number(line) + " is a line");
        }
        room.start();
        RawClient connection;
        QVERIFY2(opened(room, connection, port), room.output());
        connection.send("end\n");
        QCOMPARE(connection.line(), "1");
        QVERIFY2(room.waitFor([&] { return room.values().contains("end"); }), room.output());
        QCOMPARE(room.stop(), 0);
        const auto found = counts(room.values());
        for (const QByteArray& line : acknowledged) QVERIFY2(found.contains(line), line + " was acknowledged");
        for (auto row = found.begin(); row != found.end(); ++row) QVERIFY2(row.value() == 1, row.key() + " came twice");
        QVERIFY(acknowledged.size() > 5000);
    }

    // Who has said all it had to say still hears that it arrived.
    void theLastAcknowledgementComes()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(tcpSource(port, R"(, "ack": "line")"));
        room.start();
        RawClient connection;
        QVERIFY2(opened(room, connection, port), room.output());
        connection.send("one\ntwo\nthr");
        connection.finishSending();
        QByteArray last;
        for (QByteArray number = connection.line(); !number.isEmpty(); number = connection.line()) last = number;
        QCOMPARE(last, "2");
        QVERIFY2(room.waitForRows(2) && room.waitForRows(1, "bad"), room.output());
        QCOMPARE(room.stop(), 0);
    }

    void tooManyConnections()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(tcpSource(port, R"(, "max_connections": 3, "idle_timeout": "30s")"));
        room.start({"--progress", "json"});
        std::vector<RawClient> connections(3);
        for (RawClient& connection : connections) {
            QVERIFY2(opened(room, connection, port), room.output());
            connection.send("hello\n");
        }
        QVERIFY2(room.waitForRows(3), room.output());
        RawClient more;
        QVERIFY(more.open(port));
        QVERIFY(more.ends());
        connections[0].close();
        QVERIFY2(room.waitFor([&] { return reading(room, "connected") == 2; }), room.output());
        QVERIFY(more.open(port));
        more.send("room again\n");
        QVERIFY2(room.waitForRows(4), room.output());
        QVERIFY2(room.waitFor([&] { return reading(room, "errors") >= 1; }), room.output());
        QCOMPARE(room.stop(), 0);
    }

    void anIdleConnectionIsClosed()
    {
        const int port = freePort();
        SourceRoom room;
        room.write(tcpSource(port, R"(, "idle_timeout": "1s")"));
        room.start();
        RawClient connection;
        QVERIFY2(opened(room, connection, port), room.output());
        connection.send("one\nhalf");
        QVERIFY(connection.ends());
        QVERIFY2(room.waitForRows(1) && room.waitForRows(1, "bad"), room.output());
        QVERIFY2(room.values("bad", "reason")[0].startsWith("the line has no end: it sent nothing for 1 s"), room.values("bad", "reason")[0]);
        QCOMPARE(room.stop(), 0);
    }

    // Lines without an end over many connections, and lines that are too long: memory has a bound, others are served.
    void floodsOfUnfinishedLines()
    {
        constexpr int kConnections = 150;
        const int port = freePort();
        SourceRoom room;
        room.write(tcpSource(port));
        room.start();
        std::vector<RawClient> connections(kConnections);
        const QByteArray half(900'000, 'x');
        for (RawClient& connection : connections) {
            QVERIFY2(opened(room, connection, port), room.output());
            connection.send(half, 2000);
        }
        RawClient good;
        QVERIFY2(good.open(port), room.output());
        good.send("good\nbetter\n");
        QVERIFY2(room.waitForRows(2), room.output());
        QVERIFY2(room.waitFor([&] { return room.values("bad", "reason").join('\n').contains("all connections together hold more than 64 MiB"); }), room.output());
        connections.clear();
        QVERIFY2(room.waitForRows(kConnections, "bad"), room.output());
        good.send(QByteArray(100 << 20, 'y') + "\nbest\n");
        QVERIFY2(room.waitForRows(3), room.output());
        QVERIFY2(room.waitFor([&] { return room.values("bad", "reason").contains("the record must not be longer than 1048576 bytes (max_record), but it has 104857600"); }), room.output());
        QVERIFY2(room.mostMemory() < 400 * kMemoryFactor, QByteArray::number(room.mostMemory()));
        QCOMPARE(room.stop(), 0);
    }

    // While the disk is full nothing is read and nothing is acknowledged; afterwards all of it comes.
    void aFullDiskHoldsUpTheSender()
    {
        const FullDisk disk;
        const int port = freePort();
        SourceRoom room;
        room.write(tcpSource(port, R"(, "ack": "line")"));
        room.start();
        RawClient connection;
        QVERIFY2(opened(room, connection, port), room.output());
        connection.send("before\n");
        QCOMPARE(connection.line(), "1");
        QVERIFY2(room.waitForRows(1), room.output());
        disk.fill(room.process());
        connection.send("meanwhile\n");
        QVERIFY2(room.waitForOutput("nothing can be taken"), room.output());
        QVERIFY(connection.line(300).isEmpty());
        disk.free(room.process());
        QCOMPARE(connection.line(), "2");
        QVERIFY2(room.waitForRows(2), room.output());
        QVERIFY2(room.waitForOutput("what comes is taken again"), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), (QByteArrayList{"before", "meanwhile"}));
    }

    void aTakenPortIsWaitedFor()
    {
        SocketPeer other;
        const int port = other.port();
        SourceRoom room;
        room.write(tcpSource(port));
        room.start();
        QVERIFY2(room.waitForOutput("address already in use"), room.output());
        QCOMPARE(room.stop(), 0);
        QVERIFY2(room.output().contains("waiting for 127.0.0.1:" + QByteArray::number(port)), room.output());
        room.write(R"({"type": "source.tcp_server", "options": {"host": "192.0.2.1", "port": 9}})");
        room.start();
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("cannot listen at 192.0.2.1:9: cannot assign requested address"), room.output());
    }
};

QTEST_GUILESS_MAIN(TcpServerSourceTest)
#include "tcp_server_source_test.moc"
