#include "engine/formats/record_decoder.h"

#include "engine/formats/row_assembly.h"

namespace streamwright {

std::optional<RecordFormat> recordFormat(std::string_view name)
{
    if (name == "text") return RecordFormat::Text;
    if (name == "csv") return RecordFormat::Csv;
    if (name == "json") return RecordFormat::Json;
    return std::nullopt;
}

namespace {

class TextDecoder final : public RecordDecoder {
public:
    explicit TextDecoder(SchemaPtr schema) : schema_(std::move(schema)) {}

    const SchemaPtr& schema() const override { return schema_; }

    DecodedRows decode(std::span<const StringRef> records, const uint8_t* nulls, const std::vector<Owner>& owners) const override
    {
        auto values = Buffer::allocate(records.size_bytes());
        if (!records.empty()) std::memcpy(values->data(), records.data(), records.size_bytes());
        const void* data = values->data();
        std::vector<Owner> kept = owners;
        kept.push_back(std::move(values));
        const uint8_t* marks = nullptr;
        if (nulls) {
            auto copy = Buffer::allocate(records.size());
            std::memcpy(copy->data(), nulls, records.size());
            marks = reinterpret_cast<const uint8_t*>(copy->data());
            kept.push_back(std::move(copy));
        }
        ColumnPtr column = Column::make((*schema_)[0].type, records.size(), data, marks, std::move(kept));
        return {makeBatch(schema_, {std::move(column)}, records.size()), {}, {}};
    }

private:
    SchemaPtr schema_;
};

}

std::unique_ptr<RecordDecoder> textDecoder(SchemaPtr schema) { return std::make_unique<TextDecoder>(std::move(schema)); }

bool isBlank(std::string_view record)
{
    return std::all_of(record.begin(), record.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

RowAssembly::RowAssembly(const SchemaPtr& schema, size_t expectedRows) : schema_(schema)
{
    columns_.reserve(schema->size());
    for (const Field& field : schema->fields()) columns_.emplace_back(field.type).reserve(expectedRows);
}

void RowAssembly::complete()
{
    ++rows_;
    for (ColumnBuilder& column : columns_) {
        if (column.size() < rows_) column.pushNull();
    }
}

void RowAssembly::good(size_t record)
{
    goodRows_.push_back(static_cast<uint32_t>(rows_));
    records_.push_back(static_cast<uint32_t>(record));
    complete();
}

void RowAssembly::bad(BadRecord why)
{
    bad_.push_back(std::move(why));
    complete();
}

DecodedRows RowAssembly::finish(size_t records)
{
    std::vector<ColumnPtr> columns;
    columns.reserve(columns_.size());
    for (ColumnBuilder& column : columns_) columns.push_back(column.finish());
    BatchPtr batch = makeBatch(schema_, std::move(columns), rows_);
    if (goodRows_.size() < rows_) batch = gather(*batch, goodRows_);
    if (records_.size() == records) records_.clear();
    return {std::move(batch), std::move(bad_), std::move(records_)};
}

}
