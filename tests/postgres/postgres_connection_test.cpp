// What the protocol of publication relies on, as the real server does it (engine/README.md, "Exactly once"): who waits for whom
// when a connection is lost in the middle, and what each kind of failure is told as.
#include "engine/base/clock.h"
#include "engine/transport/postgres.h"
#include "tests/faults/proxy.h"
#include "tests/postgres/database.h"

#include <QTest>

using namespace streamwright;

namespace {

PostgresServer serverOf(const Database& database, int port = Database::serverPort())
{
    return {{{"host", "127.0.0.1"}, {"port", std::to_string(port)}, {"dbname", database.name().toStdString()}, {"user", "test"}, {"sslmode", "disable"}}, seconds(10), seconds(20)};
}

template <class T>
QByteArray told(const Result<T>& result)
{
    if (result) return "done";
    return (result.error().kind == ErrorKind::Transient ? "transient: " : result.error().kind == ErrorKind::Permanent ? "permanent: " : "mistake: ") + QByteArray::fromStdString(result.error().message);
}

QByteArray firstValue(const Result<std::vector<PostgresConnection::Row>>& rows)
{
    if (!rows) return told(rows);
    return rows->empty() || rows->front().empty() || !rows->front()[0] ? QByteArray("nothing") : QByteArray::fromStdString(*rows->front()[0]);
}

const char* const kLooks = "SET lock_timeout = '1s'; BEGIN; SELECT v FROM m WHERE k = 1 FOR UPDATE";

}

