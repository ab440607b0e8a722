// Going on with a checkpoint, through the real program: with other workers, another pipeline, damaged files,
// a second process, a target that was replaced, and back at an earlier epoch.
#include "tests/faults/place.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTest>

using namespace streamwright;

namespace {

const QByteArray kListener = R"json({"format": "streamwright/1", "name": "received", "settings": {"batch_interval": "50ms", "checkpoint": "received.checkpoint"},
"nodes": {"lines": {"type": "source.stdin"}, "counts": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "value", "update": "coalesce(state, 0L) + size(values)", "as": "n"}},
"out": {"type": "sink.record", "options": {"file": "out.jsonl"}}}, "edges": ["lines -> counts", "counts -> out"]})json";

struct Answer {
    int code = -1;
    QByteArray text;
};

Answer program(const QStringList& arguments, const QString& input = {})
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    if (!input.isEmpty()) process.setStandardInputFile(input);
    process.start(PROGRAM_FOLDER "/streamwright", arguments);
    if (!process.waitForFinished(60000)) {
        process.kill();
        process.waitForFinished();
        return {-1, "hangs: " + process.readAll()};
    }
    return {process.exitCode(), process.readAll()};
}

QByteArray sql(const QString& database, const QString& statement)
{
    QProcess sqlite;
    sqlite.start("sqlite3", {database, statement});
    sqlite.waitForFinished();
    return (sqlite.readAllStandardOutput() + sqlite.readAllStandardError()).trimmed();
}

QStringList runOf(const Place& place, const QStringList& more = {}) { return QStringList{"run", place.file("everything.json"), "--clock", "virtual", "--progress", "none", "--workers", "2"} + more; }

// The command that a message offers.
QStringList offered(const QByteArray& text)
{
    const auto found = QRegularExpression("streamwright (checkpoint rewind \\S+ --epoch \\d+)").match(text);
    return found.hasMatch() ? found.captured(1).split(' ') : QStringList();
}

void edit(const Place& place, const QByteArray& from, const QByteArray& to)
{
    QFile file(place.file("everything.json"));
    QVERIFY(file.open(QFile::ReadOnly));
    QByteArray text = file.readAll();
    file.close();
    QVERIFY2(text.contains(from), from);
    place.put("everything.json", text.replace(from, to));
}

}

class ResumeTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        Place place;
        QCOMPARE(program(runOf(place)).text, "");
        undisturbed_ = place.left();
    }

    void goesOnWithOtherWorkers()
    {
        Place place;
        for (const char* workers : {"1", "4", "3"}) {
            const Answer answer = program({"run", place.file("everything.json"), "--clock", "virtual", "--progress", "none", "--batches", "6", "--workers", workers});
            QVERIFY2(answer.code == 0, answer.text);
        }
        QCOMPARE(place.finish(undisturbed_), "");
    }

    void saysWhatAChangedPipelineKeeps()
    {
        Place place;
        QCOMPARE(program(runOf(place, {"--batches", "6"})).code, 0);
        edit(place, "max(length(word)) AS longest", "max(word) AS longest");
        const QByteArray before = sql(place.file("run.checkpoint/checkpoint.sqlite"), "SELECT max(epoch) FROM epochs");
        Answer answer = program(runOf(place, {"--plan"}));
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.text.contains("arrived.state: kept"), answer.text);
        QVERIFY2(answer.text.contains("recent.panes: refused ("), answer.text);
        answer = program(runOf(place));
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.text.contains("recent") && answer.text.contains("--reset recent"), answer.text);
        answer = program(runOf(place, {"--plan", "--reset", "recent"}));
        QVERIFY2(answer.code == 0 && answer.text.contains("recent.panes: reset"), answer.text);
        QCOMPARE(sql(place.file("run.checkpoint/checkpoint.sqlite"), "SELECT max(epoch) FROM epochs"), before);
    }

    void aRenamedNodeKeepsItsState()
    {
        Place place;
        QCOMPARE(program(runOf(place, {"--batches", "6"})).code, 0);
        edit(place, "\"running\": {", "\"grand\": {\n      \"was\": [\"running\"],");
        edit(place, "counts -> running", "counts -> grand");
        edit(place, "running -> totals", "grand -> totals");
        edit(place, "running -> recorded", "grand -> recorded");
        edit(place, "\"lines\": {", "\"texts\": {\n      \"was\": [\"lines\"],");
        edit(place, "lines -> words", "texts -> words");
        const Answer answer = program(runOf(place, {"--plan"}));
        QVERIFY2(answer.text.contains("grand.state: kept (renamed from running)"), answer.text);
        QCOMPARE(program(runOf(place, {"--batches", "6"})).code, 0);
        QCOMPARE(place.finish(undisturbed_), "");
    }

    void refusesADamagedBlockAndGoesBack()
    {
        Place place;
        QCOMPARE(program(runOf(place, {"--batches", "7"})).code, 0);
        const QString database = place.file("run.checkpoint/checkpoint.sqlite");
        QCOMPARE(sql(database, "UPDATE changes SET block = CAST(substr(block, 1, 30) || x'ff00ff' || substr(block, 34) AS BLOB) WHERE epoch = 7 AND state = (SELECT id FROM states WHERE node = 'running'); SELECT changes()"), "1");
        Answer answer = program(runOf(place));
        QCOMPARE(answer.code, 1);
        QVERIFY2(answer.text.contains("rewind") && answer.text.contains("--epoch 6"), answer.text);
        answer = program({"checkpoint", "verify", place.file("run.checkpoint")});
        QCOMPARE(answer.code, 1);
        QVERIFY2(answer.text.contains("change of state \"state\" of node \"running\" at epoch 7"), answer.text);
        QCOMPARE(program(offered(answer.text)).code, 0);
        // Targets under names of the lost batch were published before: they are named, not overwritten.
        answer = program(runOf(place));
        QVERIFY2(answer.code == 1 && answer.text.contains("counts-7000.txt is already there"), answer.text);
        QVERIFY(QDir(place.file("saved/counts-7000.txt")).removeRecursively());
        answer = program(runOf(place));
        QVERIFY2(answer.code == 0, answer.text);
        QCOMPARE(sql(place.file("totals.sqlite"), "SELECT * FROM totals ORDER BY 1, 2") + "\n", undisturbed_["totals"]);
    }

    void refusesATruncatedDatabase()
    {
        Place place;
        QCOMPARE(program(runOf(place, {"--batches", "6"})).code, 0);
        QFile database(place.file("run.checkpoint/checkpoint.sqlite"));
        QVERIFY(database.resize(database.size() / 2));
        Answer answer = program(runOf(place));
        QCOMPARE(answer.code, 1);
        QVERIFY2(answer.text.contains("is damaged") && (answer.text.contains("restore") || answer.text.contains("rewind")), answer.text);
        QVERIFY(database.resize(0));
        answer = program(runOf(place));
        QCOMPARE(answer.code, 1);
        QVERIFY2(answer.text.contains("is empty"), answer.text);
    }

    // Nothing that recovery needs: it begins anew.
    void aDamagedHistoryIsSetAside()
    {
        Place place;
        QCOMPARE(program(runOf(place, {"--batches", "6"})).code, 0);
        place.put("run.checkpoint/history.sqlite", QByteArray(8192, 'x'));
        QCOMPARE(place.finish(undisturbed_), "");
        QCOMPARE(sql(place.file("run.checkpoint/history.sqlite"), "SELECT sum(last - first + 1) FROM batches").toInt(), kBatches - 6);
        QVERIFY(QFile::exists(place.file("run.checkpoint/history.sqlite.damaged")));
    }

    void refusesACheckpointOfANewerProgram()
    {
        Place place;
        QCOMPARE(program(runOf(place, {"--batches", "6"})).code, 0);
        sql(place.file("run.checkpoint/checkpoint.sqlite"), "PRAGMA user_version = 9");
        for (const QStringList& arguments : {runOf(place), QStringList{"checkpoint", "list", place.file("run.checkpoint")}}) {
            const Answer answer = program(arguments);
            QCOMPARE(answer.code, 1);
            QVERIFY2(answer.text.contains("made by a newer Streamwright"), answer.text);
        }
    }

    void refusesATornReceiveLogAndGoesBack()
    {
        Place place;
        place.put("received.json", kListener);
        const QStringList run{"run", place.file("received.json"), "--trigger", "available_now", "--progress", "none"};
        for (const char* word : {"one", "two", "three"}) {
            place.put("input", QByteArray(word) + "\n");
            const Answer answer = program(run, place.file("input"));
            QVERIFY2(answer.code == 0, answer.text);
        }
        const QStringList logs = QDir(place.file("received.checkpoint/received/lines")).entryList({"*.log"}, QDir::Files, QDir::Name);
        QCOMPARE(logs.size(), 1);
        QFile log(place.file("received.checkpoint/received/lines/" + logs.back()));
        const qint64 whole = log.size();
        QVERIFY(log.resize(whole - 3));
        Answer answer = program(run, place.file("input"));
        QCOMPARE(answer.code, 1);
        QVERIFY2(answer.text.contains(logs.back().toUtf8()) && answer.text.contains("can still be used"), answer.text);
        QCOMPARE(log.size(), whole - 3);   // refused uncut
        const Answer back = program(offered(answer.text));
        QVERIFY2(back.code == 0, back.text);
        answer = program(run, place.file("input"));
        QVERIFY2(answer.code == 0, answer.text);
        const Answer counts = program({"checkpoint", "export", place.file("received.checkpoint"), "--node", "counts"});
        QVERIFY2(counts.text.contains("\"one\",\"state\":1") && counts.text.contains("\"three\",\"state\":1"), counts.text);
    }

    void refusesASecondProcessAndAnswersMeanwhile()
    {
        Place place;
        place.put("received.json", kListener);
        QProcess first;
        first.start(PROGRAM_FOLDER "/streamwright", {"run", place.file("received.json"), "--progress", "none"});
        first.write("hello\n");
        Answer list;
        QTRY_VERIFY_WITH_TIMEOUT((list = program({"checkpoint", "list", place.file("received.checkpoint")})).text.contains("DECIDED"), 20000);
        QCOMPARE(list.code, 0);
        QTRY_VERIFY_WITH_TIMEOUT(program({"checkpoint", "show", place.file("received.checkpoint"), "--node", "counts", "--key", "hello"}).text.contains("1 of 1"), 20000);
        QCOMPARE(program({"checkpoint", "verify", place.file("received.checkpoint")}).code, 0);
        for (const QStringList& arguments : {QStringList{"run", place.file("received.json")}, QStringList{"checkpoint", "rewind", place.file("received.checkpoint"), "--epoch", "1"}}) {
            const Answer second = program(arguments);
            QCOMPARE(second.code, 1);
            QVERIFY2(second.text.contains("in use by") && second.text.contains("pid " + QByteArray::number(first.processId())), second.text);
        }
        first.terminate();
        QVERIFY(first.waitForFinished(20000));
        QCOMPARE(first.exitCode(), 0);
    }

    // The target's marker is older than the checkpoint says: somebody put a backup there.
    void settlesAReplacedTarget()
    {
        Place place;
        QCOMPARE(program(runOf(place, {"--batches", "3"})).code, 0);
        QVERIFY(QFile::copy(place.file("history.sqlite"), place.file("backup")));
        place.run({.crash = "publishing:6"});
        QVERIFY(QFile::remove(place.file("history.sqlite")) && QFile::rename(place.file("backup"), place.file("history.sqlite")));
        Answer answer = program(runOf(place));
        QCOMPARE(answer.code, 1);
        QVERIFY2(answer.text.contains("history") && answer.text.contains("checkpoint resolve " + place.file("run.checkpoint").toUtf8() + " history --"), answer.text);
        const bool pending = sql(place.file("run.checkpoint/checkpoint.sqlite"), "SELECT count(*) FROM pending WHERE sink = 'history'") == "1";
        answer = program({"checkpoint", "resolve", place.file("run.checkpoint"), "history", pending ? "--publish" : "--skip"});
        QVERIFY2(answer.code == 0, answer.text);
        answer = program(runOf(place));
        QVERIFY2(answer.code == 0, answer.text);
        // Nothing but what the backup lacked is missing.
        Content left = place.left();
        QVERIFY(left["history"] != undisturbed_["history"]);
        left["history"] = undisturbed_["history"];
        QVERIFY(left == undisturbed_);
    }

    // Snapshots come although every batch changes the state, and what they replace goes.
    void aBusyStreamIsSnapshotted_data()
    {
        QTest::addColumn<QStringList>("clock");
        QTest::newRow("no pause between batches") << QStringList{"--clock", "virtual"};
        QTest::newRow("a pause between batches") << QStringList{"--batches", QString::number(kBatches)};
    }
    void aBusyStreamIsSnapshotted()
    {
        QFETCH(QStringList, clock);
        Place place;
        edit(place, "\"batch_interval\": \"1s\"", "\"batch_interval\": \"40ms\"");
        qputenv("STREAMWRIGHT_SNAPSHOT_BYTES", "3000");
        const Answer answer = program(QStringList{"run", place.file("everything.json"), "--progress", "none"} + clock);
        qunsetenv("STREAMWRIGHT_SNAPSHOT_BYTES");
        QVERIFY2(answer.code == 0, answer.text);
        const QString database = place.file("run.checkpoint/checkpoint.sqlite");
        QVERIFY(sql(database, "SELECT count(*) FROM snapshots").toInt() > 0);
        QVERIFY(sql(database, "SELECT max(chunks) FROM snapshots").toInt() > 1);
        const Answer verified = program({"checkpoint", "verify", place.file("run.checkpoint")});
        QVERIFY2(verified.code == 0, verified.text);
    }

    void keepsSoManyEpochsAndBytes()
    {
        Place place;
        QCOMPARE(place.finish(undisturbed_), "");
        const QString database = place.file("run.checkpoint/checkpoint.sqlite");
        QVERIFY(sql(database, "SELECT count(*) FROM epochs").toInt() <= 5 + 8);
        const Answer verified = program({"checkpoint", "verify", place.file("run.checkpoint")});
        QVERIFY2(verified.code == 0, verified.text);
        // Few bytes: only what the newest epochs need stays.
        Place small;
        edit(small, "\"epochs\": 5", "\"epochs\": 20, \"bytes\": \"1KiB\"");
        QVERIFY(small.run());
        QVERIFY2(small.exitCode() == 0, small.output());
        QVERIFY(small.left() == undisturbed_);
        const int kept = sql(small.file("run.checkpoint/checkpoint.sqlite"), "SELECT count(*) FROM epochs").toInt();
        QVERIFY2(kept >= 1 && kept < 20, QByteArray::number(kept));
    }

private:
    Content undisturbed_;
};

QTEST_GUILESS_MAIN(ResumeTest)
#include "resume_test.moc"
