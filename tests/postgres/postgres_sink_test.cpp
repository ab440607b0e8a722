// sink.postgres against the real server: what it writes, what it rejects, what it refuses before the run. Read with psql.
#include "tests/faults/source_room.h"
#include "tests/postgres/database.h"

#include <QTest>

using namespace streamwright;

namespace {

// The rows of each line of `lines` are a batch; those that are rejected become JSON lines under `bad`.
class Room : public SourceRoom {
public:
    explicit Room(const QByteArray& schema, const QByteArray& lines) : schema_(schema) { put("rows.jsonl", replayed(schema, lines)); }
    void sink(const QByteArray& options)
    {
        pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": ")" + schema_ + R"("}}, "out": {"type": "sink.postgres", "options": {)" + options + R"(}},)"
                     R"("bad": {"type": "sink.files", "options": {"path": "bad", "format": "json"}})",
                 R"("in -> out", "out.rejected -> bad")", R"("batch_interval": "1s")");
    }
    int run()
    {
        start({"--clock", "virtual", "--progress", "none", "--workers", "2"});
        return finish();
    }
    // "passed connect to …: …" or "failed …", a line each.
    QByteArray verify()
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(PROGRAM_FOLDER "/streamwright", {"check", "--verify", path("p.json")});
        process.waitForFinished(kPatience);
        return process.readAll();
    }

private:
    QByteArray schema_;
};

const QByteArray kEveryType = "b BOOLEAN, i INT, l BIGINT, f FLOAT, d DOUBLE, s STRING, y BINARY, a DATE, t TIMESTAMP, n ARRAY<INT>, o STRUCT<x: DOUBLE, y: STRING>";

}

class PostgresSinkTest : public QObject {
    Q_OBJECT

private slots:
    void everyType()
    {
        Database database;
        Room room(kEveryType, R"([[true, -5, 9007199254740993, 1.5, 0.1, "héé 'x' \\ \t", "00ff", "1969-12-31", "2024-01-31T10:00:00.123456Z", [1, null, 3], {"x": 2.5, "y": "q\u0022uote"}]])" "\n"
                              R"([[null, null, null, null, null, null, null, null, null, null, null], [false, 2147483647, -9223372036854775808, 3e38, "NaN", "", "", "0001-01-01", "0001-01-01T00:00:00Z", [], {"x": null, "y": null}]])" "\n");
        room.sink(database.options() + R"(, "table": "all_of_them")");
        QCOMPARE(room.run(), 0);
        QCOMPARE(database.sql("SELECT b, i, l, f, d, s, encode(y, 'hex'), a, t, n, o FROM all_of_them ORDER BY i"),
                 QByteArray("t|-5|9007199254740993|1.5|0.1|héé 'x' \\ \t|00ff|1969-12-31|2024-01-31 10:00:00.123456+00|[1, null, 3]|{\"x\": 2.5, \"y\": \"q\\\"uote\"}\n"
                            "f|2147483647|-9223372036854775808|3e+38|NaN|||0001-01-01|0001-01-01 00:00:00+00|[]|{\"x\": null, \"y\": null}\n"
                            "||||||||||"));
        QCOMPARE(database.sql("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'all_of_them' ORDER BY ordinal_position"),
                 QByteArray("b|boolean\ni|integer\nl|bigint\nf|real\nd|double precision\ns|text\ny|bytea\na|date\nt|timestamp with time zone\nn|jsonb\no|jsonb"));
        QCOMPARE(database.sql("SELECT node, incarnation, epoch FROM streamwright_epochs"), QByteArray("out|1|2"));
        QVERIFY2(room.values("bad", "reason").isEmpty(), room.values("bad", "reason").join(' '));
    }

    void theLastRowOfEachKey()
    {
        Database database;
        Room room("word STRING, n BIGINT", "[[\"a\", 1], [\"b\", 2], [\"a\", 3], [null, 9], [\"a\", 4]]\n[]\n[[\"b\", null], [\"c\", 5]]\n");
        room.sink(database.options() + R"(, "table": "counts", "mode": "upsert", "keys": ["word"])");
        QCOMPARE(room.run(), 0);
        QCOMPARE(database.sql("SELECT * FROM counts ORDER BY 1"), QByteArray("a|4\nb|\nc|5"));
        QCOMPARE(room.values("bad", "reason"), QByteArrayList{"the key word is NULL, so there is no row to update"});
    }

