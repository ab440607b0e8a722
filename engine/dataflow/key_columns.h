// The option `keys` of keyed nodes: expressions over the input, compiled together.
#pragma once
#include "engine/dataflow/node_type.h"
#include "engine/dataflow/rejecting.h"

namespace streamwright {

class KeyColumns {
public:
    // Mistakes are told for `field`; two equal names are one.
    static Checked<KeyColumns> compile(const std::vector<std::string>& keys, const Schema& input, std::string field = "keys");

    const std::vector<Field>& fields() const { return fields_; }

    // The rows that take part, and their key columns. Rows for which a key fails are rejected and left out.
    struct Evaluation {
        BatchPtr batch;
        std::vector<ColumnPtr> columns;
    };
    Evaluation evaluate(const BatchPtr& batch, const BatchContext& context, Emitter& rejects) const;

private:
    std::string field_;
    std::vector<Expression> expressions_;
    std::vector<Field> fields_;
};

}
