// A checkpoint that is shipped to a second directory: killed at every step and resumed here or on another machine, taken over
// while it stood still, damaged, cut off. What the target holds in the end must be what an undisturbed run leaves.
#include "engine/runtime/step.h"
#include "tests/faults/source_room.h"

#include <QTest>

#include <random>

using namespace streamwright;

namespace {

constexpr int kBatches = 8;

QString stepText(Step step) { return QString::fromUtf8(stepName(step).data()); }

// What machines share: input, target and where checkpoints are shipped to.
class Shared {
public:
    Shared()
    {
        std::mt19937 random(5);
        QByteArray lines;
        for (int batch = 0; batch < kBatches; ++batch) {
            QByteArrayList rows;
            for (int row = 0; row < 20; ++row) rows += "\"w" + QByteArray::number(static_cast<int>(random() % 12)) + "\"";
            lines += '[' + rows.join(',') + "]\n";
        }
        QFile file(path("rows.jsonl"));
        if (!file.open(QFile::WriteOnly) || file.write(lines) != lines.size()) qFatal("cannot write");
    }
    QString path(const QString& name) const { return folder_.filePath(name); }
    QByteArray left() const
    {
        QByteArray all;
        for (const char* query : {"SELECT * FROM totals ORDER BY 1", "SELECT value, count(*) FROM words GROUP BY 1 ORDER BY 1"}) {
            QProcess sqlite;
            sqlite.start("sqlite3", {path("target.sqlite"), query});
            sqlite.waitForFinished();
            all += sqlite.readAllStandardOutput() + sqlite.readAllStandardError() + "\n";
        }
        return all;
    }
    QStringList names(const QString& folder) const { return QDir(path("copy/" + folder)).entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden, QDir::Name); }

private:
    QTemporaryDir folder_;
};

// A machine: its own folder, with the pipeline and its own copy of the checkpoint.
class Machine : public SourceRoom {
public:
    explicit Machine(const Shared& shared, const QByteArray& settings = {})
    {
        const auto at = [&](const char* name) { return shared.path(name).toUtf8(); };
        pipeline(R"("in": {"type": "source.replay", "options": {"file": ")" + at("rows.jsonl") + R"js("}}, "counts": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "value", "update": "coalesce(state, 0L) + size(values)", "as": "n", "emit": "changed"}},)js"
                 R"("totals": {"type": "sink.sqlite", "options": {"file": ")" + at("target.sqlite") + R"(", "table": "totals", "mode": "upsert", "keys": ["value"]}}, "words": {"type": "sink.sqlite", "options": {"file": ")" + at("target.sqlite") + R"(", "table": "words"}})",
                 R"("in -> counts", "counts -> totals", "in -> words")", R"("batch_interval": "1s", "checkpoint_copy": ")" + at("copy") + R"(")" + settings);
    }
    void begin(const Environment& variables = {}, const QStringList& more = {}) { start(QStringList{"--clock", "virtual", "--progress", "none", "--workers", "2"} + more, variables); }
    int run(const Environment& variables = {}, const QStringList& more = {})
    {
        begin(variables, more);
        return finish();
    }
    QStringList diverged() const { return QDir(path("p.checkpoint")).entryList({"checkpoint.sqlite.diverged-*"}, QDir::Files); }
};

}

class ShippedTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        Shared shared;
        Machine machine(shared);
        QVERIFY2(machine.run() == 0, machine.output());
        undisturbed_ = shared.left();
        QVERIFY(undisturbed_.count('\n') > 20);
        // A link for the owner and one for each batch.
        QCOMPARE(shared.names("epochs").size(), kBatches + 1);
    }

    void killedAtEveryStep_data()
    {
        QTest::addColumn<QString>("crash");
        for (size_t step = 0; step < kSteps; ++step) {
            const Step at = static_cast<Step>(step);
            if (at == Step::SnapshotChunk || at == Step::SnapshotFinished || at == Step::RecoveryPublishing || at == Step::RecoveryPublished) continue;
            if (at < Step::BatchBegun) QTest::newRow(qPrintable(stepText(at))) << stepText(at) + ":0";
            else for (const char* batch : {"1", "5"}) QTest::newRow(qPrintable(stepText(at) + " " + batch)) << stepText(at) + ":" + batch;
        }
        for (const Step at : {Step::Publishing, Step::Published, Step::Cleared}) QTest::newRow(qPrintable(stepText(at) + " 5, second sink")) << stepText(at) + ":5:2";
    }
    void killedAtEveryStep()
    {
        QFETCH(QString, crash);
        // 1. the machine itself goes on. 2. another one, that has only what was shipped.
        for (const bool elsewhere : {false, true}) {
            Shared shared;
            Machine machine(shared), other(shared);
            QVERIFY2(machine.run({{"STREAMWRIGHT_CRASH", crash}}) == -1, machine.output());
            Machine& next = elsewhere ? other : machine;
            QVERIFY2(next.run() == 0, next.output());
            QCOMPARE(shared.left(), undisturbed_);
            // Elsewhere the commit of an earlier batch may have come as far when the run's own thread died.
            if (!elsewhere && (crash.startsWith("decided") || crash.startsWith("shipping"))) QCOMPARE(next.diverged().size(), 1);
        }
    }

    void killedWhileAnotherMachineRecovers_data()
    {
        QTest::addColumn<QString>("first");
        QTest::addColumn<QString>("second");
        for (const char* first : {"decided:5", "shipped:5", "published:5"}) {
            for (size_t step = 0; step < static_cast<size_t>(Step::BatchBegun); ++step) {
                const Step at = static_cast<Step>(step);
                const bool publishes = at == Step::RecoveryPublishing || at == Step::RecoveryPublished;
                if (publishes && qstrcmp(first, "decided:5") == 0) continue;
                QTest::newRow(qPrintable(QString(first) + ", then " + stepText(at))) << first << stepText(at);
            }
        }
    }
    void killedWhileAnotherMachineRecovers()
    {
        QFETCH(QString, first);
        QFETCH(QString, second);
        Shared shared;
        Machine one(shared), two(shared), three(shared);
        QVERIFY2(one.run({{"STREAMWRIGHT_CRASH", first}}) == -1, one.output());
        const bool published = first.startsWith("published") && second == "recovery_publishing";
        QVERIFY2(two.run({{"STREAMWRIGHT_CRASH", second}}) == -1 || published, two.output());
        QVERIFY2(three.run() == 0, three.output());
        QCOMPARE(shared.left(), undisturbed_);
    }

    // It stands still at every arrow while another machine takes over and gets to the end; then it goes on.
    void aZombiePublishesNothing_data()
    {
        QTest::addColumn<QString>("halt");
        for (size_t step = static_cast<size_t>(Step::BatchBegun); step < kSteps; ++step) {
            const Step at = static_cast<Step>(step);
            // Where batches are computed, an earlier one may be on its way into the target at that moment, and hold its lock.
            const char* batch = at < Step::OutboxSealed || at == Step::BatchEnded ? ":1" : ":4";
            if (at != Step::SnapshotChunk && at != Step::SnapshotFinished) QTest::newRow(qPrintable(stepText(at))) << stepText(at) + batch;
        }
    }
    void aZombiePublishesNothing()
    {
        QFETCH(QString, halt);
        Shared shared;
        Machine zombie(shared), other(shared);
        zombie.begin({{"STREAMWRIGHT_HALT", halt}});
        QVERIFY2(zombie.waitForHalt(), zombie.output());
        QVERIFY2(other.run() == 0, other.output());
        QCOMPARE(shared.left(), undisturbed_);
        zombie.signal(SIGCONT);
        QVERIFY2(zombie.finish() == 1, zombie.output());
        QCOMPARE(shared.left(), undisturbed_);
        // Nothing of it is lost here either: it can be started again, and has nothing left to do.
        QVERIFY2(zombie.run() == 0, zombie.output());
        QCOMPARE(shared.left(), undisturbed_);
    }

    void whoWasTakenOverSaysByWhom()
    {
        Shared shared;
        Machine zombie(shared), other(shared);
        zombie.begin({{"STREAMWRIGHT_HALT", "shipping:4"}});
        QVERIFY2(zombie.waitForHalt(), zombie.output());
        other.begin();
        const QByteArray process = " " + QByteArray::number(other.process().processId()) + ")";
        QVERIFY2(other.finish() == 0, other.output());
        zombie.signal(SIGCONT);
        QVERIFY2(zombie.finish() == 1, zombie.output());
        QVERIFY2(zombie.output().contains("was taken over by another run (") && zombie.output().contains(process), zombie.output());
    }

    // Snapshots are made by the side, as fast as they can be: how many there are is not known.
    void aRestoreBeginsWithASnapshot()
    {
        Shared shared;
        Machine machine(shared, R"(, "checkpoint_snapshots": 1)");
        for (int batch = 1; batch <= 5; ++batch) QVERIFY2(machine.run({}, {"--batches", "1"}) == 0, machine.output());
        QVERIFY2(shared.names("snapshots").size() == 2, qPrintable(shared.names("snapshots").join(' ')));
        QVERIFY2(shared.names("epochs").size() <= 4, "links that no restore needs are gone");
        QVERIFY(shared.names(".tmp").isEmpty());
        Machine other(shared);
        QVERIFY2(other.run() == 0, other.output());
        QCOMPARE(shared.left(), undisturbed_);
    }

    void anOlderSnapshotServesToo()
    {
        Shared shared;
        Machine machine(shared, R"(, "checkpoint_snapshots": 1)");
        for (int batch = 1; batch <= 5; ++batch) QVERIFY2(machine.run({}, {"--batches", "1"}) == 0, machine.output());
        cut(shared.path("copy/snapshots/" + shared.names("snapshots").last() + "/part-00000"));
        Machine other(shared);
        QVERIFY2(other.run() == 0, other.output());
        QCOMPARE(shared.left(), undisturbed_);
    }

    void aHalfShippedFileIsNoLink()
    {
        Shared shared;
        Machine machine(shared), other(shared);
        QVERIFY2(machine.run({{"STREAMWRIGHT_CRASH", "shipped:5"}}) == -1, machine.output());
        QVERIFY(QFile::copy(shared.path("copy/epochs/" + shared.names("epochs").last()), shared.path("copy/.tmp/half")));
        cut(shared.path("copy/.tmp/half"));
        QVERIFY2(other.run() == 0, other.output());
        QCOMPARE(shared.left(), undisturbed_);
        QVERIFY(shared.names(".tmp").isEmpty());
    }

    void aDamagedLinkIsRefused()
    {
        Shared shared;
        Machine machine(shared), other(shared);
        QVERIFY2(machine.run({{"STREAMWRIGHT_CRASH", "shipped:5"}}) == -1, machine.output());
        cut(shared.path("copy/epochs/" + shared.names("epochs")[2]));
        QVERIFY2(other.run() == 1, other.output());
        QVERIFY2(other.output().contains("is damaged"), other.output());
        // The machine that has all of it needs no link but the last.
        QVERIFY2(machine.run() == 0, machine.output());
        QCOMPARE(shared.left(), undisturbed_);
    }

    void aMissingLinkIsRefused()
    {
        Shared shared;
        Machine machine(shared), other(shared);
        QVERIFY2(machine.run({{"STREAMWRIGHT_CRASH", "shipped:5"}}) == -1, machine.output());
        QVERIFY(QFile::remove(shared.path("copy/epochs/" + shared.names("epochs")[2])));
        QVERIFY2(other.run() == 1, other.output());
        QVERIFY2(other.output().contains("is missing, but later ones are there"), other.output());
        QVERIFY(!QFile::exists(other.path("p.checkpoint/checkpoint.sqlite")));
    }

    void aSharedFolderThatIsGoneIsWaitedFor()
    {
        Shared shared;
        Machine machine(shared);
        machine.begin({{"STREAMWRIGHT_HALT", "shipping:4"}});
        QVERIFY2(machine.waitForHalt(), machine.output());
        QVERIFY(QDir().rename(shared.path("copy"), shared.path("away")));
        const QByteArray before = shared.left();
        machine.signal(SIGCONT);
        QVERIFY2(machine.waitForOutput("waiting for checkpoint: "), machine.output());
        QCOMPARE(shared.left(), before);
        QVERIFY(QDir().rename(shared.path("away"), shared.path("copy")));
        QVERIFY2(machine.finish() == 0, machine.output());
        QCOMPARE(shared.left(), undisturbed_);
    }

    void aCheckpointThatWasThereBeforeIsShippedWhole()
    {
        Shared shared;
        Machine machine(shared), other(shared);
        const QByteArray shipping = before(machine, R"(, "checkpoint_copy": ")" + shared.path("copy").toUtf8() + R"(")");
        QVERIFY2(machine.run({}, {"--batches", "4"}) == 0, machine.output());
        QVERIFY(!QDir(shared.path("copy")).exists());
        machine.put("p.json", shipping);
        QVERIFY2(machine.run({}, {"--batches", "1"}) == 0, machine.output());
        QVERIFY2(other.run() == 0, other.output());
        QCOMPARE(shared.left(), undisturbed_);
    }

    void aRewoundCheckpointGoesOnElsewhereToo()
    {
        Shared shared;
        Machine machine(shared), other(shared);
        QVERIFY2(machine.run({}, {"--batches", "5"}) == 0, machine.output());
        QProcess rewind;
        rewind.start(PROGRAM_FOLDER "/streamwright", {"checkpoint", "rewind", machine.path("p.checkpoint"), "--epoch", "3"});
        QVERIFY(rewind.waitForFinished(kPatience) && rewind.exitCode() == 0);
        QVERIFY2(machine.run({}, {"--batches", "1"}) == 0, machine.output());
        QVERIFY2(other.run() == 0, other.output());
        // Totals are put in place of the old ones; the words of batches 4 and 5 came twice, as a rewind says.
        QCOMPARE(shared.left().split('\n').mid(0, 12), undisturbed_.split('\n').mid(0, 12));
        QVERIFY(shared.left() != undisturbed_);
    }

    void aFetchedCheckpointCanBeLookedAt()
    {
        Shared shared;
        Machine machine(shared);
        QVERIFY2(machine.run({}, {"--batches", "5"}) == 0, machine.output());
        const auto told = [](const QStringList& arguments) {
            QProcess program;
            program.setProcessChannelMode(QProcess::MergedChannels);
            program.start(PROGRAM_FOLDER "/streamwright", QStringList{"checkpoint"} + arguments);
            program.waitForFinished(kPatience);
            return program.readAll();
        };
        QVERIFY(told({"fetch", shared.path("copy"), machine.path("fetched")}).contains("after epoch 5"));
        for (const QStringList& question : {QStringList{"list"}, QStringList{"show"}}) {
            QByteArray fetched = told(question + QStringList{machine.path("fetched")});
            QVERIFY(fetched.size() > 50);
            // That the last epoch's output was published is shipped with the next one.
            if (question.first() == "list") fetched.replace("totals, words", "");
            QCOMPARE(fetched, told(question + QStringList{machine.path("p.checkpoint")}));
        }
        QVERIFY(told({"verify", machine.path("fetched")}).contains("everything is whole"));
        QVERIFY(told({"fetch", shared.path("copy"), machine.path("fetched")}).contains("there is a checkpoint at"));
        QVERIFY(told({"fetch", shared.path("nothing"), machine.path("other")}).contains("there is no checkpoint at"));
    }

    void twoCheckpointsDoNotMix()
    {
        Shared shared, elsewhere;
        Machine machine(shared), other(elsewhere);
        QVERIFY2(machine.run({}, {"--batches", "1"}) == 0, machine.output());
        QVERIFY2(other.run({}, {"--batches", "1"}) == 0, other.output());
        QVERIFY2(other.run({}, {"--checkpoint-copy", shared.path("copy")}) == 2, other.output());
        QVERIFY2(other.output().contains("give each pipeline folders of its own"), other.output());
    }

private:
    static void cut(const QString& path)
    {
        QFile file(path);
        if (!file.open(QFile::ReadWrite) || !file.resize(file.size() / 2)) qFatal("cannot cut %s", qPrintable(path));
    }
    // The pipeline without these settings; returns it with them.
    static QByteArray before(Machine& machine, const QByteArray& settings)
    {
        QFile file(machine.path("p.json"));
        if (!file.open(QFile::ReadOnly)) qFatal("cannot read");
        const QByteArray whole = file.readAll();
        if (!whole.contains(settings)) qFatal("no such settings");
        machine.put("p.json", QByteArray(whole).replace(settings, ""));
        return whole;
    }

    QByteArray undisturbed_;
};

QTEST_GUILESS_MAIN(ShippedTest)
#include "shipped_test.moc"