    void keysAloneAreKept()
    {
        Database database;
        Room room("a INT, b STRING", "[[1, \"x\"], [1, \"x\"], [2, \"x\"]]\n[[1, \"x\"], [1, \"y\"]]\n");
        room.sink(database.options() + R"(, "table": "pairs", "mode": "upsert", "keys": ["a", "b"])");
        QCOMPARE(room.run(), 0);
        QCOMPARE(database.sql("SELECT * FROM pairs ORDER BY 1, 2"), QByteArray("1|x\n1|y\n2|x"));
    }

    // Other types than those that would be made, other columns beside ours, another case, a schema.
    void aTableThatIsThere()
    {
        Database database;
        database.sql("CREATE SCHEMA sales; CREATE TABLE sales.\"Orders\" (id serial PRIMARY KEY, \"Word\" varchar(5), n smallint, m numeric(6, 2), at timestamp, u uuid, j json, flag text NOT NULL DEFAULT 'new')");
        Room room("word STRING, n BIGINT, m DOUBLE, at TIMESTAMP, u STRING, j ARRAY<STRING>",
                  R"([["héééé", 32767, 9999.994, "2024-01-31T10:00:00Z", "0f8fad5b-d9cb-469f-a165-70867728950e", ["\u0000"]], ["a", -1, -0.005, null, null, null], ["a", 1, 1234, null, null, null], [null, null, 1e-9, null, null, null]])" "\n"
                  R"([["abcdef", 1, 1, null, null, null], ["a", 32768, 1, null, null, null], ["a", 1, 9999.995, null, null, null], ["a", 1, "Infinity", null, null, null], ["a", 1, 1, null, "no", null]])" "\n");
        room.sink(database.options() + R"(, "table": "sales.Orders")");
        QCOMPARE(room.run(), 0);
        QCOMPARE(database.sql("SELECT * FROM sales.\"Orders\" ORDER BY id"),
                 QByteArray("1|héééé|32767|9999.99|2024-01-31 10:00:00|0f8fad5b-d9cb-469f-a165-70867728950e|[\"\\u0000\"]|new\n2|a|-1|-0.01||||new\n3|a|1|1234.00||||new\n4|||0.00||||new"));
        QCOMPARE(room.values("bad", "field"), (QByteArrayList{"word", "n", "m", "m", "u"}));
        QCOMPARE(room.values("bad", "reason").at(0), QByteArray("the text has 6 characters, the column takes 5"));
        QCOMPARE(room.values("bad", "reason").at(1), QByteArray("the value is out of range for the column's type smallint"));
        QCOMPARE(room.values("bad", "reason").at(4), QByteArray("the text is no UUID"));
        QCOMPARE(database.sql("SELECT epoch FROM sales.streamwright_epochs"), QByteArray("1"));
    }

    void whatNoServerCanHoldIsRejected()
    {
        Database database;
        database.sql("CREATE TABLE here (s text, n bigint NOT NULL, t timestamptz, a date, o jsonb)");
        Room room("s STRING, n BIGINT, t TIMESTAMP, a DATE, o STRUCT<x: STRING>",
                  R"([["a\u0000b", 1, null, null, null], ["ok", null, null, null, null], ["ok", 3, null, null, {"x": "\u0000"}], ["ok", 4, null, null, {"x": "\\u0000"}]])" "\n");
        room.sink(database.options() + R"(, "table": "here")");
        QCOMPARE(room.run(), 0);
        QCOMPARE(database.sql("SELECT s, n, o FROM here"), QByteArray("ok|4|{\"x\": \"\\\\u0000\"}"));
        QCOMPARE(room.values("bad", "reason"), (QByteArrayList{"PostgreSQL's texts hold no NUL characters", "the column is NOT NULL", "a JSONB holds no NUL characters"}));
        QCOMPARE(room.values("bad", "field"), (QByteArrayList{"s", "n", "o"}));
        QVERIFY2(room.values("bad", "row").at(1).contains("\"s\":\"ok\""), room.values("bad", "row").at(1));
    }

