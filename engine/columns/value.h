// One boxed value: literals, tests, printing of single rows. Never on a hot path.
#pragma once
#include "engine/columns/column.h"

#include <string>
#include <variant>
#include <vector>

namespace streamwright {

// monostate = NULL; bool BOOLEAN; int64_t INT, BIGINT, DATE and TIMESTAMP; double FLOAT and DOUBLE;
// std::string STRING and BINARY; vector ARRAY elements or STRUCT fields in order.
struct Value {
    using List = std::vector<Value>;
    std::variant<std::monostate, bool, int64_t, double, std::string, List> data;

    bool isNull() const { return data.index() == 0; }
    bool operator==(const Value&) const = default;
};

Value valueAt(const Column& column, size_t row);

}
