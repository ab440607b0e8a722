// `streamwright run --listen` as a person uses it: what it prints, what viewers see, how it ends.
#include "engine/remote/published_run.h"
#include "engine/remote/remote_session.h"
#include "tests/engine/asked.h"

#include <QProcess>
#include <QRegularExpression>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace streamwright;

namespace {

constexpr const char* kPipeline = R"json({"format": "streamwright/1", "name": "words", "settings": {"batch_interval": "20ms"},
    "nodes": {
        "lines": {"type": "source.generate", "options": {"rows_per_second": 1000, "columns": ["concat('word', row % 7) AS word"]}},
        "counts": {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["count(*) AS n"]}},
        "out": {"type": "sink.discard"}},
    "edges": ["lines -> counts", "counts -> out"]})json";

Result<SessionSnapshot> snapshot(Session& session) { return ask<SessionSnapshot>([&](CallOptions call, auto answer) { session.snapshot(Moment::live(), call, answer); }); }

// The program while it runs. What it says ends up in `said`.
struct Running {
    QProcess process;
    QByteArray said;

    Running(const QString& folder, const QStringList& arguments)
    {
        process.setWorkingDirectory(folder);
        process.start(PROGRAM_FOLDER "/streamwright", arguments);
    }
    ~Running()
    {
        process.kill();
        process.waitForFinished();
    }
    bool says(const QByteArray& text)
    {
        while (!said.contains(text) && process.waitForReadyRead(20'000)) read();
        return said.contains(text);
    }
    void read()
    {
        process.setReadChannel(QProcess::StandardError);
        said += process.readAllStandardError();
    }
    int ends()
    {
        if (!process.waitForFinished(20'000)) return -1;
        read();
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
    }
    std::unique_ptr<Session> attach()
    {
        process.setReadChannel(QProcess::StandardError);
        if (!says("listening on http://")) qFatal("it does not listen: %s", said.constData());
        const auto run = publishedRunOf(process.processId());
        if (!run) qFatal("the run is not found");
        return remoteSession(placeAt({run->address, run->token}));
    }
};

}

class ListenTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        qputenv("XDG_RUNTIME_DIR", folder_.path().toUtf8());
        QFile file(folder_.filePath("words.json"));
        QVERIFY(file.open(QFile::WriteOnly));
        file.write(kPipeline);
    }

    void aRunIsSeenControlledAndStopped_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("after the file") << QStringList{"words.json", "--listen"};
        QTest::newRow("before the file") << QStringList{"--listen", "words.json"};
        QTest::newRow("with an address") << QStringList{"--listen", "127.0.0.1:0", "words.json"};
    }
    void aRunIsSeenControlledAndStopped()
    {
        QFETCH(QStringList, arguments);
        Running running(folder_.path(), QStringList{"run"} + arguments);
        const auto session = running.attach();
        const auto run = publishedRunOf(running.process.processId());
        QCOMPARE(run->name, std::string("words"));
        QCOMPARE(run->file, std::filesystem::path(folder_.filePath("words.json").toStdString()));
        QVERIFY(run->address.starts_with("127.0.0.1:"));
        QCOMPARE(run->token.size(), size_t{32});
        const auto document = ask<Document>([&](CallOptions call, auto answer) { session->document(call, answer); });
        QVERIFY(document && document->find("counts"));
        QVERIFY(ask<void>([&](CallOptions call, auto answer) { session->pause(call, answer); }));
        QVERIFY(ask<void>([&](CallOptions call, auto answer) { session->step(2, call, answer); }));
        const auto page = ask<TapPage>([&](CallOptions call, auto answer) { session->tap({.node = {"counts"}}, call, answer); });
        QVERIFY2(page.has_value(), page ? "" : page.error().message.c_str());
        QCOMPARE(page->grid.rows.size(), size_t{7});
        QVERIFY(!ask<std::vector<EpochInfo>>([&](CallOptions call, auto answer) { session->epochs(call, answer); }));
        QVERIFY(!ask<Started>([&](CallOptions call, auto answer) { session->start({.document = *document}, call, answer); }));
        QVERIFY(ask<void>([&](CallOptions call, auto answer) { session->stop(StopHow::AfterBatch, call, answer); }));
        QCOMPARE(running.ends(), 0);
        QVERIFY(publishedRuns()->empty());
        QVERIFY(snapshot(*session)->run->state == RunState::Stopped);
    }

