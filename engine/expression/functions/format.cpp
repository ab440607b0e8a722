// Values as text in a wanted shape.
#include "engine/columns/schema.h"
#include "engine/expression/charset.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/java_format.h"
#include "engine/expression/kernels.h"
#include "engine/expression/number_format.h"
#include "engine/expression/signature.h"
#include "engine/expression/utf8.h"

#include <charconv>
#include <cmath>
#include <unicode/uchar.h>

namespace streamwright {

namespace {

Result<Signature> resolveFormat(std::span<const ArgumentType> arguments)
{
    if (arguments.empty() || !convertsImplicitly(arguments[0], TypeKind::String)) return wrongArguments("format_string", "a format and its values", arguments);
    std::vector<Type> types;
    for (const ArgumentType& argument : arguments) types.push_back(argument.type);
    types[0] = TypeKind::String;
    return Signature{std::move(types), TypeKind::String};
}

ColumnPtr formatString(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        if (call.arguments[0]->isNull(row)) return out.pushNull();
        result.clear();
        std::string reason = appendFormatted(textAt(*call.arguments[0], row), call.arguments.subspan(1), row, call.context, result);
        if (reason.empty()) out.pushText(result);
        else fail(call, row, out, std::move(reason));
    });
}

Result<Signature> resolveFormatNumber(std::span<const ArgumentType> arguments)
{
    if (arguments.size() == 2 && convertsImplicitly(arguments[1], TypeKind::Int) && !arguments[1].type.is(TypeKind::String)) {
        const Type type = isIntegral(arguments[0].type.kind()) ? TypeKind::BigInt : TypeKind::Double;
        if (convertsImplicitly(arguments[0], type)) return Signature{{type, TypeKind::Int}, TypeKind::String};
    }
    return wrongArguments("format_number", "(number, int)", arguments);
}

// Halves go to the even digit, judged on the exact binary value, as java.text.DecimalFormat does.
ColumnPtr formatNumber(const Call& call)
{
    const bool whole = call.arguments[0]->type().is(TypeKind::BigInt);
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const int digits = call.arguments[1]->value<int32_t>(row);
        if (digits < 0) return out.pushNull();
        if (digits > 400) return fail(call, row, out, fmt::format("format_number writes at most 400 digits behind the point, but is asked for {}", digits));
        std::string text;
        bool negative = false;
        if (whole) {
            const int64_t value = call.arguments[0]->value<int64_t>(row);
            negative = value < 0;
            text = fmt::format("{}", negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
            if (digits > 0) text += "." + std::string(static_cast<size_t>(digits), '0');
        } else {
            const double value = call.arguments[0]->value<double>(row);
            negative = std::signbit(value);
            if (std::isnan(value)) return out.pushText("NaN");
            if (std::isinf(value)) return out.pushText(negative ? "-∞" : "∞");
            text = fmt::format("{:.{}f}", std::fabs(value), digits);
        }
        out.pushText((negative ? "-" : "") + groupedDigits(text));
    });
}

// What stands for a class of characters: the argument's one, or the default when it is not given; none when NULL.
struct Masks {
    std::optional<std::string_view> upper, lower, digit, other;
};

std::optional<std::string_view> maskFor(const Call& call, size_t index, size_t row, std::optional<std::string_view> fallback)
{
    if (index >= call.arguments.size()) return fallback;
    if (call.arguments[index]->isNull(row)) return std::nullopt;
    return textAt(*call.arguments[index], row);
}

ColumnPtr mask(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        if (call.arguments[0]->isNull(row)) return out.pushNull();
        const Masks masks{maskFor(call, 1, row, "X"), maskFor(call, 2, row, "x"), maskFor(call, 3, row, "n"), maskFor(call, 4, row, std::nullopt)};
        for (const auto& one : {masks.upper, masks.lower, masks.digit, masks.other}) {
            if (one && characterCount(*one) != 1) return fail(call, row, out, fmt::format("mask characters must be single characters, but one is \"{}\"", *one));
        }
        const std::string_view text = textAt(*call.arguments[0], row);
        result.clear();
        for (size_t at = 0; at < text.size(); at += characterSize(text, at)) {
            const auto c = static_cast<UChar32>(codePointAt(text, at));
            const auto& by = u_isupper(c) ? masks.upper : u_islower(c) ? masks.lower : u_isdigit(c) ? masks.digit : masks.other;
            result += by ? *by : text.substr(at, characterSize(text, at));
        }
        out.pushText(result);
    });
}

