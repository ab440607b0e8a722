// source.table on files and SQLite: what it reads, when new rows are seen, and that a batch that is run again sees what it saw.
#include "tests/faults/table_room.h"

#include <QTest>

using namespace streamwright;

namespace {

class Looking : public TableRoom {
public:
    QByteArrayList changes() const
    {
        QByteArrayList changes;
        for (const QByteArray& text : texts()) {
            if (changes.isEmpty() || changes.last() != text) changes += text;
        }
        return changes;
    }
    // Appears whole.
    void replace(const QString& name, const QByteArray& bytes) const
    {
        put("being_written", bytes);
        if (::rename(qPrintable(path("being_written")), qPrintable(path(name))) != 0) qFatal("cannot replace %s", qPrintable(name));
    }
    QByteArray sql(const QString& database, const QByteArray& statements) const
    {
        QProcess sqlite;
        sqlite.setProcessChannelMode(QProcess::MergedChannels);
        sqlite.start("sqlite3", {path(database)});
        sqlite.write(statements + ";\n");
        sqlite.closeWriteChannel();
        sqlite.waitForFinished();
        return sqlite.readAll().trimmed();
    }
};

const QByteArray kVirtual = R"("batch_interval": "1s")";
const QStringList kVirtually{"--clock", "virtual", "--progress", "none", "--batches"};

QByteArray csvSaying(const QByteArray& text) { return "key,text\n0," + text + "\n1," + text + "\n2," + text + "\n"; }

}

