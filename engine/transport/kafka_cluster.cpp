#include "engine/transport/kafka_cluster.h"

#include "engine/transport/kafka_handle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace streamwright {

namespace {

using Options = std::unique_ptr<rd_kafka_AdminOptions_t, KafkaFree<rd_kafka_AdminOptions_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, KafkaFree<rd_kafka_NewTopic_destroy>>;
using OldTopic = std::unique_ptr<rd_kafka_DeleteTopic_t, KafkaFree<rd_kafka_DeleteTopic_destroy>>;
using NewPartitions = std::unique_ptr<rd_kafka_NewPartitions_t, KafkaFree<rd_kafka_NewPartitions_destroy>>;
using OldRecords = std::unique_ptr<rd_kafka_DeleteRecords_t, KafkaFree<rd_kafka_DeleteRecords_destroy>>;
using ConfigResource = std::unique_ptr<rd_kafka_ConfigResource_t, KafkaFree<rd_kafka_ConfigResource_destroy>>;

// One request of the admin API: `send` puts it on the queue, the answer is waited for.
template <class Send>
Result<KafkaEvent> ask(KafkaHandle& handle, rd_kafka_admin_op_t operation, const std::string& what, Duration timeout, const Send& send)
{
    KafkaQueue queue(rd_kafka_queue_new(handle.get()));
    Options options(rd_kafka_AdminOptions_new(handle.get(), operation));
    std::array<char, 256> ignored{};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), KafkaHandle::millis(timeout), ignored.data(), ignored.size());
    send(options.get(), queue.get());
    KafkaEvent event(rd_kafka_queue_poll(queue.get(), KafkaHandle::millis(timeout) + 1000));
    if (!event) return handle.error(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
    if (const auto code = rd_kafka_event_error(event.get())) return handle.error(code, what, rd_kafka_event_error_string(event.get()));
    handle.forget();
    return event;
}

Result<void> outcome(KafkaHandle& handle, const rd_kafka_topic_result_t* const* results, size_t count, const std::string& what)
{
    for (size_t i = 0; i < count; ++i) {
        if (const auto code = rd_kafka_topic_result_error(results[i])) return handle.error(code, what, rd_kafka_topic_result_error_string(results[i]));
    }
    return {};
}

struct Metadata {
    const rd_kafka_metadata_t* data = nullptr;
    ~Metadata()
    {
        if (data) rd_kafka_metadata_destroy(data);
    }
};

KafkaTopic topicOf(const rd_kafka_metadata_topic_t& told)
{
    KafkaTopic topic{told.topic, told.partition_cnt};
    topic.missing = told.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || told.err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    if (told.err) topic.problem = rd_kafka_err2str(told.err);
    for (int p = 0; p < told.partition_cnt && topic.problem.empty(); ++p) {
        const auto code = told.partitions[p].err;
        // A replica that is down does not keep the leader from answering.
        if (code && code != RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE) topic.problem = fmt::format("partition {}: {}", told.partitions[p].id, rd_kafka_err2str(code));
    }
    return topic;
}

}

KafkaCluster::KafkaCluster(std::unique_ptr<KafkaHandle> handle) : handle_(std::move(handle)) {}
KafkaCluster::~KafkaCluster() = default;

Result<std::unique_ptr<KafkaCluster>> KafkaCluster::open(const KafkaSettings& settings, KafkaIsolation isolation, const std::string& group)
{
    KafkaProperties own{{"isolation.level", isolation == KafkaIsolation::ReadCommitted ? "read_committed" : "read_uncommitted"}, {"enable.auto.commit", "false"}, {"allow.auto.create.topics", "false"}};
    if (!group.empty()) {
        own.emplace_back("group.id", group);
        // Nobody joins the group: it is how long a commit waits for a coordinator, and so how long the client cannot be destroyed.
        own.emplace_back("session.timeout.ms", "6000");
        // An offset of a transaction that ends just now is asked for again so soon.
        own.emplace_back("retry.backoff.ms", "20");
    }
    auto handle = KafkaHandle::make(settings, RD_KAFKA_CONSUMER, own);
    if (!handle) return handle.error();
    return std::unique_ptr<KafkaCluster>(new KafkaCluster(std::move(*handle)));
}

