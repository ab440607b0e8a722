// Groups the rows of a batch by key and folds each group's rows: what reduce_by_key, reduce,
// count_by_value, group_by_key and distinct have in common. Groups come out by virtual partition, then by
// first appearance, whatever the workers did.
#pragma once
#include "engine/dataflow/key_columns.h"
#include "engine/dataflow/operator.h"
#include "engine/expression/aggregate.h"

namespace streamwright {

using AggregateCalls = std::vector<std::shared_ptr<const AggregateCall>>;

// All of them compiled, or what is wrong, told for `field`.
Checked<AggregateCalls> compileAggregates(const std::vector<std::string>& texts, const Schema& input, std::string field = "aggregates");

// What rows are grouped by and what is put out: key columns, then one column per aggregate; two equal names are a mistake.
struct Grouping {
    // `failing` is the option that an aggregate's failure is told for, `naming` that of two equal names.
    static Checked<Grouping> of(KeyColumns keys, AggregateCalls aggregates, std::string failing = "aggregates", std::string_view naming = "aggregates");

    KeyColumns keys;            // without any all rows are one group, and no rows are none
    AggregateCalls aggregates;
    Schema output;
    std::string failing;
};

class GroupBy final : public BatchOperator {
public:
    explicit GroupBy(Grouping grouping);

    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>> states, size_t workers) const override;

private:
    friend class GroupByWork;
    KeyColumns keys_;
    std::vector<Type> keyTypes_;
    AggregateCalls aggregates_;
    SchemaPtr output_;
    std::string field_;
    bool exact_ = true;     // every aggregate's merge is: workers may fold before the exchange
};

}
