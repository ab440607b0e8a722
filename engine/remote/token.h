// Who knows the token may see and control a run.
#pragma once
#include <string>

namespace streamwright {

// 128 random bits, as hex digits.
std::string newToken();

}
