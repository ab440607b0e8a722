// The guide's programs on real input: the shipped pipelines, run by the program as a user would, fed through
// a real socket and a real folder, stopped by a signal, killed and resumed.
#include <QDir>
#include <QElapsedTimer>
#include <QMap>
#include <QProcess>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace {

constexpr int kPatience = 30'000;  // ms; only a failing test waits so long

// A server that the socket source connects to, as `nc -lk`.
class Peer {
public:
    Peer() { server_.listen(QHostAddress::LocalHost); }
    QString port() const { return QString::number(server_.serverPort()); }

    bool accept()
    {
        if (!server_.hasPendingConnections() && !server_.waitForNewConnection(kPatience)) return false;
        socket_ = server_.nextPendingConnection();
        return socket_;
    }

    void send(const QByteArray& text)
    {
        socket_->write(text);
        socket_->waitForBytesWritten(kPatience);
    }

private:
    QTcpServer server_;
    QTcpSocket* socket_ = nullptr;
};

// A copy of a shipped pipeline in a folder of its own, and the program running it.
class Running {
public:
    explicit Running(const QString& pipeline) : file_(folder_.filePath("pipeline.json")) { QFile::copy(QString(PROJECT_FOLDER "/pipelines/") + pipeline, file_); }
    ~Running() { kill(); }

    QString path(const QString& name) const { return folder_.filePath(name); }

    void start(QStringList arguments)
    {
        output_.clear();
        process_.start(PROGRAM_FOLDER "/streamwright", QStringList{"run", file_, "--progress", "none"} + arguments);
        process_.waitForStarted();
    }

    // Waits until what it printed satisfies `enough`.
    template <class Enough>
    bool waitFor(Enough enough)
    {
        QElapsedTimer timer;
        timer.start();
        while (!enough(output_)) {
            if (timer.elapsed() > kPatience) return false;
            if (process_.state() == QProcess::NotRunning) return false;
            process_.waitForReadyRead(200);
            output_ += process_.readAllStandardOutput();
        }
        return true;
    }

    // SIGTERM: the batch ends, commits, the sources close.
    int stop()
    {
        ::kill(static_cast<pid_t>(process_.processId()), SIGTERM);
        if (!process_.waitForFinished(kPatience)) return -1;
        output_ += process_.readAllStandardOutput();
        return process_.exitStatus() == QProcess::NormalExit ? process_.exitCode() : -1;
    }

    void kill()
    {
        process_.kill();
        process_.waitForFinished();
    }

    QByteArray output() const { return output_; }
    QByteArray errors() { return process_.readAllStandardError(); }

private:
    QTemporaryDir folder_;
    QString file_;
    QProcess process_;
    QByteArray output_;
};

// The rows of each frame by its time in milliseconds, in order.
QMap<qint64, QByteArrayList> frames(const QByteArray& output)
{
    QMap<qint64, QByteArrayList> result;
    qint64 time = -1;
    for (const QByteArray& line : output.split('\n')) {
        if (line.startsWith("Time: ")) {
            time = line.mid(6, line.size() - 9).toLongLong();
            result[time];
        } else if (time >= 0 && !line.startsWith("---") && !line.isEmpty()) {
            result[time] += line;
        }
    }
    return result;
}

// (word,count) rows of all frames, added up.
QMap<QByteArray, int> sums(const QByteArray& output)
{
    QMap<QByteArray, int> result;
    for (const QByteArrayList& rows : frames(output)) {
        for (const QByteArray& row : rows) {
            const auto comma = row.lastIndexOf(',');
            if (row.startsWith('(') && comma > 0) result[row.mid(1, comma - 1)] += row.mid(comma + 1, row.size() - comma - 2).toInt();
        }
    }
    return result;
}

}

