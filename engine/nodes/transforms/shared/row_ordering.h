// What sort and top share: their option `by`, expressions with ASC or DESC, and the rows of a batch in that order.
#pragma once
#include "engine/dataflow/node_type.h"
#include "engine/dataflow/operator.h"
#include "engine/expression/expression.h"

namespace streamwright {

class RowOrdering {
public:
    // `n DESC`, `word`, `lower(word) ASC NULLS LAST`. As in Spark NULLs come first when ascending, last when descending.
    static Checked<RowOrdering> compile(const std::vector<std::string>& by, const Schema& input);
    static FieldSpec field();
    static std::vector<FieldError> check(const std::vector<std::string>& by);
    static constexpr const char* kHelp = "As in Spark NULLs come first when ascending and last when descending, unless NULLS FIRST or NULLS LAST says otherwise; "
                                         "rows that are equal stay in their order.";
    // Of the rows that are ordered.
    const SchemaPtr& schema() const { return schema_; }

private:
    friend class OrderedRows;
    struct Key {
        Expression expression;
        bool descending = false;
        bool nullsFirst = true;
    };
    std::vector<Key> keys_;
    SchemaPtr schema_;
};

// The first rows of each batch.
class FirstRows final : public BatchOperator {
public:
    FirstRows(RowOrdering order, size_t most) : order_(std::move(order)), most_(most) {}
    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const override;

private:
    RowOrdering order_;
    size_t most_;
};

}
