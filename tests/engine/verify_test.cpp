// Verify against real sockets, folders and databases: what each step tells, and that nothing is left behind.
#include "engine/base/files.h"
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "engine/storage/connection.h"
#include "tests/engine/asked.h"

#include <QDir>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <fmt/format.h>

using namespace streamwright;

namespace {

using Steps = std::vector<VerifyStep>;

const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

// `source` into `sink`, each a JSON object; the source's columns are id BIGINT and word STRING.
Document between(const std::string& source, const std::string& sink)
{
    const DocumentRead read = readDocument(fmt::format(R"({{"format": "streamwright/1", "name": "verified", "nodes": {{"in": {}, "out": {}}}, "edges": ["in -> out"]}})", source, sink));
    if (!read.document) qFatal("%s", read.diagnostics.front().message.c_str());
    return *read.document;
}

const std::string kRows = R"({"type": "source.generate", "options": {"columns": ["row AS id", "concat('word', row) AS word"]}})";
const std::string kDiscard = R"({"type": "sink.discard"})";

std::string socketSource(uint16_t port, const std::string& host = "localhost")
{
    return fmt::format(R"({{"type": "source.socket", "options": {{"host": "{}", "port": {}}}}})", host, port);
}
std::string sqliteSink(const std::string& options) { return fmt::format(R"({{"type": "sink.sqlite", "options": {{"file": "out.sqlite", "table": "counts"{}}}}})", options); }

// Fails the step of one kind on every path.
class Failing final : public FileWatch {
public:
    Failing(FileStep step, int code) : step_(step), code_(code) { watchFiles(this); }
    ~Failing() override { watchFiles(nullptr); }
    int before(const FileEvent& event) override { return event.step == step_ ? code_ : 0; }
    void after(const FileEvent&) override {}

private:
    FileStep step_;
    int code_;
};

QString told(const VerifyStep& step) { return QStringLiteral("%1 %2: %3").arg(step.passed ? "passed" : "failed", QString::fromStdString(step.what), QString::fromStdString(step.message)); }
QStringList told(const Steps& steps)
{
    QStringList lines;
    for (const VerifyStep& step : steps) lines += told(step);
    return lines;
}

}

