// Functions over arrays that take a lambda. Private to this room.
#pragma once
#include "engine/expression/operators.h"

namespace streamwright::syntax {

// A bound lambda: the slots of its parameters and its body.
struct Lambda {
    std::vector<uint32_t> slots;
    BoundPtr body;
};

bool takesLambda(std::string_view function);
// The types of the parameters that lambda `index` (0 or 1) of the function may have, most of them optional;
// `arguments` are those before the lambda. A mistake when they do not fit the function.
Result<std::vector<Type>> lambdaParameters(std::string_view function, size_t index, std::span<const BoundPtr> arguments, size_t written);
// `arguments` without the lambdas, which come last.
Result<BoundPtr> lambdaCall(std::string_view function, std::vector<BoundPtr> arguments, std::vector<Lambda> lambdas);

// The body over elements; `rowOf` tells the row of the frame that each belongs to. Asked for the stop in between.
struct Variable {
    uint32_t slot;
    ColumnPtr column;
};
ColumnPtr evaluateBody(const Bound& body, Frame& frame, std::span<const uint32_t> rowOf, std::span<const Variable> variables);

// An array column with nothing under its NULLs, and its elements.
struct Elements {
    ColumnPtr array;
    ColumnPtr values;                   // offsets()[0] is values' row `first`
    uint32_t first = 0;

    uint32_t begin(size_t row) const { return array->offsets()[row] - first; }
    uint32_t end(size_t row) const { return array->offsets()[row + 1] - first; }
    // The row of each element.
    std::vector<uint32_t> rows() const;
    // Position of each element in its array, an INT; `rowOf` as rows() gave it.
    ColumnPtr positions(std::span<const uint32_t> rowOf) const;
};
Elements elementsOf(const ColumnPtr& array);

BoundPtr foldCall(BoundPtr array, BoundPtr start, Lambda merge, std::optional<Lambda> finish);
BoundPtr sortCall(BoundPtr array, Lambda compare);

}
