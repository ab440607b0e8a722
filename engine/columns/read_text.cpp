#include "engine/columns/read_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace streamwright {

namespace {

// As Java's isWhitespace or isISOControl over bytes.
bool isTrimmed(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && isTrimmed(text.front())) text.remove_prefix(1);
    while (!text.empty() && isTrimmed(text.back())) text.remove_suffix(1);
    return text;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool isWord(std::string_view text, std::string_view word)
{
    return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) { return lower(a) == b; });
}

// digits[.digits][e[+-]digits], with at least one digit before the exponent: what Java reads as a decimal.
bool isDecimal(std::string_view text)
{
    size_t i = 0, digits = 0;
    for (; i < text.size() && isDigit(text[i]); ++i) ++digits;
    if (i < text.size() && text[i] == '.') {
        for (++i; i < text.size() && isDigit(text[i]); ++i) ++digits;
    }
    if (digits == 0) return false;
    if (i == text.size()) return true;
    if (lower(text[i]) != 'e') return false;
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    const size_t exponent = i;
    while (i < text.size() && isDigit(text[i])) ++i;
    return i == text.size() && i > exponent;
}

// Out of range is not told apart by from_chars: a value that is too small is 0, one too large infinite.
template <class T>
T outOfRange(std::string_view text)
{
    int64_t scale = 0;
    bool significant = false, fraction = false;
    size_t i = 0;
    for (; i < text.size() && lower(text[i]) != 'e'; ++i) {
        if (text[i] == '.') {
            fraction = true;
            continue;
        }
        significant = significant || text[i] != '0';
        if (significant && !fraction) ++scale;
        if (!significant && fraction) --scale;
    }
    if (!significant) return 0;
    const bool negative = i + 1 < text.size() && text[i + 1] == '-';
    int64_t exponent = 0;
    for (; i < text.size(); ++i) {
        if (isDigit(text[i]) && exponent < 1'000'000'000) exponent = exponent * 10 + (text[i] - '0');
    }
    return scale + (negative ? -exponent : exponent) > 0 ? std::numeric_limits<T>::infinity() : T(0);
}

}

std::optional<int64_t> readInteger(std::string_view text, int64_t least, int64_t greatest)
{
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    // Counted downwards, where there is one number more.
    int64_t number = 0;
    for (const char c : text) {
        if (!isDigit(c)) return std::nullopt;
        if (__builtin_mul_overflow(number, int64_t{10}, &number) || __builtin_sub_overflow(number, int64_t{c - '0'}, &number)) return std::nullopt;
    }
    if (!negative) {
        if (number == INT64_MIN) return std::nullopt;
        number = -number;
    }
    if (number < least || number > greatest) return std::nullopt;
    return number;
}

template <class T>
std::optional<T> readFloating(std::string_view text)
{
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    const bool negative = text.front() == '-';
    const bool plus = text.front() == '+';
    std::string_view plain = negative || plus ? text.substr(1) : text;
    const auto signedValue = [&](T value) { return negative ? -value : value; };
    if (isWord(plain, "inf") || isWord(plain, "infinity")) return signedValue(std::numeric_limits<T>::infinity());
    if (isWord(plain, "nan") && (!negative && !plus)) return std::numeric_limits<T>::quiet_NaN();
    if (plain == "NaN") return std::numeric_limits<T>::quiet_NaN();
    if (plain.empty()) return std::nullopt;
    const bool hexadecimal = plain.size() > 2 && plain[0] == '0' && lower(plain[1]) == 'x';
    T value = 0;
    if (hexadecimal) {
        const char suffix = lower(plain.back());
        const size_t power = plain.find_first_of("pP");
        if (power == std::string_view::npos) return std::nullopt;
        std::string_view digits = plain.substr(2);
        if (suffix == 'd' || suffix == 'f') digits.remove_suffix(1);
        if (digits.empty() || digits.front() == '-' || digits.front() == '+') return std::nullopt;
        const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::hex);
        if (end != digits.data() + digits.size()) return std::nullopt;
        if (failure == std::errc::result_out_of_range) return signedValue(plain[power + 1] == '-' ? T(0) : std::numeric_limits<T>::infinity());
        return signedValue(value);
    }
    // Java takes a type suffix: 1d, 1.5F.
    if (const char suffix = lower(plain.back()); suffix == 'd' || suffix == 'f') plain.remove_suffix(1);
    if (!isDecimal(plain)) return std::nullopt;
    const auto [end, failure] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
    if (failure == std::errc::result_out_of_range) return signedValue(outOfRange<T>(plain));
    if (failure != std::errc() || end != plain.data() + plain.size()) return std::nullopt;
    return signedValue(value);
}

template std::optional<float> readFloating<float>(std::string_view);
template std::optional<double> readFloating<double>(std::string_view);

std::optional<bool> readBoolean(std::string_view text)
{
    text = trimmed(text);
    for (std::string_view word : {"t", "true", "y", "yes", "1"}) {
        if (isWord(text, word)) return true;
    }
    for (std::string_view word : {"f", "false", "n", "no", "0"}) {
        if (isWord(text, word)) return false;
    }
    return std::nullopt;
}

}
