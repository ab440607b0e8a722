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

std::string continued(std::string message)
{
    if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z') message[0] = static_cast<char>(message[0] | 0x20);
    return message;
}

}
