// Who knows the token may see and control a run.
#pragma once
#include <string>
#include <string_view>

namespace streamwright {

// 128 random bits, as hex digits.
std::string newToken();
// Takes as long whichever byte is wrong.
bool sameToken(std::string_view given, std::string_view wanted);

}
