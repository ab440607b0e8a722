#include "engine/columns/print.h"

#include "engine/columns/calendar.h"

#include <charconv>
#include <cmath>

namespace streamwright {

namespace {

template <class T>
void appendInteger(T value, std::string& out)
{
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end);
}

// Digits without a point, and the power of ten of the first one: 12.5 is "125" and 1.
struct Digits {
    char text[24];
    int count = 0;
    int exponent = 0;
};

template <class T>
Digits shortestDigits(T value)
{
    char buffer[48];
    auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    // Java prints at least two digits, the closest two when one would do: 4.9E-324, where 5e-324 reads back too.
    if (buffer[1] == 'e') end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, 1).ptr;
    Digits digits;
    const char* at = buffer;
    for (; *at != 'e'; ++at) {
        if (*at != '.') digits.text[digits.count++] = *at;
    }
    while (digits.count > 1 && digits.text[digits.count - 1] == '0') --digits.count;
    ++at;
    if (*at == '+') ++at;
    std::from_chars(at, end, digits.exponent);
    return digits;
}

template <class T>
void appendJavaNumber(T value, std::string& out)
{
    // 1. What has no digits.
    if (std::isnan(value)) {
        out += "NaN";
        return;
    }
    if (std::signbit(value)) out += '-';
    if (std::isinf(value)) {
        out += "Infinity";
        return;
    }
    if (value == 0) {
        out += "0.0";
        return;
    }
    const Digits digits = shortestDigits(std::fabs(value));
    const std::string_view text(digits.text, static_cast<size_t>(digits.count));

    // 2. Plain from 10^-3 up to 10^7, else with an exponent; always a digit behind the point.
    if (digits.exponent < -3 || digits.exponent >= 7) {
        out += text[0];
        out += '.';
        out += text.size() > 1 ? text.substr(1) : "0";
        out += 'E';
        appendInteger(digits.exponent, out);
    } else if (digits.exponent < 0) {
        out += "0.";
        out.append(static_cast<size_t>(-digits.exponent - 1), '0');
        out += text;
    } else {
        const auto whole = static_cast<size_t>(digits.exponent + 1);
        out += text.substr(0, whole);
        if (whole > text.size()) out.append(whole - text.size(), '0');
        out += '.';
        out += text.size() > whole ? text.substr(whole) : "0";
    }
}

void appendNested(const Column& column, size_t row, const Zone& zone, std::string& out);

void appendValue(const Column& column, size_t row, const Zone& zone, std::string& out)
{
    switch (column.type().kind()) {
        case TypeKind::Void: break;
        case TypeKind::Boolean: out += column.value<uint8_t>(row) ? "true" : "false"; break;
        case TypeKind::Int: appendInteger(column.value<int32_t>(row), out); break;
        case TypeKind::BigInt: appendInteger(column.value<int64_t>(row), out); break;
        case TypeKind::Float: appendJavaFloat(column.value<float>(row), out); break;
        case TypeKind::Double: appendJavaDouble(column.value<double>(row), out); break;
        case TypeKind::String:
        case TypeKind::Binary: out += column.text(row).view(); break;
        case TypeKind::Date: appendDate(column.value<int32_t>(row), out); break;
        case TypeKind::Timestamp: appendTimestamp(column.value<int64_t>(row), zone, out); break;
        case TypeKind::Array: {
            out += '[';
            const uint32_t from = column.offsets()[row], to = column.offsets()[row + 1];
            for (uint32_t i = from; i < to; ++i) {
                if (i > from) out += ", ";
                appendNested(*column.element(), i, zone, out);
            }
            out += ']';
            break;
        }
        case TypeKind::Struct: {
            out += '{';
            for (size_t i = 0; i < column.children().size(); ++i) {
                if (i > 0) out += ", ";
                appendNested(*column.child(i), row, zone, out);
            }
            out += '}';
            break;
        }
    }
}

void appendNested(const Column& column, size_t row, const Zone& zone, std::string& out)
{
    if (column.isNull(row)) out += "null";
    else appendValue(column, row, zone, out);
}

void appendHex(std::string_view bytes, std::string& out)
{
    static constexpr char kHex[] = "0123456789ABCDEF";
    for (const char c : bytes) {
        out += kHex[static_cast<unsigned char>(c) >> 4];
        out += kHex[static_cast<unsigned char>(c) & 15];
    }
}

