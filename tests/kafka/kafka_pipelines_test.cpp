// The shipped pipelines that need Kafka, run by the program as a user would.
#include "tests/kafka/kafka_room.h"

using namespace streamwright;

class KafkaPipelinesTest : public QObject {
    Q_OBJECT

private slots:
    // Batches of two seconds; the words of each batch are counted by themselves.
    void theGuidesWordCount()
    {
        Broker broker;
        const QByteArray topic = broker.topic(4);
        QProcess run;
        run.setProcessChannelMode(QProcess::MergedChannels);
        run.start(PROGRAM_FOLDER "/streamwright", {"run", PROJECT_FOLDER "/pipelines/connectors/kafka_word_count.json", "--progress", "none", "--set", "brokers=" + Broker::brokers(), "--set", "topic=" + topic});
        QByteArray printed;
        const auto waitFor = [&](const QByteArray& text) {
            QElapsedTimer since;
            since.start();
            while (!printed.contains(text) && since.elapsed() < kPatience && run.state() != QProcess::NotRunning) {
                run.waitForReadyRead(100);
                printed += run.readAll();
            }
            return printed.contains(text);
        };
        // The first batch fixes where the stream begins.
        QVERIFY2(waitFor("Time: "), printed);
        broker.write(topic, {{.value = "hello world", .partition = 0, .noKey = true}, {.value = "hello streams", .partition = 3, .noKey = true}});
        QVERIFY2(waitFor("(hello,2)"), printed);
        QVERIFY2(waitFor("(world,1)") && waitFor("(streams,1)"), printed);
        broker.write(topic, {{.value = "hello again", .partition = 1, .noKey = true}});
        QVERIFY2(waitFor("(hello,1)") && waitFor("(again,1)"), printed);
        run.terminate();
        QVERIFY(run.waitForFinished(kPatience));
        QCOMPARE(run.exitCode(), 0);
    }
};

QTEST_GUILESS_MAIN(KafkaPipelinesTest)
#include "kafka_pipelines_test.moc"
