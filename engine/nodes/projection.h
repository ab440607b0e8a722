// A list of expressions that makes output columns from input columns: of select and source.generate.
#pragma once
#include "engine/dataflow/node_type.h"
#include "engine/expression/expression.h"

namespace streamwright {

class Projection {
public:
    // `*` stands for all input columns. A mistake names `field`, the option.
    static Checked<Projection> compile(const std::string& field, const std::vector<std::string>& columns, const Schema& input, RowNumbers numbers = RowNumbers::Unknown);

    const SchemaPtr& schema() const { return schema_; }
    // Emits the rows; those for which an expression failed are rejected, once each.
    void apply(const Batch& batch, const EvalContext& context, Emitter& out) const;

private:
    std::string field_;
    std::vector<Expression> expressions_;
    SchemaPtr schema_;
};

}
