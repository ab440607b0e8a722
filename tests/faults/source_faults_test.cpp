// Peers of the socket source that misbehave, through the real program and real sockets: nothing that was accepted
// is lost or counted twice, memory stays bounded, and the stream goes on.
#include "tests/faults/source_room.h"

#include <QSet>
#include <QTest>

using namespace streamwright;

namespace {

QByteArray socketSource(int port, const QByteArray& options = R"("reconnect": "20ms")")
{
    return R"({"type": "source.socket", "options": {"port": )" + QByteArray::number(port) + ", " + options + "}}";
}

// Sanitizers keep a multiple of the memory.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr qint64 kMemoryFactor = 8;
#else
constexpr qint64 kMemoryFactor = 1;
#endif

QByteArray numbered(int from, int count, const QByteArray& padding)
{
    QByteArray lines;
    for (int i = from; i < from + count; ++i) lines += QByteArray::number(i) + padding + '\n';
    return lines;
}

}

class SourceFaultsTest : public QObject {
    Q_OBJECT

private slots:
    // A half line is a record of its own: it never joins what the next connection begins with.
    void vanishesInMidLine_data()
    {
        QTest::addColumn<bool>("reset");
        QTest::newRow("closed") << false;
        QTest::newRow("reset") << true;
    }
    void vanishesInMidLine()
    {
        QFETCH(bool, reset);
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port()));
        room.start();
        for (int life = 0; life < 3; ++life) {
            QVERIFY2(peer.accept(), room.output());
            peer.send("one\nha");
            QVERIFY2(room.waitForRows(3 * life + 1), room.output());
            if (reset) peer.reset();
            else peer.close();
            QVERIFY2(peer.accept(), room.output());
            peer.send("lf\n");
            QVERIFY2(room.waitForRows(3 * life + 3), room.output());
        }
        QVERIFY2(room.output().contains(reset ? "connection reset by peer" : "the connection was closed"), room.output());
        QCOMPARE(room.stop(), 0);
        const QByteArrayList life{"one", "ha", "lf"};
        QCOMPARE(room.values(), life + life + life);
        QVERIFY(room.values("bad", "reason").isEmpty());
    }

    void saysThatNobodyListensAndTriesAgain()
    {
        SocketPeer peer(false);
        SourceRoom room;
        room.write(socketSource(peer.port()));
        const QByteArray message = "in: waiting for localhost:" + QByteArray::number(peer.port()) + ": connection refused";
        room.start();
        QVERIFY2(room.waitForOutput(message), room.output());
        QCOMPARE(room.stop(SIGINT), 0);
        room.start();
        QVERIFY2(room.waitForOutput(message), room.output());
        peer.listen();
        QVERIFY2(peer.accept(), room.output());
        peer.send("here\n");
        QVERIFY2(room.waitForRows(1), room.output());
        QCOMPARE(room.stop(SIGINT), 0);
        // Said once, however often it is tried.
        QVERIFY2(room.output().count("connection refused") <= 2, room.output());
    }

    void aNameThatNobodyKnows()
    {
        SourceRoom room;
        room.write(R"({"type": "source.socket", "options": {"host": "nowhere.invalid", "port": 9, "reconnect": "20ms"}})");
        room.start();
        QVERIFY2(room.waitForOutput("in: waiting for nowhere.invalid:9: "), room.output());
        QCOMPARE(room.stop(), 0);
    }

    // Empty batches go on meanwhile, and a stop does not wait for the peer.
    void acceptsAndNeverSends()
    {
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port()));
        room.start({"--progress", "json"});
        QVERIFY2(peer.accept(), room.output());
        QVERIFY2(room.waitFor([&] { return room.output().count("\"numInputRows\":0") >= 5; }), room.output());
        QElapsedTimer since;
        since.start();
        QCOMPARE(room.stop(), 0);
        QVERIFY(since.elapsed() < 5000);
    }

    // While the sink's database is locked the peer waits, and memory and log stay bounded: the queue (a quarter of the
    // budget), and as much again in each batch that is computed but not committed.
    void floods_data()
    {
        QTest::addColumn<QByteArray>("settings");
        QTest::newRow("with a receive log") << QByteArray(R"("checkpoint": "p.checkpoint", )");
        QTest::newRow("in memory") << QByteArray();
    }
    void floods()
    {
        QFETCH(QByteArray, settings);
        constexpr int kChunk = 50'000, kChunks = 60;     // of 100 bytes each: 300 MB
        SocketPeer peer;
        SourceRoom room;
        room.put("p.json", R"({"format": "streamwright/1", "name": "p", "settings": {)" + settings + R"("batch_interval": "50ms", "memory": "96MiB"}, "nodes": {"in": )" + socketSource(peer.port())
                     + R"(, "sums": {"type": "reduce_by_key", "options": {"keys": ["length(value) AS length"], "aggregates": ["count(*) AS n", "sum(bigint(substring(value, 1, 7))) AS total"]}},
                     "out": {"type": "sink.sqlite", "options": {"file": "sums.sqlite", "table": "sums"}}}, "edges": ["in -> sums", "sums -> out"]})");
        room.start();
        QVERIFY2(peer.accept(), room.output());
        peer.send("1000000 first\n");
        QVERIFY2(room.waitFor([&] { return sql(room, "SELECT count(*) FROM sums") == "1"; }), room.output());
        QProcess lock;
        lock.start("sqlite3", {room.path("sums.sqlite")});
        lock.write("PRAGMA busy_timeout=60000; BEGIN EXCLUSIVE; SELECT 'locked';\n");
        QVERIFY(lock.waitForReadyRead(kPatience));

        const QByteArray chunk = numbered(1'000'000, kChunk, QByteArray(92, 'x'));
        qint64 sent = 0, whole = 0;
        while (whole < kChunks && sent == whole * chunk.size()) {
            sent += peer.send(chunk, 3000);
            whole = sent / chunk.size();
        }
        QVERIFY2(sent < 160'000'000, "nothing holds the peer back: it could send " + QByteArray::number(sent));
        QVERIFY2(room.mostMemory() < 320 * kMemoryFactor, QByteArray::number(room.mostMemory()));
        lock.write("ROLLBACK;\n.quit\n");
        QVERIFY(lock.waitForFinished(kPatience));

        QCOMPARE(peer.send(chunk.mid(sent - whole * chunk.size())), chunk.size() - (sent - whole * chunk.size()));
        for (++whole; whole < kChunks; ++whole) QVERIFY2(peer.send(chunk) == chunk.size(), "held back for good: " + room.output());
        peer.close();
        const QByteArray rows = QByteArray::number(kChunk * kChunks);
        QVERIFY2(room.waitFor([&] { return sql(room, "SELECT sum(n) FROM sums WHERE length = 99") == rows; }), sql(room, "SELECT sum(n) FROM sums WHERE length = 99") + room.output());
        QCOMPARE(sql(room, "SELECT sum(total) FROM sums WHERE length = 99"), QByteArray::number(qint64{kChunks} * (qint64{kChunk} * 1'000'000 + qint64{kChunk} * (kChunk - 1) / 2)));
        qInfo("the peer was held back after %lld MB; the run had %lld MiB at most", sent / 1'000'000, room.mostMemory());
        QVERIFY2(room.mostMemory() < 400 * kMemoryFactor, QByteArray::number(room.mostMemory()));
        QCOMPARE(room.stop(), 0);
    }

    void aLineOfAHundredMegabytes()
    {
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port()));
        room.start();
        QVERIFY2(peer.accept(), room.output());
        peer.send("before\n");
        const QByteArray part(1'000'000, 'y');
        for (int i = 0; i < 100; ++i) QCOMPARE(peer.send(part), part.size());
        peer.send("\nafter\n");
        QVERIFY2(room.waitForRows(2) && room.waitForRows(1, "bad"), room.output());
        QVERIFY2(room.mostMemory() < 200 * kMemoryFactor, QByteArray::number(room.mostMemory()));
        // A peer that vanishes inside of such a line.
        for (int i = 0; i < 20; ++i) QCOMPARE(peer.send(part), part.size());
        peer.close();
        QVERIFY2(peer.accept(), room.output());
        peer.send("again\n" + QByteArray(16 << 20, 'z') + "\n");
        QVERIFY2(room.waitForRows(4) && room.waitForRows(2, "bad"), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values().mid(0, 3), (QByteArrayList{"before", "after", "again"}));
        QCOMPARE(room.values()[3].size(), 16 << 20);
        const QByteArrayList reasons{"the record must not be longer than 16777216 bytes (max_record), but it has 100000000", "the record must not be longer than 16777216 bytes (max_record), but it has 20000000"};
        QCOMPARE(room.values("bad", "reason"), reasons);
        QCOMPARE(room.values("bad", "node"), (QByteArrayList{"in", "in"}));
    }

    void shortLinesThatAreTooLong()
    {
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port(), R"("max_record": "5", "reconnect": "20ms")"));
        room.start();
        QVERIFY2(peer.accept(), room.output());
        peer.send("12345\n123456\n1\n1234567\r\n\n2\n");
        QVERIFY2(room.waitForRows(4) && room.waitForRows(2, "bad"), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), (QByteArrayList{"12345", "1", "", "2"}));
        QCOMPARE(room.values("bad", "raw"), (QByteArrayList{QByteArray("123456").toHex(), QByteArray("1234567").toHex()}));
    }

    // As Java's readLine and decoder have it, which Spark's receiver uses.
    void bytesThatAreNoText()
    {
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port()));
        room.start();
        QVERIFY2(peer.accept(), room.output());
        static constexpr char kBytes[] = "caf\xC3\xA9\n\xFF\xFE!\nx\xE2\x82\nz\xED\xA0\x80z\nnul\0nul\ncrlf\r\nlone\rreturn\n\n\r\n\r\rlast";
        peer.send(QByteArray(kBytes, sizeof kBytes - 1));
        peer.close();
        QVERIFY2(room.waitForRows(13), room.output() + room.values().join('|'));
        QCOMPARE(room.stop(), 0);
        const QByteArray bad = "\xEF\xBF\xBD";
        const QByteArrayList expected{"caf\xC3\xA9", bad + bad + "!", "x" + bad, "z" + bad + "z", QByteArray("nul\0nul", 7), "crlf", "lone", "return", "", "", "", "", "last"};
        QCOMPARE(room.values(), expected);
    }

    // Of each connection the rows that arrived are a beginning of what was sent, and none comes twice: what the
    // log had is there after the kill, whether or not a batch had seen it.
    void killedInMidStream()
    {
        constexpr int kLives = 12, kLines = 30'000;
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port()), R"("batch_interval": "20ms", "max_rows_per_batch": 700, "backpressure": false)");
        std::vector<qint64> received;
        for (int life = 0; life < kLives; ++life) {
            room.start({"--progress", "json"});
            QVERIFY2(peer.accept(), room.output());
            peer.send(numbered(life * kLines, kLines, " is a line"));
            QVERIFY2(room.waitFor([&] { return room.received() > 0 && room.output().count("\"batchId\"") > 1 + life; }), room.output());
            room.kill();
            received.push_back(room.received());
        }
        room.write(socketSource(peer.port()), R"("batch_interval": "20ms")");
        room.start();
        QVERIFY2(peer.accept(), room.output());
        peer.send("end\n");
        QVERIFY2(room.waitFor([&] { return room.values().contains("end"); }), room.output());
        QCOMPARE(room.stop(), 0);
        std::vector<qint64> found(kLives);
        QByteArrayList rows = room.values();
        QCOMPARE(rows.takeLast(), "end");
        for (const QByteArray& row : rows) {
            const int number = row.left(row.indexOf(' ')).toInt();
            QVERIFY2(row.endsWith(" is a line") && number % kLines == found[static_cast<size_t>(number / kLines)], row + " is not the next one");
            ++found[static_cast<size_t>(number / kLines)];
        }
        for (size_t life = 0; life < kLives; ++life) {
            QVERIFY2(found[life] >= received[life], QByteArray::number(found[life]) + " rows of " + QByteArray::number(received[life]) + " that were accepted");
        }
    }

    // What nobody could have synced is cut off, and the run says so.
    void aTornTailOfTheReceiveLogIsCut()
    {
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port()));
        receiveAndKill(room, peer, "one\n");
        QFile log(receiveLog(room));
        QVERIFY(log.open(QFile::ReadWrite));
        const QByteArray frame = log.readAll().right(20);
        log.write(frame.left(frame.size() - 2) + QByteArray(3, '\0'));
        log.close();
        room.start();
        QVERIFY2(peer.accept(), room.output());
        peer.send("two\n");
        QVERIFY2(room.waitForRows(2), room.output());
        QCOMPARE(room.stop(), 0);
        QVERIFY2(room.output().contains("in: the receive log ends in 21 bytes that are no whole record"), room.output());
        QCOMPARE(room.values(), (QByteArrayList{"one", "two"}));
    }

    // A byte that turned in what had been accepted is no torn tail: the run is refused and cuts nothing.
    void aDamagedReceiveLogIsRefused()
    {
        SocketPeer peer;
        SourceRoom room;
        room.write(socketSource(peer.port()));
        receiveAndKill(room, peer, "one\n");
        QFile log(receiveLog(room));
        QVERIFY(log.open(QFile::ReadWrite));
        const QByteArray whole = log.readAll();
        log.seek(whole.indexOf("one"));
        log.write("O");
        log.close();
        room.start();
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("00000001.log is damaged at byte 0") && room.output().contains("restore "), room.output());
        QCOMPARE(log.size(), whole.size());
        QCOMPARE(room.values(), (QByteArrayList{"one"}));
    }

    void warnsOfATriggerThatWaitsForTheEnd()
    {
        SocketPeer peer;
        for (const QByteArray& trigger : {QByteArray("once"), QByteArray("available_now")}) {
            SourceRoom room;
            room.write(socketSource(peer.port()), "\"trigger\": \"" + trigger + "\"");
            QProcess program;
            program.setProcessChannelMode(QProcess::MergedChannels);
            program.start(PROGRAM_FOLDER "/streamwright", {"check", room.path("p.json")});
            QVERIFY(program.waitForFinished(kPatience));
            const QByteArray text = program.readAll();
            QVERIFY2(program.exitCode() == 0 && text.contains("warning: in: trigger " + trigger) && text.contains("never ends") && text.contains("as_data_arrives"), text);
            room.write(socketSource(peer.port()));
            room.start({"--progress", "none", "--trigger", trigger});
            QVERIFY2(room.waitForOutput("warning: in: trigger " + trigger), room.output());
            QCOMPARE(room.stop(), 0);
        }
    }

private:
    static void receiveAndKill(SourceRoom& room, SocketPeer& peer, const QByteArray& lines)
    {
        room.start();
        QVERIFY2(peer.accept(), room.output());
        peer.send(lines);
        QVERIFY2(room.waitForRows(1), room.output());
        room.kill();
    }
    static QString receiveLog(const SourceRoom& room)
    {
        const QDir logs(room.path("p.checkpoint/received/in"));
        return logs.filePath(logs.entryList({"*.log"}, QDir::Files, QDir::Name).last());
    }
    static QByteArray sql(const SourceRoom& room, const QString& statement)
    {
        QProcess sqlite;
        sqlite.start("sqlite3", {"-cmd", ".timeout 5000", room.path("sums.sqlite"), statement});
        sqlite.waitForFinished(kPatience);
        return sqlite.readAllStandardOutput().trimmed();
    }
};

QTEST_GUILESS_MAIN(SourceFaultsTest)
#include "source_faults_test.moc"
