#include "engine/dataflow/rejecting.h"

#include "engine/columns/print.h"

namespace streamwright {

EvalContext evalContext(const BatchContext& context)
{
    return {context.batchTime, context.timeZone, context.stop};
}

void rejectRows(const Batch& batch, std::string_view field, std::span<const RowError> errors, Emitter& out)
{
    for (const RowError& error : errors) {
        Rejected rejected{std::string(field), error.reason, {}, std::nullopt};
        appendJsonRow(batch, error.row, rejected.row);
        out.reject(std::move(rejected));
    }
}

std::vector<uint32_t> rowsWithoutErrors(size_t rows, std::span<const RowError> errors)
{
    std::vector<uint32_t> good;
    good.reserve(rows);
    auto next = errors.begin();
    for (uint32_t row = 0; row < rows; ++row) {
        while (next != errors.end() && next->row < row) ++next;
        if (next == errors.end() || next->row != row) good.push_back(row);
    }
    return good;
}

}
