#include "widgets/monitor/monitor_charts.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>

#include <cmath>

namespace streamwright {

namespace {

// Below this a scale of whole numbers would repeat its figures.
constexpr double kLeastCount = 4;

class MonitorCharts {
    Q_DECLARE_TR_FUNCTIONS(streamwright::MonitorCharts)
};

constexpr SeriesColor kAccent = [](const Theme& theme) { return theme.accent; };
constexpr SeriesColor kState = [](const Theme& theme) { return theme.state; };
constexpr SeriesColor kWaiting = [](const Theme& theme) { return theme.window; };

QString nanosText(double value) { return durationText(static_cast<int64_t>(value)); }
QString sizeText(double value) { return bytesText(static_cast<int64_t>(value)); }

// Of the batch.
auto mean(const char* metric)
{
    return [place = batchMetric(metric)](const BatchSummary& point) { return point.figures[place].mean; };
}
auto spread(const char* metric)
{
    return [place = batchMetric(metric)](const BatchSummary& point) -> const Spread* { return &point.figures[place]; };
}

// Of a node, which stands at the same place in nearly every point.
auto ofNode(const NodeId& id, const char* metric)
{
    return [id, place = nodeMetric(metric), at = size_t{0}](const BatchSummary& point) mutable -> double {
        if (at >= point.nodes.size() || point.nodes[at].node != id) at = static_cast<size_t>(std::ranges::find(point.nodes, id, &NodeSummary::node) - point.nodes.begin());
        return at < point.nodes.size() ? point.nodes[at].figures[place].mean : 0;
    };
}
auto rateOfNode(const NodeId& id)
{
    return [rows = ofNode(id, "rows_out")](const BatchSummary& point) mutable { return rows(point) * static_cast<double>(point.batches) / point.length.seconds(); };
}

template <class Value>
void addNodes(MonitorChart& chart, const std::vector<NodeId>& nodes, const Value& value)
{
    for (size_t i = 0; i < std::min(kMostSeries, nodes.size()); ++i) {
        chart.spec.series.push_back({QString::fromStdString(nodes[i].name), seriesColor(i)});
        chart.values.emplace_back(value(nodes[i]));
    }
    // A chart has a series, if only for its frame.
    if (!chart.spec.series.empty()) return;
    chart.spec.series.push_back({MonitorCharts::tr("none"), kState});
    chart.values.emplace_back([](const BatchSummary&) { return 0.0; });
}

// Rows that were read, by the time that they came in.
auto inputRate()
{
    return [rows = batchMetric("rows_in")](const BatchSummary& point) { return point.figures[rows].mean * static_cast<double>(point.batches) / point.length.seconds(); };
}

MonitorChart rateChart(const QString& title, const char* metric)
{
    MonitorChart chart{.spec = {title, MonitorCharts::tr("rows/s"), {{title, kAccent}}, countText, kLeastCount}};
    chart.values.emplace_back(mean(metric));
    chart.spread = spread(metric);
    chart.headline = [value = mean(metric)](const BatchSummary& newest) { return countText(value(newest)); };
    return chart;
}

MonitorChart latencyChart()
{
    MonitorChart chart{.spec = {MonitorCharts::tr("Batch latency"), QString(), {{MonitorCharts::tr("processing"), kAccent}, {MonitorCharts::tr("waiting"), kWaiting, true}}, nanosText, 0, true}};
    chart.values = {mean("processing"), mean("wait")};
    chart.spread = spread("processing");
    chart.headline = [processing = mean("processing"), wait = mean("wait")](const BatchSummary& newest) { return MonitorCharts::tr("%1 + %2 waiting").arg(nanosText(processing(newest)), nanosText(wait(newest))); };
    chart.level = MonitorChart::Level::Interval;
    return chart;
}

MonitorChart stateChart(const QString& title, const QString& unit, QString (*text)(double), const char* metric, double least, const std::vector<NodeId>& nodes)
{
    MonitorChart chart{.spec = {title, unit, {}, text, least}};
    addNodes(chart, nodes, [metric](const NodeId& node) { return ofNode(node, metric); });
    chart.headline = [text, value = mean(metric)](const BatchSummary& newest) { return text(value(newest)); };
    return chart;
}

}

std::vector<MonitorChart> monitorCharts(const MonitorNodes& nodes)
{
    std::vector<MonitorChart> charts;
    charts.push_back({.spec = {MonitorCharts::tr("Input rate"), MonitorCharts::tr("rows/s"), {{MonitorCharts::tr("Input rate"), kAccent}}, countText, kLeastCount}, .values = {inputRate()}});
    charts.back().headline = [rate = inputRate()](const BatchSummary& newest) { return countText(rate(newest)); };
    charts.push_back(latencyChart());
    charts.push_back({.spec = {MonitorCharts::tr("Throughput of nodes"), MonitorCharts::tr("rows/s"), {}, countText, kLeastCount}});
    addNodes(charts.back(), nodes.busy, rateOfNode);
    charts.push_back(rateChart(MonitorCharts::tr("Processing rate"), "processed_rate"));
    charts.push_back(stateChart(MonitorCharts::tr("State"), MonitorCharts::tr("keys"), countText, "state_rows", kLeastCount, nodes.stateful));
    charts.push_back(stateChart(MonitorCharts::tr("Size of the state"), QString(), sizeText, "state_bytes", 0, nodes.stateful));
    MonitorChart memory{.spec = {MonitorCharts::tr("Memory"), QString(), {{MonitorCharts::tr("used"), kAccent}, {MonitorCharts::tr("state"), kState}}, sizeText}};
    memory.values = {mean("memory"), mean("state_bytes")};
    memory.spread = spread("memory");
    memory.headline = [value = mean("memory")](const BatchSummary& newest) { return sizeText(value(newest)); };
    memory.level = MonitorChart::Level::Budget;
    charts.push_back(std::move(memory));
    return charts;
}

std::vector<double> keysOf(std::span<const BatchSummary> points, KeyKind kind)
{
    std::vector<double> keys;
    for (const BatchSummary& point : points) {
        switch (kind) {
        case KeyKind::Time: keys.push_back(static_cast<double>(point.from.micros) / 1e6); break;
        case KeyKind::Elapsed: keys.push_back((point.from - points.front().from).seconds()); break;
        case KeyKind::Number:
        case KeyKind::Value: keys.push_back(static_cast<double>(point.first - points.front().first + 1)); break;
        }
    }
    return keys;
}

Curve curveOf(std::span<const BatchSummary> points, const MonitorChart& chart, const std::vector<double>& keys)
{
    constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
    Curve curve;
    curve.values.resize(chart.values.size());
    for (auto* list : {&curve.keys, &curve.least, &curve.greatest}) list->reserve(points.size());
    for (size_t i = 0; i < points.size(); ++i) {
        if (i > 0 && points[i].run != points[i - 1].run) {
            curve.keys.push_back((keys[i - 1] + keys[i]) / 2);
            for (auto& values : curve.values) values.push_back(kNothing);
            curve.least.push_back(kNothing);
            curve.greatest.push_back(kNothing);
        }
        curve.keys.push_back(keys[i]);
        for (size_t s = 0; s < curve.values.size(); ++s) curve.values[s].push_back(chart.values[s](points[i]));
        const Spread* spread = chart.spread && points[i].batches > 1 ? chart.spread(points[i]) : nullptr;
        curve.least.push_back(spread ? spread->least : kNothing);
        curve.greatest.push_back(spread ? spread->greatest : kNothing);
    }
    return curve;
}

}
