// source.table on a PostgreSQL table, and the shipped pipeline that counts words into a database.
#include "tests/faults/table_room.h"
#include "tests/postgres/database.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace streamwright;

class PostgresTableTest : public QObject {
    Q_OBJECT

private slots:
    void everyType()
    {
        Database database;
        database.sql("CREATE SCHEMA s; CREATE TABLE s.t (i bigint, b boolean, f real, d double precision, n numeric(10, 3), x varchar(9), y bytea, a date, t timestamptz, z timestamp, r int[], o jsonb);"
                     "INSERT INTO s.t VALUES (1, true, 1.5, 0.1, 12.345, E'a\\\\b\"\\n', '\\x00ff', '2024-01-31', '2024-01-31 10:00:00.5+05:30', '2024-01-31 10:00:00', '{1,NULL}', '{\"k\": \"v\"}'), (2, null, 'NaN', '-Infinity', null, null, null, null, null, null, null, null)");
        SourceRoom room;
        room.write(R"({"type": "source.table", "options": {"format": "postgres", )" + database.options() + R"(, "table": "s.t", "schema": "i BIGINT, b BOOLEAN, f FLOAT, d DOUBLE, n DOUBLE, x STRING, y BINARY, a DATE, t TIMESTAMP, z TIMESTAMP, r ARRAY<INT>, o STRUCT<k: STRING>"}})");
        room.start({"--clock", "virtual", "--progress", "none", "--batches", "1"});
        QVERIFY2(room.finish() == 0, room.output());
        QDir out(room.path("out"));
        QFile file(out.filePath(out.entryList({"part-*"}).value(0)));
        QVERIFY(file.open(QFile::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray(R"({"i":1,"b":true,"f":1.5,"d":0.1,"n":12.345,"x":"a\\b~\n","y":"00FF","a":"2024-01-31","t":"2024-01-31T04:30:00.500000Z","z":"2024-01-31T10:00:00.000000Z","r":[1,null],"o":{"k":"v"}})" "\n"
                                            R"({"i":2,"b":null,"f":"NaN","d":"-Infinity","n":null,"x":null,"y":null,"a":null,"t":null,"z":null,"r":null,"o":null})" "\n").replace("~", "\\\""));
    }

    // New rows are seen from a batch on, by all rows of that batch, and never the old ones again; not even after a crash.
    void refreshed()
    {
        Database database;
        database.sql("CREATE TABLE known (key bigint, text text); INSERT INTO known SELECT k, 'one' FROM generate_series(0, 2) k");
        TableRoom room;
        room.with(R"({"format": "postgres", )" + database.options() + R"(, "query": "SELECT * FROM known ORDER BY key", "schema": "key BIGINT, text STRING", "refresh": "100ms"})");
        room.start();
        QVERIFY2(room.waitFor([&] { return room.texts().contains("one"); }), room.output());
        database.sql("UPDATE known SET text = 'two'");
        QVERIFY2(room.waitFor([&] { return room.texts().contains("two"); }), room.output());
        room.kill();
        database.sql("UPDATE known SET text = 'three'");
        room.start();
        QVERIFY2(room.waitFor([&] { return room.texts().contains("three"); }), room.output());
        QCOMPARE(room.stop(), 0);
        const QByteArrayList texts = room.texts();
        QByteArrayList changes;
        for (const QByteArray& text : texts) {
            if (changes.isEmpty() || changes.last() != text) changes += text;
        }
        QCOMPARE(changes, (QByteArrayList{"one", "two", "three"}));
        QCOMPARE(room.values("out", "value").size(), texts.size());
    }

    // A batch that is run again after a crash sees the rows that it saw, although the table has other ones by now.
    void aBatchThatIsRunAgainSeesTheSame_data()
    {
        QTest::addColumn<QString>("crash");
        for (const char* step : {"ranges_logged", "computed", "staged", "deciding", "decided"}) QTest::newRow(step) << QString("%1:6").arg(step);
    }
    void aBatchThatIsRunAgainSeesTheSame()
    {
        QFETCH(QString, crash);
        Database database;
        database.sql("CREATE TABLE known (key bigint, text text); INSERT INTO known SELECT k, 'one' FROM generate_series(0, 2) k");
        TableRoom room;
        room.with(R"({"format": "postgres", )" + database.options() + R"(, "table": "known", "schema": "key BIGINT, text STRING"})", R"("batch_interval": "1s")");
        room.start({"--clock", "virtual", "--progress", "none", "--batches", "12"}, {{"STREAMWRIGHT_CRASH", crash}});
        QVERIFY2(room.finish() == -1, room.output());
        database.sql("UPDATE known SET text = 'two'");
        room.start({"--clock", "virtual", "--progress", "none", "--batches", "6"});
        QVERIFY2(room.finish() == 0, room.output());
        const QByteArrayList texts = room.texts();
        QVERIFY(texts.size() > 6 * 200);
        // Batch 6 holds the numbers from 1000 to 1199 (a second each). Two more may have been logged by then, no more.
        const qsizetype changed = texts.indexOf("two");
        QVERIFY2(changed >= 1200 && changed <= 1600 && changed % 200 == 0, QByteArray::number(changed));
        QCOMPARE(texts.lastIndexOf("one"), changed - 1);
    }

    // Without the table the rows of before are used on; a first time it is waited for.
    void whileItCannotBeRead()
    {
        Database database;
        TableRoom room;
        room.with(R"({"format": "postgres", )" + database.options() + R"(, "table": "known", "schema": "key BIGINT, text STRING", "refresh": "100ms"})");
        room.start();
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("relation \"known\" does not exist, SQLSTATE 42P01"), room.output());
        database.sql("CREATE TABLE known (key bigint, text text); INSERT INTO known SELECT k, 'one' FROM generate_series(0, 2) k");
        room.start();
        QVERIFY2(room.waitFor([&] { return !room.texts().isEmpty(); }), room.output());
        database.sql("ALTER TABLE known RENAME TO gone");
        QVERIFY2(room.waitForOutput("known: the rows of before are used on: "), room.output());
        const qsizetype before = room.texts().size();
        QVERIFY2(room.waitFor([&] { return room.texts().size() > before + 50; }), room.output());
        database.sql("UPDATE gone SET text = 'two'; ALTER TABLE gone RENAME TO known");
        QVERIFY2(room.waitFor([&] { return room.texts().contains("two"); }), room.output());
        QCOMPARE(room.stop(), 0);
        // A run goes on with what it had while nobody answers.
        QVERIFY(Database::server("stop"));
        room.start();
        const qsizetype then = room.texts().size();
        QVERIFY2(room.waitFor([&] { return room.texts().size() > then + 50; }), room.output());
        QCOMPARE(room.stop(), 0);
        QVERIFY(Database::server("start"));
    }