// The shortest digits that read back, without an exponent.
std::string plainDigits(double value)
{
    char text[400];
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr;
    return std::string(text, end);
}

ColumnPtr quote(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result = "'";
        for (const char c : textAt(*call.arguments[0], row)) {
            if (c == '\'') result += '\\';
            result += c;
        }
        result += '\'';
        out.pushText(result);
    });
}

}

// A double stands for its shortest decimal text.
ColumnPtr numberToChar(const Call& call)
{
    const bool whole = call.arguments[0]->type().is(TypeKind::BigInt);
    std::string written, result;
    std::optional<Result<NumberFormat>> format;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[1], row);
        if (!format || text != written) {
            written = text;
            format.emplace(NumberFormat::compile(text));
        }
        if (!*format) return fail(call, row, out, format->error().message);
        std::string digits;
        bool negative = false;
        if (whole) {
            const int64_t value = call.arguments[0]->value<int64_t>(row);
            negative = value < 0;
            digits = fmt::format("{}", negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
        } else {
            const double value = call.arguments[0]->value<double>(row);
            if (!std::isfinite(value)) return out.pushNull();
            negative = value < 0;
            digits = plainDigits(std::fabs(value));
        }
        result.clear();
        (*format)->append(digits, negative, result);
        out.pushText(result);
    });
}

ColumnPtr binaryToChar(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view bytes = textAt(*call.arguments[0], row), format = textAt(*call.arguments[1], row);
        result.clear();
        if (sameName(format, "base64")) appendBase64(bytes, result);
        else if (sameName(format, "hex")) {
            for (const char c : bytes) result += fmt::format("{:02X}", static_cast<unsigned char>(c));
        } else if (!sameName(format, "utf-8")) return fail(call, row, out, fmt::format("to_char format of a binary must be base64, hex or utf-8, but is {}", format));
        else if (!decodeText(bytes, Charset::Utf8, result)) return fail(call, row, out, "the bytes are not well-formed UTF-8");
        out.pushText(result);
    });
}

void addFormatFunctions(std::vector<Function>& all)
{
    const Type text = TypeKind::String;
    all.push_back({.name = "format_string", .aliases = {"printf"}, .family = "text", .usage = "format_string(format, value, ...)", .help = "The values put into a format as printf does it: %d, %s, %.2f, %05d, %x, %,d ….", .example = {"format_string('%d of %s', 100, 'days')", "\"100 of days\""}, .resolve = resolveFormat, .evaluate = formatString, .canFail = true, .seesNulls = true});
    all.push_back({.name = "format_number", .family = "text", .usage = "format_number(number, digits)", .help = "The number with commas between thousands and so many digits behind the point.", .example = {"format_number(12332.123456, 4)", "\"12,332.1235\""}, .resolve = resolveFormatNumber, .evaluate = formatNumber, .canFail = true});
    all.push_back({.name = "mask", .family = "text", .usage = "mask(text[, upper[, lower[, digit[, other]]]])", .help = "Hides letters and digits behind X, x and n or the given characters; NULL keeps a kind as it is.", .example = {"mask('AbCD123-@$#')", "\"XxXXnnn-@$#\""}, .resolve = takes("mask", {text, text, text, text, text}, text, 4), .evaluate = mask, .canFail = true, .seesNulls = true});
    all.push_back({.name = "quote", .family = "text", .usage = "quote(text)", .help = "The text in single quotes, with a backslash before those in it.", .example = {"quote('it\\'s')", "\"'it\\\\'s'\""}, .resolve = takes("quote", {text}, text), .evaluate = quote});
}

}
