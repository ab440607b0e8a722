// source.hdfs and sink.hdfs against a real HDFS: what they read and write, as curl sees it, and what happens when something goes
// wrong there.
#include "engine/transport/webhdfs.h"
#include "tests/faults/source_room.h"
#include "tests/hdfs/hdfs_server.h"

#include <QTest>

using namespace streamwright;

namespace {

const QStringList kNow{"--trigger", "available_now", "--progress", "none"};

// From HDFS into files of this machine.
class ReadingRoom : public SourceRoom {
public:
    explicit ReadingRoom(const HdfsFolder& hdfs, const QByteArray& options = {}) { write(R"({"type": "source.hdfs", "options": {"path": ")" + hdfs.url("in") + R"(")" + options + "}}"); }
    int now()
    {
        start(kNow);
        return finish();
    }
};

// Lines of a replay into HDFS, a second each.
class Writing : public SourceRoom {
public:
    explicit Writing(const HdfsFolder& hdfs, const QByteArray& options = {}, const QByteArray& user = {})
    {
        put("rows.jsonl", "[{\"word\": \"a\", \"n\": 1}, {\"word\": \"b, c\", \"n\": 2}]\n[]\n[{\"word\": \"d\", \"n\": null}]\n");
        pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "word STRING, n INT"}}, "out": {"type": "sink.hdfs", "options": {"prefix": ")" + hdfs.url("out/saved", user) + R"(")" + options + "}}", R"("in -> out")", R"("batch_interval": "1s")");
    }
    QStringList virtually() const { return {"--clock", "virtual", "--progress", "none"}; }
    int run()
    {
        start(virtually());
        return finish();
    }
};

WebHdfs client(const HdfsFolder& hdfs, const QByteArray& user = {}) { return {parseHdfsUrl(hdfs.url("", user).toStdString()).value(), {}}; }

// A PUT that is cut off after some of its bytes.
void putCut(const QString& location, int promised, const QByteArray& sent)
{
    const HttpUrl url = parseHttpUrl(location.toStdString()).value();
    const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(url.address.port);
    ::inet_pton(AF_INET, url.address.host.c_str(), &address.sin_addr);
    if (::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) qFatal("cannot connect to the data node");
    const QByteArray head = "PUT " + QByteArray::fromStdString(url.target) + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: " + QByteArray::number(promised) + "\r\n\r\n";
    for (const QByteArray& bytes : {head, sent}) {
        for (qint64 done = 0; done < bytes.size();) done += ::send(connection, bytes.data() + done, static_cast<size_t>(bytes.size() - done), MSG_NOSIGNAL);
    }
    ::shutdown(connection, SHUT_WR);
    // The data node closes when it is done with it.
    char byte;
    while (::recv(connection, &byte, 1, 0) > 0) {}
    ::close(connection);
}

}

class HdfsTest : public QObject {
    Q_OBJECT

private slots:
    // What the protocol of publication rests on.
    void aRenameThatMustBeFreeIsRefused()
    {
        HdfsFolder hdfs;
        for (const char* name : {"stage", "full/inner", "empty"}) hdfs.make(name);
        const QString none = "&renameoptions=NONE";
        for (const char* taken : {"full", "empty"}) QVERIFY(hdfs.ask("PUT", "stage", "op=RENAME&destination=" + hdfs.path(taken) + none).contains("FileAlreadyExistsException"));
        QVERIFY(hdfs.exists("stage"));
        QCOMPARE(hdfs.ask("PUT", "stage", "op=RENAME&destination=" + hdfs.path("free") + none), QByteArray());
        QVERIFY(hdfs.ask("PUT", "stage", "op=RENAME&destination=" + hdfs.path("free2") + none).contains("FileNotFoundException"));
        // Without the option it lands inside.
        QVERIFY(hdfs.rename("free", "full").contains("true"));
        QCOMPARE(hdfs.names("full"), QStringList({"free", "inner"}));
    }

