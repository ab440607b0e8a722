// The options of nodes that reach a Kafka cluster.
#pragma once
#include "engine/dataflow/declare.h"
#include "engine/transport/kafka_cluster.h"

namespace streamwright {

struct KafkaOptions {
    std::string brokers;
    bool tls = false;
    std::string authority;
    std::string certificate;
    std::string certificateKey;
    std::string keyPassword;
    std::string login = "none";
    std::string user;
    std::string password;
    Json properties;
    Duration connectTimeout = seconds(10);
};

// How long one question to a cluster may take before it is asked again.
inline constexpr Duration kKafkaAnswer = seconds(5);

// The member of a base of the options, as one of theirs.
template <class Options, class Base, class T>
constexpr T Options::*memberOf(T Base::*member)
{
    return static_cast<T Options::*>(member);
}

// What comes first in the form, and, folded away, how brokers are reached.
template <class Options>
void declareKafkaBrokers(Declare<Options>& declare)
{
    declare.field(memberOf<Options>(&KafkaOptions::brokers), {.name = "brokers", .help = "host:port of one broker or several, with commas between them.", .kind = FieldKind::Text, .required = true, .example = Json::string("localhost:9092")});
}
template <class Options>
void declareKafkaFields(Declare<Options>& declare)
{
    const auto member = [](auto KafkaOptions::*of) { return memberOf<Options>(of); };
    const FieldSpec::Visible withTls{"tls", {Json::boolean(true)}};
    const FieldSpec::Visible withLogin{"login", {Json::string("PLAIN"), Json::string("SCRAM-SHA-256"), Json::string("SCRAM-SHA-512")}};
    declare
        .field(member(&KafkaOptions::tls), {.name = "tls", .help = "Whether the connection is encrypted.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false), .advanced = true})
        .field(member(&KafkaOptions::authority), {.name = "authority", .help = "A file of the certificates that brokers are trusted by; left out: those of the system.", .kind = FieldKind::Path, .example = Json::string("ca.pem"), .advanced = true, .visibleWhen = withTls})
        .field(member(&KafkaOptions::certificate), {.name = "certificate", .help = "A file with this client's own certificate, for brokers that ask for one.", .kind = FieldKind::Path, .example = Json::string("client.pem"), .advanced = true, .visibleWhen = withTls})
        .field(member(&KafkaOptions::certificateKey), {.name = "certificate_key", .help = "The file with the key of that certificate.", .kind = FieldKind::Path, .example = Json::string("client.key"), .advanced = true, .visibleWhen = withTls})
        .field(member(&KafkaOptions::keyPassword), {.name = "key_password", .help = "The password of that key.", .kind = FieldKind::Secret, .example = Json::string("${env:KAFKA_KEY_PASSWORD}"), .advanced = true, .visibleWhen = withTls})
        .field(member(&KafkaOptions::login), {.name = "login", .help = "How to log in (SASL). The SCRAM of librdkafka before 2.6.1 is refused by brokers from 4.0 on; there use PLAIN over TLS.", .kind = FieldKind::Choice, .fallback = Json::string("none"), .choices = {"none", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}, .advanced = true})
        .field(member(&KafkaOptions::user), {.name = "user", .help = "Who logs in.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("streamwright"), .advanced = true, .visibleWhen = withLogin})
        .field(member(&KafkaOptions::password), {.name = "password", .help = "The password of that user.", .kind = FieldKind::Secret, .example = Json::string("${env:KAFKA_PASSWORD}"), .advanced = true, .visibleWhen = withLogin})
        .field(member(&KafkaOptions::properties), {.name = "properties", .help = "More properties of librdkafka, by its names.", .kind = FieldKind::Map, .example = Json::object({{"client.rack", Json::string("a")}}), .advanced = true})
        .field(member(&KafkaOptions::connectTimeout), {.name = "connect_timeout", .help = "How long a connection may take to be made.", .kind = FieldKind::Duration, .fallback = Json::string("10s"), .advanced = true});
}

std::vector<FieldError> checkKafkaOptions(const KafkaOptions& options);
// Paths belong to the folder of the pipeline.
KafkaSettings kafkaSettings(const KafkaOptions& options, const PlanContext& context);
// Verify: reach a broker and, with it, log in. Whether it could.
bool probeKafka(KafkaCluster& cluster, const KafkaOptions& options, Probe& probe);

}
