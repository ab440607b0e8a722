#include "engine/expression/rounding.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace streamwright {

namespace {

// Adds one unit in the last place of a run of decimal digits; true when it carried out of the first.
bool increment(std::string& digits)
{
    for (size_t i = digits.size(); i-- > 0;) {
        if (digits[i] != '9') {
            ++digits[i];
            return false;
        }
        digits[i] = '0';
    }
    return true;
}

template <class T>
T roundText(T value, int scale, Rounding mode)
{
    if (!std::isfinite(value) || value == 0) return value + T(0);
    // Halves are exact in binary, so whole numbers need no text.
    if (scale == 0) return (mode == Rounding::HalfUp ? std::round(value) : std::nearbyint(value)) + T(0);

    // 1. The digits d.ddd and the power of ten of the first.
    char buffer[48];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific).ptr;
    std::string digits;
    const char* at = buffer;
    for (; *at != 'e'; ++at) {
        if (*at != '.') digits += *at;
    }
    int exponent = 0;
    at += at[1] == '+' ? 2 : 1;
    std::from_chars(at, end, exponent);

    // 2. How many digits stay, and whether what goes rounds up.
    const int64_t kept = int64_t{exponent} + 1 + scale;
    if (kept >= static_cast<int64_t>(digits.size())) return value;
    if (kept < 0) return T(0);
    const auto keep = static_cast<size_t>(kept);
    const bool half = digits[keep] == '5' && digits.find_first_not_of('0', keep + 1) == std::string::npos;
    const bool odd = keep > 0 && (digits[keep - 1] - '0') % 2 == 1;
    const bool up = digits[keep] > '5' || (digits[keep] == '5' && (!half || mode == Rounding::HalfUp || odd));
    digits.resize(keep);
    if (up && increment(digits)) {
        digits.insert(digits.begin(), '1');
        ++exponent;
    }
    if (digits.empty()) return T(0);

    // 3. Back to a number.
    std::string text = digits + 'e' + std::to_string(exponent - static_cast<int>(digits.size()) + 1);
    T result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return std::signbit(value) && result != 0 ? -result : result;
}

}

double roundDecimalText(double value, int scale, Rounding mode) { return roundText(value, scale, mode); }
float roundDecimalText(float value, int scale, Rounding mode) { return roundText(value, scale, mode); }

std::optional<int64_t> roundInteger(int64_t value, int scale, Rounding mode)
{
    if (scale >= 0) return value;
    if (scale < -19) return 0;
    __int128 unit = 1;
    for (int i = 0; i < -scale; ++i) unit *= 10;
    const __int128 wide = value;
    const __int128 absolute = wide < 0 ? -wide : wide;
    __int128 quotient = absolute / unit;
    const __int128 twice = absolute % unit * 2;
    if (twice > unit || (twice == unit && (mode == Rounding::HalfUp || quotient % 2 == 1))) ++quotient;
    const __int128 result = (wide < 0 ? -1 : 1) * quotient * unit;
    if (result < std::numeric_limits<int64_t>::min() || result > std::numeric_limits<int64_t>::max()) return std::nullopt;
    return static_cast<int64_t>(result);
}

double javaPow(double base, double exponent)
{
    if (std::isnan(exponent) || (std::fabs(base) == 1 && std::isinf(exponent))) return std::numeric_limits<double>::quiet_NaN();
    return std::pow(base, exponent);
}

}
