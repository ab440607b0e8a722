// Rows as people read them: cells of text, long ones cut, secrets taken out.
#pragma once
#include "engine/base/stop_token.h"
#include "engine/control/session.h"
#include "engine/runtime/tap_profile.h"

#include <span>

namespace streamwright {

// Cells over this many bytes are cut.
inline constexpr size_t kMostCellBytes = 4096;

// How cells are written.
struct CellStyle {
    std::string timeZone = "UTC";
    std::function<std::string(std::string)> redact;     // secrets out; may be null
};

Cell cellOf(const Column& column, size_t row, const CellStyle& style);
std::vector<std::vector<Cell>> cellsOf(const Batch& batch, std::span<const uint32_t> rows, const CellStyle& style);
std::string jsonOf(const Batch& batch, size_t row, const CellStyle& style);
// What the columns hold, over these rows.
std::vector<ColumnProfile> profileOf(const Batch& batch, std::span<const uint32_t> rows, const CellStyle& style, const StopToken& stop);
// As it was counted over all rows of a batch.
std::vector<ColumnProfile> profileOf(const TapProfile& profile, const Schema& schema, const CellStyle& style);

}
