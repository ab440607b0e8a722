// Batches and summaries as blocks of rows (columns/block.h) for history.sqlite: columns are found by their names,
// so that a file of another version reads as far as it can.
#pragma once
#include "engine/columns/batch.h"
#include "engine/telemetry/summary.h"

namespace streamwright {

// Lengths in seconds of what is summed up, as the file names them.
inline constexpr int64_t kTenSeconds = 10, kFiveMinutes = 300;

using BatchesOfRun = std::vector<std::shared_ptr<const BatchProgress>>;

// A block for each list: of the batches, of their nodes, sources and sinks.
struct BatchBlocks {
    std::string batches, nodes, sources, sinks;
};
BatchBlocks encodeBatches(const BatchesOfRun& batches);
struct BatchBlockViews {
    std::string_view batches, nodes, sources, sinks;
};
Result<BatchesOfRun> decodeBatches(const BatchBlockViews& blocks);

// The figures of a summary; what else it holds stands beside it.
std::string encodeFigures(const BatchSummary& summary);
Result<void> decodeFigures(std::string_view block, BatchSummary& summary);

}
