// The broker that tests/servers/with.sh started, topics in it, and who writes to and reads from them beside the program: librdkafka's
// plain client and kcat.
#pragma once
#include "engine/transport/kafka_cluster.h"
#include "tests/faults/source_room.h"

#include <librdkafka/rdkafka.h>

#include <QTest>

#include <memory>

namespace streamwright {

inline QByteArray fromEnvironment(const char* name)
{
    const QByteArray value = qgetenv(name);
    if (value.isEmpty()) qFatal("%s is not set: run this by tests/servers/with.sh kafka -- …", name);
    return value;
}

struct TestRecord {
    QByteArray key, value;
    int partition = 0;
    qint64 timestamp = 0;       // 0: now
    bool noKey = false, noValue = false;
    QList<std::pair<QByteArray, QByteArray>> headers = {};
};

// Writes by itself or in transactions.
class TestProducer {
public:
    explicit TestProducer(const QByteArray& transactionalId = {}, const QList<std::pair<QByteArray, QByteArray>>& more = {}, const QByteArray& brokers = fromEnvironment("KAFKA_BROKERS"))
    {
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        set(conf, "bootstrap.servers", brokers);
        set(conf, "message.max.bytes", "50000000");
        if (!transactionalId.isEmpty()) set(conf, "transactional.id", transactionalId);
        for (const auto& [name, value] : more) set(conf, name, value);
        char reason[256];
        handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
        if (!handle_) qFatal("%s", reason);
        if (!transactionalId.isEmpty()) must(rd_kafka_init_transactions(handle_, 30000));
    }
    ~TestProducer()
    {
        rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(handle_);
    }
    TestProducer(const TestProducer&) = delete;
    TestProducer& operator=(const TestProducer&) = delete;

    void send(const QByteArray& topic, const TestRecord& record)
    {
        rd_kafka_headers_t* headers = rd_kafka_headers_new(4);
        for (const auto& [name, value] : record.headers) rd_kafka_header_add(headers, name.data(), name.size(), value.data(), value.size());
        const auto error = rd_kafka_producev(handle_, RD_KAFKA_V_TOPIC(topic.constData()), RD_KAFKA_V_PARTITION(record.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
                                             RD_KAFKA_V_KEY(record.noKey ? nullptr : record.key.constData(), static_cast<size_t>(record.key.size())),
                                             RD_KAFKA_V_VALUE(record.noValue ? nullptr : const_cast<char*>(record.value.constData()), static_cast<size_t>(record.value.size())), RD_KAFKA_V_TIMESTAMP(record.timestamp), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        if (error) qFatal("cannot write: %s", rd_kafka_err2str(error));
        rd_kafka_poll(handle_, 0);
    }
    void flush()
    {
        if (const auto error = rd_kafka_flush(handle_, 60000)) qFatal("cannot flush: %s", rd_kafka_err2str(error));
    }
    void begin() { must(rd_kafka_begin_transaction(handle_)); }
    void commit() { must(rd_kafka_commit_transaction(handle_, 30000)); }
    void abort()
    {
        flush();
        must(rd_kafka_abort_transaction(handle_, 30000));
    }
    rd_kafka_t* handle() { return handle_; }

    static void must(rd_kafka_error_t* error)
    {
        if (error) qFatal("%s", rd_kafka_error_string(error));
    }

private:
    static void set(rd_kafka_conf_t* conf, const QByteArray& name, const QByteArray& value)
    {
        char reason[256];
        if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) qFatal("%s", reason);
    }
    rd_kafka_t* handle_ = nullptr;
};

class Broker {
public:
    Broker()
    {
        auto cluster = KafkaCluster::open({.brokers = brokers().toStdString()}, KafkaIsolation::ReadUncommitted);
        if (!cluster) qFatal("%s", cluster.error().message.c_str());
        cluster_ = std::move(*cluster);
    }
    static QByteArray brokers() { return fromEnvironment("KAFKA_BROKERS"); }
    KafkaCluster& cluster() { return *cluster_; }

