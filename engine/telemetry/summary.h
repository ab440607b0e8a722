// What the batches of a stretch of time have in common: of every figure the least, the mean, the 99th percentile
// and the greatest.
#pragma once
#include "engine/telemetry/metric.h"

#include <map>
#include <optional>

namespace streamwright {

struct Spread {
    double least = 0;
    double mean = 0;
    double p99 = 0;             // within 1 %; of summaries that were joined, the greatest of theirs
    double greatest = 0;
    bool operator==(const Spread&) const = default;
};

struct NodeSummary {
    NodeId node;
    std::vector<Spread> figures;        // by nodeMetrics()
    bool operator==(const NodeSummary&) const = default;
};

struct BatchSummary {
    size_t run = 0;             // place in Timeline::runs
    Timestamp from;             // start of the first batch
    Duration length;            // of time that it covers
    int64_t first = 0;          // numbers of the first and the last batch
    int64_t last = 0;
    int64_t batches = 0;
    std::vector<Spread> figures;        // by batchMetrics()
    std::vector<NodeSummary> nodes;     // in topological order
    bool operator==(const BatchSummary&) const = default;
};

// One batch; `length`: since the start of the batch before.
BatchSummary summaryOf(const BatchProgress& batch, Duration length);
// The time that a batch covers, after one that started at `started` with the time `batchTime`. Late ticks start one
// right after the other and yet stand for their whole interval.
Duration lengthAfter(Timestamp started, Timestamp batchTime, const BatchProgress& batch);
// Neighbours of one run as one: not empty.
BatchSummary joined(std::span<const BatchSummary> summaries);

// The values of a figure as they come, in little room however many there are.
class Distribution {
public:
    void add(double value);
    Spread spread() const;

private:
    int64_t count_ = 0;
    double sum_ = 0, least_ = 0, greatest_ = 0;
    std::map<int, int64_t> buckets_;    // by the logarithm of the value
};

// Batches in the order of their start become a summary for each stretch of `length`, which begin at its multiples.
class Summarizer {
public:
    explicit Summarizer(Duration length) : length_(length) {}

    // The summary of the stretch before, when the batch begins another one.
    std::optional<BatchSummary> add(const BatchProgress& batch);
    // What is open, if anything is.
    std::optional<BatchSummary> close();

private:
    struct Node {
        NodeId id;
        std::vector<Distribution> figures;
    };
    Duration length_;
    int64_t stretch_ = 0;
    Timestamp until_;                   // end of the last batch
    BatchSummary open_;
    std::vector<Distribution> figures_;
    std::vector<Node> nodes_;
};

}
