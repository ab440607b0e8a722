// What nodes that evaluate expressions share: the context of an evaluation and the rows that failed.
#pragma once
#include "engine/dataflow/context.h"
#include "engine/expression/expression.h"

namespace streamwright {

EvalContext evalContext(const BatchContext& context);

// Sends the rows of `errors` to the port `rejected`; `field` is the option that failed.
void rejectRows(const Batch& batch, std::string_view field, std::span<const RowError> errors, Emitter& out);

// The rows of a batch of `rows` rows that are in none of the errors; `errors` ascending by row.
std::vector<uint32_t> rowsWithoutErrors(size_t rows, std::span<const RowError> errors);

}
