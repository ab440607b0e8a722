// Rows as records for Kafka: evaluated when they arrive, staged as a batch of bytes, produced from it.
#pragma once
#include "engine/dataflow/node_type.h"
#include "engine/expression/expression.h"
#include "engine/formats/csv.h"
#include "engine/transport/kafka_producer.h"

namespace streamwright {

struct KafkaRecordOptions {
    std::string key;                    // expressions; empty: none
    std::string value;                  // empty: the whole row, as `format` has it
    std::string format = "json";
    Json headers;                       // {"source": "'orders'"}
    std::string partition;
    std::string timestamp;
};

// What a topic takes.
struct KafkaLimits {
    int64_t bytes = 1'000'000;          // of a record with all that belongs to it
    int32_t partitions = 0;             // 0: not known
};

class KafkaRecords {
public:
    static Checked<KafkaRecords> compile(const KafkaRecordOptions& options, const Schema& input);

    // The records of the rows that make one; the others are rejected.
    BatchPtr of(const Batch& rows, const BatchContext& context, const KafkaLimits& limits, Emitter& rejects) const;
    const SchemaPtr& schema() const { return schema_; }
    // Produces the records of a batch of `schema`, which must stay until they are written.
    Result<void> produce(const Batch& records, const KafkaProducer::Produce& produce) const;

private:
    struct Header {
        std::string name;
        Expression expression;
    };
    ColumnPtr wholeRows(const Batch& rows, const std::string& timeZone) const;

    std::optional<Expression> key_, value_, partition_, timestamp_;
    std::vector<Header> headers_;
    std::string format_;
    SchemaPtr schema_;
};

}
