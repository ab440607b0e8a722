#include "engine/formats/cast.h"

#include "engine/columns/read_text.h"
#include "engine/formats/text.h"

namespace streamwright {

namespace {

template <class T>
bool pushIf(const std::optional<T>& value, ColumnBuilder& out)
{
    if (value) out.push<T>(*value);
    return value.has_value();
}

}

std::optional<int32_t> castToInt(std::string_view text)
{
    const auto value = readInteger(text, INT32_MIN, INT32_MAX);
    return value ? std::optional(static_cast<int32_t>(*value)) : std::nullopt;
}

std::optional<int64_t> castToBigInt(std::string_view text) { return readInteger(text); }
std::optional<double> castToDouble(std::string_view text) { return readFloating<double>(text); }
std::optional<float> castToFloat(std::string_view text) { return readFloating<float>(text); }
std::optional<bool> castToBoolean(std::string_view text) { return readBoolean(text); }

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
