// `streamwright run` as a person uses it: messages for wrong use, exit codes, progress, recordings, signals.
#include <QDir>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace {

constexpr const char* kPipeline = R"json({"format": "streamwright/1", "name": "words",
    "settings": {"batch_interval": "20ms", "checkpoint": "checkpoint", "parallelism": 2},
    "parameters": {"rows": 10},
    "nodes": {
        "lines": {"type": "source.stdin"},
        "words": {"type": "flat_map", "options": {"expression": "split(value, ' ')", "as": "word"}},
        "counts": {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["count(*) AS n"]}},
        "totals": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "n", "as": "total", "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)"}},
        "out": {"type": "sink.console", "options": {"rows": "${rows}"}}},
    "edges": ["lines -> words", "words -> counts", "counts -> totals", "totals -> out"]})json";

// A number that takes many seconds for each row.
constexpr const char* kEndless = R"json({"format": "streamwright/1", "name": "endless",
    "nodes": {
        "lines": {"type": "source.stdin"},
        "work": {"type": "select", "options": {"columns": ["aggregate(sequence(1L, 2000000000L), 0L, (a, x) -> a + x) AS n"]}},
        "out": {"type": "sink.console"}},
    "edges": ["lines -> work", "work -> out"]})json";

// Every file that is moved into `incoming`, at most one in a batch.
constexpr const char* kFolder = R"json({"format": "streamwright/1", "name": "folder",
    "nodes": {
        "lines": {"type": "source.directory", "options": {"path": "incoming", "max_files": 1}},
        "out": {"type": "sink.console"}},
    "edges": ["lines -> out"]})json";

constexpr const char* kWindow = R"json({"format": "streamwright/1", "name": "window", "settings": {"checkpoint": "window"},
    "nodes": {
        "numbers": {"type": "source.replay", "options": {"file": "numbers.jsonl", "schema": "n BIGINT"}},
        "last": {"type": "reduce_by_key_and_window", "options": {"keys": ["'x' AS k"], "aggregates": ["count(*) AS n", "sum(n) AS s"], "inverse": true, "length": "4s", "slide": "1s"}},
        "out": {"type": "sink.console"}},
    "edges": ["numbers -> last", "last -> out"]})json";

constexpr const char* kMixed = R"json({"format": "streamwright/1", "name": "mixed",
    "nodes": {
        "numbers": {"type": "source.replay", "options": {"file": "numbers.jsonl", "schema": "value BIGINT"}},
        "made": {"type": "source.rate", "options": {"rows_per_second": 2}},
        "values": {"type": "select", "options": {"columns": ["value"]}},
        "all": {"type": "union"},
        "out": {"type": "sink.console"}},
    "edges": ["numbers -> all", "made -> values", "values -> all", "all -> out"]})json";

struct Done {
    int exitCode = -1;
    QString out, err;
};

void writeFile(const QString& path, const char* text)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write %s", qPrintable(path));
    file.write(text);
}

}