    void timesBeyondTheCalendarAreRejected()
    {
        Database database;
        Room room("l BIGINT", "[[9223372036854775807], [-9223372036854775808], [9223371331200000000], [-210866803200000001], [-210866803200000000], [0]]\n");
        room.pipeline(R"("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "l BIGINT"}}, "times": {"type": "select", "options": {"columns": ["timestamp_micros(l) AS t"]}},)"
                      R"("out": {"type": "sink.postgres", "options": {)" + database.options() + R"(, "table": "times"}}, "bad": {"type": "sink.files", "options": {"path": "bad", "format": "json"}})",
                      R"("in -> times", "times -> out", "out.rejected -> bad")", R"("batch_interval": "1s")");
        QCOMPARE(room.run(), 0);
        QCOMPARE(database.sql("SELECT count(*), min(to_char(t, 'YYYY-MM-DD BC')) FILTER (WHERE t < '0001-01-01'), to_char(max(t), 'YYYY-MM-DD HH24:MI:SS') FROM times"), QByteArray("4|4714-11-24 BC|294247-01-10 04:00:54"));
        QCOMPARE(room.values("bad", "reason"), QByteArrayList(2, "the value is out of range for the column's type timestamp with time zone"));
    }

    void refusedBeforeTheRun_data()
    {
        QTest::addColumn<QByteArray>("made");
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<QByteArray>("told");
        const auto row = [](const char* name, const char* made, const char* options, const char* told) { QTest::newRow(name) << QByteArray(made) << QByteArray(options) << QByteArray(told); };
        row("no such column", "CREATE TABLE t (word text, m int)", "", "has no column n; it has word, m");
        row("another type", "CREATE TABLE t (word text, n text)", "", "the column n of table t of %DB at 127.0.0.1:%PORT is text and cannot hold BIGINT");
        row("a value that we have not", "CREATE TABLE t (word text, n bigint, more int NOT NULL)", "", "the column more of table t of %DB at 127.0.0.1:%PORT must have a value");
        row("a computed column", "CREATE TABLE t (word text, n bigint GENERATED ALWAYS AS (1) STORED)", "", "the column n of table t of %DB at 127.0.0.1:%PORT is computed by the server");
        row("a view", "CREATE VIEW t AS SELECT 'a' AS word, 1::bigint AS n", "", "is no table");
        row("no key", "CREATE TABLE t (word text, n bigint)", R"(, "mode": "upsert", "keys": ["word"])", "there is no unique or exclusion constraint matching the ON CONFLICT specification, SQLSTATE 42P10");
        row("a loose key", "CREATE TABLE t (word char(9) PRIMARY KEY, n bigint)", R"(, "mode": "upsert", "keys": ["word"])", "the key word of table t of %DB at 127.0.0.1:%PORT is character(9), which holds different texts for equal");
        row("no schema", "", R"(, "table": "nowhere.t")", "schema \"nowhere\" does not exist, SQLSTATE 3F000");
        row("read only", "CREATE TABLE t (word text, n bigint); CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today' USING ERRCODE = 'P0001'; END $$; CREATE TRIGGER no BEFORE INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION no()", "", "not today, SQLSTATE P0001");
    }
    void refusedBeforeTheRun()
    {
        QFETCH(QByteArray, made);
        QFETCH(QByteArray, options);
        QFETCH(QByteArray, told);
        Database database;
        if (!made.isEmpty()) QCOMPARE(database.sql(made), "");
        told.replace("%DB", database.name().toUtf8()).replace("%PORT", QByteArray::number(Database::serverPort()));
        Room room("word STRING, n BIGINT", "[[\"a\", 1]]\n");
        room.sink(database.options() + (options.contains("\"table\"") ? QByteArray() : QByteArray(R"(, "table": "t")")) + options);
        QCOMPARE(room.run(), 1);
        QVERIFY2(room.output().contains(told), room.output());
        QVERIFY2(room.output().contains("out: "), room.output());
        const QByteArray verified = room.verify();
        QVERIFY2(verified.contains(told), verified);
        QCOMPARE(database.sql("SELECT to_regclass('streamwright_epochs')"), "");
    }

    void whoMayNotConnect_data()
    {
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<QByteArray>("told");
        const QByteArray port = "\"host\": \"127.0.0.1\", \"port\": " + QByteArray::number(Database::serverPort());
        QTest::newRow("no such database") << port + R"(, "database": "nowhere", "user": "test", "tls": "disable")" << QByteArray("database \"nowhere\" does not exist, SQLSTATE 3D000");
        QTest::newRow("wrong password") << port + R"(, "database": "postgres", "user": "streamwright", "password": "${env:WRONG_PASSWORD}")" << QByteArray("password authentication failed for user \"streamwright\", SQLSTATE 28P01");
        QTest::newRow("no encryption") << port + R"(, "database": "postgres", "user": "streamwright", "password": "${env:POSTGRES_PASSWORD}", "tls": "disable")" << QByteArray("no pg_hba.conf entry for host \"127.0.0.1\", user \"streamwright\", database \"postgres\", no encryption, SQLSTATE 28000");
        QTest::newRow("another authority") << port + R"(, "database": "postgres", "user": "streamwright", "password": "${env:POSTGRES_PASSWORD}", "tls": "verify-full")" << QByteArray("certificate verify failed");
        QTest::newRow("no certificate") << port + R"(, "database": "postgres", "user": "certified", "tls": "require")" << QByteArray("connection requires a valid client certificate, SQLSTATE 28000");
    }
    void whoMayNotConnect()
    {
        QFETCH(QByteArray, options);
        QFETCH(QByteArray, told);
        qputenv("WRONG_PASSWORD", "swordfish");
        Room room("n INT", "[[1]]\n");
        room.sink(options + R"(, "table": "t")");
        QCOMPARE(room.run(), 1);
        QVERIFY2(room.output().contains(told), room.output());
        const QByteArray verified = room.verify();
        QVERIFY2(verified.contains(told), verified);
        QVERIFY(!(room.output() + verified).contains("swordfish") && !(room.output() + verified).contains("only-for-tests"));
    }

    void encrypted_data()
    {
        QTest::addColumn<QByteArray>("options");
        const QByteArray server = "\"host\": \"localhost\", \"port\": " + QByteArray::number(Database::serverPort()) + ", \"database\": \"postgres\", \"tls\": \"verify-full\", \"ca_file\": \"" + qgetenv("POSTGRES_CA") + "\"";
        QTest::newRow("password") << server + R"(, "user": "streamwright", "password": "${env:POSTGRES_PASSWORD}")";
        QTest::newRow("certificate") << server + R"(, "user": "certified", "certificate_file": "${env:POSTGRES_CERTIFICATE}", "key_file": "${env:POSTGRES_KEY}")";
        QTest::newRow("url") << "\"url\": \"postgresql://streamwright:${env:POSTGRES_PASSWORD}@127.0.0.1:" + QByteArray::number(Database::serverPort()) + "/postgres?sslmode=verify-full&sslrootcert=" + qgetenv("POSTGRES_CA") + "\"";
    }
    void encrypted()
    {
        QFETCH(QByteArray, options);
        Room room("n INT", "[[1], [2]]\n");
        const QByteArray table = QByteArray("secured_") + QTest::currentDataTag();
        room.sink(options + ", \"table\": \"" + table + "\"");
        // The markers' table belongs to the role that made it.
        QCOMPARE(asked("DROP TABLE IF EXISTS streamwright_epochs"), "");
        const QByteArray verified = room.verify();
        QVERIFY2(verified.contains("TLSv1.3") && verified.contains("it is made when the run starts"), verified);
        QVERIFY2(room.run() == 0, room.output());
        QVERIFY2(room.verify().contains("they fit"), room.verify());
        QCOMPARE(asked("SELECT sum(n) FROM " + table), "3");
    }

    // A role that may write into the table, but not make the one of markers: the server's words, before the run.
    void whoMayNotMakeTables()
    {
        Database database;
        database.sql("CREATE TABLE t (n int); GRANT INSERT ON t TO streamwright; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        Room room("n INT", "[[1], [2]]\n");
        const QByteArray options = "\"host\": \"127.0.0.1\", \"port\": " + QByteArray::number(Database::serverPort()) + R"(, "user": "streamwright", "password": "${env:POSTGRES_PASSWORD}", "table": "t")" + ", \"database\": \"" + database.name().toUtf8() + "\"";
        room.sink(options);
        QCOMPARE(room.run(), 1);
        QVERIFY2(room.output().contains("permission denied for schema public, SQLSTATE 42501"), room.output());
        database.sql("CREATE TABLE streamwright_epochs (checkpoint uuid NOT NULL, node text NOT NULL, incarnation bigint NOT NULL, epoch bigint NOT NULL, owner text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (checkpoint, node));"
                     "GRANT SELECT, INSERT, UPDATE ON streamwright_epochs TO streamwright");
        QVERIFY2(room.run() == 0, room.output());
        QCOMPARE(database.sql("SELECT sum(n) FROM t"), "3");
    }

    // Without a checkpoint there is nothing to mark.
    void withoutACheckpoint()
    {
        Database database;
        Room room("n INT", "[[1], [2]]\n[[3]]\n");
        room.sink(database.options() + R"(, "table": "t")");
        QFile file(room.path("p.json"));
        QVERIFY(file.open(QFile::ReadOnly));
        const QByteArray text = file.readAll().replace(R"("checkpoint": "p.checkpoint", )", "");
        room.put("p.json", text);
        QVERIFY2(room.run() == 0, room.output());
        QCOMPARE(database.sql("SELECT sum(n), to_regclass('streamwright_epochs') FROM t"), "6|");
    }

private:
    // In the database that the roles of the server may enter.
    static QByteArray asked(const QByteArray& statement)
    {
        QProcess psql;
        psql.start("psql", {"-XAtqc", statement, qEnvironmentVariable("POSTGRES_URL")});
        psql.waitForFinished();
        return psql.readAllStandardOutput().trimmed();
    }
};

QTEST_GUILESS_MAIN(PostgresSinkTest)
#include "postgres_sink_test.moc"
