#include "engine/transport/kafka_consumer.h"

#include "engine/transport/kafka_handle.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace streamwright {

namespace {

// Fetched ahead of each partition, at least.
constexpr int64_t kLeastQueueKilobytes = 256;
constexpr int64_t kMostQueueKilobytes = 2'097'151;  // librdkafka's own limit

KafkaRecord recordOf(const rd_kafka_message_t& message)
{
    KafkaRecord record{message.offset, std::nullopt, std::nullopt, &message};
    if (message.key) record.key.emplace(static_cast<const char*>(message.key), message.key_len);
    if (message.payload) record.value.emplace(static_cast<const char*>(message.payload), message.len);
    return record;
}

}

void KafkaMessages::clear()
{
    for (const KafkaRecord& record : records_) rd_kafka_message_destroy(const_cast<rd_kafka_message_s*>(record.message));
    records_.clear();
}

std::optional<int64_t> KafkaMessages::timestamp(const KafkaRecord& record)
{
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const int64_t millis = rd_kafka_message_timestamp(record.message, &type);
    if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || millis < 0) return std::nullopt;
    return millis;
}

void KafkaMessages::eachHeader(const KafkaRecord& record, const std::function<void(std::string_view, std::optional<std::string_view>)>& take)
{
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(record.message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
        take(name, value ? std::optional(std::string_view(static_cast<const char*>(value), size)) : std::nullopt);
    }
}

struct KafkaConsumer::Partition {
    KafkaQueue queue;
    std::deque<rd_kafka_message_t*> kept;   // behind the last limit
    int64_t taken = 0;                      // the next offset to take
    int64_t seen = 0;                       // what lies below was taken, is kept, or does not exist
    std::optional<Result<Came>> trouble;    // nothing comes after it
    std::vector<rd_kafka_message_t*> room;

    Partition() = default;
    Partition(const Partition&) = delete;
    ~Partition()
    {
        for (rd_kafka_message_t* message : kept) rd_kafka_message_destroy(message);
    }
};

KafkaConsumer::KafkaConsumer(std::unique_ptr<KafkaHandle> handle, const KafkaOffsets& from) : handle_(std::move(handle))
{
    for (const auto& [partition, offset] : from) {
        Partition& read = partitions_[partition];
        read.taken = read.seen = offset;
        // A queue of its own for each, before anything is fetched.
        read.queue.reset(rd_kafka_queue_get_partition(handle_->get(), partition.topic.c_str(), partition.number));
        if (read.queue) rd_kafka_queue_forward(read.queue.get(), nullptr);
    }
}

KafkaConsumer::~KafkaConsumer() { partitions_.clear(); }

Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::open(const KafkaSettings& settings, const Options& options, const KafkaOffsets& from)
{
    const int64_t kilobytes = options.queueBytes / 1024 / std::max<int64_t>(1, static_cast<int64_t>(from.size()));
    auto handle = KafkaHandle::make(settings, RD_KAFKA_CONSUMER, {
        {"group.id", options.group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"enable.partition.eof", "true"},
        {"allow.auto.create.topics", "false"},
        {"isolation.level", options.isolation == KafkaIsolation::ReadCommitted ? "read_committed" : "read_uncommitted"},
        {"queued.max.messages.kbytes", std::to_string(std::clamp(kilobytes, kLeastQueueKilobytes, kMostQueueKilobytes))},
    });
    if (!handle) return handle.error();
    std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer(std::move(*handle), from));
    const auto list = kafkaList(from);
    if (const auto code = rd_kafka_assign(consumer->handle_->get(), list.get())) return consumer->handle_->error(code, "read partitions");
    return consumer;
}

Result<KafkaConsumer::Came> KafkaConsumer::take(const KafkaPartition& partition, int64_t until, size_t most, Duration wait, KafkaMessages& into)
{
    Partition& read = partitions_.at(partition);
    std::vector<KafkaRecord>& records = into.records_;
    // 1. What an earlier call left.
    for (; !read.kept.empty() && read.kept.front()->offset < until; read.kept.pop_front()) {
        if (records.size() >= most) return Came::More;
        records.push_back(recordOf(*read.kept.front()));
        read.taken = read.kept.front()->offset + 1;
    }
    if (read.seen >= until) return read.taken = std::max(read.taken, until), Came::All;
    if (records.size() >= most) return Came::More;
    if (read.trouble) return *read.trouble;

    // 2. What was fetched meanwhile; else the first that comes, which brings others with it.
    read.room.resize(most - records.size());
    ssize_t count = rd_kafka_consume_batch_queue(read.queue.get(), 0, read.room.data(), read.room.size());
    if (count == 0) count = rd_kafka_consume_batch_queue(read.queue.get(), KafkaHandle::millis(wait), read.room.data(), 1);
    if (count < 0) return handle_->error(rd_kafka_last_error(), fmt::format("read partition {} of {}", partition.number, partition.topic));

    for (ssize_t i = 0; i < count; ++i) {
        rd_kafka_message_t* message = read.room[static_cast<size_t>(i)];
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && !read.trouble) {
            read.seen = message->offset + 1;
            if (message->offset < until) {
                read.taken = read.seen;
                records.push_back(recordOf(*message));
            } else {
                read.kept.push_back(message);
            }
            continue;
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) read.seen = std::max(read.seen, message->offset);
        else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) read.trouble = troubleOf(partition, *message);
        rd_kafka_message_destroy(message);
    }
    if (read.trouble) return *read.trouble;
    if (read.seen < until) return Came::More;
    return read.taken = std::max(read.taken, until), Came::All;
}

Result<KafkaConsumer::Came> KafkaConsumer::troubleOf(const KafkaPartition& partition, const rd_kafka_message_t& message)
{
    switch (message.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: return Came::OutOfRange;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return Came::Missing;
    default: return handle_->error(message.err, fmt::format("read partition {} of {}", partition.number, partition.topic), rd_kafka_message_errstr(&message));
    }
}

std::optional<int64_t> KafkaConsumer::position(const KafkaPartition& partition) const
{
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? std::nullopt : std::optional(found->second.taken);
}

bool KafkaConsumer::waiting(const KafkaPartition& partition)
{
    const auto found = partitions_.find(partition);
    if (found == partitions_.end()) return false;
    Partition& read = found->second;
    while (read.kept.empty() && !read.trouble) {
        rd_kafka_message_t* message = nullptr;
        if (rd_kafka_consume_batch_queue(read.queue.get(), 0, &message, 1) != 1) return false;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            read.seen = message->offset + 1;
            read.kept.push_back(message);
            break;
        }
        // The end of the partition is no news.
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) read.seen = std::max(read.seen, message->offset);
        else read.trouble = troubleOf(partition, *message);
        rd_kafka_message_destroy(message);
    }
    return true;
}

std::optional<Error> KafkaConsumer::refused() { return handle_->refused("read"); }

}
