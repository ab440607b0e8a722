// What only a session elsewhere can meet: a wrong token, another protocol, other viewers, connections that break, and
// processes that die.
#include "engine/control/local_session.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "engine/remote/own_process.h"
#include "engine/remote/published_run.h"
#include "engine/remote/server.h"
#include "engine/remote/token.h"
#include "engine/remote/verbs.h"
#include "tests/engine/asked.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace streamwright;

namespace {

const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

Document counting()
{
    Document document = *readDocument(R"js({"format": "streamwright/1", "settings": {"batch_interval": "10ms"},
        "nodes": {"in": {"type": "source.generate", "options": {"rows_per_second": 10000, "columns": ["row AS id", "concat('word', row % 7) AS word"]}}, "out": {"type": "sink.discard"}},
        "edges": ["in -> out"], "layout": {"nodes": {"in": [0, 0]}}, "mine": [1, 2.50]})js").document;
    document.name = "counting \"quoted\"";
    return document;
}

// A session in this process and its server; the address stays when the server begins anew.
struct Served {
    std::string token = "the word";
    std::unique_ptr<Session> session = localSession(catalog());
    std::unique_ptr<SessionServer> server;
    uint16_t port = 0;

    Served() { begin(); }
    void begin()
    {
        auto opened = SessionServer::listen(*session, {.port = port, .token = token});
        if (!opened) qFatal("%s", opened.error().message.c_str());
        server = std::move(*opened);
        port = parseListenAddress(server->address())->port;
    }
    std::unique_ptr<Session> attach() const { return remoteSession(placeAt({fmt::format("127.0.0.1:{}", port), token})); }
};

Result<SessionSnapshot> snapshot(Session& session) { return ask<SessionSnapshot>([&](CallOptions call, auto answer) { session.snapshot(Moment::live(), call, answer); }); }
Result<Started> start(Session& session, StartRequest request) { return ask<Started>([&](CallOptions call, auto answer) { session.start(std::move(request), call, answer); }); }
Result<void> pause(Session& session) { return ask<void>([&](CallOptions call, auto answer) { session.pause(call, answer); }); }
Result<void> stop(Session& session) { return ask<void>([&](CallOptions call, auto answer) { session.stop(StopHow::AtOnce, call, answer); }); }

QString textOf(const Error& error) { return QString::fromStdString(error.message); }

