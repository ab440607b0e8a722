// Copies text of a few bytes: keys are mostly short, and a few loads and stores cost less than a call.
#pragma once
#include <cstring>

namespace streamwright {

// `size` > 8; the places must not overlap.
inline void copyBytes(char* to, const char* from, size_t size)
{
    if (size > 32) {
        std::memcpy(to, from, size);
    } else if (size > 16) {
        std::memcpy(to, from, 16);
        std::memcpy(to + size - 16, from + size - 16, 16);
    } else {
        std::memcpy(to, from, 8);
        std::memcpy(to + size - 8, from + size - 8, 8);
    }
}

}