class PostgresConnectionTest : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        database_ = std::make_unique<Database>();
        QCOMPARE(database_->sql("CREATE TABLE m (k int PRIMARY KEY, v int); INSERT INTO m VALUES (1, 0)"), "");
    }
    void cleanup() { database_.reset(); }

    // 1. The commit arrived and its reply did not: who looks next, with FOR UPDATE, sees it done.
    void theReplyToACommitIsLost()
    {
        Proxy proxy(Database::serverPort());
        PostgresConnection a(serverOf(*database_, proxy.port()));
        QCOMPARE(told(a.connect()), "done");
        QCOMPARE(told(a.script("BEGIN; SELECT * FROM m FOR UPDATE; UPDATE m SET v = 1")), "done");
        proxy.loseReplyTo(Proxy::inOrder({"COMMIT"}));
        const QByteArray lost = told(a.script("COMMIT"));
        QVERIFY2(lost.startsWith("transient: " + database_->name().toUtf8()), lost);
        QVERIFY(!a.usable());
        PostgresConnection b(serverOf(*database_));
        QCOMPARE(told(b.connect()), "done");
        QCOMPARE(firstValue(b.script(kLooks)), "1");
    }

    // 2. The connection is half open and the old backend has not ended: FOR UPDATE waits for it, and does not look past it.
    // When it goes on after all and commits, the look sees that; when it is undone, the look sees what was before.
    void theOldBackendIsWaitedFor()
    {
        Proxy proxy(Database::serverPort());
        PostgresConnection a(serverOf(*database_, proxy.port())), b(serverOf(*database_));
        QCOMPARE(told(a.connect()), "done");
        QCOMPARE(told(b.connect()), "done");
        const QByteArray backend = firstValue(a.script("BEGIN; SELECT * FROM m FOR UPDATE; UPDATE m SET v = 1; SELECT pg_backend_pid()"));
        proxy.swallow();
        a.close();
        QCOMPARE(told(b.script(kLooks)), "transient: " + database_->name().toUtf8() + " at 127.0.0.1:" + QByteArray::number(Database::serverPort()) + ": canceling statement due to lock timeout, SQLSTATE 55P03");
        QVERIFY(b.usable() && b.failedFor("55P03"));
        QCOMPARE(told(b.script("ROLLBACK")), "done");
        QCOMPARE(firstValue(b.query("SELECT pg_terminate_backend($1::int)", {backend.toStdString()})), "t");
        QCOMPARE(firstValue(b.script(kLooks)), "0");
    }

    // 3. The same, while the old backend waits for the rest of a COPY: no timeout of a statement or of a transaction ends
    // that, so somebody must.
    void aBackendInACopyIsEndedByNoTimeout()
    {
        Proxy proxy(Database::serverPort());
        PostgresConnection a(serverOf(*database_, proxy.port())), b(serverOf(*database_));
        QCOMPARE(told(a.connect()), "done");
        QCOMPARE(told(b.connect()), "done");
        const QByteArray backend = firstValue(a.script("SET statement_timeout = '500ms'; SET idle_in_transaction_session_timeout = '500ms'; BEGIN; SELECT * FROM m FOR UPDATE; SELECT pg_backend_pid()"));
        QCOMPARE(told(a.beginCopyIn("COPY m FROM STDIN")), "done");
        proxy.swallow();
        a.close();
        QVERIFY(told(b.script(kLooks)).endsWith("55P03"));
        QCOMPARE(told(b.script("ROLLBACK")), "done");
        QCOMPARE(firstValue(b.query("SELECT state FROM pg_stat_activity WHERE pid = $1::int", {backend.toStdString()})), "active");
        QCOMPARE(firstValue(b.query("SELECT pg_terminate_backend($1::int, 10000)", {backend.toStdString()})), "t");
        QCOMPARE(firstValue(b.script(kLooks)), "0");
    }

    // 4. A backend that is not in a statement is ended by the timeout that its transaction set.
    void anIdleTransactionEndsByItself()
    {
        Proxy proxy(Database::serverPort());
        PostgresConnection a(serverOf(*database_, proxy.port())), b(serverOf(*database_));
        QCOMPARE(told(a.connect()), "done");
        QCOMPARE(told(b.connect()), "done");
        QCOMPARE(told(a.script("BEGIN; SET LOCAL idle_in_transaction_session_timeout = '500ms'; SELECT * FROM m FOR UPDATE; UPDATE m SET v = 1")), "done");
        proxy.swallow();
        QCOMPARE(firstValue(b.script("SET lock_timeout = '20s'; BEGIN; SELECT v FROM m WHERE k = 1 FOR UPDATE")), "0");
    }

    void whatFailuresAreToldAs()
    {
        PostgresConnection a(serverOf(*database_)), b(serverOf(*database_));
        QCOMPARE(told(a.connect()), "done");
        QVERIFY(QByteArray::fromStdString(a.greeting()).startsWith("PostgreSQL 15") && a.greeting().ends_with(", not encrypted"));
        const QByteArray where = database_->name().toUtf8() + " at 127.0.0.1:" + QByteArray::number(Database::serverPort()) + ": ";
        QCOMPARE(told(a.script("SELECT * FROM nothing")), "permanent: " + where + "relation \"nothing\" does not exist, SQLSTATE 42P01");
        QCOMPARE(told(a.script("SELECT 1 / 0")), "permanent: " + where + "division by zero, SQLSTATE 22012");
        QCOMPARE(told(a.beginCopyIn("COPY m FROM STDIN")), "done");
        QCOMPARE(told(a.copyIn("5\t6\n7\tx\n")), "done");
        QCOMPARE(told(a.endCopyIn()), "permanent: " + where + "invalid input syntax for type integer: \"x\" [COPY m, line 2, column v: \"x\"], SQLSTATE 22P02");
        QCOMPARE(told(a.script("INSERT INTO m VALUES (1, 1)")), "permanent: " + where + "duplicate key value violates unique constraint \"m_pkey\" (Key (k)=(1) already exists.), SQLSTATE 23505");
        QCOMPARE(told(a.script("SET statement_timeout = '50ms'; SELECT pg_sleep(5)")), "transient: " + where + "canceling statement due to statement timeout, SQLSTATE 57014");
        // The server ends this backend.
        QCOMPARE(told(b.connect()), "done");
        const QByteArray backend = firstValue(b.script("SELECT pg_backend_pid()"));
        QCOMPARE(firstValue(a.query("SELECT pg_terminate_backend($1::int, 10000)", {backend.toStdString()})), "t");
        QCOMPARE(told(b.script("SELECT 1")), "transient: " + where + "terminating connection due to administrator command, SQLSTATE 57P01");
        // Two that wait for each other.
        QCOMPARE(told(b.connect()), "done");
        QCOMPARE(told(a.script("SET statement_timeout = 0; INSERT INTO m VALUES (2, 0)")), "done");
        QCOMPARE(told(a.script("BEGIN; UPDATE m SET v = 1 WHERE k = 1")), "done");
        QCOMPARE(told(b.script("SET deadlock_timeout = '50ms'; BEGIN; UPDATE m SET v = 1 WHERE k = 2")), "done");
        QByteArray other;
        std::thread waits([&] { other = told(a.script("UPDATE m SET v = 2 WHERE k = 2")); });
        const QByteArray deadlock = told(b.script("UPDATE m SET v = 2 WHERE k = 1"));
        if (b.usable()) (void)b.script("ROLLBACK");
        waits.join();
        QVERIFY2(deadlock.startsWith("transient: " + where + "deadlock detected") || other.startsWith("transient: " + where + "deadlock detected"), deadlock + other);
    }

    // Ended while nobody used it: that is seen without asking anything.
    void whatEndedMeanwhile()
    {
        PostgresConnection a(serverOf(*database_)), b(serverOf(*database_));
        QVERIFY(!a.alive());
        QCOMPARE(told(a.connect()), "done");
        QCOMPARE(told(b.connect()), "done");
        QVERIFY(b.alive());
        const QByteArray backend = firstValue(b.script("SELECT pg_backend_pid()"));
        QCOMPARE(firstValue(a.query("SELECT pg_terminate_backend($1::int, 10000)", {backend.toStdString()})), "t");
        QVERIFY(!b.alive() && !b.usable());
        QVERIFY(a.alive());
    }

    void manyRowsBothWays()
    {
        PostgresConnection a(serverOf(*database_));
        QCOMPARE(told(a.connect()), "done");
        QCOMPARE(told(a.script("CREATE TABLE n (i int)")), "done");
        QCOMPARE(told(a.beginCopyIn("COPY n FROM STDIN")), "done");
        std::string piece;
        for (int i = 1; i <= 300'000; ++i) {
            piece += std::to_string(i) + "\n";
            if (piece.size() < 100'000 && i < 300'000) continue;
            QCOMPARE(told(a.copyIn(piece)), "done");
            piece.clear();
        }
        const auto copied = a.endCopyIn();
        QVERIFY(copied && *copied == 300'000);
        int64_t sum = 0;
        QCOMPARE(told(a.copyOut("COPY n TO STDOUT", [&](std::string_view line) -> Result<void> {
                     sum += std::strtoll(line.data(), nullptr, 10);
                     return {};
                 })), "done");
        QCOMPARE(sum, int64_t{300'000} * 300'001 / 2);
        // Who has enough gets no more.
        QCOMPARE(told(a.copyOut("COPY n TO STDOUT", [](std::string_view) -> Result<void> { return permanent("enough"); })), "permanent: enough");
        QVERIFY(!a.usable());
    }

    void nothingWaitsForEver()
    {
        Proxy proxy(Database::serverPort());
        PostgresServer server = serverOf(*database_, proxy.port());
        server.connectTimeout = server.requestTimeout = milliseconds(300);
        PostgresConnection a(server);
        QCOMPARE(told(a.connect()), "done");
        proxy.swallow(Proxy::New::Too);
        QVERIFY(told(a.script("SELECT 1")).endsWith(": no answer for 0.3 s"));
        QVERIFY(told(a.connect()).endsWith(": no connection in 0.3 s"));
        PostgresConnection b(serverOf(*database_, proxy.port()));
        std::thread cancels([&] { b.cancel(); });
        QVERIFY(told(b.connect()).endsWith(": cancelled"));
        cancels.join();
        proxy.refuse();
        QVERIFY(told(a.connect()).endsWith(": Connection refused"));
    }

private:
    std::unique_ptr<Database> database_;
};

QTEST_GUILESS_MAIN(PostgresConnectionTest)
#include "postgres_connection_test.moc"
