// Writes records, in transactions that also hold a marker, or as they come. One thread at a time.
#pragma once
#include "engine/transport/kafka_settings.h"

#include <functional>
#include <memory>
#include <span>

namespace streamwright {

class KafkaHandle;

struct KafkaHeader {
    std::string_view name;
    std::optional<std::string_view> value;
};

// A record to write. What it views must stay until the transaction or the flush has ended.
struct KafkaOutput {
    std::optional<std::string_view> key;
    std::optional<std::string_view> value;
    std::optional<int32_t> partition;       // none: the partitioner's choice
    std::optional<int64_t> timestamp;       // milliseconds; none: now
    std::span<const KafkaHeader> headers;
};

// Written with the records or not at all: an offset committed for a group that has no members.
struct KafkaMarker {
    std::string group;
    KafkaPartition partition;
    int64_t offset = 0;
    std::string metadata;
};

class KafkaProducer {
public:
    struct Options {
        std::string topic;
        std::string transactionalId;        // empty: no transactions
        Duration transactionTimeout = seconds(60);
        std::string partitioner = "murmur2_random";
        int64_t maxMessageBytes = 1'000'000;
    };
    static Result<std::unique_ptr<KafkaProducer>> open(const KafkaSettings& settings, const Options& options);
    ~KafkaProducer();

    // Takes the transactional id from whoever had it; what that one left open is aborted. Again until it succeeds.
    Result<void> begin(Duration timeout);

    using Produce = std::function<Result<void>(const KafkaOutput&)>;
    using Fill = std::function<Result<void>(const Produce&)>;
    // A transaction with what `fill` produces and the marker: it is decided, and its end will be written to the partitions. An error:
    // it was aborted, or `lost` tells that nobody knows.
    Result<void> transaction(const Fill& fill, const KafkaMarker& marker);
    // A transaction with what `fill` produces that is aborted.
    Result<void> abortedTransaction(const Fill& fill);
    // What `fill` produces, without a transaction: all of it has arrived, or an error.
    Result<void> write(const Fill& fill);

    // This client can do no more: somebody took its transactional id, or how a transaction ended is not known.
    bool lost() const;

    // What a record without headers adds to key and value in a batch of its own, at most.
    static constexpr int64_t kRecordOverhead = 61 + 36;
    // What a header adds to its name and value, at most.
    static constexpr int64_t kHeaderOverhead = 10;

private:
    KafkaProducer(std::unique_ptr<KafkaHandle> handle, Options options);
    Result<void> produce(const KafkaOutput& output);
    Result<void> flush();
    Result<void> beginTransaction();
    Result<void> fillAndFlush(const Fill& fill);
    Result<void> abort();
    Error abort(Error because);
    template <class Call>
    Result<void> step(const std::string& what, const Call& call);

    std::unique_ptr<KafkaHandle> handle_;
    Options options_;
    struct Topic;
    std::unique_ptr<Topic> topic_;
    bool unknown_ = false;                  // how a transaction ended
};

}
