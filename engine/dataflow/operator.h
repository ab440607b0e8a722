// How a node computes. Operators are immutable while they run; what changes lives in BatchWork (for the
// length of a batch) or in State (kept by the checkpoint).
#pragma once
#include "engine/dataflow/context.h"
#include "engine/dataflow/state.h"

#include <memory>

namespace streamwright {

// Works on one morsel at a time: select, filter, flat_map, parse. Called from many workers at once;
// keeps input order by itself, since each call's output takes the place of its input.
class RowOperator {
public:
    virtual ~RowOperator() = default;
    virtual void process(const Morsel& in, const BatchContext& context, Emitter& out) const = 0;
};

// The work of one gathering operator on one batch. The runtime calls, in this order:
//   consume  from many workers at once, each with its own `worker` number, each input morsel once
//   prepare  once, after the last consume
//   finish   for each part 0 … parts()-1, from many workers at once
// Output order is by part, then by emission within the part, and must not depend on which worker did what.
// Anything thrown rolls the batch back.
class BatchWork {
public:
    virtual ~BatchWork() = default;
    virtual void consume(size_t port, const Morsel& in, size_t worker, Emitter& rejects) = 0;
    virtual void prepare() {}
    virtual size_t parts() const { return 1; }
    virtual void finish(size_t part, Emitter& out) = 0;
};

// Needs the whole batch: keyed operators, joins, sort, windows, state.
class BatchOperator {
public:
    virtual ~BatchOperator() = default;
    // What the node keeps between batches; empty for operators without state. Called once per run.
    virtual std::vector<std::unique_ptr<State>> makeStates() const { return {}; }
    // `states` are those of makeStates, in that order, restored and begun for this batch.
    virtual std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>> states, size_t workers) const = 0;
    // False: this batch has no output, not even an empty one, as between the slides of a window. What stands
    // behind does not see the batch: no frame is printed, no file made, no empty batch counted.
    virtual bool emits(const BatchContext&) const { return true; }
    // When the node wants a batch although no data came (timeouts); asked after each batch.
    virtual std::optional<Timestamp> nextWake(std::span<const std::unique_ptr<State>>) const { return std::nullopt; }
    // Logical partitions of output `port`; 1 unless the node is `repartition`.
    virtual uint32_t partitions() const { return 1; }
};

}
