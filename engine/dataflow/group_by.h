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
// Key columns, then one column per aggregate; two equal names are a mistake.
Checked<Schema> groupedSchema(const std::vector<Field>& keys, const AggregateCalls& aggregates, std::string_view field = "aggregates");

class GroupBy final : public BatchOperator {
public:
    // Without keys all rows are one group, and no rows are none. `field` is the option that an aggregate's
    // failure is told for.
    GroupBy(KeyColumns keys, AggregateCalls aggregates, Schema output, std::string field = "aggregates");

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
