#include "engine/nodes/sinks/shared/postgres_numeric.h"

#include <charconv>
#include <cmath>

namespace streamwright {

namespace {

constexpr uint16_t kNegative = 0x4000, kNaN = 0xC000, kInfinity = 0xD000, kMinusInfinity = 0xF000;

void append16(uint16_t value, std::string& out)
{
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value);
}

// 0.DIGITS times ten to the power of `point`; no leading and no trailing zeros.
struct Digits {
    std::string digits;
    int point = 0;
    bool negative = false;
};

Digits digitsOf(int64_t value)
{
    Digits result{.negative = value < 0};
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    result.digits.assign(text + (value < 0 ? 1 : 0), end);
    result.point = static_cast<int>(result.digits.size());
    while (result.digits.ends_with('0')) result.digits.pop_back();
    return result;
}

// The shortest digits that read back.
Digits digitsOf(double value)
{
    Digits result{.negative = std::signbit(value)};
    if (value == 0) return result;
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, std::abs(value), std::chars_format::scientific).ptr;
    const std::string_view all(text, static_cast<size_t>(end - text));
    const size_t e = all.find('e');
    for (const char c : all.substr(0, e)) {
        if (c != '.') result.digits += c;
    }
    const char* exponent = all.data() + e + 1 + (all[e + 1] == '+' ? 1 : 0);
    std::from_chars(exponent, end, result.point);
    ++result.point;
    while (result.digits.ends_with('0')) result.digits.pop_back();
    return result;
}

int floorDivide(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

void appendDigits(const Digits& value, std::string& out)
{
    // Groups of four digits; the first has the weight 10000^weight.
    const int weight = value.digits.empty() ? 0 : floorDivide(value.point - 1, 4);
    std::string padded(static_cast<size_t>(value.digits.empty() ? 0 : (weight + 1) * 4 - value.point), '0');
    padded += value.digits;
    while (padded.size() % 4 != 0) padded += '0';
    const int scale = std::max(0, static_cast<int>(value.digits.size()) - value.point);
    append16(static_cast<uint16_t>(padded.size() / 4), out);
    append16(static_cast<uint16_t>(weight), out);
    append16(value.negative && !value.digits.empty() ? kNegative : 0, out);
    append16(static_cast<uint16_t>(scale), out);
    for (size_t at = 0; at < padded.size(); at += 4) {
        uint16_t group = 0;
        for (size_t i = 0; i < 4; ++i) group = static_cast<uint16_t>(group * 10 + (padded[at + i] - '0'));
        append16(group, out);
    }
}

bool fits(const Digits& value, int32_t modifier)
{
    if (modifier < 4 || value.digits.empty()) return true;
    const int precision = ((modifier - 4) >> 16) & 0xFFFF;
    // Eleven bits with a sign, since servers of version 15.
    const int scale = (((modifier - 4) & 0x7FF) ^ 1024) - 1024;
    const int whole = precision - scale;
    if (value.point != whole) return value.point < whole;
    // All nines up to the last digit that is kept are carried over by rounding.
    const auto kept = static_cast<size_t>(precision);
    const bool nines = value.digits.size() > kept && value.digits.find_first_not_of('9') >= kept;
    return !(nines && value.digits[kept] >= '5');
}

}

void appendPostgresNumeric(int64_t value, std::string& out) { appendDigits(digitsOf(value), out); }

void appendPostgresNumeric(double value, std::string& out)
{
    if (std::isfinite(value)) return appendDigits(digitsOf(value), out);
    append16(0, out);
    append16(0, out);
    append16(std::isnan(value) ? kNaN : value > 0 ? kInfinity : kMinusInfinity, out);
    append16(0, out);
}

bool fitsPostgresNumeric(int64_t value, int32_t modifier) { return fits(digitsOf(value), modifier); }

bool fitsPostgresNumeric(double value, int32_t modifier)
{
    if (std::isnan(value)) return true;
    return std::isfinite(value) ? fits(digitsOf(value), modifier) : modifier < 4;
}

}