Result<std::vector<KafkaTopic>> KafkaCluster::topics(const std::vector<std::string>& names, Duration timeout)
{
    const std::string what = names.empty() ? "list the topics" : "find the topic " + names.front();
    std::vector<KafkaTopic> topics;
    if (names.size() == 1) {
        // Asked for by name: the answer has the topic's own error.
        std::unique_ptr<rd_kafka_topic_t, KafkaFree<rd_kafka_topic_destroy>> topic(rd_kafka_topic_new(handle_->get(), names.front().c_str(), nullptr));
        Metadata metadata;
        if (const auto code = rd_kafka_metadata(handle_->get(), 0, topic.get(), &metadata.data, KafkaHandle::millis(timeout))) return handle_->error(code, what);
        handle_->forget();
        for (int t = 0; t < metadata.data->topic_cnt; ++t) topics.push_back(topicOf(metadata.data->topics[t]));
        return topics;
    }
    Metadata metadata;
    if (const auto code = rd_kafka_metadata(handle_->get(), 1, nullptr, &metadata.data, KafkaHandle::millis(timeout))) return handle_->error(code, what);
    handle_->forget();
    std::map<std::string, KafkaTopic> all;
    for (int t = 0; t < metadata.data->topic_cnt; ++t) all.emplace(metadata.data->topics[t].topic, topicOf(metadata.data->topics[t]));
    if (names.empty()) {
        for (auto& [name, topic] : all) topics.push_back(std::move(topic));
        return topics;
    }
    for (const std::string& name : names) {
        const auto found = all.find(name);
        topics.push_back(found != all.end() ? found->second : KafkaTopic{name, 0, rd_kafka_err2str(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), true});
    }
    return topics;
}

Result<std::string> KafkaCluster::brokers(Duration timeout)
{
    Metadata metadata;
    if (const auto code = rd_kafka_metadata(handle_->get(), 0, nullptr, &metadata.data, KafkaHandle::millis(timeout))) return handle_->error(code, "reach a broker");
    handle_->forget();
    std::string text;
    for (int b = 0; b < metadata.data->broker_cnt; ++b) {
        const auto& broker = metadata.data->brokers[b];
        text += fmt::format("{}broker {} at {}:{}", text.empty() ? "" : ", ", broker.id, broker.host, broker.port);
    }
    return text;
}

Result<KafkaOffsets> KafkaCluster::offsets(const KafkaOffsets& times, Duration timeout)
{
    KafkaOffsets offsets;
    if (times.empty()) return offsets;
    const auto ask = [&](const KafkaTopicPartitions& list) { return rd_kafka_offsets_for_times(handle_->get(), list.get(), KafkaHandle::millis(timeout)); };
    auto list = kafkaList(times);
    auto code = ask(list);
    // Who leads a partition is looked up in what this client heard of its topic minutes ago: if the topic
    // has grown since, it is asked for anew.
    if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || std::any_of(list->elems, list->elems + list->cnt, [](const auto& partition) { return partition.err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION; })) {
        for (auto at = times.begin(); at != times.end(); at = times.upper_bound({at->first.topic, INT32_MAX})) {
            if (const auto told = topics({at->first.topic}, timeout); !told) return told.error();
        }
        list = kafkaList(times);
        code = ask(list);
    }
    if (code) return handle_->error(code, "find offsets of " + times.begin()->first.topic);
    for (int i = 0; i < list->cnt; ++i) {
        const auto& partition = list->elems[i];
        if (partition.err) return handle_->error(partition.err, fmt::format("find offsets of partition {} of {}", partition.partition, partition.topic));
        offsets[{partition.topic, partition.partition}] = partition.offset;
    }
    handle_->forget();
    return offsets;
}

Result<std::string> KafkaCluster::topicSetting(const std::string& topic, const std::string& name, Duration timeout)
{
    const std::string what = fmt::format("read the setting {} of topic {}", name, topic);
    ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    auto event = ask(*handle_, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, what, timeout, [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_ConfigResource_t* asked = resource.get();
        rd_kafka_DescribeConfigs(handle_->get(), &asked, 1, options, queue);
    });
    if (!event) return event.error();
    size_t count = 0;
    const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
    for (size_t r = 0; r < count; ++r) {
        if (const auto code = rd_kafka_ConfigResource_error(resources[r])) return handle_->error(code, what, rd_kafka_ConfigResource_error_string(resources[r]));
        size_t entries = 0;
        const auto* const* settings = rd_kafka_ConfigResource_configs(resources[r], &entries);
        for (size_t i = 0; i < entries; ++i) {
            const char* value = rd_kafka_ConfigEntry_value(settings[i]);
            if (rd_kafka_ConfigEntry_name(settings[i]) == name && value) return std::string(value);
        }
    }
    return permanent(fmt::format("cannot {}: the broker does not tell it", what));
}

Result<std::map<KafkaPartition, KafkaCommitted>> KafkaCluster::committed(const std::vector<KafkaPartition>& partitions, Duration timeout)
{
    KafkaOffsets asked;
    for (const KafkaPartition& partition : partitions) asked[partition] = RD_KAFKA_OFFSET_INVALID;
    const auto list = kafkaList(asked);
    const std::string what = "read what the group has committed";
    if (const auto code = rd_kafka_committed(handle_->get(), list.get(), KafkaHandle::millis(timeout))) return handle_->error(code, what);
    std::map<KafkaPartition, KafkaCommitted> committed;
    for (int i = 0; i < list->cnt; ++i) {
        const auto& partition = list->elems[i];
        if (partition.err) return handle_->error(partition.err, what);
        committed[{partition.topic, partition.partition}] = {partition.offset >= 0 ? partition.offset : -1, std::string(static_cast<const char*>(partition.metadata), partition.metadata_size)};
    }
    handle_->forget();
    return committed;
}