class RunVerbTest : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        folder_ = std::make_unique<QTemporaryDir>();
        writeFile(folder_->filePath("words.json"), kPipeline);
        writeFile(folder_->filePath("endless.json"), kEndless);
        writeFile(folder_->filePath("folder.json"), kFolder);
    }

    void aPreviewWritesNothing()
    {
        const Done done = run({"words.json", "--trigger", "once", "--preview", "--record", "counts=counts.jsonl"}, "a b\nb c\n");
        QCOMPARE(done.exitCode, 0);
        QVERIFY(done.out.isEmpty());
        QVERIFY(!QFile::exists(folder_->filePath("checkpoint")));
        QCOMPARE(QDir(folder_->path()).entryList(QDir::Files, QDir::Name), (QStringList{"counts.jsonl", "endless.json", "folder.json", "words.json"}));
        QCOMPARE(run({"words.json", "--preview", "--checkpoint", "other"}).exitCode, 2);
    }

    void wrongUse_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QString>("message");
        QTest::newRow("no file") << "" << "FILE";
        QTest::newRow("missing file") << "none.json" << "none.json";
        QTest::newRow("unknown option") << "words.json --sett a=1" << "--sett";
        QTest::newRow("parameter without value") << "words.json --set rows" << "--set takes NAME=VALUE, but is \"rows\"";
        QTest::newRow("unknown parameter") << "words.json --set row=1" << "row";
        QTest::newRow("wrong parameter") << "words.json --set rows=many" << "rows";
        QTest::newRow("record without file") << "words.json --record counts" << "--record takes NODE=FILE, but is \"counts\"";
        QTest::newRow("record of nobody") << "words.json --record nobody=f" << "nobody";
        QTest::newRow("record of no port") << "words.json --record words.left=f" << "left";
        QTest::newRow("record twice") << "words.json --record words=f --record counts=f" << "names the file f twice";
        QTest::newRow("reset of nobody") << "words.json --reset total" << "did you mean \"totals\"?";
        QTest::newRow("clock") << "words.json --clock sun" << "sun";
        QTest::newRow("receiver and virtual clock") << "words.json --clock virtual" << "lines: a source.stdin receives from outside";
        QTest::newRow("drain and wall clock") << "words.json --drain 1s" << "--drain belongs to a virtual clock";
        QTest::newRow("drain") << "words.json --clock virtual --drain 1" << "--drain: a duration is a number with a unit";
        QTest::newRow("start") << "words.json --clock virtual --start noon" << "--start takes a time like";
        QTest::newRow("no batches") << "words.json --batches 0" << "--batches takes a number from 1 up, but is 0";
        QTest::newRow("workers") << "words.json --workers -1" << "--workers";
        QTest::newRow("trigger") << "words.json --trigger never" << "never";
    }
    void wrongUse()
    {
        QFETCH(QString, arguments);
        QFETCH(QString, message);
        const Done done = run(arguments.split(' ', Qt::SkipEmptyParts));
        QCOMPARE(done.exitCode, 2);
        QVERIFY2(done.err.contains(message), qPrintable(done.err));
        QCOMPARE(done.out, QString());
        QVERIFY(!QDir(folder_->filePath("checkpoint")).exists());
    }

    void countsWhatIsThereAndGoesOn()
    {
        Done done = run({"words.json", "--trigger", "once"}, "a b\nb c\n");
        QCOMPARE(done.exitCode, 0);
        QVERIFY2(done.out.contains("(b,2)") && done.out.contains("(c,1)"), qPrintable(done.out));
        done = run({"words.json", "--plan"});
        QCOMPARE(done.exitCode, 0);
        QVERIFY2(done.out.contains("goes on after batch 1\n") && done.out.contains("totals.state: kept\n"), qPrintable(done.out));
        done = run({"words.json", "--trigger", "once"}, "b\n");
        QVERIFY2(done.out.contains("(b,3)"), qPrintable(done.out));
        done = run({"words.json", "--trigger", "once", "--reset", "totals", "--set", "rows=1"}, "b b\nd\n");
        QVERIFY2(done.out.contains("\n...\n") && !done.out.contains("(b,5)"), qPrintable(done.out));
    }

    void progressAsJsonLinesAndRecordings()
    {
        const QString recorded = folder_->filePath("counts.jsonl");
        const Done done = run({"words.json", "--trigger", "available_now", "--progress", "json", "--record", "counts=" + recorded, "--sorted"}, "x y x\n");
        QCOMPARE(done.exitCode, 0);
        int batches = 0;
        qint64 rows = 0;
        for (const QString& line : done.err.split('\n', Qt::SkipEmptyParts)) {
            const QJsonDocument json = QJsonDocument::fromJson(line.toUtf8());
            QVERIFY2(json.isObject(), qPrintable(line));
            if (!json["batchId"].isDouble()) continue;
            QCOMPARE(json["batchId"].toInteger(), ++batches);
            rows += json["numInputRows"].toInteger();
            QVERIFY(json["durationMs"].isObject() && json["sources"].isArray());
        }
        QVERIFY(batches >= 1);
        QCOMPARE(rows, 1);
        QFile file(recorded);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArrayList lines = file.readAll().split('\n');
        QCOMPARE(lines.size(), batches + 1);
        QVERIFY(lines.contains(R"([{"word":"x","n":2},{"word":"y","n":1}])"));
        QCOMPARE(run({"words.json", "--record", "counts=."}).exitCode, 2);
    }

    // A made-up stream beside a replay ends with it; alone it has no end to drain after.
    void aVirtualRunEndsWithItsReplay()
    {
        writeFile(folder_->filePath("numbers.jsonl"), "[7]\n[8]\n");
        QByteArray mixed = kMixed;
        writeFile(folder_->filePath("mixed.json"), mixed);
        const Done done = run({"mixed.json", "--clock", "virtual", "--drain", "1s", "--progress", "none"});
        QCOMPARE(done.exitCode, 0);
        QCOMPARE(done.out.count("Time: "), 3);
        mixed.replace(R"("numbers -> all", )", "").replace(R"("numbers": {"type": "source.replay", "options": {"file": "numbers.jsonl", "schema": "value BIGINT"}},)", "");
        writeFile(folder_->filePath("made_up.json"), mixed);
        const Done alone = run({"made_up.json", "--clock", "virtual", "--drain", "1s"});
        QCOMPARE(alone.exitCode, 2);
        QVERIFY2(alone.err.contains("no source of this pipeline ends"), qPrintable(alone.err));
    }

    // As Spark's: `id` stays with the checkpoint, `runId` is of the start.
    void everyStartHasAnIdOfItsOwn()
    {
        QMap<QString, QSet<QString>> ids;
        for (int i = 0; i < 2; ++i) {
            const Done done = run({"words.json", "--trigger", "once", "--progress", "json"}, "x\n");
            const QJsonDocument json = QJsonDocument::fromJson(done.err.split('\n').filter("batchId").value(0).toUtf8());
            for (const char* name : {"id", "runId"}) ids[name] += json[name].toString();
        }
        QCOMPARE(ids["id"].size(), 1);
        QCOMPARE(ids["runId"].size(), 2);
    }

    void signalEndsTheRunAfterItsBatch()
    {
        for (const int signal : {SIGINT, SIGTERM}) {
            QProcess program;
            begin(program, {"words.json"});
            program.write("a\n");
            QTRY_VERIFY(program.bytesAvailable() > 0);
            ::kill(static_cast<pid_t>(program.processId()), signal);
            QVERIFY(program.waitForFinished(5000));
            QCOMPARE(program.exitStatus(), QProcess::NormalExit);
            QCOMPARE(program.exitCode(), 0);
            QVERIFY(program.readAllStandardError().contains("stopping after this batch"));
        }
    }

    // The first signal waits for the batch; the second does not, though a kernel is at work.
    void secondSignalEndsItAtOnce()
    {
#ifdef __SANITIZE_THREAD__
        QSKIP("the thread sanitizer keeps signals back while a thread computes");
#endif
        QProcess program;
        begin(program, {"endless.json", "--trigger", "as_data_arrives", "--progress", "none"});
        program.write("1\n");
        QTRY_VERIFY(processorTicks(program.processId()) > 20);
        ::kill(static_cast<pid_t>(program.processId()), SIGINT);
        QTRY_VERIFY((program.setReadChannel(QProcess::StandardError), program.bytesAvailable() > 0));
        QVERIFY(!program.waitForFinished(300));
        QElapsedTimer since;
        since.start();
        ::kill(static_cast<pid_t>(program.processId()), SIGINT);
        QVERIFY(program.waitForFinished(5000));
        QVERIFY2(since.elapsed() < 1500, qPrintable(QString::number(since.elapsed())));
        QCOMPARE(program.exitCode(), 1);
    }

    // What decides whether kept state still fits is written into the checkpoint, but no secret with it.
    void secretsStayOutOfTheCheckpoint()
    {
        writeFile(folder_->filePath("salt"), "veryRareSalt\n");
        QByteArray salted = kPipeline;
        salted.replace(R"("options": {"keys": ["word"], "values": "n")", R"("options": {"keys": ["hex(concat(word, '${file:salt}')) AS word"], "values": "n")");
        writeFile(folder_->filePath("salted.json"), salted);
        QVERIFY(run({"salted.json", "--trigger", "available_now", "--progress", "none"}, "a b\n").exitCode == 0);
        QFile kept(folder_->filePath("checkpoint/checkpoint.sqlite"));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        const QByteArray bytes = kept.readAll();
        QVERIFY(bytes.contains("hex(concat(word, '***'))"));
        QVERIFY(!bytes.contains("veryRareSalt"));
        // Another option that decides is named, and nothing but it.
        const Done plan = run({"words.json", "--plan"});
        QVERIFY2((plan.out + plan.err).contains("has changed: keys was [\"hex(concat(word, '***')) AS word\"] and is now [\"word\"]"), qPrintable(plan.out + plan.err));
    }

    // What a run tells people of its rows, places and failures is without them.
    void secretsStayOutOfMessages()
    {
        writeFile(folder_->filePath("salt"), "veryRareSalt\n");
        writeFile(folder_->filePath("telling.json"), R"json({"format": "streamwright/1", "settings": {"batch_interval": "10ms"},
            "nodes": {"in": {"type": "source.stdin"},
                      "number": {"type": "select", "options": {"columns": ["CAST(concat(value, '${file:salt}') AS INT) AS n"]}},
                      "other": {"type": "source.directory", "options": {"path": "${file:salt}"}},
                      "out": {"type": "sink.files", "options": {"path": "out-${file:salt}"}},
                      "rest": {"type": "sink.discard"}},
            "edges": ["in -> number", "number -> out", "other -> rest"]})json");
        const Done done = run({"telling.json", "--batches", "3", "--progress", "json"}, "a\n");
        const QString told = done.out + done.err;
        QVERIFY2(done.exitCode == 0 && told.contains("directory ") && told.contains("***"), qPrintable(told));
        QVERIFY2(!told.contains("veryRareSalt"), qPrintable(told));
        // A failure too.
        writeFile(folder_->filePath("telling.json"), R"json({"format": "streamwright/1", "settings": {"batch_interval": "10ms"},
            "nodes": {"in": {"type": "source.replay", "options": {"file": "${file:salt}.jsonl"}}, "out": {"type": "sink.discard"}}, "edges": ["in -> out"]})json");
        const Done failed = run({"telling.json", "--batches", "1"});
        QVERIFY2(failed.exitCode != 0 && failed.err.contains("***") && !failed.err.contains("veryRareSalt"), qPrintable(failed.err));
    }

    // Of batches that are decided together each keeps what it changed: a key that several of them changed is one entry
    // when the next run begins.
    void batchesDecidedTogetherAreRestoredInTurn()
    {
        QByteArray numbers;
        for (int i = 0; i < 60; ++i) numbers += QByteArray("[") + QByteArray::number(i) + "]\n";
        writeFile(folder_->filePath("numbers.jsonl"), numbers);
        writeFile(folder_->filePath("kept.json"), R"json({"format": "streamwright/1", "settings": {"batch_interval": "1ms", "checkpoint": "kept", "checkpoint_interval": "10s"},
            "nodes": {"numbers": {"type": "source.replay", "options": {"file": "numbers.jsonl", "schema": "n BIGINT"}},
                      "sums": {"type": "update_state_by_key", "options": {"keys": ["'x' AS k"], "values": "n", "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)", "as": "sum"}},
                      "out": {"type": "sink.console"}},
            "edges": ["numbers -> sums", "sums -> out"]})json");
        QVERIFY(run({"kept.json", "--batches", "40", "--progress", "none"}).out.endsWith("(x,780)\n\n"));
        const QStringList rows = QString(run({"kept.json", "--batches", "20", "--progress", "none"}).out).split('\n').filter(QRegularExpression("^\\("));
        QCOMPARE(rows.size(), 20);
        QCOMPARE(rows.front(), "(x,820)");
        QCOMPARE(rows.back(), "(x,1770)");
    }

    // With an inverse too, a window goes on right when its slide and length change between runs.
    void aWindowChangesItsSlide()
    {
        writeFile(folder_->filePath("numbers.jsonl"), "[0]\n[1]\n[2]\n[3]\n[4]\n[5]\n[6]\n[7]\n[8]\n[9]\n");
        QByteArray window = kWindow;
        writeFile(folder_->filePath("window.json"), window);
        QVERIFY(run({"window.json", "--clock", "virtual", "--batches", "5", "--progress", "none"}).out.endsWith("(x,4,10)\n\n"));
        window.replace(R"("length": "4s", "slide": "1s")", R"("length": "6s", "slide": "2s")");
        writeFile(folder_->filePath("window.json"), window);
        const QString out = run({"window.json", "--clock", "virtual", "--progress", "none"}).out;
        // The first pane had left when the window became longer.
        QCOMPARE(out.split('\n').filter(QRegularExpression("^\\(")), (QStringList{"(x,5,15)", "(x,6,27)", "(x,6,39)"}));
    }

    // Each file that is moved in makes a batch of its own at once, also when the folder was quiet before.
    void filesThatArriveLaterAreSeen()
    {
        moveIn("0.txt", "first\n");
        QProcess program;
        begin(program, {"folder.json", "--trigger", "as_data_arrives", "--progress", "none"});
        QByteArray printed;
        const auto prints = [&](const char* text) {
            printed += program.readAllStandardOutput();
            return printed.contains(text);
        };
        QTRY_VERIFY(prints("first\n"));
        for (const char* text : {"second\n", "third\n"}) {
            moveIn(QString(text).trimmed() + ".txt", text);
            QTRY_VERIFY2(prints(text), printed.constData());
        }
        ::kill(static_cast<pid_t>(program.processId()), SIGINT);
        QVERIFY(program.waitForFinished(5000));
        QCOMPARE(program.exitCode(), 0);
    }

    // As Spark's Once, whatever limits a batch otherwise.
    void onceTakesAllFiles()
    {
        for (const char* name : {"0.txt", "1.txt", "2.txt"}) moveIn(name, "row\n");
        const Done once = run({"folder.json", "--trigger", "once", "--progress", "none"});
        QCOMPARE(once.out.count("row\n"), 3);
        QCOMPARE(once.out.count("Time: "), 1);
        const Done many = run({"folder.json", "--trigger", "available_now", "--progress", "none"});
        QCOMPARE(many.out.count("Time: "), 3);
    }

private:
    void moveIn(const QString& name, const char* text) const
    {
        QDir(folder_->path()).mkpath("incoming");
        writeFile(folder_->filePath(name), text);
        QVERIFY(QFile::rename(folder_->filePath(name), folder_->filePath("incoming/" + name)));
    }

    void begin(QProcess& program, QStringList arguments) const
    {
        program.setWorkingDirectory(folder_->path());
        program.start(PROGRAM_FOLDER "/streamwright", QStringList{"run"} + arguments);
        QVERIFY(program.waitForStarted());
    }

    Done run(const QStringList& arguments, const QByteArray& input = {}) const
    {
        QProcess program;
        begin(program, arguments);
        program.write(input);
        program.closeWriteChannel();
        program.waitForFinished(30'000);
        return {program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1, program.readAllStandardOutput(), program.readAllStandardError()};
    }

    static qint64 processorTicks(qint64 process)
    {
        QFile file(QString("/proc/%1/stat").arg(process));
        if (!file.open(QIODevice::ReadOnly)) return 0;
        const QByteArrayList fields = file.readAll().split(' ');
        return fields.value(13).toLongLong() + fields.value(14).toLongLong();
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_GUILESS_MAIN(RunVerbTest)
#include "run_verb_test.moc"
