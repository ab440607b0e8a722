// Which partitions a Kafka source reads, and where they begin and end now.
#pragma once
#include "engine/dataflow/node_type.h"
#include "engine/transport/kafka_cluster.h"

#include <set>

namespace streamwright {

// Exactly one of the three is given.
struct KafkaSelection {
    std::vector<std::string> topics;
    std::string pattern;                // Java's regular expression, of whole names
    Json partitions;                    // {"orders": [0, 1]}
};
std::vector<FieldError> checkKafkaSelection(const KafkaSelection& selection);
std::string describeSelection(const KafkaSelection& selection);

// Where a stream that has no position yet begins.
struct KafkaStart {
    std::string at = "latest";          // earliest, latest, offsets, time
    Json offsets;                       // {"orders": {"0": 42, "1": "latest"}}; partitions that it leaves out begin at the earliest
    std::string time;
};
std::vector<FieldError> checkKafkaStart(const KafkaStart& start);

class KafkaTopics {
public:
    KafkaTopics(KafkaSelection selection, KafkaStart start, std::string timeZone) : selection_(std::move(selection)), start_(std::move(start)), timeZone_(std::move(timeZone)) {}

    // The partitions that are there. A topic or partition that is named and not there is in `missing`.
    struct Found {
        std::set<KafkaPartition> partitions;
        std::vector<std::string> missing;   // "topic orders", "partition 7 of orders"
    };
    Result<Found> find(KafkaCluster& cluster) const;
    // Of each partition, the offset at which a new stream begins.
    Result<KafkaOffsets> begin(KafkaCluster& cluster, const std::set<KafkaPartition>& partitions) const;
    // Whether a partition belongs to the selection, be it there or not.
    bool selects(const KafkaPartition& partition) const;

private:
    Result<KafkaOffsets> timesOfStart(const std::set<KafkaPartition>& partitions) const;

    KafkaSelection selection_;
    KafkaStart start_;
    std::string timeZone_;
};

}