Result<void> KafkaCluster::commit(const KafkaOffsets& offsets, Duration wait)
{
    const std::string what = "commit the offsets of the group";
    const auto list = kafkaList(offsets);
    if (wait.micros == 0) {
        if (const auto code = rd_kafka_commit(handle_->get(), list.get(), 1)) return handle_->error(code, what);
        return {};
    }
    // Not rd_kafka_commit, which waits for ever.
    KafkaQueue queue(rd_kafka_queue_new(handle_->get()));
    if (const auto code = rd_kafka_commit_queue(handle_->get(), list.get(), queue.get(), nullptr, nullptr)) return handle_->error(code, what);
    const KafkaEvent event(rd_kafka_queue_poll(queue.get(), KafkaHandle::millis(wait)));
    if (!event) return handle_->error(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
    if (const auto code = rd_kafka_event_error(event.get())) return handle_->error(code, what, rd_kafka_event_error_string(event.get()));
    return {};
}

Result<int> KafkaCluster::members(const std::string& group, Duration timeout)
{
    const rd_kafka_group_list* list = nullptr;
    if (const auto code = rd_kafka_list_groups(handle_->get(), group.c_str(), &list, KafkaHandle::millis(timeout))) return handle_->error(code, "look at the group " + group);
    int members = 0;
    for (int i = 0; i < list->group_cnt; ++i) members += list->groups[i].member_cnt;
    rd_kafka_group_list_destroy(list);
    handle_->forget();
    return members;
}

Result<void> KafkaCluster::createTopic(const std::string& name, int partitions, const std::map<std::string, std::string>& settings, Duration timeout)
{
    const std::string what = "create the topic " + name;
    std::array<char, 256> reason{};
    NewTopic topic(rd_kafka_NewTopic_new(name.c_str(), partitions, -1, reason.data(), reason.size()));
    if (!topic) return mistake(fmt::format("cannot {}: {}", what, reason.data()));
    for (const auto& [key, value] : settings) rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
    auto event = ask(*handle_, RD_KAFKA_ADMIN_OP_CREATETOPICS, what, timeout, [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_NewTopic_t* asked = topic.get();
        rd_kafka_CreateTopics(handle_->get(), &asked, 1, options, queue);
    });
    if (!event) return event.error();
    size_t count = 0;
    const auto* const* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
    return outcome(*handle_, results, count, what);
}

Result<void> KafkaCluster::deleteTopic(const std::string& name, Duration timeout)
{
    const std::string what = "delete the topic " + name;
    OldTopic topic(rd_kafka_DeleteTopic_new(name.c_str()));
    auto event = ask(*handle_, RD_KAFKA_ADMIN_OP_DELETETOPICS, what, timeout, [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopic_t* asked = topic.get();
        rd_kafka_DeleteTopics(handle_->get(), &asked, 1, options, queue);
    });
    if (!event) return event.error();
    size_t count = 0;
    const auto* const* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event->get()), &count);
    return outcome(*handle_, results, count, what);
}

Result<void> KafkaCluster::growTopic(const std::string& name, int partitions, Duration timeout)
{
    const std::string what = "add partitions to the topic " + name;
    std::array<char, 256> reason{};
    NewPartitions grown(rd_kafka_NewPartitions_new(name.c_str(), static_cast<size_t>(partitions), reason.data(), reason.size()));
    if (!grown) return mistake(fmt::format("cannot {}: {}", what, reason.data()));
    auto event = ask(*handle_, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, what, timeout, [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_NewPartitions_t* asked = grown.get();
        rd_kafka_CreatePartitions(handle_->get(), &asked, 1, options, queue);
    });
    if (!event) return event.error();
    size_t count = 0;
    const auto* const* results = rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event->get()), &count);
    return outcome(*handle_, results, count, what);
}

Result<void> KafkaCluster::deleteRecords(const KafkaOffsets& before, Duration timeout)
{
    const std::string what = "delete records";
    const auto list = kafkaList(before);
    OldRecords records(rd_kafka_DeleteRecords_new(list.get()));
    auto event = ask(*handle_, RD_KAFKA_ADMIN_OP_DELETERECORDS, what, timeout, [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteRecords_t* asked = records.get();
        rd_kafka_DeleteRecords(handle_->get(), &asked, 1, options, queue);
    });
    if (!event) return event.error();
    const auto* results = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event->get()));
    for (int i = 0; i < results->cnt; ++i) {
        if (results->elems[i].err) return handle_->error(results->elems[i].err, what);
    }
    return {};
}

}
