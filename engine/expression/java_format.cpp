#include "engine/expression/java_format.h"

#include "engine/columns/print.h"
#include "engine/expression/rounding.h"
#include "engine/expression/utf8.h"

#include <cmath>
#include <fmt/format.h>

namespace streamwright {

namespace {

// Widths add up: a short format must not fill the memory.
constexpr size_t kLongestText = 16 << 20;

// One `%…` of a format.
struct Specifier {
    size_t index = 0;         // of the argument, from 1; 0: the next one
    bool left = false, plus = false, blank = false, zero = false, group = false, parentheses = false, alternate = false;
    size_t width = 0;
    int precision = -1;
    char conversion = 0;
};

size_t readNumber(std::string_view text, size_t& at)
{
    size_t number = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && number < 100'000'000) number = number * 10 + static_cast<size_t>(text[at++] - '0');
    return number;
}

// `at` stands behind the percent sign, and then behind the specifier. False when the format ends too early.
bool readSpecifier(std::string_view format, size_t& at, Specifier& spec)
{
    size_t ahead = at;
    const size_t index = readNumber(format, ahead);
    if (index > 0 && ahead < format.size() && format[ahead] == '$') {
        spec.index = index;
        at = ahead + 1;
    }
    for (; at < format.size(); ++at) {
        const char c = format[at];
        if (c == '-') spec.left = true;
        else if (c == '+') spec.plus = true;
        else if (c == ' ') spec.blank = true;
        else if (c == '0') spec.zero = true;
        else if (c == ',') spec.group = true;
        else if (c == '(') spec.parentheses = true;
        else if (c == '#') spec.alternate = true;
        else break;
    }
    spec.width = readNumber(format, at);
    if (at < format.size() && format[at] == '.') {
        ++at;
        spec.precision = static_cast<int>(std::min<size_t>(readNumber(format, at), 1000));
    }
    if (at >= format.size()) return false;
    spec.conversion = format[at++];
    return true;
}

void appendPadded(std::string_view text, const Specifier& spec, std::string& out)
{
    const size_t size = characterCount(text);
    const size_t missing = spec.width > size ? spec.width - size : 0;
    if (!spec.left) out.append(missing, ' ');
    out += text;
    if (spec.left) out.append(missing, ' ');
}

// Digits with sign, grouping and zeros.
void appendNumber(std::string digits, bool negative, const Specifier& spec, std::string& out)
{
    if (spec.group) digits = groupedDigits(digits);
    std::string sign = negative ? (spec.parentheses ? "(" : "-") : spec.plus ? "+" : spec.blank ? " " : "";
    const std::string_view end = negative && spec.parentheses ? ")" : "";
    const size_t size = sign.size() + digits.size() + end.size();
    if (spec.zero && spec.width > size) digits.insert(0, spec.width - size, '0');
    appendPadded(sign + digits + std::string(end), spec, out);
}

std::string floatingDigits(double value, const Specifier& spec)
{
    const int precision = spec.precision < 0 ? 6 : spec.precision;
    switch (spec.conversion | 32) {
        case 'f': return fmt::format("{:.{}f}", roundDecimalText(value, precision, Rounding::HalfUp), precision);
        case 'e': return fmt::format("{:.{}e}", value, precision);
        default: {
            const int wanted = precision == 0 ? 1 : precision;
            if (value != 0 && (value < 1e-4 || value >= std::pow(10, wanted))) return fmt::format("{:.{}e}", value, wanted - 1);
            const int whole = value == 0 ? 1 : static_cast<int>(std::floor(std::log10(value))) + 1;
            return fmt::format("{:.{}f}", value, std::max(wanted - whole, 0));
        }
    }
}

bool appendFloating(const Column& column, size_t row, const Specifier& spec, std::string& out)
{
    if (!isFloating(column.type().kind())) return false;
    const double value = column.type().is(TypeKind::Double) ? column.value<double>(row) : static_cast<double>(column.value<float>(row));
    if (std::isnan(value)) return appendPadded("NaN", spec, out), true;
    const bool negative = std::signbit(value);
    if (std::isinf(value)) {
        appendPadded(negative ? (spec.parentheses ? "(Infinity)" : "-Infinity") : spec.plus ? "+Infinity" : "Infinity", spec, out);
        return true;
    }
    std::string digits = floatingDigits(std::fabs(value), spec);
    if (spec.conversion == 'E' || spec.conversion == 'G') std::transform(digits.begin(), digits.end(), digits.begin(), [](char c) { return c == 'e' ? 'E' : c; });
    appendNumber(std::move(digits), negative, spec, out);
    return true;
}

bool appendInteger(const Column& column, size_t row, const Specifier& spec, std::string& out)
{
    if (!isIntegral(column.type().kind())) return false;
    const bool isInt = column.type().is(TypeKind::Int);
    const int64_t value = isInt ? column.value<int32_t>(row) : column.value<int64_t>(row);
    if (spec.conversion == 'd') {
        const uint64_t absolute = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
        appendNumber(fmt::format("{}", absolute), value < 0, spec, out);
        return true;
    }
    const uint64_t bits = isInt ? static_cast<uint32_t>(value) : static_cast<uint64_t>(value);
    std::string digits = spec.conversion == 'o' ? fmt::format("{:o}", bits) : spec.conversion == 'x' ? fmt::format("{:x}", bits) : fmt::format("{:X}", bits);
    if (spec.alternate) digits.insert(0, spec.conversion == 'o' ? "0" : spec.conversion == 'x' ? "0x" : "0X");
    appendNumber(std::move(digits), false, spec, out);
    return true;
}

void appendTextOf(std::string text, const Specifier& spec, bool upper, std::string& out)
{
    if (spec.precision >= 0) text.resize(byteOfCharacter(text, static_cast<size_t>(spec.precision)));
    if (upper) std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    appendPadded(text, spec, out);
}

bool appendCharacter(const Column& column, size_t row, const Specifier& spec, std::string& out)
{
    if (!column.type().is(TypeKind::Int)) return false;
    std::string text;
    appendCodePoint(static_cast<char32_t>(column.value<int32_t>(row)), text);
    appendPadded(text, spec, out);
    return true;
}

// False when the conversion does not go with the argument's type, or there is no such conversion.
bool appendArgument(const Column& column, size_t row, const Specifier& spec, const EvalContext& context, std::string& out)
{
    const bool isNull = column.isNull(row);
    const bool upper = spec.conversion >= 'A' && spec.conversion <= 'Z';
    switch (spec.conversion) {
        case 's':
        case 'S': {
            std::string text;
            if (!appendText(column, row, context.timeZone, text)) text = "null";
            appendTextOf(std::move(text), spec, upper, out);
            return true;
        }
        case 'b':
        case 'B': appendTextOf(isNull || (column.type().is(TypeKind::Boolean) && !column.value<uint8_t>(row)) ? "false" : "true", spec, upper, out); return true;
        case 'd':
        case 'x':
        case 'X':
        case 'o':
        case 'f':
        case 'e':
        case 'E':
        case 'g':
        case 'G':
        case 'c':
            if (isNull) return appendTextOf("null", spec, upper, out), true;
            if (spec.conversion == 'c') return appendCharacter(column, row, spec, out);
            if (std::string_view("feEgG").find(spec.conversion) != std::string_view::npos) return appendFloating(column, row, spec, out);
            return appendInteger(column, row, spec, out);
        default: return false;
    }
}

}

