#include "engine/transport/kafka_producer.h"

#include "engine/transport/kafka_handle.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace streamwright {

namespace {

using Clock = std::chrono::steady_clock;
using Headers = std::unique_ptr<rd_kafka_headers_t, KafkaFree<rd_kafka_headers_destroy>>;
using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t, KafkaFree<rd_kafka_consumer_group_metadata_destroy>>;

// One call of librdkafka waits so long for its answer before it is made again.
constexpr int kCallMillis = 5000;
// When nothing has moved for so long, who waits is told why; the rows are staged, and written by a later call.
constexpr auto kPatience = std::chrono::seconds(10);

}

struct KafkaProducer::Topic {
    rd_kafka_topic_t* topic = nullptr;
    ~Topic()
    {
        if (topic) rd_kafka_topic_destroy(topic);
    }
};

KafkaProducer::KafkaProducer(std::unique_ptr<KafkaHandle> handle, Options options) : handle_(std::move(handle)), options_(std::move(options)), topic_(std::make_unique<Topic>()) {}

KafkaProducer::~KafkaProducer()
{
    // What was not written is dropped: it is staged, and written by the next client.
    rd_kafka_purge(handle_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    topic_.reset();
}

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::open(const KafkaSettings& settings, const Options& options)
{
    KafkaProperties own{
        {"enable.idempotence", "true"},
        {"delivery.report.only.error", "true"},
        {"message.max.bytes", std::to_string(options.maxMessageBytes)},
        {"batch.size", std::to_string(std::min<int64_t>(1'000'000, options.maxMessageBytes))},
    };
    if (!options.transactionalId.empty()) {
        own.emplace_back("transactional.id", options.transactionalId);
        own.emplace_back("transaction.timeout.ms", std::to_string(KafkaHandle::millis(options.transactionTimeout)));
    }
    auto handle = KafkaHandle::make(settings, RD_KAFKA_PRODUCER, own);
    if (!handle) return handle.error();
    std::unique_ptr<KafkaProducer> producer(new KafkaProducer(std::move(*handle), options));
    rd_kafka_topic_conf_t* topic = rd_kafka_topic_conf_new();
    std::array<char, 256> reason{};
    if (rd_kafka_topic_conf_set(topic, "partitioner", options.partitioner.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
        rd_kafka_topic_conf_destroy(topic);
        return mistake(reason.data());
    }
    producer->topic_->topic = rd_kafka_topic_new(producer->handle_->get(), options.topic.c_str(), topic);
    if (!producer->topic_->topic) return producer->handle_->error(rd_kafka_last_error(), "write to topic " + options.topic);
    return producer;
}

// Calls until it is done, as long as the library says that calling again may help.
template <class Call>
Result<void> KafkaProducer::step(const std::string& what, const Call& call)
{
    const auto until = Clock::now() + kPatience;
    for (;;) {
        const KafkaError error(call());
        if (!error) return {};
        const auto code = rd_kafka_error_code(error.get());
        Error told = handle_->error(code, what, rd_kafka_error_string(error.get()));
        if (rd_kafka_error_is_fatal(error.get()) || rd_kafka_error_txn_requires_abort(error.get()) || !rd_kafka_error_is_retriable(error.get()) || told.kind == ErrorKind::Permanent || Clock::now() > until) return told;
        rd_kafka_poll(handle_->get(), 50);
    }
}

Result<void> KafkaProducer::begin(Duration timeout)
{
    const KafkaError error(rd_kafka_init_transactions(handle_->get(), KafkaHandle::millis(timeout)));
    if (!error) return handle_->forget(), Result<void>();
    return handle_->error(rd_kafka_error_code(error.get()), "begin transactions", rd_kafka_error_string(error.get()));
}

bool KafkaProducer::lost() const { return unknown_ || handle_->broken(); }

Result<void> KafkaProducer::produce(const KafkaOutput& output)
{
    Headers headers;
    if (!output.headers.empty()) {
        headers.reset(rd_kafka_headers_new(output.headers.size()));
        for (const KafkaHeader& header : output.headers) {
            rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()), header.value ? header.value->data() : nullptr, header.value ? static_cast<ssize_t>(header.value->size()) : 0);
        }
    }
    const auto bytes = [](const std::optional<std::string_view>& text) { return const_cast<char*>(text ? (text->data() ? text->data() : "") : nullptr); };
    for (;;) {
        std::array<rd_kafka_vu_t, 7> fields{};
        size_t count = 0;
        const auto add = [&](rd_kafka_vtype_t type) -> auto& { return fields[count].vtype = type, fields[count++].u; };
        add(RD_KAFKA_VTYPE_RKT).rkt = topic_->topic;
        // What is viewed stays where it is until the flush.
        add(RD_KAFKA_VTYPE_MSGFLAGS).i = 0;
        add(RD_KAFKA_VTYPE_VALUE).mem = {bytes(output.value), output.value ? output.value->size() : 0};
        add(RD_KAFKA_VTYPE_KEY).mem = {bytes(output.key), output.key ? output.key->size() : 0};
        if (output.partition) add(RD_KAFKA_VTYPE_PARTITION).i32 = *output.partition;
        if (output.timestamp) add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = *output.timestamp;
        if (headers) add(RD_KAFKA_VTYPE_HEADERS).headers = headers.get();
        const KafkaError error(rd_kafka_produceva(handle_->get(), fields.data(), count));
        if (!error) {
            (void)headers.release();    // the message's now
            return {};
        }
        const auto code = rd_kafka_error_code(error.get());
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return handle_->error(code, "write to topic " + options_.topic, rd_kafka_error_string(error.get()));
        rd_kafka_poll(handle_->get(), 100);
        if (const auto failed = handle_->undelivered()) return handle_->error(failed, "write to topic " + options_.topic);
    }
}

