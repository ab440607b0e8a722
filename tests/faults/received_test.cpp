// What was counted as received is in the receive log: while standard input is read the power goes, before a seeded
// change to a file; the rows are a beginning of the input, with all that the run had counted, and none twice.
#include "tests/faults/lossy_disk.h"
#include "tests/faults/source_room.h"

#include <QTest>

using namespace streamwright;

namespace {

constexpr unsigned kLosses = 50;
constexpr int kLines = 400, kAtOnce = 10;
constexpr qint64 kChanges = 700;    // about as many as a run makes

}

class ReceivedTest : public QObject {
    Q_OBJECT

private slots:
    void survivesLossesOfPower()
    {
        for (unsigned seed = 1; seed <= kLosses; ++seed) {
            std::mt19937 random(seed);
            SourceRoom room;
            room.write(R"({"type": "source.stdin"})", R"("batch_interval": "5ms", "max_rows_per_batch": 70, "backpressure": false)");
            const qint64 received = receiveUntil(room, 1 + static_cast<qint64>(random() % kChanges), random);
            received_ += received;
            // Half of them lose it once more while they recover.
            room.write(R"({"type": "source.stdin"})", R"("trigger": "available_now")");
            if (seed % 2 == 0) losePower(room, 1 + static_cast<qint64>(random() % 40), random, [&] { room.process().closeWriteChannel(); });
            room.start();
            room.process().closeWriteChannel();
            QVERIFY2(room.finish() == 0, "seed " + QByteArray::number(seed) + ": " + room.output());
            const QByteArrayList rows = room.values();
            for (qsizetype row = 0; row < rows.size(); ++row) QVERIFY2(rows[row].toInt() == row, "seed " + QByteArray::number(seed) + ": " + rows[row] + " stands at place " + QByteArray::number(row));
            QVERIFY2(rows.size() >= received, "seed " + QByteArray::number(seed) + ": " + QByteArray::number(rows.size()) + " rows of " + QByteArray::number(received) + " that were received");
        }
        qInfo("%lld rows were received before %u losses of power", received_, kLosses);
        QVERIFY(received_ > 1000);
    }

private:
    // Lines come a few at a time, when those before were counted; how many had been.
    static qint64 receiveUntil(SourceRoom& room, qint64 killAt, std::mt19937& random)
    {
        losePower(room, killAt, random, [&] {
            for (int sent = 0; sent < kLines && room.process().state() == QProcess::Running;) {
                QByteArray lines;
                for (int i = 0; i < kAtOnce; ++i) lines += QByteArray::number(sent++) + '\n';
                room.process().write(lines);
                room.waitFor([&] { return room.received() >= sent; });
            }
            room.kill();
        });
        return room.received();
    }

    template <class Feed>
    static void losePower(SourceRoom& room, qint64 killAt, std::mt19937& random, const Feed& feed)
    {
        QTemporaryDir outside;
        LossyDisk disk(room.folder().toStdString());
        room.start({"--progress", "json"}, room.watched(outside.filePath("journal"), killAt));
        feed();
        room.process().waitForFinished(kPatience);
        for (const JournalLine& line : readJournal(outside.filePath("journal").toStdString())) disk.replay(line);
        static constexpr double kMercies[] = {0, 0.3, 0.7, 0.95};
        disk.losePower(random, kMercies[random() % 4]);
        const std::filesystem::path folder = room.folder().toStdString();
        for (const auto& entry : std::filesystem::directory_iterator(folder)) std::filesystem::remove_all(entry.path());
        disk.writeTo(folder);
    }

    qint64 received_ = 0;
};

QTEST_GUILESS_MAIN(ReceivedTest)
#include "received_test.moc"
