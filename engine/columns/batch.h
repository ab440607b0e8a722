// Rows of a stream as columns; immutable and shared.
#pragma once
#include "engine/columns/column.h"
#include "engine/columns/schema.h"

namespace streamwright {

class Batch;
using BatchPtr = std::shared_ptr<const Batch>;

// Rows that operators are given at once, at most (engine option `vector rows`; the tests also use 1 and 3).
inline constexpr size_t kVectorRows = 4096;

class Batch {
public:
    // Every column has `rows` rows and the schema's type.
    Batch(SchemaPtr schema, std::vector<ColumnPtr> columns, size_t rows) : schema_(std::move(schema)), columns_(std::move(columns)), rows_(rows) {}

    const Schema& schema() const { return *schema_; }
    const SchemaPtr& schemaPtr() const { return schema_; }
    size_t rows() const { return rows_; }
    const std::vector<ColumnPtr>& columns() const { return columns_; }
    const ColumnPtr& column(size_t i) const { return columns_[i]; }

private:
    SchemaPtr schema_;
    std::vector<ColumnPtr> columns_;
    size_t rows_;
};

BatchPtr makeBatch(SchemaPtr schema, std::vector<ColumnPtr> columns, size_t rows);
BatchPtr slice(const BatchPtr& batch, size_t from, size_t rows);
BatchPtr gather(const Batch& batch, std::span<const uint32_t> rows);
// All of one schema; an empty list gives an empty batch.
BatchPtr concatenate(const SchemaPtr& schema, std::span<const BatchPtr> batches);
BatchPtr emptyBatch(SchemaPtr schema);

}
