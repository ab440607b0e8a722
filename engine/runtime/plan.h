// A checked pipeline made ready to run. Sources and gathering operators are heads: their tasks put out
// morsels, and each morsel goes at once, in the same task, through every row operator that follows
// (columns still in the cache) up to the leaves: gathering operators, sinks and recorders.
//
// Order without waiting: a leaf gets its morsels from many workers in any order, but each carries an
// ordinal (task, sequence). All ways by which rows reach one port of a leaf (its edges in document order,
// and behind a row operator with several edges those in turn) are counted; `task` is
// way * 2^20 + task of the head, so that comparing ordinals gives edge order, then row order.
#pragma once
#include "engine/base/memory.h"
#include "engine/dataflow/check.h"
#include "engine/runtime/run.h"
#include "engine/runtime/tap_ring.h"

#include <deque>

namespace streamwright {

inline constexpr uint32_t kWayBits = 20;

struct RowStep;

// Where a morsel goes next: through a row operator, or into a leaf.
struct Target {
    enum class Kind : unsigned char { Row, Operator, Sink, Record, Tap };
    Kind kind = Kind::Row;
    std::unique_ptr<RowStep> step;      // Row
    size_t node = 0;                    // Operator, Sink: index into Plan::nodes; Record: into Plan::records;
                                        // Tap: into Plan::taps
    size_t port = 0;                    // Operator: input port
    uint32_t way = 0;                   // leaves: which way to its port this is
    std::vector<size_t> edges;          // leaves: edge numbers of the way, the leaf's own first
};

// A row operator at one place of the tree behind a head.
struct RowStep {
    size_t node = 0;
    const RowOperator* op = nullptr;
    std::vector<std::vector<Target>> outputs;   // by port; the last is `rejected`
};

struct PlanNode {
    NodeId id;
    const NodeType* type = nullptr;
    std::vector<SchemaPtr> schemas;             // by output port
    std::string fingerprint;                    // of the options that reset state
    std::vector<std::string> was;

    std::unique_ptr<RowOperator> row;           // one of these four
    std::unique_ptr<BatchOperator> gather;
    std::unique_ptr<ReplayableSource> source;   // of a sink besides: the rows that it rejects late
    std::unique_ptr<Sink> sink;
    std::unique_ptr<Receiver> receiver;         // until a source is made around it

    std::vector<std::unique_ptr<State>> states;
    std::vector<std::vector<Target>> outputs;   // of heads and sinks; the last is `rejected`
    uint32_t partitions = 1;                    // logical, of the output; of a sink: of its input
};

class Plan {
public:
    // Makes the operators. A mistake that check could not see is an error.
    static Result<Plan> make(CheckedPipeline& pipeline, const RunOptions& options);

    std::deque<PlanNode> nodes;                 // topological order
    std::vector<Recording> records;
    std::vector<SchemaPtr> recordSchemas;
    std::vector<TapPort> taps;                  // of RunOptions::taps: every port whose rows are made
    std::vector<size_t> sources, gathers, sinks;    // sources: with the sinks that reject late

    std::optional<size_t> indexOf(const NodeId& node) const;

private:
    struct Reader;
    Result<void> makeNode(PlannedNode& from, const PlanContext& context, bool preview);
    Result<void> addReaders(const CheckedPipeline& pipeline);
    void addTaps(const CheckedPipeline& pipeline);
    std::vector<Target> targetsOf(size_t node, size_t port);
    void numberWays();
    std::vector<Reader> readers_;               // who reads which port, in document order of the edges
};

// One edge end: node `node` (or record `node`) reads output `fromPort` of `from` at its input `port`.
struct Plan::Reader {
    Target::Kind kind;
    size_t node;
    size_t port;
    size_t from;
    size_t fromPort;
    size_t edge;
};

}