// Bytes of the well-formed UTF-8 character at the front, 0 when there is none.
size_t characterBytes(std::string_view text)
{
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    for (size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const unsigned char second = byte(1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return size;
}

void appendEscaped(unsigned char c, std::string& out)
{
    static constexpr char kHex[] = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        default:
            out += "\\u00";
            out += kHex[c >> 4];
            out += kHex[c & 15];
    }
}

template <class T>
void appendJsonNumber(T value, std::string& out)
{
    if (std::isfinite(value)) return appendJavaNumber(value, out);
    out += '"';
    appendJavaNumber(value, out);
    out += '"';
}

}

void appendJavaDouble(double value, std::string& out) { appendJavaNumber(value, out); }
void appendJavaFloat(float value, std::string& out) { appendJavaNumber(value, out); }

bool appendText(const Column& column, size_t row, std::string_view timeZone, std::string& out)
{
    if (column.isNull(row)) return false;
    const bool needsZone = column.type().is(TypeKind::Timestamp) || column.type().is(TypeKind::Array) || column.type().is(TypeKind::Struct);
    appendValue(column, row, needsZone ? Zone::findOrUtc(timeZone) : Zone(), out);
    return true;
}

void appendPrintRow(const Batch& batch, size_t row, std::string_view timeZone, std::string& out)
{
    const bool tuple = batch.columns().size() != 1;
    if (tuple) out += '(';
    for (size_t i = 0; i < batch.columns().size(); ++i) {
        if (i > 0) out += ',';
        if (!appendText(*batch.column(i), row, timeZone, out)) out += "null";
    }
    if (tuple) out += ')';
}

void appendJsonString(std::string_view text, std::string& out)
{
    out += '"';
    size_t plain = 0;
    for (size_t at = 0; at < text.size();) {
        const auto c = static_cast<unsigned char>(text[at]);
        const size_t size = characterBytes(text.substr(at));
        if (size > 0 && c >= 0x20 && c != '"' && c != '\\') {
            at += size;
            continue;
        }
        out += text.substr(plain, at - plain);
        if (size == 0) out += "\xEF\xBF\xBD";
        else appendEscaped(c, out);
        plain = ++at;
    }
    out += text.substr(plain);
    out += '"';
}

void appendJson(const Column& column, size_t row, std::string& out)
{
    if (column.isNull(row)) {
        out += "null";
        return;
    }
    switch (column.type().kind()) {
        case TypeKind::Float: return appendJsonNumber(column.value<float>(row), out);
        case TypeKind::Double: return appendJsonNumber(column.value<double>(row), out);
        case TypeKind::String: return appendJsonString(column.text(row).view(), out);
        case TypeKind::Binary:
            out += '"';
            appendHex(column.text(row).view(), out);
            out += '"';
            return;
        case TypeKind::Date:
            out += '"';
            appendDate(column.value<int32_t>(row), out);
            out += '"';
            return;
        case TypeKind::Timestamp:
            out += '"';
            appendIsoTimestamp(column.value<int64_t>(row), out);
            out += '"';
            return;
        case TypeKind::Array: {
            out += '[';
            const uint32_t from = column.offsets()[row], to = column.offsets()[row + 1];
            for (uint32_t i = from; i < to; ++i) {
                if (i > from) out += ',';
                appendJson(*column.element(), i, out);
            }
            out += ']';
            return;
        }
        case TypeKind::Struct:
            out += '{';
            for (size_t i = 0; i < column.children().size(); ++i) {
                if (i > 0) out += ',';
                appendJsonString(column.type().fields()[i].name, out);
                out += ':';
                appendJson(*column.child(i), row, out);
            }
            out += '}';
            return;
        default: return appendValue(column, row, Zone(), out);
    }
}

void appendJsonRow(const Batch& batch, size_t row, std::string& out)
{
    out += '{';
    for (size_t i = 0; i < batch.columns().size(); ++i) {
        if (i > 0) out += ',';
        appendJsonString(batch.schema()[i].name, out);
        out += ':';
        appendJson(*batch.column(i), row, out);
    }
    out += '}';
}

}