    void aPutThatIsCutOffLeavesSomeOfTheBytes()
    {
        HdfsFolder hdfs;
        const QString location = HdfsFolder::curl({"-X", "PUT", "-o", "/dev/null", "-w", "%{redirect_url}", hdfs.address("cut", "op=CREATE&overwrite=false")});
        putCut(location, 1'000'000, QByteArray(300'000, 'x'));
        QTRY_VERIFY_WITH_TIMEOUT(hdfs.exists("cut"), kPatience);
        const auto status = client(hdfs).status(hdfs.path("cut").toStdString());
        QVERIFY(status.has_value() && status->has_value());
        QVERIFY2((*status)->length < 1'000'000, "nothing of a file tells that it is not whole, but its length");
        QVERIFY(client(hdfs).write(hdfs.path("cut").toStdString(), "again").has_error());
        QVERIFY(client(hdfs).write(hdfs.path("whole").toStdString(), "again").has_value());
        QCOMPARE(hdfs.get("whole"), QByteArray("again"));
    }

    void filesAreReadOnce()
    {
        HdfsFolder hdfs;
        hdfs.put("in/b", "three\n");
        hdfs.put("in/a", "one\ntwo");
        hdfs.put("in/_hidden", "no\n");
        hdfs.put("in/.hidden", "no\n");
        hdfs.make("in/folder");
        ReadingRoom room(hdfs);
        QVERIFY2(room.now() == 0, room.output());
        QByteArrayList read = room.values();
        std::ranges::sort(read);
        QCOMPARE(read, QByteArrayList({"one", "three", "two"}));
        hdfs.put("being_written", "four\n");
        QVERIFY(hdfs.rename("being_written", "in/c").contains("true"));
        QVERIFY2(room.now() == 0, room.output());
        QCOMPARE(room.values().size(), 4);
        QVERIFY2(room.now() == 0, room.output());
        QCOMPARE(room.values().size(), 4);
    }

    void columnsOfFilesInFoldersOfAGlob()
    {
        HdfsFolder hdfs;
        hdfs.put("in/2026/a%25b.csv", "n,word\n1,one\nx,bad\n");
        hdfs.put("in/2027/b.csv", "word,n\ntwo,2\n");
        hdfs.put("in/2027/c.txt", "word,n\nno,2\n");
        hdfs.put("in/other/b.csv", "word,n\nno,2\n");
        SourceRoom room;
        room.write(R"({"type": "source.hdfs", "options": {"path": ")" + hdfs.url("in/20*") + R"(", "pattern": "*.csv", "format": "csv", "schema": "word STRING, n INT"}})");
        room.start(kNow);
        QVERIFY2(room.finish() == 0, room.output());
        QByteArrayList words = room.values("out", "word");
        std::ranges::sort(words);
        QCOMPARE(words, QByteArrayList({"one", "two"}));
        QVERIFY2(room.values("bad", "reason").join().contains("a%b.csv, line 3"), room.values("bad", "reason").join());
    }

    // Cut into pieces for the workers, in the middle of lines.
    void aLargeFileIsReadInPieces()
    {
        HdfsFolder hdfs;
        constexpr int kLines = 600'000;
        QByteArray text;
        for (int line = 0; line < kLines; ++line) text += "line number " + QByteArray::number(line) + " of a large file\n";
        QVERIFY(text.size() > 20'000'000);
        hdfs.put("in/large", text);
        SourceRoom room;
        room.pipeline(R"("in": {"type": "source.hdfs", "options": {"path": ")" + hdfs.url("in") + R"("}}, "some": {"type": "reduce", "options": {"aggregates": ["count(*) AS rows", "sum(length(value)) AS bytes", "sum(CAST(split(value, ' ')[2] AS BIGINT)) AS numbers"]}}, "out": {"type": "sink.files", "options": {"path": "out", "format": "json"}})", R"("in -> some", "some -> out")", R"("batch_interval": "50ms")");
        room.start(kNow + QStringList{"--workers", "2"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.values("out", "rows").first().toInt(), kLines);
        QCOMPARE(room.values("out", "numbers").first().toLongLong(), qint64{kLines} * (kLines - 1) / 2);
        QCOMPARE(room.values("out", "bytes").first().toLongLong(), text.size() - kLines);
    }

    void aBatchIsAFolderAsSparkNamesIt_data()
    {
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<QString>("suffix");
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("third");
        QTest::newRow("text") << QByteArray() << QString() << QByteArray("(a,1)\n(b, c,2)\n") << QByteArray("(d,null)\n");
        QTest::newRow("CSV") << QByteArray(R"(, "format": "csv", "suffix": "csv")") << ".csv" << QByteArray("word,n\na,1\n\"b, c\",2\n") << QByteArray("word,n\nd,\n");
        QTest::newRow("JSON lines") << QByteArray(R"(, "format": "json", "suffix": "jsonl")") << ".jsonl" << QByteArray("{\"word\":\"a\",\"n\":1}\n{\"word\":\"b, c\",\"n\":2}\n") << QByteArray("{\"word\":\"d\",\"n\":null}\n");
    }
    void aBatchIsAFolderAsSparkNamesIt()
    {
        QFETCH(QByteArray, options);
        QFETCH(QString, suffix);
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, third);
        HdfsFolder hdfs;
        Writing room(hdfs, options);
        QVERIFY2(room.run() == 0, room.output());
        QMap<QString, QByteArray> expected;
        for (const auto& [time, text] : {std::pair{"1000", first}, {"2000", QByteArray()}, {"3000", third}}) {
            expected[QString("saved-%1%2/part-00000").arg(time, suffix)] = text;
            expected[QString("saved-%1%2/_SUCCESS").arg(time, suffix)] = "";
        }
        auto found = hdfs.content("out");
        for (QByteArray& text : found) text.replace(", \"n\"", ",\"n\"").replace("\": ", "\":");
        QCOMPARE(found, expected);
    }

    void aFolderThatIsThereStopsTheRun()
    {
        HdfsFolder hdfs;
        hdfs.put("out/saved-2000/mine", "mine");
        Writing room(hdfs);
        QVERIFY2(room.run() == 1, room.output());
        QVERIFY2(room.output().contains("out/saved-2000 is already there and is not this batch's"), room.output());
        QCOMPARE(hdfs.get("out/saved-2000/mine"), QByteArray("mine"));
        // As the message says: moved away, the same run goes on.
        hdfs.rename("out/saved-2000", "moved");
        QVERIFY2(room.run() == 0, room.output());
        QCOMPARE(hdfs.names("out"), QStringList({"saved-1000", "saved-2000", "saved-3000"}));
        QCOMPARE(hdfs.names("out/saved-2000"), QStringList({"_SUCCESS", "part-00000"}));
    }

    void aFolderThatIsThereIsReplaced()
    {
        HdfsFolder hdfs;
        hdfs.put("out/saved-1000/old", "old");
        Writing room(hdfs, R"(, "existing": "replace")");
        QVERIFY2(room.run() == 0, room.output());
        QCOMPARE(hdfs.names("out/saved-1000"), QStringList({"_SUCCESS", "part-00000"}));
        QCOMPARE(hdfs.names("out"), QStringList({"saved-1000", "saved-2000", "saved-3000"}));
    }

    // Each row of the table: what happens there, what the run says, and how it goes on.
    void aNameNodeThatIsDownIsWaitedFor()
    {
        HdfsFolder hdfs;
        hdfs.put("in/a", "one\n");
        ReadingRoom reading(hdfs);
        Writing writing(hdfs);
        QVERIFY(hdfs.server({"kill", "namenode"}));
        reading.start(kNow);
        writing.start(writing.virtually());
        QVERIFY2(reading.waitForOutput("waiting for in: ") && reading.output().contains("connection refused"), reading.output());
        QVERIFY2(writing.waitForOutput("waiting for out: ") && writing.output().contains("connection refused"), writing.output());
        QVERIFY(hdfs.server({"run", "namenode"}));
        QVERIFY2(reading.finish() == 0, reading.output());
        QVERIFY2(writing.finish() == 0, writing.output());
        QCOMPARE(reading.values(), QByteArrayList({"one"}));
        QCOMPARE(hdfs.names("out").size(), 3);
    }

    void safeModeIsWaitedFor()
    {
        HdfsFolder hdfs;
        Writing room(hdfs);
        QVERIFY(hdfs.server({"admin", "-safemode", "enter"}));
        room.start(room.virtually());
        QVERIFY2(room.waitForOutput("Name node is in safe mode"), room.output());
        QVERIFY(hdfs.server({"admin", "-safemode", "leave"}));
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(hdfs.names("out").size(), 3);
    }

    void aQuotaThatIsUsedUpIsWaitedFor()
    {
        HdfsFolder hdfs;
        hdfs.make("out");
        QVERIFY(hdfs.server({"admin", "-setSpaceQuota", "1000", hdfs.path("out")}));
        Writing room(hdfs);
        room.start(room.virtually());
        QVERIFY2(room.waitForOutput("quota of " + hdfs.path("out").toUtf8() + " is exceeded"), room.output());
        QVERIFY(hdfs.server({"admin", "-clrSpaceQuota", hdfs.path("out")}));
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(hdfs.names("out").size(), 3);
        QVERIFY2(hdfs.names("out/.streamwright", true).size() == 1, "what attempts left is gone");
    }

    void whoMayNotWriteIsToldAtOnce()
    {
        HdfsFolder hdfs;
        hdfs.make("out");
        Writing room(hdfs, {}, "bob");
        QVERIFY2(room.run() == 1, room.output());
        QVERIFY2(room.output().contains("Permission denied: user=bob, access=WRITE"), room.output());
    }

    void whoMayNotReadIsToldAtOnce()
    {
        HdfsFolder hdfs;
        hdfs.put("in/a", "secret\n");
        hdfs.ask("PUT", "in", "op=SETPERMISSION&permission=700");
        SourceRoom room;
        room.write(R"({"type": "source.hdfs", "options": {"path": ")" + hdfs.url("in", "bob") + R"("}})");
        room.start(kNow);
        QVERIFY2(room.finish() == 1, room.output());
        QVERIFY2(room.output().contains("Permission denied: user=bob"), room.output());
    }

    void aFolderThatIsNotThereIsWaitedFor()
    {
        HdfsFolder hdfs;
        ReadingRoom room(hdfs);
        room.start();
        QVERIFY2(room.waitForOutput("waiting for the folder " + hdfs.url("in")), room.output());
        hdfs.put("in/a", "one\n");
        QVERIFY(room.waitForRows(1));
        hdfs.remove("in");
        QVERIFY2(room.waitFor([&] { return room.output().count("waiting for the folder") > 1; }), room.output());
        hdfs.put("in/b", "two\n");
        QVERIFY(room.waitForRows(2));
        QVERIFY2(room.stop() == 0, room.output());
        QCOMPARE(room.values(), QByteArrayList({"one", "two"}));
    }

    void aFileThatIsAnotherOneStopsTheRun()
    {
        HdfsFolder hdfs;
        hdfs.put("in/a", "one\n");
        ReadingRoom room(hdfs);
        room.start(kNow, {{"STREAMWRIGHT_CRASH", "ranges_logged"}});
        QCOMPARE(room.finish(), -1);
        hdfs.put("in/a", "two and more\n");
        QVERIFY2(room.now() == 1, room.output());
        QVERIFY2(room.output().contains("in/a had 4 bytes when it was put into this batch, and is another one now (13 bytes)"), room.output());
        hdfs.remove("in/a");
        QVERIFY2(room.now() == 1, room.output());
        QVERIFY2(room.output().contains("is not there any more"), room.output());
        QVERIFY(room.values().isEmpty());
    }

    void dataNodesThatAreGoneAreWaitedFor()
    {
        HdfsFolder hdfs;
        hdfs.put("in/a", "one\n");
        ReadingRoom reading(hdfs);
        Writing writing(hdfs);
        QVERIFY(hdfs.server({"kill", "datanode"}));
        reading.start(kNow);
        writing.start(writing.virtually());
        QVERIFY2(writing.waitForOutput("waiting for out: "), writing.output());
        QVERIFY(hdfs.server({"run", "datanode"}));
        QVERIFY2(reading.finish() == 0, reading.output());
        QVERIFY2(writing.finish() == 0, writing.output());
        QCOMPARE(reading.values(), QByteArrayList({"one"}));
        QCOMPARE(hdfs.names("out").size(), 3);
    }

    void aPortThatIsAnotherOneIsTold()
    {
        HdfsFolder hdfs;
        const auto asked = [&](const std::string& nameNode) {
            const WebHdfs other(parseHdfsUrl("hdfs://" + nameNode + "/").value(), {});
            const auto status = other.status("/");
            return status ? std::string("it answers") : status.error().message + " (" + status.error().hint + ")";
        };
        // Hadoop's own port is in every redirect.
        const QString location = HdfsFolder::curl({"-X", "PUT", "-o", "/dev/null", "-w", "%{redirect_url}", hdfs.address("x", "op=CREATE")});
        const QString own = location.section("namenoderpcaddress=", 1).section('&', 0, 0);
        QVERIFY2(QString::fromStdString(asked(own.toStdString())).contains("is the port of Hadoop's own protocol (name the port of the name node's web page"), asked(own.toStdString()).c_str());
    }

    void verifyTellsWhatARunWouldMeet()
    {
        HdfsFolder hdfs;
        hdfs.put("in/a", "one\ntwo\n");
        const auto verified = [&](const QByteArray& user) {
            SourceRoom room;
            room.pipeline(R"("in": {"type": "source.hdfs", "options": {"path": ")" + hdfs.url("in", user) + R"("}}, "out": {"type": "sink.hdfs", "options": {"prefix": ")" + hdfs.url("out/deep/saved", user) + R"("}})", R"("in -> out")", R"("batch_interval": "1s")");
            QProcess check;
            check.setProcessChannelMode(QProcess::MergedChannels);
            check.start(PROGRAM_FOLDER "/streamwright", {"check", "--verify", room.path("p.json")});
            check.waitForFinished(kPatience);
            return check.readAll();
        };
        const QByteArray good = verified({});
        QVERIFY2(good.contains("2 read") && good.contains("1 file, the newest " + hdfs.path("in/a").toUtf8()) && good.contains("a file was written in " + hdfs.path("").toUtf8() + " and removed"), good);
        QCOMPARE(hdfs.names("", true), QStringList({"in"}));
        const QByteArray bad = verified("bob");
        QVERIFY2(bad.contains("Permission denied: user=bob, access=WRITE"), bad);
    }
};

QTEST_GUILESS_MAIN(HdfsTest)
#include "hdfs_test.moc"
