#include "engine/telemetry/metric.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace streamwright {

namespace {

double finite(double value) { return std::isfinite(value) ? value : 0; }
double real(int64_t value) { return static_cast<double>(value); }

template <class F>
double sumOfNodes(const BatchProgress& batch, const F& figure)
{
    double sum = 0;
    for (const NodeProgress& node : batch.nodes) sum += real(figure(node));
    return sum;
}

constexpr std::array kBatchMetrics{
    BatchMetric{"input_rate", Unit::RowsPerSecond, "Rows read, by the time since the start of the batch before", [](const BatchProgress& b) { return finite(b.inputRowsPerSecond); }},
    BatchMetric{"processed_rate", Unit::RowsPerSecond, "Rows read, by the time that the batch took", [](const BatchProgress& b) { return finite(b.processedRowsPerSecond); }},
    BatchMetric{"rows_in", Unit::Rows, "Rows read from all sources", [](const BatchProgress& b) { return real(b.rowsIn); }},
    BatchMetric{"rows_out", Unit::Rows, "Rows into all sinks", [](const BatchProgress& b) { return real(b.rowsOut); }},
    BatchMetric{"rejected", Unit::Rows, "Rows that could not be read or evaluated", [](const BatchProgress& b) { return real(b.rejected); }},
    BatchMetric{"wait", Unit::Nanoseconds, "From the tick to the start: scheduling delay", [](const BatchProgress& b) { return real(b.time.wait); }},
    BatchMetric{"processing", Unit::Nanoseconds, "From the start to the end", [](const BatchProgress& b) { return real(b.time.total); }},
    BatchMetric{"commit", Unit::Nanoseconds, "Made durable, beside later batches", [](const BatchProgress& b) { return real(b.time.commit); }},
    BatchMetric{"attempts", Unit::Times, "More than one: it was rolled back and tried again", [](const BatchProgress& b) { return static_cast<double>(b.attempts); }},
    BatchMetric{"queue_fill", Unit::Share, "Of the fullest queue of received rows",
                [](const BatchProgress& b) {
                    double fill = 0;
                    for (const SourceProgress& source : b.sources) fill = std::max(fill, source.queueFill);
                    return fill;
                }},
    BatchMetric{"memory", Unit::Bytes, "Of the run's budget, at the end of the batch", [](const BatchProgress& b) { return real(b.memoryUsed); }},
    BatchMetric{"state_rows", Unit::Rows, "Entries of all states", [](const BatchProgress& b) { return sumOfNodes(b, [](const NodeProgress& n) { return n.stateRows; }); }},
    BatchMetric{"state_bytes", Unit::Bytes, "Of all states", [](const BatchProgress& b) { return sumOfNodes(b, [](const NodeProgress& n) { return n.stateBytes; }); }},
};

constexpr std::array kNodeMetrics{
    NodeMetric{"rows_in", Unit::Rows, "Rows that reached it", [](const NodeProgress& n) { return real(n.rowsIn); }},
    NodeMetric{"rows_out", Unit::Rows, "Rows that left it", [](const NodeProgress& n) { return real(n.rowsOut); }},
    NodeMetric{"rejected", Unit::Rows, "Rows that it rejected", [](const NodeProgress& n) { return real(n.rejected); }},
    NodeMetric{"busy", Unit::Nanoseconds, "Time at work, summed over the workers", [](const NodeProgress& n) { return real(n.busyNanos); }},
    NodeMetric{"state_rows", Unit::Rows, "Entries of its state", [](const NodeProgress& n) { return real(n.stateRows); }},
    NodeMetric{"state_bytes", Unit::Bytes, "Of its state", [](const NodeProgress& n) { return real(n.stateBytes); }},
    NodeMetric{"state_updated", Unit::Rows, "Entries that the batch changed", [](const NodeProgress& n) { return real(n.stateUpdated); }},
};

template <class List>
size_t placeOf(const List& list, std::string_view name)
{
    return static_cast<size_t>(std::ranges::find(list, name, &List::value_type::name) - list.begin());
}

}

std::string_view unitName(Unit unit)
{
    static constexpr std::array<std::string_view, 6> names = {"rows", "rows/s", "ns", "bytes", "of 1", ""};
    return names[static_cast<size_t>(unit)];
}

std::span<const BatchMetric> batchMetrics() { return kBatchMetrics; }
std::span<const NodeMetric> nodeMetrics() { return kNodeMetrics; }
size_t batchMetric(std::string_view name) { return placeOf(kBatchMetrics, name); }
size_t nodeMetric(std::string_view name) { return placeOf(kNodeMetrics, name); }

}