class VerifyTest : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        folder_ = std::make_unique<QTemporaryDir>();
        session_ = localSession(catalog());
    }
    void cleanup()
    {
        session_.reset();
        folder_.reset();
    }

    void aServerThatSends()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const Asked<Steps> asked;
        begin(between(socketSource(server.serverPort()), kDiscard), "in", asked);
        QVERIFY(server.waitForNewConnection(10'000));
        QTcpSocket* peer = server.nextPendingConnection();
        peer->write("hello world\nmore\n");
        QVERIFY(peer->waitForBytesWritten());
        const auto steps = asked.wait();
        QVERIFY(steps.has_value());
        QCOMPARE(told(*steps), QStringList({"passed find localhost: 127.0.0.1, ::1", QString("passed connect to localhost:%1: connected").arg(server.serverPort()), "passed read what it sends: it sends: hello world"}));
    }

    void aServerThatClosesAtOnce()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const Asked<Steps> asked;
        begin(between(socketSource(server.serverPort()), kDiscard), "in", asked);
        QVERIFY(server.waitForNewConnection(10'000));
        server.nextPendingConnection()->disconnectFromHost();
        QCOMPARE(told(asked.wait()->back()), QString("failed read what it sends: the server closed the connection at once"));
    }

    void nobodyListens()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const uint16_t port = server.serverPort();
        server.close();
        const Steps steps = verified(between(socketSource(port), kDiscard), "in");
        QCOMPARE(steps.size(), size_t{2});
        QCOMPARE(told(steps[1]), QString("failed connect to localhost:%1: connection refused").arg(port));
    }

    void aHostThatIsNowhere()
    {
        const Steps steps = verified(between(socketSource(9, "nowhere.invalid"), kDiscard), "in");
        QCOMPARE(steps.size(), size_t{1});
        QVERIFY(!steps[0].passed);
        QVERIFY(!steps[0].message.empty());
    }

    // A server that says nothing is waited for; who cancels gets an answer, and the next Verify is not held up.
    void cancelledWhileItWaits()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const Document document = between(socketSource(server.serverPort()), kDiscard);
        const Asked<Steps> asked;
        Cancel cancel = begin(document, "in", asked);
        QVERIFY(server.waitForNewConnection(10'000));
        cancel.request();
        const auto answer = asked.wait();
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Transient);
        // The connection ends, although its second of listening is not over: the peer sees it close.
        QTcpSocket* peer = server.nextPendingConnection();
        QVERIFY(peer->state() == QAbstractSocket::UnconnectedState || peer->waitForDisconnected(10'000));
    }

    void noAnswerBeforeTheDeadline()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const auto answer = ask<Steps>([&](CallOptions call, auto give) { session_->verify(request(between(socketSource(server.serverPort()), kDiscard)), {"in"}, call, give); }, milliseconds(50));
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Transient);
    }

    void theSessionEndsMeanwhile()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const Asked<Steps> asked;
        begin(between(socketSource(server.serverPort()), kDiscard), "in", asked);
        QVERIFY(server.waitForNewConnection(10'000));
        session_.reset();
        QVERIFY(!asked.wait());
        QCOMPARE(asked.count(), 1);
    }

    void secretsAreNotTold()
    {
        qputenv("STREAMWRIGHT_TEST_HOST", "nowhere.invalid");
        const Steps steps = verified(between(socketSource(9, "${env:STREAMWRIGHT_TEST_HOST}"), kDiscard), "in");
        QCOMPARE(QString::fromStdString(steps.at(0).what), QString("find ***"));
        QVERIFY(!told(steps).join(' ').contains("nowhere"));
    }

    void aFolderIsWrittenAndLeftAsItWas()
    {
        const Document document = between(kRows, R"({"type": "sink.files", "options": {"path": "out"}})");
        Steps steps = verified(document, "out");
        QCOMPARE(steps.size(), size_t{2});
        QVERIFY(steps[0].passed && steps[1].passed);
        QVERIFY(told(steps[0]).contains("it is made when the run starts"));
        QVERIFY(told(steps[1]).contains("free"));
        QCOMPARE(entries(), QStringList());
        QVERIFY(QDir(folder_->path()).mkdir("out"));
        steps = verified(document, "out");
        QVERIFY(told(steps[0]).endsWith("it is there"));
        QVERIFY(QDir(folder_->filePath("out")).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
    }

    void aFileInThePlaceOfTheFolder()
    {
        write("out", "text");
        const Steps steps = verified(between(kRows, R"({"type": "sink.text_files", "options": {"prefix": "out/counts"}})"), "out");
        QCOMPARE(steps.size(), size_t{1});
        QVERIFY(!steps[0].passed);
        QVERIFY(told(steps[0]).contains("out is a file, not a folder: choose another folder"));
    }

    void aDiskThatTakesNothing()
    {
        const Failing full(FileStep::Sync, ENOSPC);
        const Steps steps = verified(between(kRows, R"({"type": "sink.files", "options": {"path": "out"}})"), "out");
        QVERIFY(!steps.at(1).passed);
        QVERIFY(told(steps[1]).contains("No space left on device"));
        QCOMPARE(entries(), QStringList());
    }

    void aRecordedFileStaysAsItIs()
    {
        write("rows.jsonl", "[]\n");
        const Steps steps = verified(between(kRows, R"({"type": "sink.record", "options": {"file": "rows.jsonl"}})"), "out");
        QVERIFY(told(steps.at(2)).contains("it holds 3 bytes"));
        QCOMPARE(read("rows.jsonl"), QByteArray("[]\n"));
    }

    void aDatabase_data()
    {
        QTest::addColumn<QString>("made");
        QTest::addColumn<QString>("options");
        QTest::addColumn<QString>("last");
        QTest::newRow("none yet") << "" << "" << "passed open the database %1/out.sqlite: it is made when the run starts";
        QTest::newRow("no table yet") << "CREATE TABLE other (x)" << "" << "passed write the columns into its table counts: it is made when the run starts";
        QTest::newRow("a table that fits") << "CREATE TABLE counts (word TEXT, id INTEGER)" << "" << "passed write the columns into its table counts: they fit";
        QTest::newRow("a column is missing") << "CREATE TABLE counts (word TEXT)" << ""
            << "failed write the columns into its table counts: table counts in %1/out.sqlite has no column id; it has word: choose another table, or rename the column with a select before the sink";
        QTest::newRow("no key") << "CREATE TABLE counts (word TEXT, id INTEGER)" << R"(, "mode": "upsert", "keys": ["word"])"
            << "failed write the columns into its table counts: table counts in %1/out.sqlite does not fit: *";
    }
    void aDatabase()
    {
        QFETCH(QString, made);
        QFETCH(QString, options);
        QFETCH(QString, last);
        if (!made.isEmpty()) QVERIFY((*Connection::open(path("out.sqlite"), OpenMode::Create))->script(made.toStdString()));
        const QByteArray before = made.isEmpty() ? QByteArray() : read("out.sqlite");
        const QStringList there = entries();
        const Steps steps = verified(between(kRows, sqliteSink(options.toStdString())), "out");
        const QString wanted = last.contains("%1") ? last.arg(folder_->path()) : last;
        if (wanted.endsWith('*')) QVERIFY2(told(steps.back()).startsWith(wanted.chopped(1)), qPrintable(told(steps.back())));
        else QCOMPARE(told(steps.back()), wanted);
        QCOMPARE(entries(), there);
        if (!made.isEmpty()) QCOMPARE(read("out.sqlite"), before);
    }

    void aFileThatIsNoDatabase()
    {
        write("out.sqlite", QByteArray(4096, 'x'));
        const Steps steps = verified(between(kRows, sqliteSink("")), "out");
        QVERIFY(!steps.back().passed);
        QVERIFY2(told(steps.back()).contains("out.sqlite"), qPrintable(told(steps.back())));
    }

    void aFolderIsRead()
    {
        const Document document = between(R"({"type": "source.directory", "options": {"path": "in", "pattern": "*.csv", "format": "csv", "schema": "id BIGINT, word STRING", "existing": "ignore"}})", kDiscard);
        QCOMPARE(told(verified(document, "in")), QStringList({QString("failed find the folder %1/in: there is none of this name yet: the run would wait for it").arg(folder_->path())}));
        QVERIFY(QDir(folder_->path()).mkdir("in"));
        QCOMPARE(told(verified(document, "in").back()), QString("passed find files that fit *.csv: there are none yet"));
        write("in/a.csv", "id,word\n1,one\nmany,two\n3,three\n");
        const Steps steps = verified(document, "in");
        QCOMPARE(told(steps[1]), QString("passed find files that fit *.csv: 1 file, the newest %1/in/a.csv").arg(folder_->path()));
        QVERIFY2(told(steps.at(2)).startsWith("passed read the first rows: 2 read, 1 rejected; the first of them: "), qPrintable(told(steps[2])));
        QCOMPARE(entries(), QStringList({"in"}));
    }

    void aRecordingIsRead()
    {
        const Document document = between(R"({"type": "source.replay", "options": {"file": "rows.jsonl"}})", kDiscard);
        QVERIFY(!verified(document, "in").at(0).passed);
        write("rows.jsonl", "[\"a\", \"b\"]\n");
        QCOMPARE(told(verified(document, "in").at(0)), QString("passed read the first rows: 2 read"));
    }

    // A server tells whether it could listen, and listens no longer than that.
    void aPortToListenAt_data()
    {
        QTest::addColumn<QString>("type");
        QTest::newRow("source.tcp_server") << "source.tcp_server";
        QTest::newRow("source.http") << "source.http";
    }
    void aPortToListenAt()
    {
        QFETCH(QString, type);
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const uint16_t port = server.serverPort();
        const Document document = between(fmt::format(R"({{"type": "{}", "options": {{"port": {}}}}})", type.toStdString(), port), kDiscard);
        QCOMPARE(told(verified(document, "in").at(0)), QString("failed listen at 127.0.0.1:%1: cannot listen at 127.0.0.1:%1: address already in use: choose another port, or 0 for any that is free").arg(port));
        server.close();
        for (int time = 0; time < 2; ++time) QCOMPARE(told(verified(document, "in").at(0)), QString("passed listen at 127.0.0.1:%1: it is free").arg(port));
    }

    void aSocketToWriteTo()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const uint16_t port = server.serverPort();
        const Document document = between(kRows, fmt::format(R"({{"type": "sink.socket", "options": {{"port": {}}}}})", port));
        QVERIFY2(told(verified(document, "out").at(1)).startsWith(QString("passed connect to localhost:%1: connected").arg(port)), "");
        server.close();
        QCOMPARE(told(verified(document, "out").at(1)), QString("failed connect to localhost:%1: connection refused").arg(port));
    }

    // The service's own words; a HEAD request and no row is sent.
    void aWebService_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QString>("last");
        QTest::newRow("takes posts only") << QByteArray("405 Method Not Allowed") << "passed ask whether it takes requests: HEAD is answered with 405; nothing was sent";
        QTest::newRow("wants a token") << QByteArray("401 Unauthorized") << "failed ask whether it takes requests: HTTP 401: look at url, token and headers";
        QTest::newRow("is not well") << QByteArray("503 Service Unavailable") << "failed ask whether it takes requests: HTTP 503: look at url, token and headers";
    }
    void aWebService()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QString, last);
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const Asked<Steps> asked;
        qputenv("PEER_TOKEN", "right");
        const std::string url = fmt::format("http://127.0.0.1:{}/rows", server.serverPort());
        begin(between(kRows, fmt::format(R"({{"type": "sink.http", "options": {{"url": "{}", "token": "${{env:PEER_TOKEN}}"}}}})", url)), "out", asked);
        QVERIFY(server.waitForNewConnection(10'000));
        QTcpSocket* peer = server.nextPendingConnection();
        QByteArray request;
        while (!request.contains("\r\n\r\n") && peer->waitForReadyRead(10'000)) request += peer->readAll();
        QVERIFY2(request.startsWith("HEAD /rows HTTP/1.1\r\n") && request.contains("Authorization: Bearer right\r\n"), request);
        peer->write("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n");
        QVERIFY(peer->waitForBytesWritten());
        const auto steps = asked.wait();
        QVERIFY(steps.has_value());
        QCOMPARE(told(steps->back()), last);
    }

    void whatNeedsNothingHasNoSteps() { QVERIFY(verified(between(kRows, kDiscard), "out").empty()); }

    void whatCannotRunIsAMistake_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("node");
        QTest::addColumn<QString>("message");
        QTest::newRow("wrong option") << R"({"type": "source.socket", "options": {"port": 0}})" << "in" << "in.port: ";
        QTest::newRow("disabled") << R"({"type": "source.socket", "disabled": true, "options": {"port": 9}})" << "in" << "in does not run";
        QTest::newRow("not there") << R"({"type": "source.socket", "options": {"port": 9}})" << "other" << "other does not run";
        QTest::newRow("unknown input") << R"({"type": "source.generate", "options": {"columns": ["nothing AS id"]}})" << "out" << "what reaches out is not known yet";
    }
    void whatCannotRunIsAMistake()
    {
        QFETCH(QString, source);
        QFETCH(QString, node);
        QFETCH(QString, message);
        const auto answer = ask<Steps>([&](CallOptions call, auto give) { session_->verify(request(between(source.toStdString(), R"({"type": "sink.files", "options": {"path": "out"}})")), {node.toStdString()}, call, give); });
        QVERIFY(!answer);
        QCOMPARE(answer.error().kind, ErrorKind::Mistake);
        QVERIFY2(QString::fromStdString(answer.error().message).startsWith(message), answer.error().message.c_str());
    }

private:
    StartRequest request(Document document) const
    {
        StartRequest request;
        request.document = std::move(document);
        request.folder = folder_->path().toStdString();
        return request;
    }
    Cancel begin(Document document, const std::string& node, const Asked<Steps>& asked)
    {
        CallOptions call{.answerOn = answersElsewhere(), .deadline = seconds(20)};
        session_->verify(request(std::move(document)), {node}, call, asked.answer());
        return call.cancel;
    }
    Steps verified(Document document, const std::string& node)
    {
        const auto steps = ask<Steps>([&](CallOptions call, auto give) { session_->verify(request(std::move(document)), {node}, call, give); });
        if (!steps) qFatal("%s", steps.error().message.c_str());
        return *steps;
    }
    QStringList entries() const { return QDir(folder_->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot); }
    std::filesystem::path path(const char* name) const { return folder_->filePath(name).toStdString(); }
    void write(const char* name, const QByteArray& text) const
    {
        QFile file(folder_->filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) qFatal("cannot write %s", name);
    }
    QByteArray read(const char* name) const
    {
        QFile file(folder_->filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
    }

    std::unique_ptr<QTemporaryDir> folder_;
    std::unique_ptr<Session> session_;
};

QTEST_GUILESS_MAIN(VerifyTest)
#include "verify_test.moc"
