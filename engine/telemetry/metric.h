// The figures of a batch, and of a node in it, by name. The summaries of the history, its tables and the charts
// derive from these two lists. Files hold the names: one is never given another meaning.
#pragma once
#include "engine/telemetry/snapshot.h"

#include <span>

namespace streamwright {

enum class Unit : unsigned char { Rows, RowsPerSecond, Nanoseconds, Bytes, Share, Times };
std::string_view unitName(Unit unit);   // "rows/s"; empty for Times

struct BatchMetric {
    std::string_view name;              // "input_rate"
    Unit unit;
    std::string_view help;
    double (*of)(const BatchProgress& batch);   // finite; 0 for a rate that cannot be told
};
struct NodeMetric {
    std::string_view name;
    Unit unit;
    std::string_view help;
    double (*of)(const NodeProgress& node);
};

std::span<const BatchMetric> batchMetrics();
std::span<const NodeMetric> nodeMetrics();
// Their places in the lists; a name that is not there gives the list's size.
size_t batchMetric(std::string_view name);
size_t nodeMetric(std::string_view name);

}
