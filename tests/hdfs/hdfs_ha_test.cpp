// Two name nodes: a run that reads, writes and ships goes on when the other one becomes active.
#include "tests/faults/source_room.h"
#include "tests/hdfs/hdfs_server.h"

#include <QTest>

using namespace streamwright;

namespace {

// The first of them is asked: it must be the active one.
bool isActive(const QString& nameNode) { return HdfsFolder::curl({"http://" + nameNode + "/webhdfs/v1/?op=GETFILESTATUS&user.name=" + qEnvironmentVariable("HDFS_USER")}).contains("\"FileStatus\""); }

}

class HdfsHaTest : public QObject {
    Q_OBJECT

private slots:
    void aRunFollowsTheActiveNameNode()
    {
        HdfsFolder hdfs("hdfs_ha");
        const QStringList nameNodes = QString::fromUtf8(hdfs.nameNodes()).split(',');
        QCOMPARE(nameNodes.size(), 2);
        QVERIFY(isActive(nameNodes[0]) && !isActive(nameNodes[1]));
        SourceRoom room;
        room.pipeline(R"("in": {"type": "source.rate", "options": {"rows_per_second": 500}}, "out": {"type": "sink.hdfs", "options": {"prefix": ")" + hdfs.url("out/n") + R"(", "format": "json"}})", R"("in -> out")", R"("batch_interval": "500ms", "checkpoint_copy": ")" + hdfs.url("checkpoint") + R"(")");
        room.start();
        // Names are counted by who is active.
        const auto count = [&](int nameNode) {
            qputenv("HDFS_NAME_NODE", nameNodes[nameNode].toUtf8());
            return hdfs.names("out").size();
        };
        QVERIFY2(room.waitFor([&] { return count(0) >= 2; }), room.output());
        // 1. handed over. 2. killed, and the other one told.
        QVERIFY(hdfs.server({"failover", "namenode2"}));
        QVERIFY(isActive(nameNodes[1]));
        auto before = count(1);
        QVERIFY2(room.waitFor([&] { return count(1) >= before + 2; }), room.output());
        QVERIFY(hdfs.server({"kill", "namenode2"}));
        QVERIFY2(room.waitForOutput("waiting for "), room.output());
        QVERIFY(hdfs.server({"failover", "namenode"}));
        before = count(0);
        QVERIFY2(room.waitFor([&] { return count(0) >= before + 2; }), room.output());
        QVERIFY2(room.stop() == 0, room.output());
        QVERIFY(hdfs.server({"run", "namenode2"}));
        const QByteArrayList lines = hdfs.lines("out");
        QVERIFY(lines.size() > 500);
        qint64 next = 0;
        for (const QByteArray& line : lines) QCOMPARE(QJsonDocument::fromJson(line).object()["value"].toVariant().toLongLong(), next++);
        // Read again, by the names of both.
        SourceRoom reading;
        reading.write(R"({"type": "source.hdfs", "options": {"path": ")" + hdfs.url("out/n-*") + R"("}})");
        reading.start({"--trigger", "available_now", "--progress", "none"});
        QVERIFY2(reading.finish() == 0, reading.output());
        QCOMPARE(reading.values().size(), lines.size());
    }
};

QTEST_GUILESS_MAIN(HdfsHaTest)
#include "hdfs_ha_test.moc"