// The answer to a GET, head and body.
QByteArray get(uint16_t port, const QByteArray& path, const QByteArray& headers = {}, const QByteArray& verb = "GET")
{
    QTcpSocket socket;
    socket.connectToHost("127.0.0.1", port);
    if (!socket.waitForConnected(10'000)) return {};
    socket.write(verb + " " + path + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n" + headers + "\r\n");
    QByteArray all;
    while (socket.waitForReadyRead(10'000)) all += socket.readAll();
    return all + socket.readAll();
}

template <class T>
T roundTrip(const T& value)
{
    Writer out;
    write(out, value);
    const std::string bytes = out.take();
    Reader in(bytes);
    T back = read<T>(in);
    in.end();
    return back;
}

}

class RemoteSessionTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("XDG_RUNTIME_DIR", runtime_.path().toUtf8()); }

    // ---- messages

    void valuesComeBackAsTheyWere()
    {
        QCOMPARE(roundTrip<int64_t>(std::numeric_limits<int64_t>::min()), std::numeric_limits<int64_t>::min());
        QCOMPARE(roundTrip<int64_t>(-1), -1);
        QCOMPARE(roundTrip(0.1), 0.1);
        QVERIFY(roundTrip(counting()) == counting());
        const Schema schema = *parseSchema("`a b` ARRAY<STRUCT<x: INT, `y``z`: TIMESTAMP>>, c STRING");
        QVERIFY(roundTrip(schema) == schema);
        StartRequest request{.document = counting(), .folder = "/some/where", .parameters = {{"port", "1"}}, .mode = StartRequest::Mode::Preview, .resets = {{"a"}, {"b"}}, .paused = true};
        const StartRequest back = roundTrip(request);
        QVERIFY(back.document == request.document && back.folder == request.folder && back.parameters == request.parameters && back.mode == request.mode && back.resets == request.resets && back.paused && !back.checkpoint);
        auto batch = std::make_shared<BatchProgress>();
        batch->nodes = {{.node = {"in"}, .rowsOut = 7}};
        batch->time.total = 12;
        const Batches batches = roundTrip(Batches{batch, nullptr});
        QCOMPARE(batches[0]->nodes[0].rowsOut, 7);
        QCOMPARE(batches[0]->time.total, 12);
        QVERIFY(!batches[1]);
        const auto failed = roundTrip(Result<void>(mistake("what", "hint")));
        QVERIFY(!failed && failed.error().hint == "hint" && failed.error().kind == ErrorKind::Mistake);
    }

    void bytesThatAreNoMessageAreRefused()
    {
        Writer out;
        write(out, StartRequest{.document = counting()});
        const std::string whole = out.take();
        for (size_t size = 0; size < whole.size(); ++size) {
            Reader in(std::string_view(whole).substr(0, size));
            QVERIFY_EXCEPTION_THROWN(read<StartRequest>(in), WireProblem);
        }
        Reader choice("\x09");
        QVERIFY_EXCEPTION_THROWN(read<StopHow>(choice), WireProblem);
        Reader many("\xff\xff\xff\xff\x0f");
        QVERIFY_EXCEPTION_THROWN(read<std::vector<NodeId>>(many), WireProblem);
    }

    void theShapeTellsMessagesApart()
    {
        struct One { std::string a; int64_t b; };
        struct Two { std::string a; std::optional<int64_t> b; };
        QVERIFY(shapeOf<One>() != shapeOf<Two>());
        QVERIFY(shapeOf<SessionSnapshot>() != shapeOf<TapPage>());
        Hello other = ourHello();
        QVERIFY(mismatchOf(other, ourHello()).empty());
        other.shape = "another";
        QVERIFY(QString::fromStdString(mismatchOf(other, ourHello())).contains("different builds"));
    }

    // ---- who may ask

    void aWrongTokenIsASentence()
    {
        const Served served;
        const auto session = remoteSession(placeAt({served.server->address(), "another word"}));
        const auto refused = snapshot(*session);
        QVERIFY(!refused);
        QVERIFY2(textOf(refused.error()).contains("refused the token"), refused.error().message.c_str());
        QVERIFY(!stop(*session));
    }

    void httpAsksForTheTokenToo()
    {
        const Served served;
        QVERIFY(get(served.port, "/healthz").startsWith("HTTP/1.1 200"));
        for (const char* path : {"/metrics", "/api/progress", "/session", "/nothing"}) {
            const QByteArray refused = get(served.port, path);
            QVERIFY2(refused.startsWith("HTTP/1.1 401") && refused.contains("The token is missing or wrong."), refused);
        }
        QVERIFY(get(served.port, "/metrics", "Authorization: Bearer the wor\r\n").startsWith("HTTP/1.1 401"));
        QVERIFY(get(served.port, "/metrics", "Authorization: Bearer the word\r\n").startsWith("HTTP/1.1 200"));
        QVERIFY(get(served.port, "/nothing", "Authorization: Bearer the word\r\n").startsWith("HTTP/1.1 404"));
        QVERIFY(get(served.port, "/metrics", "Authorization: Bearer the word\r\nOrigin: http://elsewhere\r\n").startsWith("HTTP/1.1 403"));
        QVERIFY(get(served.port, "/healthz", {}, "DELETE").startsWith("HTTP/1.1 405"));
    }

    void metricsAndProgressTellOfTheRun()
    {
        const Served served;
        const QByteArray word = "Authorization: Bearer the word\r\n";
        QVERIFY(get(served.port, "/metrics", word).contains("streamwright_started{pipeline=\"\"} 0\n"));
        QVERIFY(get(served.port, "/api/progress", word).contains(R"js({"state": "nothing started", "message": "", "progress": null})js"));
        QVERIFY(start(*served.session, {.document = counting(), .paused = true}));
        QVERIFY(ask<void>([&](CallOptions call, auto answer) { served.session->step(2, call, answer); }));
        const QByteArray metrics = get(served.port, "/metrics", word);
        for (const char* line : {"# TYPE streamwright_batches_total counter\nstreamwright_batches_total{pipeline=\"counting \\\"quoted\\\"\"} 2\n", "state=\"paused\"} 1\n", "state=\"running\"} 0\n", "streamwright_node_rows_out{pipeline=\"counting \\\"quoted\\\"\",node=\"in\"} 100\n"}) {
            QVERIFY2(metrics.contains(line), metrics);
        }
        const QByteArray progress = get(served.port, "/api/progress", word);
        QVERIFY2(progress.contains(R"js({"state": "paused")js") && progress.contains(R"js("numInputRows":100)js"), progress);
    }

    void aViewerOfAnotherProtocolIsToldSo()
    {
        // What a server of another version says; it stays.
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const auto session = remoteSession(placeAt({fmt::format("127.0.0.1:{}", server.serverPort()), ""}));
        QVERIFY(server.waitForNewConnection(10'000));
        QTcpSocket* peer = server.nextPendingConnection();
        QByteArray request;
        while (!request.contains("\r\n\r\n") && peer->waitForReadyRead(10'000)) request += peer->readAll();
        const qsizetype at = request.toLower().indexOf("sec-websocket-key: ") + 19;
        const QByteArray key = request.mid(at, request.indexOf('\r', at) - at);
        const QByteArray accept = QCryptographicHash::hash(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", QCryptographicHash::Sha1).toBase64();
        const QByteArray hello = R"js({"protocol": 99, "shape": "x"})js";
        peer->write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n\x81" + QByteArray(1, static_cast<char>(hello.size())) + hello);
        QVERIFY(peer->waitForBytesWritten(10'000));
        for (int i = 0; i < 2; ++i) {
            const auto refused = snapshot(*session);
            QVERIFY(!refused);
            QVERIFY2(textOf(refused.error()).contains("speaks session protocol 99, but the viewer speaks 1"), refused.error().message.c_str());
        }
        QVERIFY(!stop(*session));
        QCOMPARE(peer->state(), QAbstractSocket::ConnectedState);
    }

    void oneControlsAndOthersLook()
    {
        Served served;
        auto first = served.attach();
        QVERIFY(snapshot(*first)->controls);
        const auto second = served.attach();
        QVERIFY(!snapshot(*second)->controls);
        QVERIFY(start(*first, {.document = counting()}));
        QVERIFY(snapshot(*second)->run->state != RunState::Finished);
        const auto refused = pause(*second);
        QVERIFY(!refused);
        QVERIFY2(textOf(refused.error()).contains("another viewer controls"), refused.error().message.c_str());
        QVERIFY(pause(*first));
        first.reset();
        QVERIFY(QTest::qWaitFor([&] { return snapshot(*second)->controls; }, 10'000));
        QVERIFY(ask<void>([&](CallOptions call, auto answer) { second->resume(call, answer); }));
        QCOMPARE(snapshot(*second)->where, served.server->address());
    }

    // ---- what breaks

    void aLostConnectionIsToldAndMadeAgain()
    {
        Served served;
        const auto session = served.attach();
        QVERIFY(start(*session, {.document = counting(), .paused = true}));
        QVERIFY(pause(*session));
        Asked<void> stepping;
        session->step(1'000'000, {.answerOn = answersElsewhere(), .deadline = seconds(3600)}, stepping.answer());
        QVERIFY(snapshot(*session));
        // Another server at the same place: the run was there all the time.
        served.server = nullptr;
        const auto lost = stepping.wait();
        QVERIFY(!lost);
        served.begin();
        const auto again = served.attach();
        QVERIFY(QTest::qWaitFor([&] { return snapshot(*again).has_value(); }, 10'000));
        QVERIFY(snapshot(*again)->run->batches > 0);
    }

    // The peer goes without a word, as a cable that is pulled; what waited is answered, and the next connection works.
    void aConnectionThatBreaksIsMadeAgain()
    {
        Served served;
        QTcpServer between;
        QVERIFY(between.listen(QHostAddress::LocalHost));
        QList<QTcpSocket*> pairs;
        connect(&between, &QTcpServer::newConnection, this, [&] {
            QTcpSocket* viewer = between.nextPendingConnection();
            auto* server = new QTcpSocket(viewer);
            server->connectToHost("127.0.0.1", served.port);
            connect(viewer, &QTcpSocket::readyRead, server, [viewer, server] { server->write(viewer->readAll()); });
            connect(server, &QTcpSocket::readyRead, viewer, [viewer, server] { viewer->write(server->readAll()); });
            pairs += viewer;
        });
        const auto session = remoteSession(placeAt({fmt::format("127.0.0.1:{}", between.serverPort()), served.token}));
        const auto look = [&] {
            const Asked<SessionSnapshot> asked;
            session->snapshot(Moment::live(), {.answerOn = answersElsewhere()}, asked.answer());
            if (!QTest::qWaitFor([&] { return asked.count() == 1; }, 15'000)) qFatal("no answer came");
            return asked.wait();
        };
        QVERIFY(look());
        const Asked<void> stepping;
        QVERIFY(start(*served.session, {.document = counting(), .paused = true}));
        session->step(1'000'000, {.answerOn = answersElsewhere(), .deadline = seconds(3600)}, stepping.answer());
        QVERIFY(look());
        pairs.front()->abort();
        QVERIFY(QTest::qWaitFor([&] { return stepping.count() == 1; }, 15'000));
        QVERIFY2(textOf(stepping.wait().error()).contains("was lost"), stepping.wait().error().message.c_str());
        QVERIFY(QTest::qWaitFor([&] { return look().has_value(); }, 15'000));
        QCOMPARE(pairs.size(), 2);
    }

    void whereNobodyListensIsASentence()
    {
        QTcpServer unused;
        QVERIFY(unused.listen(QHostAddress::LocalHost));
        const uint16_t port = unused.serverPort();
        unused.close();
        const auto session = remoteSession(placeAt({fmt::format("127.0.0.1:{}", port), ""}));
        const auto refused = snapshot(*session);
        QVERIFY(!refused);
        QVERIFY2(textOf(refused.error()).contains("does not answer"), refused.error().message.c_str());
    }

    void theLastSnapshotStaysWhenTheServerEnds()
    {
        Served served;
        const auto session = served.attach();
        QVERIFY(start(*session, {.document = counting()}));
        QVERIFY(stop(*session));
        served.server = nullptr;
        const auto last = snapshot(*session);
        QVERIFY(last);
        QVERIFY(last->run->state == RunState::Stopped);
        QVERIFY(QTest::qWaitFor([&] { return textOf(pause(*session).error()).contains("its process with it"); }, 10'000));
    }

    // ---- own process

    void aKilledProcessIsASentenceAndTheNextStartHasANewOne()
    {
        const auto session = remoteSession(std::make_shared<OwnProcess>(PROGRAM_FOLDER "/streamwright"));
        QVERIFY(start(*session, {.document = counting()}));
        const auto runs = publishedRuns();
        QCOMPARE(runs->size(), size_t{1});
        QVERIFY2(snapshot(*session)->where == fmt::format("own process {}", runs->front().process), snapshot(*session)->where.c_str());
        const Asked<void> waiting;
        QVERIFY(pause(*session));
        session->step(1'000'000, {.answerOn = answersElsewhere(), .deadline = seconds(3600)}, waiting.answer());
        QVERIFY(snapshot(*session));
        QCOMPARE(::kill(static_cast<pid_t>(runs->front().process), SIGKILL), 0);
        const auto told = waiting.wait();
        QVERIFY(!told);
        QVERIFY2(textOf(told.error()).contains("was ended by signal 9"), told.error().message.c_str());
        const auto last = snapshot(*session);
        QVERIFY(last && last->run);
        QVERIFY(last->run->state == RunState::Failed);
        QVERIFY2(textOf(last->failure).contains("was ended by signal 9"), last->failure.message.c_str());
        QVERIFY(publishedRuns()->empty());
        QVERIFY(start(*session, {.document = counting()}));
        QVERIFY(snapshot(*session)->run->state < RunState::Finished);
    }

    // As one that hangs where no stop is looked at.
    void aProcessThatDoesNotStopIsEndedByForce()
    {
        const auto session = remoteSession(std::make_shared<OwnProcess>(PROGRAM_FOLDER "/streamwright"));
        QVERIFY(start(*session, {.document = counting()}));
        QVERIFY(snapshot(*session));
        const auto process = static_cast<pid_t>(publishedRuns()->front().process);
        QCOMPARE(::kill(process, SIGSTOP), 0);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(stop(*session));
        QVERIFY2(timer.elapsed() < 3000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY2(textOf(snapshot(*session)->failure).contains("did not stop and was ended by force"), snapshot(*session)->failure.message.c_str());
    }

    void aProgramThatIsMissingIsASentence()
    {
        const auto session = remoteSession(std::make_shared<OwnProcess>("/nowhere/streamwright"));
        const auto refused = start(*session, {.document = counting()});
        QVERIFY(!refused);
        QVERIFY2(textOf(refused.error()).contains("/nowhere/streamwright cannot be started"), refused.error().message.c_str());
    }

    void aProcessEndsWithItsSessionUnlessItIsKept()
    {
        const auto process = std::make_shared<OwnProcess>(PROGRAM_FOLDER "/streamwright");
        auto session = remoteSession(process);
        QVERIFY(start(*session, {.document = counting()}));
        const pid_t kept = static_cast<pid_t>(publishedRuns()->front().process);
        process->keep();
        session.reset();
        {
            // It can be attached to again.
            const auto run = publishedRunOf(kept);
            QVERIFY(run.has_value());
            const auto again = remoteSession(placeAt({run->address, run->token}));
            QVERIFY(snapshot(*again)->run->state < RunState::Finished);
        }
        QCOMPARE(::kill(kept, SIGTERM), 0);
        QVERIFY(QTest::qWaitFor([&] { return publishedRuns()->empty(); }, 10'000));

        auto ends = remoteSession(std::make_shared<OwnProcess>(PROGRAM_FOLDER "/streamwright"));
        QVERIFY(start(*ends, {.document = counting()}));
        const pid_t gone = static_cast<pid_t>(publishedRuns()->front().process);
        ends.reset();
        QVERIFY(QTest::qWaitFor([&] { return ::kill(gone, 0) != 0; }, 10'000));
    }

    // ---- where runs are found

    void runsAreFoundWhileTheirProcessLives()
    {
        const QString folder = runtime_.filePath("streamwright");
        {
            const auto published = Publication::publish({::getpid(), "127.0.0.1:1", "secret", "name", "/file.json", Timestamp{7}});
            QVERIFY(published);
            QCOMPARE(publishedRunOf(::getpid())->token, std::string("secret"));
            struct stat file{}, room{};
            QCOMPARE(::stat(published->path().c_str(), &file), 0);
            QCOMPARE(::stat(qPrintable(folder), &room), 0);
            QCOMPARE(file.st_mode & 0777, 0600u);
            QCOMPARE(room.st_mode & 0777, 0700u);
        }
        QVERIFY(!publishedRunOf(::getpid()));
        // Another process that dies without a word.
        const pid_t child = ::fork();
        if (child == 0) {
            const auto published = Publication::publish({::getpid(), "127.0.0.1:2", "", "", "", {}});
            ::_exit(published ? 7 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QCOMPARE(WEXITSTATUS(status), 7);
        QCOMPARE(QDir(folder).entryList(QDir::Files).size(), 1);
        QVERIFY(publishedRuns()->empty());
        QVERIFY(QDir(folder).entryList(QDir::Files).isEmpty());
    }

    void withoutARuntimeFolderThereIsOneOfTheUsersOwn()
    {
        QTemporaryDir temporary;
        qunsetenv("XDG_RUNTIME_DIR");
        qputenv("TMPDIR", temporary.path().toUtf8());
        const auto folder = runFolder();
        QVERIFY(folder);
        QCOMPARE(folder->string(), fmt::format("{}/streamwright-{}", temporary.path().toStdString(), ::getuid()));
        // A link that somebody put there leads astray.
        QVERIFY(QDir(temporary.path()).rmdir(QString::fromStdString(folder->filename().string())));
        QVERIFY(QFile::link("/tmp", QString::fromStdString(folder->string())));
        QVERIFY(!runFolder());
        qunsetenv("TMPDIR");
        qputenv("XDG_RUNTIME_DIR", runtime_.path().toUtf8());
    }

    void addressesToListenAt()
    {
        QCOMPARE(parseListenAddress("9090")->port, 9090);
        QCOMPARE(parseListenAddress("[::1]:80")->address, std::string("::1"));
        QCOMPARE(parseListenAddress("0.0.0.0:1")->address, std::string("0.0.0.0"));
        for (const char* wrong : {"", "host", "1.2.3.4:", "1.2.3.4:99999", "1.2.3.4:-1", "1.2.3.4:x"}) QVERIFY2(!parseListenAddress(wrong), wrong);
        const auto session = localSession(catalog());
        QVERIFY(!SessionServer::listen(*session, {.address = "here"}));
        const auto one = SessionServer::listen(*session, {});
        const auto taken = SessionServer::listen(*session, {.port = parseListenAddress((*one)->address())->port});
        QVERIFY(!taken);
        QVERIFY2(textOf(taken.error()).contains("in use"), taken.error().message.c_str());
    }

private:
    QTemporaryDir runtime_;
};

QTEST_GUILESS_MAIN(RemoteSessionTest)
#include "remote_session_test.moc"
