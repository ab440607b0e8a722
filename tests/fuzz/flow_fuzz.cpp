// Any bytes as a flow file: cases, or mistakes with their lines.
#include "engine/flow/flow.h"

using namespace streamwright;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    // Files of this machine are not looked at.
    if (text.find("pipeline") != std::string_view::npos) return 0;
    const Flow flow = readFlow("/nonexistent/fuzz.flow", text);
    const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const Diagnostic& diagnostic : flow.diagnostics) {
        if (diagnostic.line < 1 || diagnostic.line > lines + 1) __builtin_trap();
    }
    return 0;
}
