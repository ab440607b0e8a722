// The disk of the server is full while rows are published: the stream waits and goes on by itself. Only where the server sees a
// file system that this test has mounted: as root.
#include "tests/engine/small_disk.h"
#include "tests/faults/source_room.h"
#include "tests/postgres/database.h"

#include <QTest>

using namespace streamwright;

namespace {

QByteArray mountsOf(const QByteArray& process)
{
    char name[64] = {};
    return ::readlink("/proc/" + process + "/ns/mnt", name, sizeof name - 1) > 0 ? QByteArray(name) : QByteArray();
}

}

class PostgresFullDiskTest : public QObject {
    Q_OBJECT

private slots:
    void waitsUntilThereIsRoom()
    {
        if (::geteuid() != 0) QSKIP("only root can give the server a small disk");
        QTemporaryDir folder;
        QVERIFY(QFile::setPermissions(folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther | QFile::ReadGroup | QFile::ExeGroup));
        QVERIFY(QDir(folder.path()).mkdir("disk"));
        SmallDisk disk(folder.filePath("disk").toStdString());
        Database database;
        QFile pid(qEnvironmentVariable("POSTGRES_FOLDER") + "/data/postmaster.pid");
        QVERIFY(pid.open(QFile::ReadOnly));
        if (!disk.isMounted() || mountsOf("self") != mountsOf(pid.readLine().trimmed())) QSKIP("no file system can be mounted that the server sees");
        const QByteArray space = folder.filePath("disk/space").toUtf8();
        QVERIFY(QDir().mkdir(space));
        QVERIFY(QProcess::execute("chown", {"postgres", space}) == 0);
        QCOMPARE(database.sql("CREATE TABLESPACE " + database.name().toUtf8() + " LOCATION '" + space + "'"), "");
        QCOMPARE(database.sql("CREATE TABLE numbers (\"timestamp\" timestamptz, value bigint) TABLESPACE " + database.name().toUtf8()), "");
        SourceRoom room;
        room.pipeline(R"("in": {"type": "source.rate", "options": {"rows_per_second": 2000}}, "out": {"type": "sink.postgres", "options": {)" + database.options() + R"(, "table": "numbers"}})", R"("in -> out")", R"("batch_interval": "50ms")");
        room.start();
        const auto rows = [&] { return database.sql("SELECT count(*) FROM numbers").toLongLong(); };
        QVERIFY2(room.waitFor([&] { return rows() > 0; }), room.output());
        disk.fill();
        QVERIFY2(room.waitForOutput("waiting for out: "), room.output());
        QVERIFY2(room.output().contains(": No space left on device") && room.output().contains("SQLSTATE 53100"), room.output());
        disk.free();
        QVERIFY2(room.waitForOutput("going on: out answers"), room.output());
        const qint64 then = rows();
        QVERIFY2(room.waitFor([&] { return rows() > then + 200; }), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(database.sql("SELECT count(*) = count(DISTINCT value) AND count(*) = max(value) + 1 FROM numbers"), "t");
        QCOMPARE(database.sql("DROP TABLE numbers; DROP TABLESPACE " + database.name().toUtf8()), "");
    }
};

QTEST_GUILESS_MAIN(PostgresFullDiskTest)
#include "postgres_full_disk_test.moc"
