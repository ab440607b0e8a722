// Kafka's records as rows: their values by format, and what else is known of them.
#pragma once
#include "engine/nodes/record_options.h"
#include "engine/transport/kafka_consumer.h"

namespace streamwright {

// Columns that can stand behind those of the value.
const std::vector<std::string>& kafkaRecordColumns();   // key, headers, timestamp, partition, offset, topic

struct KafkaRowOptions : RecordOptions {
    std::vector<std::string> columns;   // of kafkaRecordColumns
    std::string keys = "text";          // "text" or "bytes"
};

std::vector<FieldError> checkKafkaRowOptions(const KafkaRowOptions& options);
Checked<Schema> kafkaRowSchema(const KafkaRowOptions& options);

// Immutable; used by many workers at once.
class KafkaRows {
public:
    KafkaRows(KafkaRowOptions options, const PlanContext& context);
    // Copies what is kept of the records.
    void emit(const KafkaPartition& partition, std::span<const KafkaRecord> records, Emitter& out) const;

private:
    ColumnPtr column(const std::string& name, const KafkaPartition& partition, std::span<const KafkaRecord> records, const std::vector<uint32_t>& rows, size_t count) const;

    KafkaRowOptions options_;
    std::unique_ptr<RecordDecoder> decoder_;
    SchemaPtr schema_;
};

}
