#include "engine/telemetry/summary.h"

#include <algorithm>
#include <cmath>

namespace streamwright {

namespace {

// Buckets grow by 2 %: a value in the middle of its bucket is within 1 % of it.
const double kGrowth = std::log(1.02);
constexpr int kZeroBucket = -1'000'000;     // and below

int bucketOf(double value) { return value <= 0 ? kZeroBucket : static_cast<int>(std::floor(std::log(value) / kGrowth)); }
double middleOf(int bucket) { return bucket == kZeroBucket ? 0 : std::exp((bucket + 0.5) * kGrowth); }

Spread joinedSpread(std::span<const BatchSummary> summaries, const auto& spreadOf)
{
    std::optional<Spread> sum;
    double weight = 0;
    for (const BatchSummary& summary : summaries) {
        const Spread* one = spreadOf(summary);
        if (!one) continue;
        if (!sum) sum = Spread{one->least, 0, one->p99, one->greatest};
        sum->least = std::min(sum->least, one->least);
        sum->p99 = std::max(sum->p99, one->p99);
        sum->greatest = std::max(sum->greatest, one->greatest);
        sum->mean += one->mean * static_cast<double>(summary.batches);
        weight += static_cast<double>(summary.batches);
    }
    if (!sum) return {};
    sum->mean /= std::max(1.0, weight);
    return *sum;
}

const NodeSummary* find(const BatchSummary& summary, const NodeId& node)
{
    const auto at = std::ranges::find(summary.nodes, node, &NodeSummary::node);
    return at == summary.nodes.end() ? nullptr : &*at;
}

}

void Distribution::add(double value)
{
    least_ = count_ == 0 ? value : std::min(least_, value);
    greatest_ = count_ == 0 ? value : std::max(greatest_, value);
    ++count_;
    sum_ += value;
    ++buckets_[bucketOf(value)];
}

Spread Distribution::spread() const
{
    if (count_ == 0) return {};
    // The rank from above: with fewer than a hundred values it is the greatest itself.
    int64_t above = count_ / 100;
    double p99 = greatest_;
    for (auto bucket = buckets_.rbegin(); count_ >= 100 && bucket != buckets_.rend(); ++bucket) {
        p99 = middleOf(bucket->first);
        if ((above -= bucket->second) < 0) break;
    }
    return {least_, sum_ / static_cast<double>(count_), std::clamp(p99, least_, greatest_), greatest_};
}

BatchSummary summaryOf(const BatchProgress& batch, Duration length)
{
    const auto single = [](double value) { return Spread{value, value, value, value}; };
    BatchSummary summary{.from = batch.started, .length = length, .first = batch.number, .last = batch.number, .batches = 1};
    for (const BatchMetric& metric : batchMetrics()) summary.figures.push_back(single(metric.of(batch)));
    for (const NodeProgress& node : batch.nodes) {
        NodeSummary& one = summary.nodes.emplace_back(NodeSummary{node.node, {}});
        for (const NodeMetric& metric : nodeMetrics()) one.figures.push_back(single(metric.of(node)));
    }
    return summary;
}

Duration lengthAfter(Timestamp started, Timestamp batchTime, const BatchProgress& batch) { return std::max({Duration{1}, batch.started - started, batch.batchTime - batchTime}); }

BatchSummary joined(std::span<const BatchSummary> summaries)
{
    BatchSummary whole = summaries.front();
    if (summaries.size() == 1) return whole;
    whole.last = summaries.back().last;
    whole.batches = 0;
    whole.length = {};
    for (const BatchSummary& summary : summaries) {
        whole.batches += summary.batches;
        whole.length.micros += summary.length.micros;
        for (const NodeSummary& node : summary.nodes) {
            if (!find(whole, node.node)) whole.nodes.push_back(node);
        }
    }
    for (size_t f = 0; f < whole.figures.size(); ++f) whole.figures[f] = joinedSpread(summaries, [f](const BatchSummary& s) { return &s.figures[f]; });
    for (NodeSummary& node : whole.nodes) {
        for (size_t f = 0; f < node.figures.size(); ++f) {
            node.figures[f] = joinedSpread(summaries, [&node, f](const BatchSummary& s) {
                const NodeSummary* found = find(s, node.node);
                return found ? &found->figures[f] : nullptr;
            });
        }
    }
    return whole;
}

std::optional<BatchSummary> Summarizer::add(const BatchProgress& batch)
{
    const int64_t stretch = batch.started.micros / length_.micros;
    std::optional<BatchSummary> closed;
    if (open_.batches > 0 && stretch != stretch_) closed = close();
    if (open_.batches == 0) {
        stretch_ = stretch;
        open_.from = batch.started;
        open_.first = batch.number;
        figures_.resize(batchMetrics().size());
    }
    ++open_.batches;
    open_.last = batch.number;
    until_ = batch.started + Duration{std::max<int64_t>(1, batch.time.total / 1000)};
    for (size_t f = 0; f < figures_.size(); ++f) figures_[f].add(batchMetrics()[f].of(batch));
    for (size_t n = 0; n < batch.nodes.size(); ++n) {
        // The nodes of a run are the same in every batch.
        if (n == nodes_.size()) nodes_.push_back({batch.nodes[n].node, std::vector<Distribution>(nodeMetrics().size())});
        for (size_t f = 0; f < nodes_[n].figures.size(); ++f) nodes_[n].figures[f].add(nodeMetrics()[f].of(batch.nodes[n]));
    }
    return closed;
}

std::optional<BatchSummary> Summarizer::close()
{
    if (open_.batches == 0) return std::nullopt;
    // What is cut off by the end of a run covers the time until then.
    const Timestamp end{(stretch_ + 1) * length_.micros};
    open_.length = std::max(Duration{1}, std::min(end, std::max(until_, open_.from + Duration{1})) - open_.from);
    for (const Distribution& figure : figures_) open_.figures.push_back(figure.spread());
    for (const Node& node : nodes_) {
        NodeSummary& one = open_.nodes.emplace_back(NodeSummary{node.id, {}});
        for (const Distribution& figure : node.figures) one.figures.push_back(figure.spread());
    }
    figures_.clear();
    nodes_.clear();
    return std::exchange(open_, {});
}

}
