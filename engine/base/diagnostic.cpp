#include "engine/base/diagnostic.h"

#include "engine/base/printable.h"

#include <algorithm>

namespace streamwright {

std::string describe(const Diagnostic& diagnostic, const std::string& file)
{
    std::string text = file;
    if (diagnostic.line > 0) text += ":" + std::to_string(diagnostic.line);
    if (!text.empty()) text += ": ";
    text += diagnostic.severity == Severity::Error ? "error: " : "warning: ";
    if (!diagnostic.node.empty()) text += diagnostic.node;
    if (!diagnostic.field.empty()) text += (diagnostic.node.empty() ? "" : ".") + diagnostic.field;
    if (!diagnostic.node.empty() || !diagnostic.field.empty()) text += ": ";
    text += diagnostic.message;
    if (!diagnostic.hint.empty()) text += " (" + diagnostic.hint + ")";
    return printable(text);
}

bool hasErrors(const Diagnostics& diagnostics)
{
    return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

}
