// Numbers and truth values as Spark's CAST reads them from text: surrounding white space and control
// characters do not count. Dates and times: calendar.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace streamwright {

// Digits with a sign, nothing else, within the bounds.
std::optional<int64_t> readInteger(std::string_view text, int64_t least = INT64_MIN, int64_t greatest = INT64_MAX);
// T is float or double: what Java reads (1.5, .5, 5., 1e3, 1d, 0x1p3, NaN, Infinity) and inf, infinity and
// nan in any case. Too large is infinite, too small is 0.
template <class T>
std::optional<T> readFloating(std::string_view text);
// t, true, y, yes, 1; f, false, n, no, 0.
std::optional<bool> readBoolean(std::string_view text);

}
