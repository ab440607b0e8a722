#include "engine/remote/token.h"

#include <array>
#include <fmt/format.h>
#include <stdexcept>
#include <sys/random.h>

namespace streamwright {

std::string newToken()
{
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("the system gives no random bytes");
    std::string token;
    for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
    return token;
}

}
