// Seeded faults of one run after the other: the program is killed, or what the test names happens to the servers and the lines
// between them, until the pipeline is at its end.
#pragma once
#include "engine/runtime/step.h"
#include "tests/faults/source_room.h"

#include <QTest>

#include <functional>
#include <random>

namespace streamwright {

// Rows of `int seed`: as many as STREAMWRIGHT_FAULTS says.
inline void addFaultSeeds()
{
    QTest::addColumn<int>("seed");
    const int seeds = qEnvironmentVariableIntValue("STREAMWRIGHT_FAULTS");
    for (int seed = 1; seed <= (seeds > 0 ? seeds : 4); ++seed) QTest::addRow("%d", seed) << seed;
}

class RandomFaults {
public:
    // What happens beside the program; it makes good again what it broke.
    using Fault = std::function<void()>;
    RandomFaults(int seed, int batches, std::vector<Fault> faults) : random_(static_cast<unsigned>(seed)), batches_(batches), faults_(std::move(faults)) {}

    // Starts the room's pipeline again and again; `progress` counts something that grows while it runs. The last exit code.
    int run(SourceRoom& room, const QStringList& arguments, const std::function<qint64()>& progress)
    {
        for (int fault = 0; fault < 4; ++fault) {
            const size_t kind = random_() % (faults_.size() + 2);
            // 1. Dies at a step of its own.
            if (kind == 0) room.start(arguments, {{"STREAMWRIGHT_CRASH", crash()}});
            else room.start(arguments);
            if (kind == 0) {
                if (const int code = room.finish(); code >= 0) return code;
                continue;
            }
            const qint64 until = progress() + static_cast<qint64>(random_() % 4) + 1;
            if (!room.waitFor([&] { return progress() >= until || room.process().state() == QProcess::NotRunning; })) break;
            // 2. Is killed from outside, anywhere. 3. Goes on while something else breaks.
            if (kind > 1) faults_[kind - 2]();
            if (kind > 1 && random_() % 2 == 0) return room.finish();
            room.kill();
        }
        room.start(arguments);
        return room.finish();
    }

private:
    QString crash()
    {
        const Step step = static_cast<Step>(random_() % kSteps);
        const std::string_view name = stepName(step);
        const QString text = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
        return step < Step::BatchBegun ? text : text + ":" + QString::number(1 + static_cast<int>(random_() % static_cast<unsigned>(batches_)));
    }

    std::mt19937 random_;
    int batches_;
    std::vector<Fault> faults_;
};

}
