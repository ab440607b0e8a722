// Names that are the same in any case, as those of columns and of HTTP headers.
#pragma once
#include <string_view>

namespace streamwright {

bool sameName(std::string_view a, std::string_view b);  // ASCII letters case-insensitively

}
