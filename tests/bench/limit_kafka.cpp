// The limit of reading a topic: librdkafka's consume_batch_queue in a loop that counts records and sums their bytes.
//   limit_kafka fill BROKERS TOPIC PARTITIONS RECORDS BYTES     makes the topic and fills it, evenly
//   limit_kafka count BROKERS TOPIC PARTITIONS
#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what, const char* why)
{
    std::fprintf(stderr, "%s: %s\n", what, why);
    std::exit(1);
}

rd_kafka_t* client(rd_kafka_type_t type, const std::vector<std::pair<const char*, const char*>>& properties)
{
    char reason[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : properties) {
        if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) fail(name, reason);
    }
    rd_kafka_t* made = rd_kafka_new(type, conf, reason, sizeof reason);
    if (!made) fail("client", reason);
    return made;
}

void makeTopic(rd_kafka_t* producer, const char* topic, int partitions)
{
    char reason[512];
    rd_kafka_NewTopic_t* fresh = rd_kafka_NewTopic_new(topic, partitions, 1, reason, sizeof reason);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(producer);
    rd_kafka_CreateTopics(producer, &fresh, 1, nullptr, queue);
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30000);
    size_t count = 0;
    const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    if (count != 1 || rd_kafka_topic_result_error(results[0])) fail("create", count == 1 ? rd_kafka_topic_result_error_string(results[0]) : "no answer");
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(fresh);
}

void fill(const char* brokers, const char* topic, int partitions, long records, size_t bytes)
{
    rd_kafka_t* producer = client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", brokers}, {"linger.ms", "20"}, {"queue.buffering.max.messages", "1000000"}, {"enable.idempotence", "true"}});
    makeTopic(producer, topic, partitions);
    std::string value(bytes, 'x');
    for (long i = 0; i < records; ++i) {
        std::snprintf(value.data(), value.size(), "%012ld", i);
        value[12] = ' ';
        while (rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(static_cast<int32_t>(i % partitions)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(producer, 10);
        if (i % 1024 == 0) rd_kafka_poll(producer, 0);
    }
    if (const auto error = rd_kafka_flush(producer, 120000)) fail("flush", rd_kafka_err2str(error));
    rd_kafka_destroy(producer);
}

void count(const char* brokers, const char* topic, int partitions)
{
    rd_kafka_t* consumer = client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers}, {"group.id", "limit"}, {"enable.auto.commit", "false"}, {"enable.partition.eof", "true"}, {"isolation.level", "read_committed"}});
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; ++p) rd_kafka_topic_partition_list_add(list, topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(consumer);
    std::vector<rd_kafka_message_t*> messages(1000);
    unsigned long long records = 0, bytes = 0;
    for (int ended = 0; ended < partitions;) {
        const ssize_t got = rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
        for (ssize_t i = 0; i < got; ++i) {
            if (messages[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ended;
            else if (messages[i]->err) fail("consume", rd_kafka_message_errstr(messages[i]));
            else {
                ++records;
                bytes += messages[i]->len;
            }
            rd_kafka_message_destroy(messages[i]);
        }
    }
    std::printf("{\"records\": %llu, \"bytes\": %llu}\n", records, bytes);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy_flags(consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

}

int main(int arguments, char** argument)
{
    if (arguments == 7 && !std::strcmp(argument[1], "fill")) fill(argument[2], argument[3], std::atoi(argument[4]), std::atol(argument[5]), static_cast<size_t>(std::atol(argument[6])));
    else if (arguments == 5 && !std::strcmp(argument[1], "count")) count(argument[2], argument[3], std::atoi(argument[4]));
    else fail("usage", "limit_kafka fill BROKERS TOPIC PARTITIONS RECORDS BYTES | count BROKERS TOPIC PARTITIONS");
}
