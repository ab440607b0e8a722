// Reads what batches were given of Kafka's partitions, each by one worker, while more is fetched ahead.
#pragma once
#include "engine/nodes/sources/shared/kafka_positions.h"
#include "engine/nodes/sources/shared/kafka_rows.h"
#include "engine/transport/kafka_cluster.h"

#include <mutex>

namespace streamwright {

// What to do about records that the broker no longer has.
enum class OnDataLoss : unsigned char { Fail, Skip };

Error kafkaDataLoss(const KafkaPartition& partition, const std::string& what);

// Any thread, a slice by one.
class KafkaReader {
public:
    struct Options {
        KafkaConsumer::Options consumer;
        Duration readTimeout;
        OnDataLoss onDataLoss = OnDataLoss::Fail;
    };
    KafkaReader(KafkaSettings settings, Options options) : settings_(std::move(settings)), options_(std::move(options)) {}

    // Where partitions will be read from when the batch that is planned has been read: all of them are fetched ahead.
    void expect(KafkaOffsets next);
    // Begins to fetch although there is nothing to read yet.
    Result<void> fetchAhead();
    // All records of slice `index` become rows. `text` tells one batch from another.
    Result<void> read(const std::string& text, const std::vector<KafkaSlice>& slices, size_t index, const KafkaRows& rows, const StopToken& stop, Emitter& out);
    // The last record of a slice that was read; nullopt if it held none.
    std::optional<KafkaLast> lastOf(const KafkaSlice& slice) const;
    // Whether something was fetched ahead. Not while a batch is read.
    bool waiting();
    // What was lost while reading, since the last call; with OnDataLoss::Skip.
    std::string takeLosses();
    // The records that stand at these offsets now; those after them where these are gone, none where there are none.
    Result<std::map<KafkaPartition, KafkaLast>> look(const KafkaOffsets& offsets) const;

private:
    Result<std::shared_ptr<KafkaConsumer>> consumerFor(const std::string& text, const std::vector<KafkaSlice>& slices, size_t index);
    Result<std::shared_ptr<KafkaConsumer>> afterLoss(const KafkaSlice& slice, int64_t position, KafkaConsumer::Came came);
    void spoil(const std::shared_ptr<KafkaConsumer>& consumer);

    KafkaSettings settings_;
    Options options_;
    mutable std::mutex mutex_;
    std::shared_ptr<KafkaConsumer> consumer_;
    KafkaOffsets expected_;
    std::string pass_;                  // the batch that is read
    std::vector<char> begun_;           // its slices that were
    std::map<KafkaPartition, std::pair<int64_t, std::optional<KafkaLast>>> lasts_;  // by partition, with the end of the slice
    std::string losses_;
};

}