    // A topic of its own for each call.
    QByteArray topic(int partitions, const std::map<std::string, std::string>& settings = {}, const QByteArray& name = "t")
    {
        const QByteArray full = name + "-" + QByteArray::number(++topics_) + "-" + QByteArray::number(QCoreApplication::applicationPid());
        create(full, partitions, settings);
        return full;
    }
    void create(const QByteArray& name, int partitions, const std::map<std::string, std::string>& settings = {})
    {
        check(cluster_->createTopic(name.toStdString(), partitions, settings, seconds(20)));
        // Led, so that everybody may write and read.
        wait([&] {
            const auto found = cluster_->topics({name.toStdString()}, seconds(5));
            return found && !found->front().missing && found->front().problem.empty() && found->front().partitions == partitions;
        });
    }
    void remove(const QByteArray& name)
    {
        check(cluster_->deleteTopic(name.toStdString(), seconds(20)));
        wait([&] {
            const auto found = cluster_->topics({name.toStdString()}, seconds(5));
            return found && found->front().missing;
        });
    }
    void write(const QByteArray& topic, int from, int count, int partition = 0, const QByteArray& padding = {})
    {
        for (int i = from; i < from + count; ++i) producer().send(topic, {.value = QByteArray::number(i) + padding, .partition = partition, .noKey = true});
        producer().flush();
    }
    void write(const QByteArray& topic, const QList<TestRecord>& records)
    {
        for (const TestRecord& record : records) producer().send(topic, record);
        producer().flush();
    }
    void grow(const QByteArray& name, int partitions)
    {
        check(cluster_->growTopic(name.toStdString(), partitions, seconds(20)));
        wait([&] {
            const auto found = cluster_->topics({name.toStdString()}, seconds(5));
            return found && found->front().partitions == partitions && found->front().problem.empty();
        });
        forgetPartitions();
    }
    // Of topics that have changed since something was written to them.
    void forgetPartitions() { producer_.reset(); }
    // Records before the offset are gone.
    void forget(const QByteArray& topic, int partition, int64_t before) { check(cluster_->deleteRecords({{{topic.toStdString(), partition}, before}}, seconds(20))); }
    int64_t end(const QByteArray& topic, int partition = 0) { return offsetAt(topic, partition, kKafkaLatest); }
    int64_t begin(const QByteArray& topic, int partition = 0) { return offsetAt(topic, partition, kKafkaEarliest); }
    // Whether a transaction holds back what was written last.
    bool hasOpenTransaction(const QByteArray& topic, int partition = 0)
    {
        const KafkaPartition place{topic.toStdString(), partition};
        auto readable = KafkaCluster::open({.brokers = brokers().toStdString()}, KafkaIsolation::ReadCommitted);
        if (!readable) qFatal("%s", readable.error().message.c_str());
        const auto offsets = (*readable)->offsets({{place, kKafkaLatest}}, seconds(10));
        return !offsets || offsets->at(place) < end(topic, partition);
    }

    // What kcat reads of committed records, partition by partition, in a format of kcat.
    static QByteArrayList read(const QByteArray& topic, const QByteArray& format = "%s\n", const QStringList& more = {})
    {
        QProcess kcat;
        kcat.start("kcat", QStringList{"-b", brokers(), "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "isolation.level=read_committed", "-X", "fetch.message.max.bytes=50000000", "-f", format} + more);
        if (!kcat.waitForFinished(60000)) qFatal("kcat hangs after %s", kcat.readAll().constData());
        QByteArrayList lines = kcat.readAllStandardOutput().split('\n');
        lines.removeLast();
        return lines;
    }
    // By tests/servers/kafka.sh.
    static void server(const QString& verb, const QStringList& more = {})
    {
        QProcess script;
        // Either broker's.
        const bool old = !qEnvironmentVariableIsSet("KAFKA_FOLDER");
        script.setProcessChannelMode(QProcess::MergedChannels);
        script.setStandardOutputFile(QProcess::nullDevice());
        script.start(QString(PROJECT_FOLDER "/tests/servers/kafka%1.sh").arg(old ? "_39" : ""), QStringList{verb, fromEnvironment(old ? "KAFKA_39_FOLDER" : "KAFKA_FOLDER")} + more);
        if (!script.waitForFinished(120000) || script.exitCode() != 0) qFatal("kafka.sh %s fails", qPrintable(verb));
    }
    template <class Holds>
    static void wait(const Holds& holds)
    {
        QElapsedTimer since;
        since.start();
        while (!holds()) {
            if (since.elapsed() > kPatience) qFatal("this does not come about");
            QTest::qWait(20);
        }
    }

private:
    // A broker that has come again does not know at once whose leader it is.
    int64_t offsetAt(const QByteArray& topic, int partition, int64_t time)
    {
        const KafkaPartition place{topic.toStdString(), partition};
        int64_t offset = 0;
        wait([&] {
            const auto offsets = cluster_->offsets({{place, time}}, seconds(10));
            if (!offsets && offsets.error().kind != ErrorKind::Transient) qFatal("%s", offsets.error().message.c_str());
            if (offsets) offset = offsets->at(place);
            return offsets.has_value();
        });
        return offset;
    }
    static void check(const Result<void>& done)
    {
        if (!done) qFatal("%s", done.error().message.c_str());
    }
    TestProducer& producer()
    {
        if (!producer_) producer_ = std::make_unique<TestProducer>();
        return *producer_;
    }
    std::unique_ptr<KafkaCluster> cluster_;
    std::unique_ptr<TestProducer> producer_;
    inline static int topics_ = 0;
};

inline QByteArrayList numbers(int from, int count)
{
    QByteArrayList list;
    for (int i = from; i < from + count; ++i) list += QByteArray::number(i);
    return list;
}

}