std::string groupedDigits(std::string_view digits)
{
    const size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
    std::string grouped;
    for (size_t i = 0; i < whole; ++i) {
        if (i > 0 && (whole - i) % 3 == 0) grouped += ',';
        grouped += digits[i];
    }
    return grouped + std::string(digits.substr(whole));
}

std::string appendFormatted(std::string_view format, std::span<const ColumnPtr> arguments, size_t row, const EvalContext& context, std::string& out)
{
    size_t next = 0;
    for (size_t at = 0; at < format.size();) {
        if (format[at] != '%') {
            out += format[at++];
            continue;
        }
        Specifier spec;
        ++at;
        if (!readSpecifier(format, at, spec)) return fmt::format("format ends within a % specifier: {}", format);
        if (spec.width > 1'000'000) return fmt::format("format width must be at most 1000000, but is {}", spec.width);
        if (out.size() > kLongestText) return fmt::format("format makes a text of more than {} bytes", kLongestText);
        if (spec.conversion == '%' || spec.conversion == 'n') {
            if (spec.conversion == 'n') out += '\n';
            else appendPadded("%", spec, out);
            continue;
        }
        const size_t index = spec.index > 0 ? spec.index - 1 : next++;
        if (index >= arguments.size()) return fmt::format("format asks for argument {}, but there are {}", index + 1, arguments.size());
        if (!appendArgument(*arguments[index], row, spec, context, out)) return fmt::format("format %{} does not go with {}", spec.conversion, arguments[index]->type().simpleName());
    }
    return {};
}

}
