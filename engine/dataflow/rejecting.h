// What nodes share that reject rows: those that evaluate expressions, and sinks whose targets do not take every row.
#pragma once
#include "engine/columns/print.h"
#include "engine/dataflow/context.h"
#include "engine/expression/expression.h"

namespace streamwright {

EvalContext evalContext(const BatchContext& context);

// Sends the rows of `errors` to the port `rejected`; `field` is the option that failed.
void rejectRows(const Batch& batch, std::string_view field, std::span<const RowError> errors, Emitter& out);

// The rows of a batch of `rows` rows that are in none of the errors; `errors` ascending by row.
std::vector<uint32_t> rowsWithoutErrors(size_t rows, std::span<const RowError> errors);

// The rows that `whyNot(row)` has nothing against; the others are rejected, with the row as JSON text beside the reason.
template <class F>
Morsel takenRows(const Morsel& in, Emitter& rejects, const F& whyNot)
{
    std::vector<uint32_t> taken;
    for (uint32_t row = 0; row < in.batch->rows(); ++row) {
        std::optional<Rejected> why = whyNot(row);
        if (!why) {
            taken.push_back(row);
            continue;
        }
        appendJsonRow(*in.batch, row, why->row);
        rejects.reject(std::move(*why));
    }
    return taken.size() == in.batch->rows() ? in : Morsel{gather(*in.batch, taken), in.ordinal, in.partition};
}

}