class PipelinesTest : public QObject {
    Q_OBJECT

private slots:
    void socketWordCount_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("intervalMillis");
        QTest::newRow("every second") << "quickstart/socket_word_count.json" << 1000;
        QTest::newRow("every two seconds") << "quickstart/socket_word_count_2s.json" << 2000;
        QTest::newRow("every five seconds") << "quickstart/socket_word_count_5s.json" << 5000;
    }

    void socketWordCount()
    {
        QFETCH(QString, file);
        QFETCH(int, intervalMillis);
        Peer peer;
        Running run(file);
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(peer.accept(), run.errors());
        peer.send("hello world\nhello streams\n");
        QVERIFY2(run.waitFor([](const QByteArray& output) { return sums(output).value("hello") == 2; }), run.output() + run.errors());
        QCOMPARE(run.stop(), 0);
        const QMap<QByteArray, int> expected{{"hello", 2}, {"streams", 1}, {"world", 1}};
        QCOMPARE(sums(run.output()), expected);
        for (const qint64 time : frames(run.output()).keys()) QCOMPARE(time % intervalMillis, 0);
    }

    void runningWordCountGoesOnAfterAKill()
    {
        Peer peer;
        Running run("quickstart/running_word_count.json");
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(peer.accept(), run.errors());
        peer.send("a b a\n");
        QVERIFY2(run.waitFor([](const QByteArray& output) { return output.contains("(a,2)"); }), run.output() + run.errors());
        peer.send("a c\n");
        QVERIFY2(run.waitFor([](const QByteArray& output) { return output.contains("(a,3)") && output.contains("(c,1)"); }), run.output() + run.errors());
        run.kill();
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(peer.accept(), run.errors());
        peer.send("c d\n");
        QVERIFY2(run.waitFor([](const QByteArray& output) { return output.contains("(d,1)"); }), run.output() + run.errors());
        QVERIFY2(run.output().contains("(a,3)") && run.output().contains("(c,2)") && run.output().contains("(b,1)"), run.output());
        QCOMPARE(run.stop(), 0);
    }

    void wordsOfAWatchedFolder()
    {
        Running run("quickstart/folder_words.json");
        QDir(run.path("")).mkpath("incoming");
        run.start({});
        const auto arrive = [&](const QString& name, const QByteArray& text) {
            QFile file(run.path("." + name));
            QVERIFY(file.open(QFile::WriteOnly));
            file.write(text);
            file.close();
            QVERIFY(file.rename(run.path("incoming/" + name)));
        };
        arrive("one.txt", "one two\n");
        QVERIFY2(run.waitFor([](const QByteArray& output) { return output.contains("\ntwo\n"); }), run.output() + run.errors());
        arrive("two.txt", "three\n");
        QVERIFY2(run.waitFor([](const QByteArray& output) { return output.contains("\nthree\n"); }), run.output() + run.errors());
        QCOMPARE(run.stop(), 0);
        QCOMPARE(run.output().count("\none\n"), 1);
    }

    void savesTextFiles()
    {
        Peer peer;
        Running run("quickstart/save_text_files.json");
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(peer.accept(), run.errors());
        peer.send("x y x\n");
        QByteArray text;
        const bool found = QTest::qWaitFor([&] {
            text.clear();
            const QDir saved(run.path("saved"));
            for (const QString& batch : saved.entryList({"counts-*.txt"}, QDir::Dirs)) {
                if (!QFile::exists(saved.filePath(batch + "/_SUCCESS"))) return false;
                QFile part(saved.filePath(batch + "/part-00000"));
                if (part.open(QFile::ReadOnly)) text += part.readAll();
            }
            return text.contains("(x,2)\n") && text.contains("(y,1)\n");
        }, kPatience);
        QVERIFY2(found, text + run.errors());
        QCOMPARE(run.stop(), 0);
    }

    void repartitionsToTen()
    {
        Peer peer;
        Running run("quickstart/repartition.json");
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(peer.accept(), run.errors());
        peer.send("0 1 2 3 4 5 6 7 8 9 10 11\n");
        QMap<QString, QByteArray> parts;
        const bool found = QTest::qWaitFor([&] {
            for (const QString& batch : QDir(run.path("saved")).entryList({"words-*"}, QDir::Dirs)) {
                const QDir folder(run.path("saved/" + batch));
                QMap<QString, QByteArray> these;
                for (const QString& name : folder.entryList({"part-*"})) {
                    QFile part(folder.filePath(name));
                    if (part.open(QFile::ReadOnly)) these[name] = part.readAll();
                }
                if (these.value("part-00001").contains('1')) parts = these;
            }
            return !parts.isEmpty();
        }, kPatience);
        QVERIFY2(found, run.errors());
        QCOMPARE(parts.size(), 10);
        QCOMPARE(parts["part-00000"], QByteArray("0\n10\n"));
        QCOMPARE(parts["part-00001"], QByteArray("1\n11\n"));
        QCOMPARE(parts["part-00009"], QByteArray("9\n"));
        QCOMPARE(run.stop(), 0);
    }

    void windowedWordCount()
    {
        Peer peer;
        Running run("windows/windowed_word_count.json");
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(peer.accept(), run.errors());
        peer.send("w w\n");
        // The words stay for two slides (10 s every 5 s), then leave.
        QVERIFY2(run.waitFor([](const QByteArray& output) {
            const auto all = frames(output);
            return !all.isEmpty() && output.contains("(w,2)") && all.last().isEmpty() && all.size() >= 3;
        }), run.output() + run.errors());
        QCOMPARE(run.stop(), 0);
        QCOMPARE(run.output().count("(w,2)"), 2);
        const auto times = frames(run.output()).keys();
        for (int i = 1; i < times.size(); ++i) QCOMPARE(times[i] - times[i - 1], 5000);
    }

    void windowedWordCountIsRecovered()
    {
        Peer peer;
        Running run("windows/windowed_word_count_recovered.json");
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(peer.accept(), run.errors());
        peer.send("k k k\n");
        const auto saved = [&] {
            QMap<QString, QByteArray> batches;
            for (const QString& batch : QDir(run.path("saved")).entryList({"windowed-*"}, QDir::Dirs)) {
                QFile part(run.path("saved/" + batch + "/part-00000"));
                if (part.open(QFile::ReadOnly)) batches[batch] = part.readAll();
            }
            return batches;
        };
        QVERIFY2(QTest::qWaitFor([&] { return saved().values().contains("(k,3)\n"); }, kPatience), run.errors());
        run.kill();
        run.start({"--set", "port=" + peer.port()});
        QVERIFY2(QTest::qWaitFor([&] { return saved().values().count("(k,3)\n") == 2 && saved().last().isEmpty(); }, kPatience), run.errors());
        QCOMPARE(run.stop(), 0);
        QCOMPARE(saved().values().count("(k,3)\n"), 2);
    }

    // Posted with curl; a post that is sent again, because its answer was lost in a kill, counts once.
    void visitsByHttp()
    {
        Running run("connectors/http_visits.json");
        const QString port = Peer().port();     // closed again: free
        const auto post = [&](const QByteArray& body, const QString& key) {
            QProcess curl;
            curl.start("curl", {"-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "--data-binary", body, "-H", "Idempotency-Key: " + key, "http://127.0.0.1:" + port + "/visits"});
            curl.waitForFinished(kPatience);
            return curl.readAllStandardOutput() + curl.readAllStandardError();
        };
        run.start({"--set", "port=" + port});
        const QByteArray first = R"({"page": "/", "millis": 12})" "\n" R"({"page": "/help", "millis": 30})" "\n";
        QVERIFY(post(first, "one").contains("\"records\": 2"));
        QVERIFY2(run.waitFor([](const QByteArray& output) { return output.contains("(/,1)") && output.contains("(/help,1)"); }), run.output() + run.errors());
        run.kill();
        run.start({"--set", "port=" + port});
        QVERIFY(post(first, "one").contains("\"repeated\": true"));
        QVERIFY(post(R"({"page": "/help", "millis": 3})" "\nno JSON\n", "two").contains("\"records\": 2"));
        QVERIFY2(run.waitFor([](const QByteArray& output) { return output.contains("(/help,2)"); }), run.output() + run.errors());
        QVERIFY2(!run.output().contains("(/,2)"), run.output());
        QVERIFY2(QTest::qWaitFor([&] { return !QDir(run.path("refused")).entryList({"part-*"}).isEmpty(); }, kPatience), run.errors());
        QCOMPARE(run.stop(), 0);
    }

    void theDemoNeedsNothingElse()
    {
        Running run("quickstart/demo_word_count.json");
        run.start({});
        QVERIFY2(run.waitFor([](const QByteArray& output) { return frames(output).size() >= 2 && output.contains("(fox,"); }), run.output() + run.errors());
        QCOMPARE(run.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(PipelinesTest)
#include "pipelines_test.moc"
