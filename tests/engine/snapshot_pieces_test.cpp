// Snapshots whose pieces are taken while batches go on: with what changed since they rebuild the state.
#include "tests/engine/state_model.h"

#include <QtTest>

using namespace streamwright;

namespace {

// A snapshot whose chunks are taken between batches, and what changed since it was cut.
class RunningSnapshot {
public:
    void begin(State& state, size_t chunkBytes)
    {
        chunks_.clear();
        changes_.clear();
        count_ = state.cutSnapshot(chunkBytes);
    }
    void batchEnded(const State& state, const ChangeSet& changes)
    {
        changes_.insert(changes_.end(), changes.begin(), changes.end());
        if (!isWhole()) chunks_.push_back(state.snapshotChunk(chunks_.size()));
    }
    bool isWhole() const { return chunks_.size() == count_; }
    size_t chunks() const { return count_; }
    bool restore(State& state) const
    {
        for (const ChangeSet& set : {chunks_, changes_}) {
            for (const BatchPtr& rows : set) {
                if (!state.apply(*rows)) return false;
            }
        }
        return true;
    }

private:
    size_t count_ = 0;
    ChangeSet chunks_, changes_;
};

}

class SnapshotPiecesTest : public QObject {
    Q_OBJECT

private slots:
    void keyedSnapshotBetweenBatches_data();
    void keyedSnapshotBetweenBatches();
    void paneSnapshotBetweenBatches();
};

void SnapshotPiecesTest::keyedSnapshotBetweenBatches_data()
{
    QTest::addColumn<int>("keys");
    QTest::newRow("keys come and go") << 60;
    QTest::newRow("keys come") << 20000;
}

void SnapshotPiecesTest::keyedSnapshotBetweenBatches()
{
    QFETCH(int, keys);
    std::minstd_rand random(7);
    KeyedTable table(shape());
    Model model;
    std::array<int64_t, kPartitions> next{};
    RunningSnapshot snapshot;
    int compared = 0;
    for (int b = 1; b <= 1000; ++b) {
        table.beginBatch();
        randomBatch(table, model, next, keys, b, random);
        snapshot.batchEnded(table, table.freeze());
        if (!snapshot.isWhole()) continue;
        KeyedTable restored(shape());
        QVERIFY(snapshot.restore(restored));
        if (b > 1 && snapshot.chunks() > 0) {
            QCOMPARE(contents(restored), contents(model));
            ++compared;
        }
        snapshot.begin(table, 700);
    }
    QVERIFY(compared > 2);
}

void SnapshotPiecesTest::paneSnapshotBetweenBatches()
{
    std::minstd_rand random(8);
    const Panes::Shape shape{"panes", {{"text", TypeKind::String}, {"n", TypeKind::BigInt}}, {"text"}};
    Panes panes(shape);
    RunningSnapshot snapshot;
    int compared = 0;
    for (int b = 1; b <= 1000; ++b) {
        panes.beginBatch();
        for (uint32_t p = 0; p < kPartitions; p += static_cast<uint32_t>(1 + random() % 20)) panes.append(p, {b}, numbers(panes.rowSchema(), b * 100, static_cast<int>(random() % 30)));
        for (uint32_t p = 0; p < kPartitions; ++p) panes.dropUntil(p, {b - 20 - static_cast<int>(random() % 60)});
        snapshot.batchEnded(panes, panes.freeze());
        if (!snapshot.isWhole()) continue;
        Panes restored(shape);
        QVERIFY(snapshot.restore(restored));
        if (snapshot.chunks() > 1) {
            QCOMPARE(contents(restored), contents(panes));
            ++compared;
        }
        snapshot.begin(panes, 20000);
    }
    QVERIFY(compared > 2);
}

QTEST_GUILESS_MAIN(SnapshotPiecesTest)
#include "snapshot_pieces_test.moc"
