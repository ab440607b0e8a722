// How far a Kafka source has read, and what a batch reads: as values and as the text of offsets and ranges.
#pragma once
#include "engine/dataflow/source.h"
#include "engine/transport/kafka_settings.h"

namespace streamwright {

// The last record that was read of a partition: another one in its place tells that the topic was made anew.
struct KafkaLast {
    int64_t offset = 0;
    int64_t millis = 0;
    int64_t hash = 0;
    bool operator==(const KafkaLast&) const = default;
};

struct KafkaPosition {
    int64_t next = 0;
    std::optional<KafkaLast> last;
};
using KafkaPositions = std::map<KafkaPartition, KafkaPosition>;

// `{"orders": {"0": [120], "1": [98, 97, 1700000000000, 123456]}}`: the next offset, and the last record's offset, time and hash.
std::string positionsText(const KafkaPositions& positions);
Result<KafkaPositions> positionsOf(std::string_view text);

// What a batch reads of one partition.
struct KafkaSlice {
    KafkaPartition partition;
    int64_t from = 0;
    int64_t until = 0;
};
// `[["orders", 0, 100, 200], …]`.
std::string slicesText(const std::vector<KafkaSlice>& slices);
Result<std::vector<KafkaSlice>> slicesOf(std::string_view text);

// Shares `limit` records out to partitions by how far each lags: all of it, and none gets more than its lag. Who lags gets at least
// one record as long as there are enough.
std::vector<int64_t> shareByLag(const std::vector<int64_t>& lags, int64_t limit);

std::string describePartition(const KafkaPartition& partition);   // "partition 0 of orders"

}
