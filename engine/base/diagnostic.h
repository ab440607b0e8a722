// The user's mistakes, collected and never thrown. The editor underlines them, `streamwright check`
// prints them, `run` refuses on those of severity Error.
#pragma once
#include <string>
#include <vector>

namespace streamwright {

enum class Severity : unsigned char { Warning, Error };

struct Diagnostic {
    std::string node;     // empty: the document itself
    std::string field;    // option, port or setting; empty: the node itself
    std::string message;  // names both sides, value last
    std::string hint;     // what to do, "did you mean …"
    int line = 0;         // 1-based line in the pipeline file, 0 if it has none
    Severity severity = Severity::Error;

    bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

// `file:line: error: node.field: message (hint)`, the form that terminals and editors can follow.
std::string describe(const Diagnostic& diagnostic, const std::string& file);
bool hasErrors(const Diagnostics& diagnostics);

}
