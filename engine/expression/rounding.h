// Rounding as java.math.BigDecimal does it on a number's decimal text.
#pragma once
#include <cstdint>
#include <optional>

namespace streamwright {

enum class Rounding : unsigned char { HalfUp, HalfEven };

// Rounds the shortest decimal text of `value`, not its binary value: 1.005 to two digits is 1.01.
double roundDecimalText(double value, int scale, Rounding mode);
float roundDecimalText(float value, int scale, Rounding mode);
// A negative scale rounds before the point; empty when the result needs more than 64 bits.
std::optional<int64_t> roundInteger(int64_t value, int scale, Rounding mode);
// Math.pow: as C's, but a base of 1 with NaN or an infinite exponent gives NaN.
double javaPow(double base, double exponent);

}
