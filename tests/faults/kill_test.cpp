// Nothing lost, nothing twice: a pipeline with state, windows, file and SQLite sinks is killed (SIGKILL) at
// every step of a batch's life and of recovery and before seeded writes to its files, and loses power; what
// it leaves in the end must equal, to the byte, what an undisturbed run leaves.
#include "engine/runtime/step.h"
#include "tests/faults/lossy_disk.h"
#include "tests/faults/place.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

using namespace streamwright;

namespace {

constexpr int kRandomKills = 200;
constexpr int kPowerLosses = 60;
constexpr int kSinks = 6;

QString stepText(size_t step) { return QString::fromUtf8(stepName(static_cast<Step>(step)).data()); }

// Runs scenarios two at a time; the first complaint, or nothing.
using Scenario = std::function<QByteArray()>;
QByteArray runAll(const std::vector<Scenario>& scenarios)
{
    std::atomic<size_t> next = 0;
    std::mutex mutex;
    QByteArray complaint;
    const auto work = [&] {
        for (size_t i = next++; i < scenarios.size(); i = next++) {
            const QByteArray found = scenarios[i]();
            if (found.isEmpty()) continue;
            const std::lock_guard lock(mutex);
            if (complaint.isEmpty()) complaint = found;
            next = scenarios.size();
        }
    };
    std::thread other(work);
    work();
    other.join();
    return complaint;
}

}

class KillTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        Place place;
        QVERIFY(place.run({.journal = journal_.filePath("undisturbed")}));
        QVERIFY2(place.exitCode() == 0, place.output());
        undisturbed_ = place.left();
        const auto lines = readJournal(journal_.filePath("undisturbed").toStdString());
        QVERIFY(undisturbed_.size() > kBatches * 2);
        QVERIFY(undisturbed_["totals"].count('\n') > 100 && undisturbed_["history"].count('\n') > 100);
        changes_ = std::ranges::count_if(lines, [](const JournalLine& line) { return line.entry.step != DiskStep::Open; });
        qInfo("an undisturbed run makes %lld changes to its files", static_cast<long long>(changes_));
        QVERIFY(changes_ > 500);
    }

    void atEveryStepOfABatch()
    {
        std::vector<Scenario> scenarios;
        std::atomic<int> kills = 0;
        for (size_t step = static_cast<size_t>(Step::BatchBegun); step < kSteps; ++step) {
            for (const int batch : {1, 2, 7, kBatches}) {
                scenarios.push_back([this, &kills, crash = QString("%1:%2").arg(stepText(step)).arg(batch)] {
                    Place place;
                    if (!place.run({.crash = crash})) ++kills;
                    return say(crash.toUtf8(), place.finish(undisturbed_));
                });
            }
        }
        const QByteArray complaint = runAll(scenarios);
        QVERIFY2(complaint.isEmpty(), complaint);
        qInfo("%d kills at named steps of a batch", kills.load());
        QVERIFY(kills >= 50);
    }

    // Snapshots begin when the commit thread finds a state large enough, in whichever batch.
    void whileASnapshotIsTaken()
    {
        std::vector<Scenario> scenarios;
        for (const char* crash : {"snapshot_chunk::1", "snapshot_chunk::2", "snapshot_chunk::9", "snapshot_finished::1"}) {
            scenarios.push_back([this, crash] {
                Place place;
                if (place.run({.crash = crash})) return QByteArray(crash) + " killed nothing";
                return say(crash, place.finish(undisturbed_));
            });
        }
        const QByteArray complaint = runAll(scenarios);
        QVERIFY2(complaint.isEmpty(), complaint);
    }

    // In batch 8 every sink has something to write.
    void atTheStepsOfEverySink()
    {
        std::vector<Scenario> scenarios;
        std::atomic<int> kills = 0;
        for (int sink = 1; sink <= kSinks; ++sink) {
            for (const Step step : {Step::Staging, Step::Publishing, Step::Published, Step::Cleared}) {
                scenarios.push_back([this, &kills, crash = QString("%1:8:%2").arg(stepText(static_cast<size_t>(step))).arg(sink)] {
                    Place place;
                    kills += place.run({.crash = crash}) ? 0 : 1;
                    return say(crash.toUtf8(), place.finish(undisturbed_));
                });
            }
            for (const Step step : {Step::RecoveryPublishing, Step::RecoveryPublished}) {
                scenarios.push_back([this, &kills, crash = QString("%1:8:%2").arg(stepText(static_cast<size_t>(step))).arg(sink)] {
                    Place place;
                    place.run({.crash = "decided:8"});
                    kills += place.run({.crash = crash}) ? 0 : 1;
                    return say("decided:8 then " + crash.toUtf8(), place.finish(undisturbed_));
                });
            }
        }
        const QByteArray complaint = runAll(scenarios);
        QVERIFY2(complaint.isEmpty(), complaint);
        qInfo("%d kills at the steps of %d sinks", kills.load(), kSinks);
        QCOMPARE(kills.load(), kSinks * 6);
    }

    void atEveryStepOfRecovery()
    {
        std::vector<Scenario> scenarios;
        std::atomic<int> kills = 0;
        for (const char* first : {"opened:0", "sinks_opened:0", "staged:5", "decided:5", "published:5"}) {
            for (size_t step = 0; step < static_cast<size_t>(Step::BatchBegun); ++step) {
                scenarios.push_back([this, &kills, first, step] {
                    Place place;
                    if (place.run({.crash = first})) return QByteArray(first) + " killed nothing";
                    kills += place.run({.crash = stepText(step)}) ? 0 : 1;
                    return say(QByteArray(first) + " then " + stepText(step).toUtf8(), place.finish(undisturbed_));
                });
            }
        }
        const QByteArray complaint = runAll(scenarios);
        QVERIFY2(complaint.isEmpty(), complaint);
        qInfo("%d kills during recovery", kills.load());
        QVERIFY(kills >= 20);
    }

    // Each life is killed before some change to a file, until one of them gets to the end.
    void beforeSeededWrites()
    {
        std::vector<Scenario> scenarios;
        std::atomic<int> kills = 0;
        for (unsigned seed = 1; seed <= kRandomKills; ++seed) {
            scenarios.push_back([this, &kills, seed] {
                if (kills >= kRandomKills) return QByteArray();
                std::mt19937 random(seed);
                Place place;
                for (int life = 0; life < 8; ++life) {
                    if (place.run({.killAt = 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(changes_ / (life + 1)))})) break;
                    ++kills;
                }
                return say("seed " + QByteArray::number(seed), place.finish(undisturbed_));
            });
        }
        const QByteArray complaint = runAll(scenarios);
        QVERIFY2(complaint.isEmpty(), complaint);
        qInfo("%d kills before seeded writes", kills.load());
        QVERIFY(kills >= kRandomKills);
    }

    // The program dies before a seeded write and the power with it: of what was not synced by then, little is
    // left. Every third time that happens again while the run recovers.
    void lossesOfPower()
    {
        std::vector<Scenario> scenarios;
        std::atomic<int> losses = 0;
        for (unsigned seed = 1; seed <= kPowerLosses; ++seed) {
            scenarios.push_back([this, &losses, seed] {
                std::mt19937 random(seed);
                Place place;
                for (int loss = 0; loss < (seed % 3 == 0 ? 2 : 1); ++loss, ++losses) {
                    const QString journal = journal_.filePath(QString("%1-%2").arg(seed).arg(loss));
                    LossyDisk disk(place.path().toStdString());
                    place.run({.killAt = 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(loss == 0 ? changes_ : 300)), .journal = journal});
                    for (const JournalLine& line : readJournal(journal.toStdString())) disk.replay(line);
                    static constexpr double kMercies[] = {0, 0.3, 0.7, 0.95};
                    disk.losePower(random, kMercies[random() % 4]);
                    place.replaceBy([&](const std::filesystem::path& folder) { disk.writeTo(folder); });
                }
                return say("loss of power, seed " + QByteArray::number(seed), place.finish(undisturbed_));
            });
        }
        const QByteArray complaint = runAll(scenarios);
        QVERIFY2(complaint.isEmpty(), complaint);
        qInfo("%d losses of power", losses.load());
    }

private:
    static QByteArray say(const QByteArray& what, const QByteArray& complaint) { return complaint.isEmpty() ? complaint : what + ": " + complaint; }

    QTemporaryDir journal_;
    Content undisturbed_;
    int64_t changes_ = 0;
};

QTEST_GUILESS_MAIN(KillTest)
#include "kill_test.moc"
