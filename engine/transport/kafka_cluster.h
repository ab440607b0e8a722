// Asks a Kafka cluster, and changes it. Calls wait for the answer, `timeout` at most; any thread.
#pragma once
#include "engine/transport/kafka_settings.h"

#include <memory>

namespace streamwright {

class KafkaHandle;

struct KafkaTopic {
    std::string name;
    int32_t partitions = 0;
    std::string problem;        // why its partitions are not known; empty if they are
    bool missing = false;       // there is no such topic
};

// What a group has committed of a partition.
struct KafkaCommitted {
    int64_t offset = -1;        // -1: nothing
    std::string metadata;
};

class KafkaCluster {
public:
    // Makes the client and connects nowhere yet. The isolation decides what counts as the latest offset.
    static Result<std::unique_ptr<KafkaCluster>> open(const KafkaSettings& settings, KafkaIsolation isolation, const std::string& group = {});
    ~KafkaCluster();

    // The named topics, or all without names.
    Result<std::vector<KafkaTopic>> topics(const std::vector<std::string>& names, Duration timeout);
    // "broker 1 at 127.0.0.1:9092, …"
    Result<std::string> brokers(Duration timeout);
    // The first offset whose record is not older than each time (milliseconds, kKafkaEarliest, kKafkaLatest); -1 for a time after all.
    Result<KafkaOffsets> offsets(const KafkaOffsets& times, Duration timeout);
    // A topic's setting, such as max.message.bytes.
    Result<std::string> topicSetting(const std::string& topic, const std::string& name, Duration timeout);
    // What this client's group has committed; those of transactions that are not over are waited for.
    Result<std::map<KafkaPartition, KafkaCommitted>> committed(const std::vector<KafkaPartition>& partitions, Duration timeout);
    // Commits offsets for this client's group, and waits so long for the answer; not at all: nobody learns it.
    Result<void> commit(const KafkaOffsets& offsets, Duration wait);
    // How many members this group has now.
    Result<int> members(const std::string& group, Duration timeout);

    Result<void> createTopic(const std::string& name, int partitions, const std::map<std::string, std::string>& settings, Duration timeout);
    Result<void> deleteTopic(const std::string& name, Duration timeout);
    Result<void> growTopic(const std::string& name, int partitions, Duration timeout);
    // Records before these offsets are gone, as retention would have it.
    Result<void> deleteRecords(const KafkaOffsets& before, Duration timeout);

private:
    explicit KafkaCluster(std::unique_ptr<KafkaHandle> handle);
    std::unique_ptr<KafkaHandle> handle_;
};

}
