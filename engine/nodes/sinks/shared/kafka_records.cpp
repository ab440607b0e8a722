#include "engine/nodes/sinks/shared/kafka_records.h"

#include "engine/columns/builder.h"
#include "engine/columns/print.h"
#include "engine/dataflow/rejecting.h"

#include <fmt/format.h>

#include <algorithm>

namespace streamwright {

namespace {

// The places of the columns that every batch of records has; headers follow.
enum Place : size_t { kKey, kValue, kPartition, kTimestamp, kFirstHeader };

// Bytes stay as they are, everything else becomes text.
Checked<Expression> compileBytes(const std::string& field, const std::string& text, const Schema& input)
{
    auto expression = compileExpression(text, input);
    if (!expression) return inField(field, expression.error());
    if (expression->type().is(TypeKind::Binary) || expression->type().is(TypeKind::String)) return std::move(*expression);
    auto asText = compileExpressionAs(text, input, TypeKind::String);
    if (!asText) return inField(field, asText.error());
    return std::move(*asText);
}

// As BINARY, whether it was text or bytes.
ColumnPtr asBytes(const ColumnPtr& column)
{
    if (column->type().is(TypeKind::Binary)) return column;
    return Column::make(TypeKind::Binary, column->size(), column->values<StringRef>(), column->nulls(), column->owners());
}

std::optional<std::string_view> bytesAt(const Column& column, size_t row)
{
    if (column.isNull(row)) return std::nullopt;
    return column.value<StringRef>(row).view();
}

}

Checked<KafkaRecords> KafkaRecords::compile(const KafkaRecordOptions& options, const Schema& input)
{
    KafkaRecords records;
    records.format_ = options.format;
    std::vector<Field> fields{{"key", TypeKind::Binary}, {"value", TypeKind::Binary}, {"partition", TypeKind::Int}, {"timestamp", TypeKind::Timestamp}};
    const std::pair<const std::string&, std::optional<Expression>&> bytes[] = {{options.key, records.key_}, {options.value, records.value_}};
    for (size_t i = 0; i < 2; ++i) {
        if (bytes[i].first.empty()) continue;
        auto compiled = compileBytes(i == 0 ? "key" : "value", bytes[i].first, input);
        if (!compiled) return compiled.error();
        bytes[i].second = std::move(*compiled);
    }
    for (const auto& [name, text] : options.headers.members()) {
        if (!text.isString()) return FieldError{"headers", fmt::format("the header {} must be an expression (text), but is {}", name, text.describe()), "write for example {\"source\": \"'orders'\"}"};
        auto compiled = compileBytes("headers", text.asString(), input);
        if (!compiled) return compiled.error();
        records.headers_.push_back({name, std::move(*compiled)});
        fields.push_back({"header " + name, TypeKind::Binary});
    }
    if (!options.partition.empty()) {
        auto compiled = compileExpressionAs(options.partition, input, TypeKind::Int);
        if (!compiled) return inField("partition", compiled.error());
        records.partition_ = std::move(*compiled);
    }
    if (!options.timestamp.empty()) {
        auto compiled = compileExpressionAs(options.timestamp, input, TypeKind::Timestamp);
        if (!compiled) return inField("timestamp", compiled.error());
        records.timestamp_ = std::move(*compiled);
    }
    records.schema_ = std::make_shared<const Schema>(Schema(std::move(fields)));
    return records;
}

ColumnPtr KafkaRecords::wholeRows(const Batch& rows, const std::string& timeZone) const
{
    ColumnBuilder values(TypeKind::Binary);
    values.reserve(rows.rows());
    CsvFormat csv;
    csv.timeZone = timeZone;
    std::string text;
    for (size_t row = 0; row < rows.rows(); ++row) {
        text.clear();
        if (format_ == "csv") {
            appendCsvRow(rows, row, csv, text);
            while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
        } else {
            appendJsonRow(rows, row, text);
        }
        values.pushText(text);
    }
    return values.finish();
}

BatchPtr KafkaRecords::of(const Batch& rows, const BatchContext& context, const KafkaLimits& limits, Emitter& rejects) const
{
    const EvalContext evaluation = evalContext(context);
    std::vector<char> rejected(rows.rows(), 0);
    const auto reject = [&](const std::string& field, std::vector<RowError> errors) {
        std::erase_if(errors, [&](const RowError& error) { return rejected[error.row] != 0; });
        for (const RowError& error : errors) rejected[error.row] = 1;
        rejectRows(rows, field, errors, rejects);
    };
    const auto evaluate = [&](const std::optional<Expression>& expression, const char* field, TypeKind type) {
        if (!expression) return Column::nullsOf(type, rows.rows());
        Evaluated evaluated = expression->evaluate(rows, evaluation);
        if (!evaluated.errors.empty()) reject(field, std::move(evaluated.errors));
        return type == TypeKind::Binary ? asBytes(evaluated.column) : evaluated.column;
    };
    std::vector<ColumnPtr> columns;
    columns.push_back(evaluate(key_, "key", TypeKind::Binary));
    columns.push_back(value_ ? evaluate(value_, "value", TypeKind::Binary) : wholeRows(rows, context.timeZone));
    columns.push_back(evaluate(partition_, "partition", TypeKind::Int));
    columns.push_back(evaluate(timestamp_, "timestamp", TypeKind::Timestamp));
    for (const Header& header : headers_) columns.push_back(evaluate(header.expression, "headers", TypeKind::Binary));

    // What no broker would take must not reach the decision.
    std::vector<RowError> large, misplaced, timeless;
    std::vector<uint32_t> kept;
    for (uint32_t row = 0; row < rows.rows(); ++row) {
        int64_t bytes = KafkaProducer::kRecordOverhead;
        for (size_t c = 0; c < columns.size(); ++c) {
            if (c == kPartition || c == kTimestamp) continue;
            bytes += static_cast<int64_t>(bytesAt(*columns[c], row).value_or(std::string_view()).size());
            if (c >= kFirstHeader) bytes += KafkaProducer::kHeaderOverhead + static_cast<int64_t>(headers_[c - kFirstHeader].name.size());
        }
        if (bytes > limits.bytes) large.push_back({row, fmt::format("the record takes {} bytes, the topic takes {}", bytes, limits.bytes)});
        const bool placed = !columns[kPartition]->isNull(row);
        const int32_t partition = placed ? columns[kPartition]->value<int32_t>(row) : 0;
        if (partition < 0 || (limits.partitions > 0 && partition >= limits.partitions)) misplaced.push_back({row, fmt::format("there is no partition {}: the topic has {}", partition, limits.partitions)});
        if (!columns[kTimestamp]->isNull(row) && columns[kTimestamp]->value<int64_t>(row) < 0) timeless.push_back({row, "the timestamp lies before 1970"});
    }
    reject("value", std::move(large));
    reject("partition", std::move(misplaced));
    reject("timestamp", std::move(timeless));
    for (uint32_t row = 0; row < rows.rows(); ++row) {
        if (!rejected[row]) kept.push_back(row);
    }
    const BatchPtr all = makeBatch(schema_, std::move(columns), rows.rows());
    return kept.size() == rows.rows() ? all : gather(*all, kept);
}

Result<void> KafkaRecords::produce(const Batch& records, const KafkaProducer::Produce& produce) const
{
    std::vector<KafkaHeader> headers(headers_.size());
    for (size_t row = 0; row < records.rows(); ++row) {
        KafkaOutput output;
        output.key = bytesAt(*records.column(kKey), row);
        output.value = bytesAt(*records.column(kValue), row);
        if (!records.column(kPartition)->isNull(row)) output.partition = records.column(kPartition)->value<int32_t>(row);
        if (!records.column(kTimestamp)->isNull(row)) output.timestamp = Timestamp{records.column(kTimestamp)->value<int64_t>(row)}.millis();
        for (size_t h = 0; h < headers.size(); ++h) headers[h] = {headers_[h].name, bytesAt(*records.column(kFirstHeader + h), row)};
        output.headers = headers;
        if (auto done = produce(output); !done) return done;
    }
    return {};
}

}
