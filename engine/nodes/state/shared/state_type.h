// The type of a node's state: as the option `state_type` says, else as the expression that makes the new
// state from the old one gives it (contracts in engine/README.md, "State").
#pragma once
#include "engine/dataflow/node_type.h"
#include "engine/expression/expression.h"

namespace streamwright {

struct StateExpression {
    Expression expression;      // over the fields with `state` of `type`; gives `type`
    Type type;
};

// `field` holds `text`; `fields` are what it may name besides `state`, which is added behind them.
Checked<StateExpression> compileStateExpression(const std::string& field, const std::string& text, std::vector<Field> fields, const std::optional<Type>& stateType);

}
