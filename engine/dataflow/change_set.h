// Small pieces for the making of change sets.
#pragma once
#include "engine/dataflow/state.h"

namespace streamwright {

// `rows` times the same value.
ColumnPtr repeated(int32_t value, size_t rows);                     // INT
ColumnPtr repeated(Type type, int64_t value, size_t rows);          // BIGINT, TIMESTAMP
ColumnPtr repeated(bool value, size_t rows);                        // BOOLEAN
// first, first + 1, …: BIGINT
ColumnPtr countedFrom(int64_t first, size_t rows);

// Joins neighbours of few rows, so that a change of a few entries makes one block instead of 64.
ChangeSet joinSmall(const SchemaPtr& schema, std::vector<BatchPtr> batches);

// The identity columns, `deleted`, then `content`; names of the content that are taken get a trailing `_`.
Schema changeSchema(std::vector<Field> identity, const std::vector<Field>& content);

}
