#include "engine/nodes/kafka_options.h"

#include "engine/pipeline/json.h"

#include <algorithm>
#include <array>

namespace streamwright {

namespace {

// What nodes set themselves: another value would break what they promise.
constexpr std::array<std::string_view, 24> kOwn = {
    "bootstrap.servers", "metadata.broker.list", "group.id", "group.instance.id", "enable.auto.commit", "auto.commit.enable", "enable.auto.offset.store", "auto.offset.reset",
    "enable.partition.eof", "isolation.level", "transactional.id", "transaction.timeout.ms", "enable.idempotence", "message.max.bytes", "batch.size", "queued.max.messages.kbytes",
    "security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password", "ssl.key.password", "delivery.report.only.error", "partitioner"};

std::string textOf(const Json& value) { return value.isString() ? value.asString() : printJsonLine(value); }

bool isAddress(std::string_view address)
{
    const size_t colon = address.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size()) return false;
    return std::all_of(address.begin() + static_cast<std::ptrdiff_t>(colon) + 1, address.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}

std::vector<FieldError> checkKafkaOptions(const KafkaOptions& options)
{
    std::vector<FieldError> errors;
    for (size_t from = 0; from <= options.brokers.size();) {
        const size_t comma = std::min(options.brokers.find(',', from), options.brokers.size());
        const std::string address = options.brokers.substr(from, comma - from);
        if (!isAddress(address)) errors.push_back({"brokers", "brokers must be host:port, or several with commas between them, but one is " + quoteJson(address), "write for example \"localhost:9092\""});
        from = comma + 1;
    }
    if (options.login != "none" && options.user.empty()) errors.push_back({"user", "login " + options.login + " needs a user", {}});
    if (options.login != "none" && options.password.empty()) errors.push_back({"password", "login " + options.login + " needs a password", "write \"${env:KAFKA_PASSWORD}\" and set that variable"});
    if (options.certificate.empty() != options.certificateKey.empty()) errors.push_back({options.certificate.empty() ? "certificate" : "certificate_key", "a certificate and its key belong together, but one is left out", {}});
    if (options.connectTimeout.micros < 1'000'000) errors.push_back({"connect_timeout", "connect_timeout must be 1s or longer, but is " + printDuration(options.connectTimeout), {}});
    for (const auto& [name, value] : options.properties.members()) {
        if (std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end()) errors.push_back({"properties", "the property " + name + " is set by the node itself", "use the node's other fields"});
        else if (auto problem = kafkaPropertyProblem(name, textOf(value))) errors.push_back({"properties", *problem, {}});
    }
    return errors;
}

KafkaSettings kafkaSettings(const KafkaOptions& options, const PlanContext& context)
{
    const auto path = [&](const std::string& file) { return file.empty() ? file : (context.folder / file).lexically_normal().string(); };
    KafkaSettings settings{.brokers = options.brokers, .tls = options.tls, .keyPassword = options.keyPassword, .connectTimeout = options.connectTimeout};
    if (options.tls) {
        settings.authority = path(options.authority);
        settings.certificate = path(options.certificate);
        settings.certificateKey = path(options.certificateKey);
    }
    if (options.login != "none") {
        settings.mechanism = options.login;
        settings.user = options.user;
        settings.password = options.password;
    }
    for (const auto& [name, value] : options.properties.members()) settings.properties[name] = textOf(value);
    return settings;
}

bool probeKafka(KafkaCluster& cluster, const KafkaOptions& options, Probe& probe)
{
    std::string what = "reach " + options.brokers;
    if (options.login != "none") what += fmt::format(" and log in as {}", options.user);
    return probe.step(std::move(what), cluster.brokers(kKafkaAnswer));
}

}