    void aSignalStopsAServedRun()
    {
        Running running(folder_.path(), {"run", "words.json", "--listen", "--progress", "json"});
        const auto session = running.attach();
        QVERIFY(snapshot(*session)->run);
        QVERIFY(running.says("\"numInputRows\""));
        ::kill(static_cast<pid_t>(running.process.processId()), SIGTERM);
        QCOMPARE(running.ends(), 0);
    }

    void aRunThatEndsByItselfSaysFarewell()
    {
        Running running(folder_.path(), {"run", "words.json", "--listen", "--batches", "100"});
        const auto session = running.attach();
        QVERIFY(snapshot(*session));
        QCOMPARE(running.ends(), 0);
        const auto last = snapshot(*session);
        QVERIFY2(last.has_value(), last ? "" : last.error().message.c_str());
        QVERIFY(last->run->state == RunState::Finished);
        QCOMPARE(last->run->batches, 100);
    }

    void withoutAFileWhoAttachesStarts()
    {
        Running running(folder_.path(), {"run", "--listen"});
        const auto session = running.attach();
        QVERIFY(!snapshot(*session)->run);
        running.process.terminate();
        QCOMPARE(running.ends(), 0);
    }

    void wrongUse_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("nothing at all") << QStringList{} << QByteArray("FILE is required");
        QTest::newRow("a port that is none") << QStringList{"words.json", "--listen", "127.0.0.1:70000"} << QByteArray("but is \"127.0.0.1:70000\"");
        QTest::newRow("a name") << QStringList{"words.json", "--listen", "localhost:0"} << QByteArray("a number like 127.0.0.1, but is \"localhost\"");
        QTest::newRow("not this machine") << QStringList{"words.json", "--listen", "192.0.2.1:0"} << QByteArray("cannot listen at 192.0.2.1:0");
        QTest::newRow("two tokens") << QStringList{"words.json", "--listen", "--no-token", "--token-file", "words.json"} << QByteArray("exclude each other");
        QTest::newRow("no token file") << QStringList{"words.json", "--listen", "--token-file", "none"} << QByteArray("none");
        QTest::newRow("options without a file") << QStringList{"--listen", "--batches", "3"} << QByteArray("--batches belongs to a FILE");
        QTest::newRow("no token without listening") << QStringList{"words.json", "--no-token"} << QByteArray("--no-token belongs to --listen");
        QTest::newRow("until left with a file") << QStringList{"words.json", "--listen", "--until-left"} << QByteArray("a FILE is given");
    }
    void wrongUse()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, message);
        Running running(folder_.path(), QStringList{"run"} + arguments);
        QCOMPARE(running.ends(), 2);
        QVERIFY2(running.said.contains(message), running.said);
    }

    void aTokenOfOnesOwnAndNone()
    {
        QFile word(folder_.filePath("word"));
        QVERIFY(word.open(QFile::WriteOnly));
        word.write("open-sesame\n");
        word.close();
        {
            Running running(folder_.path(), {"run", "words.json", "--listen", "--token-file", "word"});
            const auto session = running.attach();
            QCOMPARE(publishedRunOf(running.process.processId())->token, std::string("open-sesame"));
            QVERIFY(snapshot(*session));
        }
        Running running(folder_.path(), {"run", "words.json", "--listen", "--no-token"});
        const auto session = running.attach();
        QVERIFY(running.said.contains("without a token"));
        QVERIFY(snapshot(*session));
    }

private:
    QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(ListenTest)
#include "listen_test.moc"
