#include "engine/columns/batch.h"

namespace streamwright {

BatchPtr makeBatch(SchemaPtr schema, std::vector<ColumnPtr> columns, size_t rows)
{
    return std::make_shared<const Batch>(std::move(schema), std::move(columns), rows);
}

BatchPtr slice(const BatchPtr& batch, size_t from, size_t rows)
{
    if (from == 0 && rows == batch->rows()) return batch;
    std::vector<ColumnPtr> columns;
    columns.reserve(batch->columns().size());
    for (const ColumnPtr& column : batch->columns()) columns.push_back(column->slice(from, rows));
    return makeBatch(batch->schemaPtr(), std::move(columns), rows);
}

BatchPtr gather(const Batch& batch, std::span<const uint32_t> rows)
{
    std::vector<ColumnPtr> columns;
    columns.reserve(batch.columns().size());
    for (const ColumnPtr& column : batch.columns()) columns.push_back(gather(*column, rows));
    return makeBatch(batch.schemaPtr(), std::move(columns), rows.size());
}

BatchPtr concatenate(const SchemaPtr& schema, std::span<const BatchPtr> batches)
{
    if (batches.empty()) return emptyBatch(schema);
    if (batches.size() == 1) return batches.front();
    size_t rows = 0;
    for (const BatchPtr& batch : batches) rows += batch->rows();
    std::vector<ColumnPtr> columns;
    for (size_t c = 0; c < schema->size(); ++c) {
        std::vector<ColumnPtr> parts;
        parts.reserve(batches.size());
        for (const BatchPtr& batch : batches) parts.push_back(batch->column(c));
        columns.push_back(concatenate(parts));
    }
    return makeBatch(schema, std::move(columns), rows);
}

BatchPtr emptyBatch(SchemaPtr schema)
{
    std::vector<ColumnPtr> columns;
    for (const Field& field : schema->fields()) columns.push_back(Column::nullsOf(field.type, 0));
    return makeBatch(std::move(schema), std::move(columns), 0);
}

}
