// Nothing lost, nothing twice with sink.postgres: the program, the server and the line between them are stopped, killed and cut;
// what the tables hold in the end must be what an undisturbed run leaves. Read with psql.
#include "tests/faults/proxy.h"
#include "tests/faults/random_faults.h"
#include "tests/postgres/database.h"

#include <QTest>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

using namespace streamwright;

namespace {

constexpr int kBatches = 8;

// A running count into a table that is updated, and the words of each batch into one that grows.
class Counting : public SourceRoom {
public:
    explicit Counting(int port = Database::serverPort())
    {
        std::mt19937 random(11);
        QByteArray lines;
        for (int batch = 0; batch < kBatches; ++batch) {
            QByteArrayList rows;
            for (int row = 0; row < 30; ++row) rows += "\"w" + QByteArray::number(static_cast<int>(random() % 20)) + "\"";
            lines += '[' + rows.join(',') + "]\n";
        }
        put("rows.jsonl", lines);
        through(port);
    }
    void through(int port, const QByteArray& more = {})
    {
        const QByteArray server = database_.options(port) + more;
        pipeline(R"js("in": {"type": "source.replay", "options": {"file": "rows.jsonl"}}, "counts": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "value", "update": "coalesce(state, 0L) + size(values)", "as": "n", "emit": "changed"}},)js"
                 R"("totals": {"type": "sink.postgres", "options": {)" + server + R"(, "table": "totals", "mode": "upsert", "keys": ["value"]}}, "words": {"type": "sink.postgres", "options": {)" + server + R"(, "table": "words"}})",
                 R"("in -> counts", "counts -> totals", "in -> words")", R"("batch_interval": "1s")");
    }
    QStringList virtually() const { return {"--clock", "virtual", "--progress", "none", "--workers", "2"}; }
    int run(const Environment& variables = {})
    {
        start(virtually(), variables);
        return finish();
    }
    QByteArray left() const
    {
        return database_.sql("SELECT * FROM totals ORDER BY 1; SELECT value, count(*) FROM words GROUP BY 1 ORDER BY 1; SELECT node, epoch FROM streamwright_epochs ORDER BY 1");
    }
    const Database& database() const { return database_; }

private:
    Database database_;
};

// Numbered rows as they come, appended: each must be there once.
class Numbering : public SourceRoom {
public:
    explicit Numbering(int port, const QByteArray& more = {}, const QByteArray& server = {})
    {
        pipeline(R"("in": {"type": "source.rate", "options": {"rows_per_second": 2000}}, "out": {"type": "sink.postgres", "options": {)" + (server.isEmpty() ? database_.options(port) : server) + R"(, "table": "numbers")" + more + "}}",
                 R"("in -> out")", R"("batch_interval": "50ms")");
    }
    const Database& database() const { return database_; }
    qint64 rows() const { return database_.sql("SELECT count(*) FROM numbers").toLongLong(); }
    bool waitForMore(qint64 more)
    {
        const qint64 before = rows();
        return waitFor([&] { return rows() >= before + more; });
    }
    // "once" if the numbers from 0 to the last one are there, each once.
    QByteArray each() const { return database_.sql("SELECT CASE WHEN count(*) = count(DISTINCT value) AND count(*) = max(value) + 1 AND min(value) = 0 THEN 'once' ELSE format('%s rows, %s different, up to %s', count(*), count(DISTINCT value), max(value)) END FROM numbers"); }

private:
    Database database_;
};

// What a client sends in this order (tests/faults/proxy.h). A sink tries its table when it opens, looks at the marker, and
// looks again when it publishes.
using Words = std::vector<std::string>;

QString stepText(Step step) { return QString::fromUtf8(stepName(step).data()); }

}

class PostgresFaultsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        Counting room;
        QVERIFY2(room.run() == 0, room.output());
        undisturbed_ = room.left();
        QVERIFY2(undisturbed_.contains("words|8") && undisturbed_.contains("totals|8"), undisturbed_);
    }

    void killedAtEveryStep_data()
    {
        QTest::addColumn<QString>("crash");
        QTest::addColumn<QString>("again");
        for (size_t step = static_cast<size_t>(Step::BatchBegun); step < kSteps; ++step) {
            const Step at = static_cast<Step>(step);
            // The states are small, and nothing is shipped.
            if (at == Step::SnapshotChunk || at == Step::SnapshotFinished || at == Step::Shipping || at == Step::Shipped) continue;
            for (const char* batch : {"1", "5"}) QTest::newRow(qPrintable(stepText(at) + " " + batch)) << stepText(at) + ":" + batch << QString();
        }
        for (const Step at : {Step::Staging, Step::Publishing, Step::Published, Step::Cleared}) QTest::newRow(qPrintable(stepText(at) + " 5, second sink")) << stepText(at) + ":5:2" << QString();
        for (size_t step = 0; step < static_cast<size_t>(Step::BatchBegun); ++step) {
            const QString at = stepText(static_cast<Step>(step));
            QTest::newRow(qPrintable("decided 5, then " + at)) << "decided:5" << at;
        }
        for (const Step at : {Step::RecoveryPublishing, Step::RecoveryPublished}) QTest::newRow(qPrintable("decided 5, then " + stepText(at) + ", second sink")) << "decided:5" << stepText(at) + "::2";
    }
    void killedAtEveryStep()
    {
        QFETCH(QString, crash);
        QFETCH(QString, again);
        Counting room;
        QVERIFY2(room.run({{"STREAMWRIGHT_CRASH", crash}}) == -1, room.output());
        if (!again.isEmpty()) QVERIFY2(room.run({{"STREAMWRIGHT_CRASH", again}}) == -1, room.output());
        QVERIFY2(room.run() == 0, room.output());
        QCOMPARE(room.left(), undisturbed_);
    }

    // The server did it, and nobody heard of it.
    void theReplyIsLost_data()
    {
        QTest::addColumn<Words>("sent");
        QTest::newRow("to a trial") << Words{"COPY pg_temp"};
        QTest::newRow("to a look") << Words{"FOR UPDATE"};
        QTest::newRow("to the beginning") << Words{"FOR UPDATE", "FOR UPDATE"};
        QTest::newRow("to a copy") << Words{"FOR UPDATE", "COPY pg_temp"};
        QTest::newRow("to a merge") << Words{"FOR UPDATE", "ON CONFLICT (\"value\")"};
        QTest::newRow("to a commit") << Words{"; COMMIT"};
    }
    void theReplyIsLost()
    {
        QFETCH(Words, sent);
        Proxy proxy(Database::serverPort());
        Counting room(proxy.port());
        for (int time = 0; time < 3; ++time) {
            proxy.loseReplyTo(Proxy::inOrder(sent));
            room.start(room.virtually() + QStringList{"--batches", "2"});
            QVERIFY2(room.finish() == 0, room.output());
            QCOMPARE(proxy.lost(), time + 1);
        }
        QVERIFY2(room.run() == 0, room.output());
        QCOMPARE(room.left(), undisturbed_);
    }

    // The line is dead, and the server does not know: its transaction holds the marker until it is undone by the next.
    void theLineGoesDead_data()
    {
        QTest::addColumn<Words>("sent");
        QTest::newRow("within a trial") << Words{"COPY pg_temp"};
        QTest::newRow("within a look") << Words{"FOR UPDATE"};
        QTest::newRow("before the commit") << Words{"FOR UPDATE", "FOR UPDATE"};
        QTest::newRow("within a copy") << Words{"FOR UPDATE", "COPY pg_temp"};
    }
    void theLineGoesDead()
    {
        QFETCH(Words, sent);
        Proxy proxy(Database::serverPort());
        Counting room(proxy.port());
        room.through(proxy.port(), R"(, "request_timeout": "3s")");
        proxy.swallowAfter(Proxy::inOrder(sent));
        room.start(room.virtually());
        QVERIFY2(room.finish() == 0, room.output());
        QVERIFY2(room.output().contains("no answer for 3 s"), room.output());
        QVERIFY(proxy.swallowed() > 0);
        QCOMPARE(room.left(), undisturbed_);
    }

    void linesAreCut()
    {
        Proxy proxy(Database::serverPort());
        Numbering room(proxy.port());
        room.start();
        std::mt19937 random(5);
        for (int cut = 0; cut < 12; ++cut) {
            QVERIFY2(room.waitForMore(static_cast<qint64>(random() % 300)), room.output());
            proxy.drop();
        }
        QVERIFY(room.waitForMore(100));
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.each(), "once");
        QVERIFY(proxy.accepted() > 6);
    }

    void theServerIsKilledAndStopped()
    {
        Numbering room(Database::serverPort());
        room.start();
        for (const char* verb : {"kill", "stop", "kill", "kill"}) {
            QVERIFY2(room.waitForMore(200), room.output());
            QVERIFY(Database::server(verb));
            QVERIFY2(room.waitForOutput("waiting for out: "), room.output());
            QVERIFY(Database::server("start"));
        }
        QVERIFY2(room.waitForMore(200), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.each(), "once");
        QVERIFY2(room.output().contains("going on: out answers"), room.output());
    }

    void theServerAndTheProgramAreKilled()
    {
        Numbering room(Database::serverPort());
        std::mt19937 random(3);
        for (int life = 0; life < 8; ++life) {
            room.start();
            QVERIFY2(room.waitForMore(1 + static_cast<qint64>(random() % 200)), room.output());
            if (life % 3 == 2) QVERIFY(Database::server("kill"));
            room.kill();
            if (life % 3 == 2) QVERIFY(Database::server("start"));
        }
        room.start();
        QVERIFY2(room.waitForMore(100), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.each(), "once");
    }

    void randomFaults_data() { addFaultSeeds(); }
    void randomFaults()
    {
        QFETCH(int, seed);
        Proxy proxy(Database::serverPort());
        Counting room(proxy.port());
        room.through(proxy.port(), R"(, "request_timeout": "3s")");
        const auto lose = [&](const Words& sent) {
            return [&, sent] {
                const int before = proxy.lost();
                proxy.loseReplyTo(Proxy::inOrder(sent));
                // A program that ends meanwhile sends nothing.
                room.waitFor([&] { return proxy.lost() > before || room.process().state() == QProcess::NotRunning; });
                proxy.restore();
            };
        };
        const auto restarted = [](const char* verb) {
            return [verb] {
                if (!Database::server(verb) || !Database::server("start")) qFatal("PostgreSQL does not start again");
            };
        };
        RandomFaults faults(seed, kBatches, {[&] { proxy.drop(); }, lose({"; COMMIT"}), lose({"COPY pg_temp"}), restarted("kill"), restarted("stop")});
        QVERIFY2(faults.run(room, room.virtually(), [&] { return room.database().sql("SELECT max(epoch) FROM streamwright_epochs").toLongLong(); }) == 0, room.output());
        QCOMPARE(room.left(), undisturbed_);
    }

    void nobodyIsThereAtFirst()
    {
        Proxy proxy(Database::serverPort());
        proxy.refuse();
        Numbering room(proxy.port());
        room.start();
        QVERIFY2(room.waitForOutput("waiting for out: " + room.database().name().toUtf8() + " at 127.0.0.1:" + QByteArray::number(proxy.port()) + ": Connection refused"), room.output());
        proxy.restore();
        QVERIFY2(room.waitFor([&] { return room.rows() > 0; }), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.each(), "once");
    }

    void aStopWithAnEpochPending()
    {
        Proxy proxy(Database::serverPort());
        Numbering room(proxy.port(), R"(, "connect_timeout": "500ms", "request_timeout": "1s")");
        room.start();
        QVERIFY2(room.waitFor([&] { return room.rows() > 0; }), room.output());
        proxy.swallow(Proxy::New::Too);
        QVERIFY2(room.waitForOutput("waiting for out: "), room.output());
        QCOMPARE(room.stop(), 1);
        QVERIFY2(room.output().contains(" of out is decided but not published: "), room.output());
        proxy.restore();
        room.start();
        QVERIFY2(room.waitForMore(100), room.output());
        QCOMPARE(room.stop(), 0);
        QVERIFY2(room.output().contains("decided before the stop"), room.output());
        QCOMPARE(room.each(), "once");
    }

    void aRoleIsRevoked()
    {
        Database roles;
        const QByteArray role = "writer_" + roles.name().toUtf8();
        QCOMPARE(roles.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'only-for-tests'"), "");
        {
            const QByteArray server = "\"url\": \"postgresql://" + role + ":${env:POSTGRES_PASSWORD}@127.0.0.1:" + QByteArray::number(Database::serverPort()) + "/" + roles.name().toUtf8() + "?sslmode=require\"";
            QCOMPARE(roles.sql("GRANT CREATE ON SCHEMA public TO " + role), "");
            Numbering room(0, {}, server);
            const auto rows = [&] { return roles.sql("SELECT count(*) FROM numbers").toLongLong(); };
            room.start();
            QVERIFY2(room.waitFor([&] { return rows() > 0; }), room.output());
            // 1. It may not write any more.
            QCOMPARE(roles.sql("ALTER TABLE numbers OWNER TO test; REVOKE ALL ON numbers FROM " + role), "");
            QCOMPARE(room.finish(), 1);
            QVERIFY2(room.output().contains(" of out is decided but not published: ") && room.output().contains("permission denied for table numbers, SQLSTATE 42501"), room.output());
            // 2. Nor come in.
            QCOMPARE(roles.sql("GRANT SELECT, INSERT ON numbers TO " + role + "; ALTER ROLE " + role + " NOLOGIN"), "");
            room.start();
            QCOMPARE(room.finish(), 1);
            QVERIFY2(room.output().contains("is not permitted to log in, SQLSTATE 28000"), room.output());
            // 3. Only for a while there are too many: that is waited for.
            QCOMPARE(roles.sql("ALTER ROLE " + role + " LOGIN CONNECTION LIMIT 0"), "");
            room.start();
            QVERIFY2(room.waitForOutput("too many connections for role"), room.output());
            QCOMPARE(roles.sql("ALTER ROLE " + role + " CONNECTION LIMIT -1"), "");
            const qint64 before = rows();
            QVERIFY2(room.waitFor([&] { return rows() > before + 200; }), room.output());
            QCOMPARE(room.stop(), 0);
            QCOMPARE(roles.sql("SELECT count(*) = count(DISTINCT value) AND count(*) = max(value) + 1 FROM numbers"), "t");
        }
        roles.sql("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }

    // The run was killed with a commit on its way, which is done only when the next one has begun: that waits for it, and does
    // not take it for somebody else's.
    void aCommitIsOnItsWay()
    {
        Counting room;
        QCOMPARE(room.run({{"STREAMWRIGHT_CRASH", "published:5:2"}}), -1);
        QCOMPARE(room.database().sql("UPDATE streamwright_epochs SET epoch = 4 WHERE node = 'words'"), "");
        QProcess before;
        before.start("psql", {"-XAtq", "-h", "127.0.0.1", "-p", QString::number(Database::serverPort()), "-U", "test", room.database().name()});
        before.write("BEGIN; UPDATE streamwright_epochs SET epoch = 5 WHERE node = 'words'; SELECT 'done';\n");
        QVERIFY(before.waitForReadyRead(kPatience));
        room.start(room.virtually());
        QVERIFY2(room.waitForOutput("waiting for words: "), room.output());
        before.write("COMMIT;\n");
        before.closeWriteChannel();
        QVERIFY(before.waitForFinished());
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.left(), undisturbed_);
    }

    // Somebody deleted the marker, the table, or put an older one there.
    void theTargetIsNotWhatItWas_data()
    {
        QTest::addColumn<QByteArray>("change");
        QTest::addColumn<QByteArray>("told");
        QTest::newRow("marker deleted") << QByteArray("DELETE FROM streamwright_epochs WHERE node = 'words'") << QByteArray("no longer holds the marker of this run");
        QTest::newRow("markers gone") << QByteArray("DROP TABLE streamwright_epochs") << QByteArray("no longer holds the marker of this run");
        QTest::newRow("table gone") << QByteArray("DROP TABLE words") << QByteArray("is gone, but this run has written to it");
        QTest::newRow("restored") << QByteArray("DELETE FROM words WHERE ctid NOT IN (SELECT ctid FROM words LIMIT 30); UPDATE streamwright_epochs SET epoch = 1 WHERE node = 'words'") << QByteArray("holds epoch 1, but the checkpoint says that epoch 4 was published there");
    }
    void theTargetIsNotWhatItWas()
    {
        QFETCH(QByteArray, change);
        QFETCH(QByteArray, told);
        Counting room;
        room.start(room.virtually() + QStringList{"--batches", "4"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.database().sql(change), "");
        const QByteArray before = room.database().sql("SELECT sum(n) FROM totals");
        QCOMPARE(room.run(), 1);
        QVERIFY2(room.output().contains(told), room.output());
        QVERIFY2(room.output().contains("checkpoint resolve "), room.output());
        QCOMPARE(room.database().sql("SELECT sum(n) FROM totals"), before);
        for (const char* sink : {"words", "totals"}) {
            if (change.contains("WHERE node") && QByteArray(sink) == "totals") continue;
            if (change.contains("DROP TABLE words") && QByteArray(sink) == "totals") continue;
            QProcess resolve;
            resolve.start(PROGRAM_FOLDER "/streamwright", {"checkpoint", "resolve", room.path("p.checkpoint"), sink, "--skip"});
            QVERIFY(resolve.waitForFinished() && resolve.exitCode() == 0);
        }
        QVERIFY2(room.run() == 0, room.output());
        // The batches after it came; what somebody took away stays away.
        QCOMPARE(room.database().sql("SELECT sum(n) FROM totals"), QByteArray::number(kBatches * 30));
        QCOMPARE(room.database().sql("SELECT node, epoch FROM streamwright_epochs ORDER BY 1"), "totals|8\nwords|8");
    }

    // A restored table while an epoch is pending: both values are told, and a person decides.
    void restoredWhileAnEpochIsPending_data()
    {
        QTest::addColumn<QString>("resolution");
        QTest::addColumn<int>("words");
        QTest::newRow("publish") << "--publish" << 30 + (kBatches - 4) * 30;
        QTest::newRow("skip") << "--skip" << 30 + (kBatches - 5) * 30;
    }
    void restoredWhileAnEpochIsPending()
    {
        QFETCH(QString, resolution);
        QFETCH(int, words);
        Counting room;
        QCOMPARE(room.run({{"STREAMWRIGHT_CRASH", "decided:5"}}), -1);
        QCOMPARE(room.database().sql("DELETE FROM words WHERE ctid NOT IN (SELECT ctid FROM words LIMIT 30); UPDATE streamwright_epochs SET epoch = 1 WHERE node = 'words'"), "");
        QCOMPARE(room.run(), 1);
        QVERIFY2(room.output().contains("epoch 5 waits to be published after epoch 4, but table words of ") && room.output().contains("holds epoch 1"), room.output());
        QProcess resolve;
        resolve.start(PROGRAM_FOLDER "/streamwright", {"checkpoint", "resolve", room.path("p.checkpoint"), "words", resolution});
        QVERIFY(resolve.waitForFinished() && resolve.exitCode() == 0);
        QVERIFY2(room.run() == 0, room.output());
        QCOMPARE(room.database().sql("SELECT count(*) FROM words").toInt(), words);
        QCOMPARE(room.database().sql("SELECT sum(n) FROM totals"), QByteArray::number(kBatches * 30));
    }

    // A is stopped, B goes on with a copy of its checkpoint and publishes; A is continued: it publishes nothing, and ends.
    void aZombiePublishesNothing_data()
    {
        QTest::addColumn<QString>("halt");
        for (const Step at : {Step::RangesLogged, Step::Staged, Step::OutboxSealed, Step::Deciding, Step::Decided, Step::Publishing, Step::Published, Step::Cleared, Step::BatchEnded}) QTest::newRow(stepName(at).data()) << stepText(at) + ":4";
    }
    void aZombiePublishesNothing()
    {
        QFETCH(QString, halt);
        Counting a;
        a.start(a.virtually(), {{"STREAMWRIGHT_HALT", halt}});
        QVERIFY2(a.waitForHalt(), a.output());
        SourceRoom b;
        for (const QString& name : {QString("p.json"), QString("rows.jsonl")}) QVERIFY(QFile::copy(a.path(name), b.path(name)));
        std::filesystem::copy(a.path("p.checkpoint").toStdString(), b.path("p.checkpoint").toStdString(), std::filesystem::copy_options::recursive);
        b.start(a.virtually());
        QVERIFY2(b.finish() == 0, b.output());
        QCOMPARE(a.left(), undisturbed_);
        a.signal(SIGCONT);
        QCOMPARE(a.finish(), 1);
        QVERIFY2(a.output().contains("was written by another run of this checkpoint") || a.output().contains("is to follow epoch"), a.output());
        QCOMPARE(a.left(), undisturbed_);
    }

    // The same with A in the middle of a transaction, which it holds locks in: B undoes that.
    void aZombieWithATransactionOpen()
    {
        Proxy proxy(Database::serverPort());
        Counting a(proxy.port());
        // The answer to the first COPY comes when A does not look any more: A is stopped while it waits.
        a.start(a.virtually() + QStringList{"--batches", "3"});
        QVERIFY2(a.finish() == 0, a.output());
        proxy.swallowAfter(Proxy::inOrder({"FOR UPDATE", "COPY pg_temp"}));
        a.start(a.virtually());
        QVERIFY2(a.waitFor([&] { return proxy.swallowed() > 0; }), a.output());
        a.signal(SIGSTOP);
        SourceRoom b;
        for (const QString& name : {QString("p.json"), QString("rows.jsonl")}) QVERIFY(QFile::copy(a.path(name), b.path(name)));
        std::filesystem::copy(a.path("p.checkpoint").toStdString(), b.path("p.checkpoint").toStdString(), std::filesystem::copy_options::recursive);
        b.start(a.virtually());
        QVERIFY2(b.finish() == 0, b.output());
        QVERIFY2(b.output().contains("canceling statement due to lock timeout"), b.output());
        QCOMPARE(a.left(), undisturbed_);
        proxy.drop();
        a.signal(SIGCONT);
        QCOMPARE(a.finish(), 1);
        QCOMPARE(a.left(), undisturbed_);
    }

    // The table was changed while the run went on.
    void theTableIsChangedMeanwhile()
    {
        Numbering room(Database::serverPort());
        room.start();
        QVERIFY2(room.waitFor([&] { return room.rows() > 0; }), room.output());
        QCOMPARE(room.database().sql("ALTER TABLE numbers RENAME value TO number"), "");
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains(" of out is decided but not published: ") && room.output().contains("column \"value\" of relation \"numbers\" does not exist, SQLSTATE 42703"), room.output());
        QCOMPARE(room.database().sql("ALTER TABLE numbers RENAME number TO value"), "");
        room.start();
        QVERIFY2(room.waitForMore(200), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.each(), "once");
    }

    // Something else holds the table: waited for, with the reason.
    void somebodyHoldsTheTable()
    {
        Numbering room(Database::serverPort());
        room.start();
        QVERIFY2(room.waitFor([&] { return room.rows() > 0; }), room.output());
        QProcess other;
        other.start("psql", {"-XAtq", "-h", "127.0.0.1", "-p", QString::number(Database::serverPort()), "-U", "test", room.database().name()});
        other.write("BEGIN; LOCK TABLE numbers; SELECT 'locked';\n");
        QVERIFY(other.waitForReadyRead(kPatience));
        QVERIFY2(room.waitForOutput("canceling statement due to lock timeout, SQLSTATE 55P03"), room.output());
        other.write("COMMIT;\n");
        other.closeWriteChannel();
        QVERIFY(other.waitForFinished());
        QVERIFY2(room.waitForMore(100), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.each(), "once");
    }

private:
    QByteArray undisturbed_;
};

QTEST_GUILESS_MAIN(PostgresFaultsTest)
#include "postgres_faults_test.moc"
