// The lines of a flow file, and JSON values that go on over several of them.
#pragma once
#include "engine/pipeline/json.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace streamwright {

class FlowLines {
public:
    explicit FlowLines(std::string_view text);

    // Moves to the next line that is neither blank nor a comment; false at the end.
    bool next();
    int number() const { return static_cast<int>(at_); }            // 1-based, of the current line
    std::string_view line() const { return lines_[at_ - 1]; }       // without spaces around it

    // Reads the value that begins with `rest`, the end of the current line, and moves to its last line.
    // Its lines are those of the flow.
    std::variant<Json, JsonProblem> value(std::string_view rest);
    // The lines up to one that says `end`, each at its own place: as many empty lines before as the flow has.
    // False when `end` is missing.
    bool textUntilEnd(std::string& text);

private:
    std::vector<std::string_view> raw_;
    std::vector<std::string_view> lines_;
    size_t at_ = 0;
};

std::string_view trimmed(std::string_view text);

}
