#include "engine/transport/kafka_handle.h"

#include <fmt/format.h>

#include <array>

namespace streamwright {

namespace {

struct Configuration {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    ~Configuration()
    {
        if (conf) rd_kafka_conf_destroy(conf);
    }
    Result<void> set(const std::string& name, const std::string& value)
    {
        std::array<char, 512> reason{};
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size()) == RD_KAFKA_CONF_OK) return {};
        return mistake(reason.data());
    }
};

KafkaProperties propertiesOf(const KafkaSettings& settings)
{
    KafkaProperties properties{
        {"bootstrap.servers", settings.brokers},
        {"client.id", "streamwright"},
        {"socket.connection.setup.timeout.ms", std::to_string(KafkaHandle::millis(settings.connectTimeout))},
        {"reconnect.backoff.ms", "100"},
        {"reconnect.backoff.max.ms", "10000"},
        {"log.connection.close", "false"},
        {"security.protocol", settings.mechanism.empty() ? (settings.tls ? "ssl" : "plaintext") : (settings.tls ? "sasl_ssl" : "sasl_plaintext")},
    };
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) properties.emplace_back(name, value);
    };
    add("ssl.ca.location", settings.authority);
    add("ssl.certificate.location", settings.certificate);
    add("ssl.key.location", settings.certificateKey);
    add("ssl.key.password", settings.keyPassword);
    if (!settings.mechanism.empty()) {
        add("sasl.mechanism", settings.mechanism);
        add("sasl.username", settings.user);
        add("sasl.password", settings.password);
    }
    for (const auto& [name, value] : settings.properties) properties.emplace_back(name, value);
    return properties;
}

// Either side the other's.
bool refusesCertificate(std::string_view words)
{
    const auto says = [&](std::string_view part) { return words.find(part) != std::string_view::npos; };
    return says("certificate verify failed") || (says("SSL alert") && (says("certificate") || says("unknown ca")));
}

// "127.0.0.1:9/bootstrap: Connect to ipv4#127.0.0.1:9 failed: Connection refused (after 0ms in state CONNECT, …)" without what
// changes each time: a reason is told once.
std::string steadyWords(std::string_view words)
{
    std::string text(words);
    if (const size_t after = text.rfind(" (after "); after != std::string::npos) text.resize(after);
    if (const size_t at = text.find("/bootstrap: "); at != std::string::npos) text.erase(at, 10);
    return text;
}

}

std::optional<std::string> kafkaPropertyProblem(const std::string& name, const std::string& value)
{
    Configuration configuration;
    if (auto set = configuration.set(name, value); !set) return set.error().message;
    return std::nullopt;
}

ErrorKind kafkaErrorKind(rd_kafka_resp_err_t code, std::string_view words)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION: return ErrorKind::Permanent;
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__TRANSPORT: return refusesCertificate(words) ? ErrorKind::Permanent : ErrorKind::Transient;
    default: return ErrorKind::Transient;
    }
}

KafkaTopicPartitions kafkaList(const KafkaOffsets& offsets)
{
    KafkaTopicPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const auto& [partition, offset] : offsets) rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset = offset;
    return list;
}

Result<std::unique_ptr<KafkaHandle>> KafkaHandle::make(const KafkaSettings& settings, rd_kafka_type_t type, const KafkaProperties& own)
{
    Configuration configuration;
    for (const auto& properties : {propertiesOf(settings), own}) {
        for (const auto& [name, value] : properties) {
            if (auto set = configuration.set(name, value); !set) return mistake(fmt::format("Kafka property {}: {}", name, set.error().message));
        }
    }
    std::unique_ptr<KafkaHandle> handle(new KafkaHandle);
    handle->brokers_ = settings.brokers;
    rd_kafka_conf_set_opaque(configuration.conf, handle.get());
    rd_kafka_conf_set_error_cb(configuration.conf, &KafkaHandle::onError);
    if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(configuration.conf, &KafkaHandle::onDelivery);
    // What matters reaches onError.
    rd_kafka_conf_set_log_cb(configuration.conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    std::array<char, 512> reason{};
    handle->handle_ = rd_kafka_new(type, configuration.conf, reason.data(), reason.size());
    if (!handle->handle_) return mistake(fmt::format("the Kafka client cannot be made: {}", reason.data()));
    configuration.conf = nullptr;   // it is the client's now
    return handle;
}

KafkaHandle::~KafkaHandle()
{
    // Consumers leave no group: none of ours is a member of one.
    if (handle_) rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaHandle::onError(rd_kafka_t*, int code, const char* reason, void* opaque)
{
    auto* self = static_cast<KafkaHandle*>(opaque);
    const auto error = static_cast<rd_kafka_resp_err_t>(code);
    const std::lock_guard lock(self->mutex_);
    // That all brokers are down says less than why the last of them is.
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !self->lastWords_.empty()) return;
    // A login that is refused explains the lost connections that follow it.
    if (kafkaErrorKind(self->lastCode_, self->lastWords_) == ErrorKind::Permanent && kafkaErrorKind(error, reason) != ErrorKind::Permanent) return;
    self->lastCode_ = error;
    self->lastWords_ = steadyWords(reason);
}

void KafkaHandle::onDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque)
{
    auto expected = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (message->err) static_cast<KafkaHandle*>(opaque)->undelivered_.compare_exchange_strong(expected, message->err);
}

// Errors of the connections are told to who polls.
void KafkaHandle::serve() { rd_kafka_poll(handle_, 0); }

std::optional<Error> KafkaHandle::refused(const std::string& what)
{
    serve();
    const std::lock_guard lock(mutex_);
    if (lastCode_ == RD_KAFKA_RESP_ERR_NO_ERROR || kafkaErrorKind(lastCode_, lastWords_) != ErrorKind::Permanent) return std::nullopt;
    return permanent(fmt::format("cannot {}: {}", what, lastWords_));
}

void KafkaHandle::forget()
{
    serve();
    const std::lock_guard lock(mutex_);
    lastCode_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    lastWords_.clear();
}

bool KafkaHandle::broken() const
{
    std::array<char, 8> ignored{};
    return rd_kafka_fatal_error(handle_, ignored.data(), ignored.size()) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

Error KafkaHandle::error(rd_kafka_resp_err_t code, const std::string& what, const char* words)
{
    serve();
    const std::lock_guard lock(mutex_);
    std::string reason = words && *words ? steadyWords(words) : rd_kafka_err2str(code);
    ErrorKind kind = kafkaErrorKind(code, reason);
    const bool unreachable = code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE || code == RD_KAFKA_RESP_ERR__WAIT_COORD || code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
    if (unreachable && !lastWords_.empty()) {
        // Why it cannot be reached, or who may not log in, beats that it is so.
        reason = lastWords_;
        kind = kafkaErrorKind(lastCode_, lastWords_);
    } else if (unreachable && reason.find(brokers_) == std::string::npos) {
        reason = fmt::format("{}: {}", brokers_, reason);
    }
    return {kind, fmt::format("cannot {}: {}", what, reason), {}};
}

}