Result<void> KafkaProducer::flush()
{
    auto since = Clock::now();
    for (int left = rd_kafka_outq_len(handle_->get());;) {
        const auto code = rd_kafka_flush(handle_->get(), 100);
        if (const auto failed = handle_->undelivered()) return handle_->error(failed, "write to topic " + options_.topic);
        if (!code) return handle_->forget(), Result<void>();
        if (auto refused = handle_->refused("write to topic " + options_.topic)) return *refused;
        const int now = rd_kafka_outq_len(handle_->get());
        if (now != left) left = now, since = Clock::now();
        if (Clock::now() - since > kPatience) return handle_->error(RD_KAFKA_RESP_ERR__TIMED_OUT, "write to topic " + options_.topic);
    }
}

Result<void> KafkaProducer::beginTransaction()
{
    handle_->forgetDeliveries();
    auto begun = step("begin a transaction", [&] { return rd_kafka_begin_transaction(handle_->get()); });
    if (!begun) unknown_ = true;
    return begun;
}

Result<void> KafkaProducer::fillAndFlush(const Fill& fill)
{
    if (auto filled = fill([this](const KafkaOutput& output) { return produce(output); }); !filled) return filled;
    return flush();
}

Result<void> KafkaProducer::abort()
{
    rd_kafka_purge(handle_->get(), RD_KAFKA_PURGE_F_QUEUE);
    auto aborted = step("abort the transaction", [this] { return rd_kafka_abort_transaction(handle_->get(), kCallMillis); });
    if (!aborted) unknown_ = true;
    return aborted;
}

Error KafkaProducer::abort(Error because)
{
    if (!handle_->broken()) (void)abort();
    return because;
}

Result<void> KafkaProducer::transaction(const Fill& fill, const KafkaMarker& marker)
{
    if (auto begun = beginTransaction(); !begun) return begun;
    if (auto filled = fillAndFlush(fill); !filled) return abort(filled.error());
    // The marker is an offset of a group that nobody is in.
    const GroupMetadata group(rd_kafka_consumer_group_metadata_new(marker.group.c_str()));
    const auto list = kafkaList({{marker.partition, marker.offset}});
    list->elems[0].metadata = ::strndup(marker.metadata.data(), marker.metadata.size());
    list->elems[0].metadata_size = marker.metadata.size();
    if (auto marked = step("write the marker", [&] { return rd_kafka_send_offsets_to_transaction(handle_->get(), list.get(), group.get(), kCallMillis); }); !marked) return abort(marked.error());
    const auto committed = step("commit the transaction", [&] { return rd_kafka_commit_transaction(handle_->get(), kCallMillis); });
    // From the moment at which the commit was sent only the marker tells whether it came about.
    if (!committed) unknown_ = true;
    else handle_->forget();
    return committed;
}

Result<void> KafkaProducer::abortedTransaction(const Fill& fill)
{
    if (auto begun = beginTransaction(); !begun) return begun;
    if (auto filled = fillAndFlush(fill); !filled) return abort(filled.error());
    return abort();
}

Result<void> KafkaProducer::write(const Fill& fill)
{
    handle_->forgetDeliveries();
    if (auto filled = fill([this](const KafkaOutput& output) { return produce(output); }); !filled) {
        rd_kafka_purge(handle_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(handle_->get(), kCallMillis);
        return filled;
    }
    auto flushed = flush();
    if (!flushed) {
        // Nothing may view the rows any more when they go.
        rd_kafka_purge(handle_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(handle_->get(), kCallMillis);
    }
    return flushed;
}

}
