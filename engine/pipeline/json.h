// Reads JSON text into Json values that know their lines, and prints them in the one stable form of
// pipeline files: two spaces, one property a line, arrays of scalars on one line.
#pragma once
#include "engine/pipeline/json_value.h"

#include <string>
#include <string_view>
#include <variant>

namespace streamwright {

// Where reading stopped and why.
struct JsonProblem {
    int line = 0;
    std::string message;
};

// Numbers keep their text, objects their order; a key that stands twice in an object is a problem, so
// is nesting deeper than 200.
std::variant<Json, JsonProblem> readJson(std::string_view text);

// Ends with a line end. `edges` of the outermost object are printed one a line.
std::string printJson(const Json& json);
// On one line, `{"a": 1, "b": [1, 2]}`: for messages, hashes and JSON lines.
std::string printJsonLine(const Json& json);
// In quotes, escaped only where JSON asks for it.
std::string quoteJson(std::string_view text);

}
