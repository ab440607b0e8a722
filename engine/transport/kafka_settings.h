// How a Kafka cluster is reached, and how its answers are told. Only files named kafka* here know librdkafka.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

struct KafkaSettings {
    std::string brokers;            // "host:port,host:port": any of them tells the others
    bool tls = false;
    std::string authority;          // file of certificates that are trusted; empty: the system's
    std::string certificate;        // file of the client's own, if brokers ask for one
    std::string certificateKey;
    std::string keyPassword;
    std::string mechanism;          // "PLAIN", "SCRAM-SHA-512" …; empty: no login
    std::string user;
    std::string password;
    std::map<std::string, std::string> properties;  // of librdkafka, by its names; they come last
    Duration connectTimeout = seconds(10);
};

// What librdkafka says against a property; nothing if it takes it.
std::optional<std::string> kafkaPropertyProblem(const std::string& name, const std::string& value);

// What is seen of open and aborted transactions.
enum class KafkaIsolation : unsigned char { ReadCommitted, ReadUncommitted };

struct KafkaPartition {
    std::string topic;
    int32_t number = 0;
    auto operator<=>(const KafkaPartition&) const = default;
};
using KafkaOffsets = std::map<KafkaPartition, int64_t>;

// Instead of a time in milliseconds, where a position by time is asked for.
inline constexpr int64_t kKafkaEarliest = -2;
inline constexpr int64_t kKafkaLatest = -1;

}
