// What exactly once into Kafka rests on, asked of the real broker: a marker that is an offset of a group without members, written in
// a transaction, and what is read of it after the writer was killed between the commit and its answer.
#include "tests/kafka/kafka_proxy.h"
#include "tests/kafka/kafka_room.h"

using namespace streamwright;

namespace {

constexpr const char* kGroup = "marker-probe";
constexpr int kRecords = 10;

// A transaction of `kRecords` records and the marker `epoch`, over the proxy; commits.
void writeEpoch(TestProducer& producer, const QByteArray& topic, int epoch)
{
    producer.begin();
    for (int i = 0; i < kRecords; ++i) producer.send(topic, {.value = QByteArray::number(epoch * 100 + i), .noKey = true});
    rd_kafka_topic_partition_list_t* offsets = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t* marker = rd_kafka_topic_partition_list_add(offsets, topic, 0);
    marker->offset = epoch;
    const QByteArray text = "epoch " + QByteArray::number(epoch);
    marker->metadata = ::strdup(text);
    marker->metadata_size = static_cast<size_t>(text.size());
    rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata_new(kGroup);
    TestProducer::must(rd_kafka_send_offsets_to_transaction(producer.handle(), offsets, group, 30000));
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(offsets);
    producer.commit();
}

int writer(const QByteArray& topic, int epoch)
{
    TestProducer producer("marker-probe", {}, fromEnvironment("KAFKA_PROXIED_BROKERS"));
    writeEpoch(producer, topic, epoch);
    return 0;
}

std::unique_ptr<KafkaCluster> clusterThatReads(KafkaIsolation isolation)
{
    auto cluster = KafkaCluster::open({.brokers = Broker::brokers().toStdString()}, isolation, kGroup);
    if (!cluster) qFatal("%s", cluster.error().message.c_str());
    return std::move(*cluster);
}

}

class KafkaMarkerTest : public QObject {
    Q_OBJECT

private slots:
    // The commit arrived: the marker and the records are there, although nobody was told.
    void killedAfterTheCommitWasSent()
    {
        Broker broker;
        const QByteArray topic = broker.topic(1);
        const KafkaPartition place{topic.toStdString(), 0};
        dieInSecondTransaction(topic, KafkaProxy::Lose::Answer);

        // Read at once, without taking over: stable offsets wait for the end of the transaction.
        const auto stable = clusterThatReads(KafkaIsolation::ReadCommitted)->committed({place}, seconds(20));
        QVERIFY2(stable, stable.has_error() ? stable.error().message.c_str() : "");
        QCOMPARE(stable->at(place).offset, 2);
        QCOMPARE(stable->at(place).metadata, std::string("epoch 2"));
        QCOMPARE(broker.read(topic), numbers(100, kRecords) + numbers(200, kRecords));
    }

    // The commit never arrived: the marker cannot be read while the transaction is open, and is the one before once somebody took over.
    void killedBeforeTheCommitArrived()
    {
        Broker broker;
        const QByteArray topic = broker.topic(1);
        const KafkaPartition place{topic.toStdString(), 0};
        dieInSecondTransaction(topic, KafkaProxy::Lose::Request);

        const auto open = clusterThatReads(KafkaIsolation::ReadCommitted)->committed({place}, seconds(2));
        QVERIFY(!open);
        QCOMPARE(open.error().kind, ErrorKind::Transient);
        // Who reads uncommitted is given the old marker, as if nothing went on: it must not be asked.
        const auto uncommitted = clusterThatReads(KafkaIsolation::ReadUncommitted)->committed({place}, seconds(20));
        QVERIFY(uncommitted);
        QCOMPARE(uncommitted->at(place).offset, 1);

        const TestProducer next("marker-probe");
        const auto after = clusterThatReads(KafkaIsolation::ReadCommitted)->committed({place}, seconds(20));
        QVERIFY2(after, after.has_error() ? after.error().message.c_str() : "");
        QCOMPARE(after->at(place).offset, 1);
        QCOMPARE(after->at(place).metadata, std::string("epoch 1"));
        QCOMPARE(broker.read(topic), numbers(100, kRecords));
    }

    // A topic that is deleted takes the markers along that are offsets of it.
    void aTopicThatGoesTakesItsMarkersAlong()
    {
        Broker broker;
        const QByteArray topic = broker.topic(1);
        const KafkaPartition place{topic.toStdString(), 0};
        {
            TestProducer producer("marker-probe-2");
            writeEpoch(producer, topic, 5);
        }
        const auto reader = clusterThatReads(KafkaIsolation::ReadCommitted);
        QCOMPARE(reader->committed({place}, seconds(20))->at(place).offset, 5);
        broker.remove(topic);
        broker.create(topic, 1);
        Broker::wait([&] {
            const auto now = reader->committed({place}, seconds(20));
            return now && now->at(place).offset == -1;
        });
    }

private:
    static void startWriter(QProcess& process, const QByteArray& topic, int epoch) { process.start(QCoreApplication::applicationFilePath(), {"--write", topic, QString::number(epoch)}); }
    // Epoch 1 is written; the writer of epoch 2 is killed while it waits for the answer to its commit.
    static void dieInSecondTransaction(const QByteArray& topic, KafkaProxy::Lose lost)
    {
        KafkaProxy proxy(fromEnvironment("KAFKA_PROXIED_BROKERS").toStdString(), fromEnvironment("KAFKA_BEHIND_PROXY").toStdString());
        QProcess first, second;
        startWriter(first, topic, 1);
        QVERIFY(first.waitForFinished(kPatience) && first.exitCode() == 0);
        proxy.freezeAt(kEndTransactionRequest, lost);
        startWriter(second, topic, 2);
        QVERIFY(proxy.waitUntilFrozen(kPatience));
        second.kill();
        QVERIFY(second.waitForFinished(kPatience));
        proxy.restore();
    }
};

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 4 && arguments[1] == "--write") return writer(arguments[2].toUtf8(), arguments[3].toInt());
    KafkaMarkerTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "kafka_marker_test.moc"
