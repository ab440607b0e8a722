// How often a batch waits for the disk, as the README tells it: the calls that the real program makes, counted
// between a short run and a longer one.
#include "tests/faults/lossy_disk.h"
#include "tests/faults/source_room.h"

#include <QTest>

using namespace streamwright;

namespace {

constexpr int kFew = 10, kMany = 40;

}

class FsyncTest : public QObject {
    Q_OBJECT

private slots:
    void aBatch_data()
    {
        QTest::addColumn<QByteArray>("sink");
        QTest::addColumn<double>("most");
        QTest::newRow("no sink that publishes exactly once") << QByteArray(R"({"type": "sink.discard"})") << 2.0;
        QTest::newRow("sink.record") << QByteArray(R"({"type": "sink.record", "options": {"file": "out/r.jsonl"}})") << 4.0;
        QTest::newRow("sink.files") << QByteArray(R"({"type": "sink.files", "options": {"path": "out"}})") << 5.0;
        QTest::newRow("sink.text_files") << QByteArray(R"({"type": "sink.text_files", "options": {"prefix": "out/t"}})") << 8.0;
        QTest::newRow("sink.sqlite") << QByteArray(R"({"type": "sink.sqlite", "options": {"file": "out/t.sqlite", "table": "t"}})") << 8.0;
    }
    void aBatch()
    {
        QFETCH(QByteArray, sink);
        QFETCH(double, most);
        const int few = syncsOf(sink, kFew), many = syncsOf(sink, kMany);
        const double each = double(many - few) / (kMany - kFew);
        // The log of the checkpoint is copied back once in some batches, and batches may share a decision.
        QVERIFY2(each > most - 1.1 && each < most + 0.3, QByteArray::number(few) + " in the short run, " + QByteArray::number(many) + " in the longer one");
    }

private:
    // Changes of state and rows in every batch.
    static int syncsOf(const QByteArray& sink, int batches)
    {
        SourceRoom room;
        room.put("rows.jsonl", QByteArray("[\"a b\", \"b c\"]\n").repeated(kMany));
        room.pipeline(R"json("in": {"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "value STRING"}},
                      "counts": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "value", "update": "coalesce(state, 0L) + size(values)", "as": "n"}},
                      "out": )json" + sink, R"("in -> counts", "counts -> out")", R"("batch_interval": "1s")");
        const QString journal = room.path("journal");
        room.start({"--clock", "virtual", "--progress", "none", "--batches", QString::number(batches)}, room.watched(journal));
        if (room.finish() != 0) return -1;
        const auto lines = readJournal(journal.toStdString());
        return static_cast<int>(std::ranges::count_if(lines, [](const JournalLine& line) { return line.entry.step == DiskStep::Sync || line.entry.step == DiskStep::SyncFolder; }));
    }
};

QTEST_GUILESS_MAIN(FsyncTest)
#include "fsync_test.moc"
