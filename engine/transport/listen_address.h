// Where a server is, and where one listens.
#pragma once
#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace streamwright {

// "localhost:8080", "[::1]:8080".
std::string hostAndPort(const std::string& host, int64_t port);

struct ListenAddress {
    std::string address = "127.0.0.1";  // a number, not a name; IPv6 without brackets
    uint16_t port = 0;                  // 0: any that is free
    std::string text() const { return hostAndPort(address, port); }
};

// "127.0.0.1:8080", "[::1]:8080", ":8080", "8080"; a port of 0, or none, is any that is free.
Result<ListenAddress> parseListenAddress(std::string_view text);

// Whether two secrets are the same; takes as long whichever byte is wrong.
bool sameSecret(std::string_view given, std::string_view wanted);

}