    void versionsThatNobodyNeedsGo()
    {
        Database database;
        database.sql("CREATE TABLE known (key bigint, text text); INSERT INTO known VALUES (0, '0')");
        TableRoom room;
        room.with(R"({"format": "postgres", )" + database.options() + R"(, "table": "known", "schema": "key BIGINT, text STRING", "refresh": "50ms"})", R"("batch_interval": "20ms", "retain": {"epochs": 2})");
        room.start();
        for (int version = 1; version <= 8; ++version) {
            const QByteArray text = QByteArray::number(version);
            database.sql("UPDATE known SET text = '" + text + "'");
            QVERIFY2(room.waitFor([&] { return room.texts().contains(text); }), room.output());
        }
        QVERIFY2(room.waitFor([&] { return QDir(room.path("p.checkpoint/received/known")).entryList({"*.table"}).size() <= 2; }), room.output());
        QCOMPARE(room.stop(), 0);
    }

    void verified()
    {
        Database database;
        database.sql("CREATE TABLE known (key bigint, text text); INSERT INTO known VALUES (0, '0'), (1, '1')");
        TableRoom room;
        const auto verify = [&](const QByteArray& table) {
            room.with(R"({"format": "postgres", )" + database.options() + R"(, "table": ")" + table + R"(", "schema": "key BIGINT, text STRING"})");
            QProcess process;
            process.setProcessChannelMode(QProcess::MergedChannels);
            process.start(PROGRAM_FOLDER "/streamwright", {"check", "--verify", room.path("p.json")});
            process.waitForFinished(kPatience);
            return process.readAll();
        };
        QVERIFY2(verify("known").contains("read the first rows: 2 read"), verify("known"));
        QVERIFY2(verify("other").contains("relation \"other\" does not exist"), verify("other"));
    }

    // pipelines/connectors/postgres_word_count.json, as its README says.
    void theShippedPipeline()
    {
        Database database;
        SourceRoom room;
        QVERIFY(QFile::copy(PROJECT_FOLDER "/pipelines/connectors/postgres_word_count.json", room.path("p.json")));
        SocketPeer peer;
        const QString url = QString("url=postgresql://test@127.0.0.1:%1/%2").arg(Database::serverPort()).arg(database.name());
        const QStringList arguments{"--progress", "none", "--set", url, "--set", "port=" + QString::number(peer.port())};
        room.start(arguments);
        QVERIFY2(peer.accept(), room.output());
        peer.send("hello world\nhello streams\n");
        QVERIFY2(room.waitFor([&] { return database.sql("SELECT total FROM word_counts WHERE word = 'hello'") == "2"; }), room.output());
        room.kill();
        room.start(arguments);
        QVERIFY2(peer.accept(), room.output());
        peer.send("hello again\n");
        QVERIFY2(room.waitFor([&] { return database.sql("SELECT * FROM word_counts ORDER BY 1") == "again|1\nhello|3\nstreams|1\nworld|1"; }), room.output() + database.sql("SELECT * FROM word_counts ORDER BY 1"));
        QCOMPARE(room.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(PostgresTableTest)
#include "postgres_table_test.moc"
