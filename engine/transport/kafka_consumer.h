// Reads partitions from given offsets on, each in order and apart from the others. Never pauses, resumes or seeks: what is to be
// read again is read by a consumer made anew. One thread at a time for each partition.
#pragma once
#include "engine/transport/kafka_settings.h"

#include <functional>
#include <memory>
#include <span>

struct rd_kafka_message_s;

namespace streamwright {

// One record, as long as its KafkaMessages hold it. NULL and empty differ.
struct KafkaRecord {
    int64_t offset = 0;
    std::optional<std::string_view> key;
    std::optional<std::string_view> value;
    const rd_kafka_message_s* message = nullptr;
};

// Records that were taken from a consumer; may outlive it only until it goes.
class KafkaMessages {
public:
    KafkaMessages() = default;
    ~KafkaMessages() { clear(); }
    KafkaMessages(const KafkaMessages&) = delete;
    KafkaMessages& operator=(const KafkaMessages&) = delete;

    std::span<const KafkaRecord> records() const { return records_; }
    size_t size() const { return records_.size(); }
    void clear();

    // Milliseconds since 1970; nullopt where the record has none.
    static std::optional<int64_t> timestamp(const KafkaRecord& record);
    static void eachHeader(const KafkaRecord& record, const std::function<void(std::string_view name, std::optional<std::string_view> value)>& take);

private:
    friend class KafkaConsumer;
    std::vector<KafkaRecord> records_;
};

class KafkaHandle;

class KafkaConsumer {
public:
    struct Options {
        KafkaIsolation isolation = KafkaIsolation::ReadCommitted;
        std::string group;              // named to the brokers; this is never a member of it
        int64_t queueBytes = 64 << 20;  // that are fetched ahead, of all partitions together
    };
    // Starts to fetch.
    static Result<std::unique_ptr<KafkaConsumer>> open(const KafkaSettings& settings, const Options& options, const KafkaOffsets& from);
    ~KafkaConsumer();

    enum class Came : unsigned char {
        More,           // records may follow below the limit
        All,            // there are no more records below the limit
        OutOfRange,     // the broker no longer has, or never had, the next offset
        Missing,        // there is no such partition (any more)
    };
    // Takes up to `most` records of the partition below `until`. Those behind it are kept for the next call. Where none is there,
    // waits for one, `wait` at most.
    Result<Came> take(const KafkaPartition& partition, int64_t until, size_t most, Duration wait, KafkaMessages& into);
    // Where the next `take` begins; nullopt for a partition that is not read.
    std::optional<int64_t> position(const KafkaPartition& partition) const;
    // Whether something has been fetched of it that was not taken yet. As `take`, one thread at a time.
    bool waiting(const KafkaPartition& partition);

    // Why nothing comes, in the broker's words; nullopt if nothing was said.
    std::optional<Error> refused();

private:
    struct Partition;
    KafkaConsumer(std::unique_ptr<KafkaHandle> handle, const KafkaOffsets& from);
    Result<Came> troubleOf(const KafkaPartition& partition, const rd_kafka_message_s& message);

    std::unique_ptr<KafkaHandle> handle_;
    std::map<KafkaPartition, Partition> partitions_;
};

}
