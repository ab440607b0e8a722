// What the charts of the monitor show, and how it is read from a point. UI thread.
#pragma once
#include "engine/telemetry/summary.h"
#include "widgets/charts/chart_board.h"

#include <functional>

namespace streamwright {

struct MonitorChart {
    ChartSpec spec;
    // Of each series.
    std::vector<std::function<double(const BatchSummary& point)>> values;
    // What the first series sums up; null: it is a sum, whose least and greatest nobody kept.
    std::function<const Spread*(const BatchSummary& point)> spread;
    // The newest figures, right in the head.
    std::function<QString(const BatchSummary& newest)> headline;
    // The dashed line.
    enum class Level : unsigned char { None, Interval, Budget } level = Level::None;
};

// A line a node, at most six: more cannot be told apart.
struct MonitorNodes {
    std::vector<NodeId> busy;           // throughput
    std::vector<NodeId> stateful;
    bool operator==(const MonitorNodes&) const = default;
};
std::vector<MonitorChart> monitorCharts(const MonitorNodes& nodes);

// A chart's points, ready to be drawn. Between two runs the lines break.
struct Curve {
    std::vector<double> keys;
    std::vector<std::vector<double>> values;
    std::vector<double> least, greatest;
};
std::vector<double> keysOf(std::span<const BatchSummary> points, KeyKind kind);
Curve curveOf(std::span<const BatchSummary> points, const MonitorChart& chart, const std::vector<double>& keys);

}
