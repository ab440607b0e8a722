// Where a server listens.
#pragma once
#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace streamwright {

struct ListenAddress {
    std::string address = "127.0.0.1";  // a number, not a name; IPv6 without brackets
    uint16_t port = 0;                  // 0: any that is free
    std::string text() const;           // "127.0.0.1:8080", "[::1]:8080"
};

// "127.0.0.1:8080", "[::1]:8080", ":8080", "8080"; a port of 0, or none, is any that is free.
Result<ListenAddress> parseListenAddress(std::string_view text);

// Whether two secrets are the same; takes as long whichever byte is wrong.
bool sameSecret(std::string_view given, std::string_view wanted);

}
