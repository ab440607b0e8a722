#include "engine/formats/cast.h"

#include "engine/formats/text.h"

#include <charconv>
#include <cmath>

namespace streamwright {

namespace {

// As Java's trim: bytes up to the space.
std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    return text;
}

template <class T>
std::optional<T> integer(std::string_view text)
{
    text = trimmed(text);
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text.front() == '-') return std::nullopt;
    }
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

template <class T>
std::optional<T> floating(std::string_view text)
{
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    const bool negative = text.front() == '-';
    std::string_view digits = text;
    if (negative || text.front() == '+') digits.remove_prefix(1);
    if (digits.empty()) return std::nullopt;
    if (sameName(digits, "infinity") || sameName(digits, "inf")) return negative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
    if (sameName(text, "nan")) return std::numeric_limits<T>::quiet_NaN();
    // Java's parser takes a type suffix.
    const char last = digits.back();
    if (last == 'd' || last == 'D' || last == 'f' || last == 'F') digits.remove_suffix(1);
    if (digits.empty() || !((digits.front() >= '0' && digits.front() <= '9') || digits.front() == '.')) return std::nullopt;
    T value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end != digits.data() + digits.size()) return std::nullopt;
    if (error == std::errc::result_out_of_range) {
        // Too large is Infinity and too small is 0, as in Java; from_chars does not say which.
        const double wide = std::strtod(std::string(digits).c_str(), nullptr);
        value = static_cast<T>(wide);
    } else if (error != std::errc()) {
        return std::nullopt;
    }
    return negative ? -value : value;
}

template <class T>
bool pushIf(const std::optional<T>& value, ColumnBuilder& out)
{
    if (value) out.push<T>(*value);
    return value.has_value();
}

}

std::optional<int32_t> castToInt(std::string_view text) { return integer<int32_t>(text); }
std::optional<int64_t> castToBigInt(std::string_view text) { return integer<int64_t>(text); }
std::optional<double> castToDouble(std::string_view text) { return floating<double>(text); }
std::optional<float> castToFloat(std::string_view text) { return floating<float>(text); }

std::optional<bool> castToBoolean(std::string_view text)
{
    text = trimmed(text);
    for (const std::string_view word : {"t", "true", "y", "yes", "1"}) {
        if (sameName(text, word)) return true;
    }
    for (const std::string_view word : {"f", "false", "n", "no", "0"}) {
        if (sameName(text, word)) return false;
    }
    return std::nullopt;
}

bool appendCast(std::string_view text, const Zone& zone, ColumnBuilder& out)
{
    switch (out.type().kind()) {
        case TypeKind::String:
        case TypeKind::Binary: return out.pushText(text), true;
        case TypeKind::Int: return pushIf(castToInt(text), out);
        case TypeKind::BigInt: return pushIf(castToBigInt(text), out);
        case TypeKind::Float: return pushIf(castToFloat(text), out);
        case TypeKind::Double: return pushIf(castToDouble(text), out);
        case TypeKind::Date: return pushIf(parseDate(text), out);
        case TypeKind::Timestamp: return pushIf(parseTimestamp(text, zone), out);
        case TypeKind::Boolean: {
            const auto value = castToBoolean(text);
            if (value) out.push<uint8_t>(*value);
            return value.has_value();
        }
        case TypeKind::Void:
        case TypeKind::Array:
        case TypeKind::Struct: return false;
    }
    return false;
}

std::string cannotCast(std::string_view text, const Type& type)
{
    constexpr size_t kShown = 60;
    const std::string shown = repairUtf8(text.substr(0, kShown)) + (text.size() > kShown ? "…" : "");
    return fmt::format("the value cannot be cast to {}: \"{}\"", type.toDdl(), shown);
}

}
