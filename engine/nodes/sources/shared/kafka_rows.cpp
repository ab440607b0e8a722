#include "engine/nodes/sources/shared/kafka_rows.h"

#include "engine/columns/builder.h"
#include "engine/formats/text.h"

#include <algorithm>

namespace streamwright {

namespace {

// Values as they are.
class BytesDecoder final : public RecordDecoder {
public:
    const SchemaPtr& schema() const override { return schema_; }
    DecodedRows decode(std::span<const StringRef> records, const uint8_t* nulls, const std::vector<Owner>& owners) const override
    {
        ColumnBuilder values(TypeKind::Binary);
        for (size_t i = 0; i < records.size(); ++i) {
            if (nulls && nulls[i]) values.pushNull();
            else values.pushView(records[i]);
        }
        values.keep(owners);
        return {makeBatch(schema_, {values.finish()}, records.size()), {}, {}};
    }

private:
    SchemaPtr schema_ = std::make_shared<const Schema>(Schema({{"value", TypeKind::Binary}}));
};

Type typeOf(const std::string& column, const KafkaRowOptions& options)
{
    if (column == "key") return options.keys == "bytes" ? TypeKind::Binary : TypeKind::String;
    if (column == "headers") return Type::array(Type::structure({{"key", TypeKind::String}, {"value", TypeKind::Binary}}));
    if (column == "timestamp") return TypeKind::Timestamp;
    if (column == "partition") return TypeKind::Int;
    if (column == "offset") return TypeKind::BigInt;
    return TypeKind::String;
}

std::unique_ptr<RecordDecoder> decoderOf(const KafkaRowOptions& options, const PlanContext& context)
{
    if (options.format == "bytes") return std::make_unique<BytesDecoder>();
    // An empty record is one all the same.
    if (options.format == "csv") {
        CsvFormat format = csvFormat(options, context);
        format.blank = Blank::NullRow;
        return csvDecoder(std::make_shared<const Schema>(*options.schema), format);
    }
    if (options.format == "json") return jsonDecoder(std::make_shared<const Schema>(*options.schema), {context.timeZone, Blank::NullRow});
    return recordDecoder(options, context);
}

// The values of records, copied one behind the other into one buffer: the records can go then.
struct CopiedValues {
    std::vector<StringRef> records;
    std::vector<uint8_t> nulls;         // empty: there is none
    std::vector<Owner> owners;
    std::string_view text;              // a line end stands between any two
};

CopiedValues copyValues(std::span<const KafkaRecord> records)
{
    CopiedValues copied;
    size_t bytes = records.size();
    for (const KafkaRecord& record : records) bytes += record.value ? record.value->size() : 0;
    auto buffer = Buffer::allocate(bytes);
    char* at = buffer->data();
    copied.records.reserve(records.size());
    for (size_t i = 0; i < records.size(); ++i) {
        const std::string_view value = records[i].value.value_or(std::string_view());
        if (!records[i].value) {
            copied.nulls.resize(records.size(), 0);
            copied.nulls[i] = 1;
        }
        if (!value.empty()) std::memcpy(at, value.data(), value.size());
        at[value.size()] = '\n';
        copied.records.push_back(StringRef(at, static_cast<uint32_t>(value.size())));
        at += value.size() + 1;
    }
    copied.text = {buffer->data(), bytes};
    copied.owners.push_back(std::move(buffer));
    return copied;
}

}

const std::vector<std::string>& kafkaRecordColumns()
{
    static const std::vector<std::string> columns{"key", "headers", "timestamp", "partition", "offset", "topic"};
    return columns;
}

std::vector<FieldError> checkKafkaRowOptions(const KafkaRowOptions& options)
{
    std::vector<FieldError> errors;
    if (options.format != "bytes") errors = checkRecordOptions(options);
    else if (options.schema && !(options.schema->size() == 1 && (*options.schema)[0].type.is(TypeKind::Binary))) errors.push_back({"schema", "format bytes has one BINARY column, but the schema is " + options.schema->toDdl(), "leave the schema out"});
    for (size_t i = 0; i < options.columns.size(); ++i) {
        if (std::find(kafkaRecordColumns().begin(), kafkaRecordColumns().end(), options.columns[i]) == kafkaRecordColumns().end()) {
            errors.push_back({"columns", fmt::format("a column of a Kafka record is one of key, headers, timestamp, partition, offset, topic, but not {}", options.columns[i]), "the columns of the value are there without being named", i});
        }
    }
    return errors;
}

Checked<Schema> kafkaRowSchema(const KafkaRowOptions& options)
{
    std::vector<Field> fields;
    if (options.format == "bytes") {
        fields.push_back({options.schema ? (*options.schema)[0].name : "value", TypeKind::Binary});
    } else {
        auto schema = recordSchema(options);
        if (!schema) return schema.error();
        fields = schema->fields();
    }
    for (const std::string& column : options.columns) fields.push_back({column, typeOf(column, options)});
    if (auto twice = duplicateName(fields)) return FieldError{"columns", "the column " + *twice + " is there twice", "name it otherwise in the schema, or leave it out of `columns`"};
    return Schema(std::move(fields));
}

KafkaRows::KafkaRows(KafkaRowOptions options, const PlanContext& context) : options_(std::move(options)), decoder_(decoderOf(options_, context)), schema_(std::make_shared<const Schema>(*kafkaRowSchema(options_))) {}

void KafkaRows::emit(const KafkaPartition& partition, std::span<const KafkaRecord> records, Emitter& out) const
{
    CopiedValues values = copyValues(records);
    if (options_.format != "bytes" && !isUtf8(values.text)) {
        if (Owner repaired = repairRecords(values.records)) values.owners.push_back(std::move(repaired));
    }
    DecodedRows decoded = decoder_->decode(values.records, values.nulls.empty() ? nullptr : values.nulls.data(), values.owners);
    const size_t rows = decoded.batch->rows();
    if (rows > 0) {
        std::vector<ColumnPtr> columns = decoded.batch->columns();
        for (const std::string& name : options_.columns) columns.push_back(column(name, partition, records, decoded.records, rows));
        out.emit(makeBatch(schema_, std::move(columns), rows));
    }
    for (BadRecord& bad : decoded.bad) {
        std::string reason = fmt::format("{} (partition {} of {}, offset {})", bad.reason, partition.number, partition.topic, records[bad.record].offset);
        out.reject({std::move(bad.field), std::move(reason), std::move(bad.row), std::string(records[bad.record].value.value_or(std::string_view()))});
    }
}

ColumnPtr KafkaRows::column(const std::string& name, const KafkaPartition& partition, std::span<const KafkaRecord> records, const std::vector<uint32_t>& rows, size_t count) const
{
    ColumnBuilder values(typeOf(name, options_));
    values.reserve(count);
    for (size_t row = 0; row < count; ++row) {
        const KafkaRecord& record = records[rows.empty() ? row : rows[row]];
        if (name == "key") {
            if (!record.key) values.pushNull();
            else if (options_.keys == "text" && !isUtf8(*record.key)) values.pushText(repairUtf8(*record.key));
            else values.pushText(*record.key);
        } else if (name == "headers") {
            KafkaMessages::eachHeader(record, [&](std::string_view header, std::optional<std::string_view> value) {
                ColumnBuilder& pair = values.element();
                pair.child(0).pushText(isUtf8(header) ? std::string(header) : repairUtf8(header));
                if (value) pair.child(1).pushText(*value);
                else pair.child(1).pushNull();
                pair.closeRow();
            });
            values.closeRow();
        } else if (name == "timestamp") {
            const auto millis = KafkaMessages::timestamp(record);
            if (millis) values.push<int64_t>(*millis * 1000);
            else values.pushNull();
        } else if (name == "partition") values.push<int32_t>(partition.number);
        else if (name == "offset") values.push<int64_t>(record.offset);
        else values.pushText(partition.topic);
    }
    return values.finish();
}

}
