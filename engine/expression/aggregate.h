// Aggregate calls, as in `count(*) AS n` or `sum(amount) FILTER (WHERE ok) AS total`.
#pragma once
#include "engine/expression/expression.h"

#include <memory>

namespace streamwright {

// The accumulators of many groups of one aggregate call, columnar; groups are dense numbers from 0.
// Not thread-safe: one worker, or one virtual partition, owns it.
class Accumulators {
public:
    virtual ~Accumulators() = default;
    virtual void resize(size_t groups) = 0;   // new groups start empty
    // Row i of the inputs goes to group groups[i] (groups.size() == rows). `inputs` are the evaluated
    // arguments (AggregateCall::arguments), rows filtered out by FILTER or errors already removed.
    virtual void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) = 0;
    // The partial values as columns (AggregateCall::partialTypes), for panes, exchange and checkpoints.
    virtual std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const = 0;
    // Adds partials; row i goes to groups[i]. Order of calls is the order of folding.
    virtual void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) = 0;
    // Takes partials away again; only where invertible().
    virtual void subtract(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) = 0;
    // The results. Errors (overflow of a sum) are told by index into `groups`.
    virtual ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>& errors) const = 0;
    // Bytes held, for metrics.
    virtual size_t bytes() const = 0;
};

class AggregateCall {
public:
    virtual ~AggregateCall() = default;
    virtual const std::string& name() const = 0;          // after AS, else the call's text
    virtual const Type& type() const = 0;
    virtual const std::vector<Type>& argumentTypes() const = 0;   // of Input::columns
    virtual const std::vector<Type>& partialTypes() const = 0;
    // True: merging partials in any order gives the same bytes (integer sums, count, min, max, bool), so
    // rows may be pre-aggregated by any worker. False: rows are folded in input order by one owner.
    virtual bool exactMerge() const = 0;
    // True: subtract() undoes merge() exactly (count and integer sum; never FLOAT or DOUBLE).
    virtual bool invertible() const = 0;
    virtual std::unique_ptr<Accumulators> makeAccumulators() const = 0;

    // Evaluates arguments and FILTER over a batch: which rows take part and their argument columns.
    struct Input {
        std::vector<ColumnPtr> columns;       // of rows.size() rows, or of all rows when `all`
        std::vector<uint32_t> rows;           // ascending
        bool all = false;                     // every row takes part; `rows` is left empty
        std::vector<RowError> errors;         // of the batch's rows
    };
    virtual Input evaluate(const Batch& batch, const EvalContext& context) const = 0;
    // True for count(*) without FILTER: no input column is needed (fast path).
    virtual bool countsRows() const { return false; }
};

// `count(*) AS n`, `max(price) FILTER (WHERE valid)`, also expressions over aggregates are a mistake for now.
Result<std::unique_ptr<AggregateCall>> compileAggregate(std::string_view text, const Schema& input);

// For help and completion.
struct AggregateFunction {
    std::string name;
    std::vector<std::string> aliases;
    std::string usage;
    std::string help;
    std::string example;                      // "sum(amount)"
};
const std::vector<AggregateFunction>& allAggregates();

}
