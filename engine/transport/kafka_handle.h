// A client of librdkafka with what its brokers said last. Included by transport/kafka*.cpp alone.
#pragma once
#include "engine/transport/kafka_settings.h"

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace streamwright {

// Frees what librdkafka hands out.
template <auto destroy>
struct KafkaFree {
    template <class T>
    void operator()(T* object) const
    {
        if (object) destroy(object);
    }
};
using KafkaTopicPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t, KafkaFree<rd_kafka_topic_partition_list_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, KafkaFree<rd_kafka_queue_destroy>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, KafkaFree<rd_kafka_event_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, KafkaFree<rd_kafka_error_destroy>>;

using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

// Any thread.
class KafkaHandle {
public:
    // `own` are the properties that the caller depends on; those of the settings cannot take their place.
    static Result<std::unique_ptr<KafkaHandle>> make(const KafkaSettings& settings, rd_kafka_type_t type, const KafkaProperties& own);
    ~KafkaHandle();
    KafkaHandle(const KafkaHandle&) = delete;
    KafkaHandle& operator=(const KafkaHandle&) = delete;

    rd_kafka_t* get() const { return handle_; }

    // The error of a call, in the broker's words where there are some. `what`: "read the topics".
    Error error(rd_kafka_resp_err_t code, const std::string& what, const char* words = nullptr);
    // An error that no waiting mends (a login that is refused), told by a broker since `forget`; nullopt if there is none.
    std::optional<Error> refused(const std::string& what);
    // What was said before belongs to the past.
    void forget();
    // True once this client can do no more (fenced, for example).
    bool broken() const;
    // Of a producer: why a record did not arrive, the first since `forgetDeliveries`; no error if all did.
    rd_kafka_resp_err_t undelivered() const { return undelivered_.load(); }
    void forgetDeliveries() { undelivered_ = RD_KAFKA_RESP_ERR_NO_ERROR; }

    static int millis(Duration duration) { return static_cast<int>(std::max<int64_t>(1, duration.micros / 1000)); }

private:
    KafkaHandle() = default;
    static void onError(rd_kafka_t* handle, int code, const char* reason, void* self);
    static void onDelivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* self);
    void serve();

    rd_kafka_t* handle_ = nullptr;
    std::string brokers_;
    std::atomic<rd_kafka_resp_err_t> undelivered_{RD_KAFKA_RESP_ERR_NO_ERROR};
    std::mutex mutex_;
    rd_kafka_resp_err_t lastCode_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string lastWords_;
};

ErrorKind kafkaErrorKind(rd_kafka_resp_err_t code, std::string_view words);
KafkaTopicPartitions kafkaList(const KafkaOffsets& offsets);

}
