#include "engine/remote/token.h"

#include "engine/remote/server.h"

#include <charconv>
#include <fmt/format.h>
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

bool sameToken(std::string_view given, std::string_view wanted)
{
    unsigned different = given.size() == wanted.size() ? 0 : 1;
    for (size_t i = 0; i < given.size(); ++i) different |= static_cast<unsigned>(static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(i < wanted.size() ? wanted[i] : 0));
    return different == 0;
}

Result<ServerOptions> parseListenAddress(std::string_view text)
{
    ServerOptions options;
    const size_t colon = text.rfind(':');
    std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
    std::string_view address = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    if (!address.empty()) options.address = address;
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), options.port);
    if (failure != std::errc() || end != port.data() + port.size()) return mistake(fmt::format("an address to listen at is ADDRESS:PORT, but is \"{}\"", text), "write for example 127.0.0.1:8080");
    return options;
}

}
