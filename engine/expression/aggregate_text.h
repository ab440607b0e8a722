// The parts of an aggregate call's text; private to this room.
#pragma once
#include "engine/base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace streamwright {

struct AggregateText {
    std::string function;                   // lower case
    bool distinct = false;
    bool star = false;                      // count(*)
    std::vector<std::string> arguments;
    bool ignoreNulls = false;               // IGNORE NULLS
    std::optional<std::string> orderBy;     // WITHIN GROUP (ORDER BY …)
    std::optional<std::string> filter;      // FILTER (WHERE …)
    std::optional<std::string> alias;       // AS …
    std::string call;                       // the text before AS
};

// `name([DISTINCT] arguments) [IGNORE NULLS] [WITHIN GROUP (ORDER BY value)] [FILTER (WHERE condition)] [AS alias]`
Result<AggregateText> readAggregate(std::string_view text);

}
