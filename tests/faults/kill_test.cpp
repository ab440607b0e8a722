// Nothing lost, nothing twice: a pipeline with state, window, file and SQLite sinks is killed (SIGKILL) at
// every step of a batch's life and of recovery, and at seeded random moments; what it leaves must equal,
// to the byte, what an undisturbed run leaves.
#include "engine/runtime/step.h"

#include <QDir>
#include <QDirIterator>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace streamwright;

namespace {

constexpr int kBatches = 24;
constexpr int kRandomKills = 200;

QByteArray inputLines()
{
    std::mt19937 random(7);
    QByteArray text;
    for (int batch = 0; batch < kBatches; ++batch) {
        QByteArrayList rows;
        const unsigned rowCount = random() % 40;
        for (unsigned row = 0; row < rowCount; ++row) {
            QByteArrayList words;
            const unsigned wordCount = 1 + random() % 8;
            for (unsigned word = 0; word < wordCount; ++word) words += "w" + QByteArray::number(static_cast<uint>(random() % 300));
            rows += "\"" + words.join(' ') + "\"";
        }
        text += "[" + rows.join(',') + "]\n";
    }
    return text;
}

QByteArray sqliteRows(const QString& file, const QString& table)
{
    QProcess sqlite;
    sqlite.start("sqlite3", {file, QString("SELECT * FROM %1 ORDER BY 1, 2").arg(table)});
    sqlite.waitForFinished();
    return sqlite.readAllStandardOutput() + sqlite.readAllStandardError();
}

// A folder with the pipeline and its input, and what a run leaves in it.
class Place {
public:
    Place()
    {
        QFile::copy(PROJECT_FOLDER "/tests/faults/everything.json", folder_.filePath("everything.json"));
        QFile lines(folder_.filePath("lines.jsonl"));
        if (lines.open(QFile::WriteOnly)) lines.write(inputLines());
    }

    // Runs the pipeline, with `crash` as STREAMWRIGHT_CRASH, or killed after so many milliseconds.
    // True: it ended by itself.
    bool run(const QString& crash = {}, int killAfterMillis = -1)
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        if (!crash.isEmpty()) environment.insert("STREAMWRIGHT_CRASH", crash);
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(PROGRAM_FOLDER "/streamwright", {"run", folder_.filePath("everything.json"), "--clock", "virtual", "--progress", "none", "--workers", "2"});
        if (killAfterMillis >= 0 && !process.waitForFinished(killAfterMillis)) process.kill();
        if (process.state() != QProcess::NotRunning && !process.waitForFinished(60000)) qFatal("the run hangs");
        output_ = process.readAll();
        exitCode_ = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
        return process.exitStatus() == QProcess::NormalExit;
    }

    QByteArray output() const { return output_; }
    int exitCode() const { return exitCode_; }

    // Every published file with its bytes, and the rows of the databases.
    QMap<QString, QByteArray> left() const
    {
        QMap<QString, QByteArray> files;
        const QDir top(folder_.path());
        QDirIterator at(folder_.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (at.hasNext()) {
            const QString path = at.next();
            const QString name = top.relativeFilePath(path);
            if (name.startsWith("run.checkpoint") || name.contains(".sqlite") || name == "everything.json" || name == "lines.jsonl") continue;
            QFile file(path);
            if (file.open(QFile::ReadOnly)) files[name] = file.readAll();
        }
        files["totals"] = sqliteRows(folder_.filePath("totals.sqlite"), "totals");
        files["history"] = sqliteRows(folder_.filePath("history.sqlite"), "counts");
        return files;
    }

private:
    QTemporaryDir folder_;
    QByteArray output_;
    int exitCode_ = -1;
};

// What differs, empty if nothing does.
QByteArray difference(const QMap<QString, QByteArray>& found, const QMap<QString, QByteArray>& expected)
{
    for (const QString& name : found.keys()) {
        if (!expected.contains(name)) return "there should be no " + name.toUtf8();
    }
    for (const QString& name : expected.keys()) {
        if (!found.contains(name)) return name.toUtf8() + " is missing";
        if (found[name] != expected[name]) return "other bytes in " + name.toUtf8();
    }
    return {};
}

}

class KillTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        Place place;
        QVERIFY(place.run());
        QVERIFY2(place.exitCode() == 0, place.output());
        undisturbed_ = place.left();
        QVERIFY(undisturbed_.size() > kBatches * 2);
        QVERIFY(undisturbed_["totals"].count('\n') > 100 && undisturbed_["history"].count('\n') > 100);
    }

    void atEveryStepOfABatch()
    {
        int kills = 0;
        for (size_t i = static_cast<size_t>(Step::BatchBegun); i < kSteps; ++i) {
            const QString step = QString::fromUtf8(stepName(static_cast<Step>(i)).data());
            for (const int batch : {1, 2, 7, kBatches}) {
                Place place;
                if (!place.run(QString("%1:%2").arg(step).arg(batch))) ++kills;
                finish(place, step.toUtf8() + ":" + QByteArray::number(batch));
                if (QTest::currentTestFailed()) return;
            }
        }
        qInfo("%d kills at named steps of a batch", kills);
        QVERIFY(kills >= 50);
    }

    void atEveryStepOfRecovery()
    {
        int kills = 0;
        for (const char* first : {"staged:5", "decided:5", "published:5"}) {
            for (size_t i = 0; i < static_cast<size_t>(Step::BatchBegun); ++i) {
                const QString step = QString::fromUtf8(stepName(static_cast<Step>(i)).data());
                Place place;
                QVERIFY(!place.run(first));
                for (const int batch : {4, 5}) {
                    if (!place.run(QString("%1:%2").arg(step).arg(batch))) ++kills;
                }
                finish(place, QByteArray(first) + " then " + step.toUtf8());
                if (QTest::currentTestFailed()) return;
            }
        }
        qInfo("%d kills during recovery", kills);
        QVERIFY(kills >= 12);
    }

    void atRandomMoments()
    {
        std::mt19937 random(20261123);
        int kills = 0;
        while (kills < kRandomKills) {
            Place place;
            const auto seed = static_cast<unsigned>(random());
            for (int attempt = 0; attempt < 10; ++attempt) {
                if (place.run({}, static_cast<int>(random() % 120))) break;
                ++kills;
            }
            finish(place, "random kills, seed " + QByteArray::number(seed));
            if (QTest::currentTestFailed()) return;
        }
        qInfo("%d kills at random moments", kills);
    }

private:
    void finish(Place& place, const QByteArray& what)
    {
        QVERIFY2(place.run(), what + ": the run after the kill died");
        QVERIFY2(place.exitCode() == 0, what + ": " + place.output());
        const QByteArray differs = difference(place.left(), undisturbed_);
        QVERIFY2(differs.isEmpty(), what + ": " + differs);
    }

    QMap<QString, QByteArray> undisturbed_;
};

QTEST_GUILESS_MAIN(KillTest)
#include "kill_test.moc"
