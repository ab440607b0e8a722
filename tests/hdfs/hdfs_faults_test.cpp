// Nothing lost, nothing twice with sink.hdfs and with a checkpoint in HDFS: the program and the nodes of HDFS are killed, the line
// between them is cut, another machine takes over. What curl finds in the end must be what an undisturbed run leaves.
#include "tests/faults/random_faults.h"
#include "tests/hdfs/hdfs_server.h"

#include <QTest>

#include <random>

using namespace streamwright;

namespace {

constexpr int kBatches = 6;

QString stepText(Step step) { return QString::fromUtf8(stepName(step).data()); }

// A running count into one row of folders, and the words of each batch into another.
class Counting : public SourceRoom {
public:
    explicit Counting(const HdfsFolder& hdfs, const QByteArray& settings = {})
    {
        std::mt19937 random(3);
        QByteArray lines;
        for (int batch = 0; batch < kBatches; ++batch) {
            QByteArrayList rows;
            for (int row = 0; row < 20; ++row) rows += "\"w" + QByteArray::number(static_cast<int>(random() % 12)) + "\"";
            lines += '[' + rows.join(',') + "]\n";
        }
        put("rows.jsonl", lines);
        pipeline(R"js("in": {"type": "source.replay", "options": {"file": "rows.jsonl"}}, "counts": {"type": "update_state_by_key", "options": {"keys": ["value"], "values": "value", "update": "coalesce(state, 0L) + size(values)", "as": "n"}},)js"
                 R"("totals": {"type": "sink.hdfs", "options": {"prefix": ")" + hdfs.url("out/totals") + R"("}}, "words": {"type": "sink.hdfs", "options": {"prefix": ")" + hdfs.url("words/") + R"(w", "format": "json", "existing": "replace"}})",
                 R"("in -> counts", "counts -> totals", "in -> words")", R"("batch_interval": "1s")" + settings);
    }
    // With its decisions shipped beside the output.
    static QByteArray shipped(const HdfsFolder& hdfs) { return R"(, "checkpoint_copy": ")" + hdfs.url("checkpoint") + R"(")"; }
    static QStringList arguments() { return {"--clock", "virtual", "--progress", "none", "--workers", "2"}; }
    void begin(const Environment& variables = {}, const QStringList& more = {}) { start(arguments() + more, variables); }
    int run(const Environment& variables = {}, const QStringList& more = {})
    {
        begin(variables, more);
        return finish();
    }
};

using Content = QMap<QString, QByteArray>;
Content left(const HdfsFolder& hdfs)
{
    Content all = hdfs.content("out");
    const Content words = hdfs.content("words");
    for (auto each = words.begin(); each != words.end(); ++each) all["words/" + each.key()] = each.value();
    return all;
}

}

class HdfsFaultsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        HdfsFolder hdfs;
        Counting room(hdfs);
        QVERIFY2(room.run() == 0, room.output());
        undisturbed_ = left(hdfs);
        QCOMPARE(undisturbed_.size(), kBatches * 4);
        QVERIFY(undisturbed_["totals-6000/part-00000"].count('\n') > 8);
    }

    void killedAtEveryStep_data()
    {
        QTest::addColumn<QString>("crash");
        QTest::addColumn<bool>("shipped");
        for (const bool shipped : {false, true}) {
            const QString how = shipped ? ", shipped" : "";
            for (size_t step = static_cast<size_t>(Step::RangesLogged); step < kSteps; ++step) {
                const Step at = static_cast<Step>(step);
                const bool ships = at == Step::Shipping || at == Step::Shipped;
                if (at == Step::OutboxSealed || at == Step::SnapshotChunk || at == Step::SnapshotFinished || (ships && !shipped)) continue;
                QTest::newRow(qPrintable(stepText(at) + how)) << stepText(at) + ":3" << shipped;
            }
            for (const Step at : {Step::Staging, Step::Publishing, Step::Published, Step::Cleared}) QTest::newRow(qPrintable(stepText(at) + ", second sink" + how)) << stepText(at) + ":3:2" << shipped;
        }
    }
    void killedAtEveryStep()
    {
        QFETCH(QString, crash);
        QFETCH(bool, shipped);
        HdfsFolder hdfs;
        const QByteArray settings = shipped ? Counting::shipped(hdfs) : QByteArray();
        // What was shipped is all that another machine has.
        Counting room(hdfs, settings), other(hdfs, settings);
        QVERIFY2(room.run({{"STREAMWRIGHT_CRASH", crash}}) == -1, room.output());
        Counting& next = shipped ? other : room;
        QVERIFY2(next.run() == 0, next.output());
        QCOMPARE(left(hdfs), undisturbed_);
        // What was on its way when the program died may have arrived after the next one looked: the one after that removes it.
        QVERIFY2(next.run() == 0, next.output());
        for (const char* folder : {"out/.streamwright", "words/.streamwright"}) {
            const QString run = QString(folder) + "/" + hdfs.names(folder, true).value(0);
            for (const QString& node : hdfs.names(run, true)) QCOMPARE(hdfs.names(run + "/" + node, true), QStringList());
        }
    }

    void aZombiePublishesNothing_data()
    {
        QTest::addColumn<QString>("halt");
        for (size_t step = static_cast<size_t>(Step::RangesLogged); step < kSteps; ++step) {
            const Step at = static_cast<Step>(step);
            if (at != Step::OutboxSealed && at != Step::SnapshotChunk && at != Step::SnapshotFinished) QTest::newRow(qPrintable(stepText(at))) << stepText(at) + ":3";
        }
    }
    void aZombiePublishesNothing()
    {
        QFETCH(QString, halt);
        HdfsFolder hdfs;
        Counting zombie(hdfs, Counting::shipped(hdfs)), other(hdfs, Counting::shipped(hdfs));
        zombie.begin({{"STREAMWRIGHT_HALT", halt}});
        QVERIFY2(zombie.waitForHalt(), zombie.output());
        QVERIFY2(other.run() == 0, other.output());
        QCOMPARE(left(hdfs), undisturbed_);
        zombie.signal(SIGCONT);
        QVERIFY2(zombie.finish() == 1, zombie.output());
        QVERIFY2(zombie.output().contains("was taken over by another run"), zombie.output());
        QCOMPARE(left(hdfs), undisturbed_);
    }

    void aCheckpointThatIsInHdfsAlone()
    {
        HdfsFolder hdfs;
        Counting room(hdfs), other(hdfs);
        const QStringList there{"--checkpoint", hdfs.url("checkpoint")};
        QVERIFY2(room.run({{"XDG_STATE_HOME", room.path("state")}}, there + QStringList{"--batches", "3"}) == 0, room.output());
        QVERIFY(!QFile::exists(room.path("p.checkpoint")));
        const QStringList copies = QDir(room.path("state/streamwright")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QVERIFY2(copies.size() == 1 && copies.first().startsWith("checkpoint-"), qPrintable(copies.join(' ')));
        QVERIFY2(other.run({{"XDG_STATE_HOME", other.path("state")}}, there) == 0, other.output());
        QCOMPARE(left(hdfs), undisturbed_);
    }

    void aHalfShippedFileIsNoLink()
    {
        HdfsFolder hdfs;
        Counting room(hdfs, Counting::shipped(hdfs)), other(hdfs, Counting::shipped(hdfs));
        QVERIFY2(room.run({{"STREAMWRIGHT_CRASH", "shipped:3"}}) == -1, room.output());
        const QStringList links = hdfs.names("checkpoint/epochs");
        QCOMPARE(links.size(), 4);
        const QByteArray link = hdfs.get("checkpoint/epochs/" + links.last());
        QVERIFY(link.startsWith("streamwright link 1\n"));
        hdfs.put("checkpoint/.tmp/half", link.first(link.size() / 2));
        QVERIFY2(other.run() == 0, other.output());
        QCOMPARE(left(hdfs), undisturbed_);
        QCOMPARE(hdfs.names("checkpoint/.tmp"), QStringList());
    }

    void nodesAreKilledAndStartedAgain_data()
    {
        QTest::addColumn<QString>("node");
        QTest::addColumn<QString>("halt");
        for (const char* node : {"namenode", "datanode"}) {
            for (const Step at : {Step::Staging, Step::Shipping, Step::Publishing}) QTest::newRow(qPrintable(QString(node) + " before " + stepText(at))) << node << stepText(at) + ":3";
        }
    }
    void nodesAreKilledAndStartedAgain()
    {
        QFETCH(QString, node);
        QFETCH(QString, halt);
        HdfsFolder hdfs;
        Counting room(hdfs, Counting::shipped(hdfs));
        room.begin({{"STREAMWRIGHT_HALT", halt}});
        QVERIFY2(room.waitForHalt(), room.output());
        QVERIFY(hdfs.server({"kill", node}));
        room.signal(SIGCONT);
        // A rename needs no data node.
        const bool waits = !(node == "datanode" && halt.startsWith("publishing"));
        QVERIFY2(room.waitForOutput("waiting for ") || !waits, room.output());
        QVERIFY(hdfs.server({"run", node}));
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(left(hdfs), undisturbed_);
    }

    void randomFaults_data() { addFaultSeeds(); }
    void randomFaults()
    {
        QFETCH(int, seed);
        HdfsFolder hdfs;
        Counting room(hdfs, seed % 2 == 0 ? Counting::shipped(hdfs) : QByteArray());
        const auto restarted = [&](const char* node) {
            return [&hdfs, node] {
                if (!hdfs.server({"kill", node}) || !hdfs.server({"run", node})) qFatal("%s does not start again", node);
            };
        };
        RandomFaults faults(seed, kBatches, {restarted("namenode"), restarted("datanode")});
        QVERIFY2(faults.run(room, Counting::arguments(), [&] { return hdfs.names("words").size(); }) == 0, room.output());
        QCOMPARE(left(hdfs), undisturbed_);
    }

    // Numbered rows as they come, while nodes die and come back.
    void numberedRowsWhileNodesDie()
    {
        HdfsFolder hdfs;
        SourceRoom room;
        room.pipeline(R"("in": {"type": "source.rate", "options": {"rows_per_second": 500}}, "out": {"type": "sink.hdfs", "options": {"prefix": ")" + hdfs.url("out/n") + R"(", "format": "json"}})", R"("in -> out")", R"("batch_interval": "500ms", "checkpoint_copy": ")" + hdfs.url("checkpoint") + R"(")");
        room.start();
        for (const char* node : {"datanode", "namenode", "datanode"}) {
            const auto before = hdfs.names("out").size();
            QVERIFY2(room.waitFor([&] { return hdfs.names("out").size() >= before + 2; }), room.output());
            QVERIFY(hdfs.server({"kill", node}));
            QVERIFY(hdfs.server({"run", node}));
        }
        const auto before = hdfs.names("out").size();
        QVERIFY2(room.waitFor([&] { return hdfs.names("out").size() >= before + 2; }), room.output());
        QVERIFY2(room.stop() == 0, room.output());
        const QByteArrayList lines = hdfs.lines("out");
        QVERIFY(lines.size() > 500);
        qint64 next = 0;
        for (const QByteArray& line : lines) QCOMPARE(QJsonDocument::fromJson(line).object()["value"].toVariant().toLongLong(), next++);
    }

private:
    Content undisturbed_;
};

QTEST_GUILESS_MAIN(HdfsFaultsTest)
#include "hdfs_faults_test.moc"
