#include "engine/base/printable.h"

#include <fmt/format.h>

namespace streamwright {

std::string printable(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) out += fmt::format("\\u{:04x}", byte);
        else out += c;
    }
    return out;
}

}