class TableSourceTest : public QObject {
    Q_OBJECT

private slots:
    // What sink.sqlite writes is read as it was.
    void whatTheSinkWrote()
    {
        const QByteArray schema = "b BOOLEAN, i INT, l BIGINT, f FLOAT, d DOUBLE, s STRING, y BINARY, a DATE, t TIMESTAMP, n ARRAY<INT>, o STRUCT<x: DOUBLE, y: STRING>";
        const QByteArray rows = R"([[true, -5, 9007199254740993, 1.5, 0.1, "a 'x' \\", "00ff", "1969-12-31", "2024-01-31T10:00:00.123456Z", [1, null, 3], {"x": 2.5, "y": "q\u0022uote"}], [null, null, null, null, null, null, null, null, null, null, null], [false, 0, -9223372036854775808, 3e38, 123456789.123456789, "", "", "0001-01-01", "0001-01-01T00:00:00Z", [], {"x": null, "y": null}]])";
        SourceRoom writes, reads;
        writes.put("rows.jsonl", replayed(schema, rows));
        writes.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": ")" + schema + R"("}}, "out": {"type": "sink.sqlite", "options": {"file": "t.sqlite", "table": "t"}}, "also": {"type": "sink.files", "options": {"path": "out", "format": "json"}})", R"("in -> out", "in -> also")", kVirtual);
        writes.start({"--clock", "virtual", "--progress", "none"});
        QVERIFY2(writes.finish() == 0, writes.output());
        for (const QByteArray& what : {QByteArray(R"("table": "t")"), QByteArray(R"("query": "SELECT * FROM t WHERE 1")")}) {
            SourceRoom room;
            room.write(R"({"type": "source.table", "options": {"format": "sqlite", "file": ")" + writes.path("t.sqlite").toUtf8() + R"(", "schema": ")" + schema + R"(", )" + what + "}}");
            room.start(kVirtually + QStringList{"1"});
            QVERIFY2(room.finish() == 0, room.output());
            QCOMPARE(content(room), content(writes));
            QCOMPARE(content(room).count('\n'), 3);
        }
    }

    void whatDoesNotFitIsRejectedOnce()
    {
        Looking room;
        QCOMPARE(room.sql("t.sqlite", "CREATE TABLE known (key, text); INSERT INTO known VALUES (0, 'zero'), (1, 'one'), ('many', 'x'), (2.5, 'y'), (2, NULL)"), "");
        room.with(R"({"format": "sqlite", "file": "t.sqlite", "table": "known", "schema": "key BIGINT, text STRING"})", kVirtual);
        room.start(kVirtually + QStringList{"3"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.values("bad", "field"), (QByteArrayList{"key", "key"}));
        QCOMPARE(room.texts().size(), 600);
        QCOMPARE(room.texts().first(), "zero");
    }

    void aMissingTableIsNamed()
    {
        Looking room;
        QCOMPARE(room.sql("t.sqlite", "CREATE TABLE known (key, text)"), "");
        room.with(R"({"format": "sqlite", "file": "t.sqlite", "table": "known", "schema": "key BIGINT, words STRING"})");
        room.start();
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("no such column: t.words"), room.output());
        room.with(R"({"format": "sqlite", "file": "t.sqlite", "table": "others", "schema": "key BIGINT"})");
        room.start();
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("no such table: others"), room.output());
    }

    // All rows of a batch see one version; each version is seen once it is there, and not again later.
    void aFileIsReadAgain()
    {
        Looking room;
        room.with(R"({"format": "csv", "file": "known.csv", "schema": "key BIGINT, text STRING", "refresh": "50ms"})");
        room.start();
        QVERIFY2(room.waitForOutput("waiting for known: " + room.path("known.csv").toUtf8() + " is not there"), room.output());
        for (const char* text : {"one", "two", "three"}) {
            room.replace("known.csv", csvSaying(text));
            QVERIFY2(room.waitFor([&] { return room.texts().contains(text); }), room.output());
        }
        QFile::remove(room.path("known.csv"));
        QVERIFY2(room.waitForOutput("known: the rows of before are used on: "), room.output());
        room.kill();
        room.replace("known.csv", csvSaying("four"));
        room.start();
        QVERIFY2(room.waitFor([&] { return room.texts().contains("four"); }), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.changes(), (QByteArrayList{"one", "two", "three", "four"}));
        QCOMPARE(room.values("out", "value").size(), room.texts().size());
    }

    void aBatchThatIsRunAgainSeesTheSame_data()
    {
        QTest::addColumn<QString>("crash");
        for (const char* step : {"ranges_planned:1", "ranges_logged:1", "computed:6", "staged:6", "deciding:6", "decided:6"}) QTest::newRow(step) << step;
    }
    void aBatchThatIsRunAgainSeesTheSame()
    {
        QFETCH(QString, crash);
        Looking room;
        room.with(R"({"format": "csv", "file": "known.csv", "schema": "key BIGINT, text STRING", "refresh": "2s"})", kVirtual);
        room.replace("known.csv", csvSaying("one"));
        room.start(kVirtually + QStringList{"12"}, {{"STREAMWRIGHT_CRASH", crash}});
        QVERIFY2(room.finish() == -1, room.output());
        room.replace("known.csv", csvSaying("two"));
        room.start(kVirtually + QStringList{"8"});
        QVERIFY2(room.finish() == 0, room.output());
        const QByteArrayList texts = room.texts();
        const qsizetype changed = texts.indexOf("two");
        // A batch holds 200 numbers; two may have been logged after the one that was reached.
        const qsizetype logged = crash.startsWith("ranges_planned") ? 0 : crash.endsWith(":1") ? 200 : 1200;
        QVERIFY2(changed >= logged && changed <= logged + 400 && changed % 200 == 0, QByteArray::number(changed));
        QCOMPARE(texts.lastIndexOf("one"), changed - 1);
        QCOMPARE(room.values("out", "value").size(), texts.size());
    }

    // Without a checkpoint there is nothing to find again; rewound, the rows of then are there.
    void rewound()
    {
        Looking room;
        room.with(R"({"format": "csv", "file": "known.csv", "schema": "key BIGINT, text STRING", "refresh": "1s"})", kVirtual + R"(, "retain": {"epochs": 50})");
        room.replace("known.csv", csvSaying("one"));
        room.start(kVirtually + QStringList{"4"});
        QVERIFY2(room.finish() == 0, room.output());
        room.replace("known.csv", csvSaying("two"));
        room.start(kVirtually + QStringList{"4"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.changes(), (QByteArrayList{"one", "two"}));
        QCOMPARE(QDir(room.path("p.checkpoint/received/known")).entryList({"*.table"}).size(), 2);
        QProcess rewind;
        rewind.start(PROGRAM_FOLDER "/streamwright", {"checkpoint", "rewind", room.path("p.checkpoint"), "--epoch", "2"});
        QVERIFY(rewind.waitForFinished() && rewind.exitCode() == 0);
        QVERIFY(QDir(room.path("out")).removeRecursively());
        QVERIFY(QFile::remove(room.path("known.csv")));
        // The file has gone; what the checkpoint keeps is used on.
        room.start(kVirtually + QStringList{"2"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.changes(), QByteArrayList{"one"});
        QCOMPARE(room.values("out", "value").size(), 400);
    }

    // Rows that were kept with other columns are of no use: the table is read anew.
    void theSchemaIsChanged()
    {
        Looking room;
        room.with(R"({"format": "csv", "file": "known.csv", "schema": "key BIGINT, text STRING"})", kVirtual);
        room.replace("known.csv", csvSaying("1"));
        room.start(kVirtually + QStringList{"2"});
        QVERIFY2(room.finish() == 0, room.output());
        room.with(R"({"format": "csv", "file": "known.csv", "schema": "key BIGINT, text INT"})", kVirtual);
        room.replace("known.csv", csvSaying("2"));
        room.start(kVirtually + QStringList{"2"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.changes(), (QByteArrayList{"1", "2"}));
        QCOMPARE(room.texts().indexOf("2"), 400);
    }

    void aDamagedVersionIsNamed()
    {
        Looking room;
        room.with(R"({"format": "csv", "file": "known.csv", "schema": "key BIGINT, text STRING"})", kVirtual);
        room.replace("known.csv", csvSaying("one"));
        room.start(kVirtually + QStringList{"4"});
        QVERIFY2(room.finish() == 0, room.output());
        QDir kept(room.path("p.checkpoint/received/known"));
        QFile version(kept.filePath(kept.entryList({"*.table"}).value(0)));
        QVERIFY(version.resize(version.size() - 5));
        room.start(kVirtually + QStringList{"2"});
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains(version.fileName().toUtf8() + " is damaged"), room.output());
    }

private:
    static QByteArray content(const SourceRoom& room)
    {
        const QDir out(room.path("out"));
        QFile file(out.filePath(out.entryList({"part-*"}).value(0)));
        return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray("no file");
    }
};

QTEST_GUILESS_MAIN(TableSourceTest)
#include "table_source_test.moc"
