#include "engine/expression/json_text.h"

#include "engine/columns/print.h"
#include "engine/columns/read_text.h"
#include "engine/expression/utf8.h"

#include <array>
#include <cmath>
#include <limits>

namespace streamwright {

namespace {

constexpr size_t kMaxDepth = 1000;  // Jackson's own limit

bool isBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNamePart(char c) { return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80; }

int hexDigit(char c) { return isDigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

// Bytes at which the plain run of a string may end: quotes, the backslash and control characters.
constexpr std::array<bool, 256> kStops = [] {
    std::array<bool, 256> stops{};
    for (size_t c = 0; c < 32; ++c) stops[c] = true;
    stops['"'] = stops['\''] = stops['\\'] = true;
    return stops;
}();

char32_t hexValue(std::string_view digits)
{
    char32_t value = 0;
    for (const char c : digits) value = value * 16 + static_cast<char32_t>(hexDigit(c));
    return value;
}

}

bool JsonText::read(std::string_view text, JsonDialect dialect)
{
    text_ = text;
    dialect_ = dialect;
    at_ = 0;
    nodes_.clear();
    open_.clear();
    if (text.size() > std::numeric_limits<uint32_t>::max()) return false;
    skipBlanks();
    if (at_ == text_.size()) return true;
    if (!value()) return false;
    while (!open_.empty()) {
        if (!step()) return false;
    }
    const JsonKind kind = nodes_[0].kind;
    return (kind != JsonKind::Integer && kind != JsonKind::Decimal) || at_ == text_.size() || isBlank(text_[at_]);
}

void JsonText::skipBlanks()
{
    while (at_ < text_.size() && isBlank(text_[at_])) ++at_;
}

// One more member or element of the innermost object or array, or its end.
bool JsonText::step()
{
    const uint32_t container = open_.back();
    const bool object = nodes_[container].kind == JsonKind::Object;
    skipBlanks();
    if (at_ == text_.size()) return false;
    if (text_[at_] == (object ? '}' : ']')) {
        ++at_;
        nodes_[container].to = static_cast<uint32_t>(at_);
        nodes_[container].next = static_cast<uint32_t>(nodes_.size());
        open_.pop_back();
        return true;
    }
    if (nodes_.size() > container + 1) {
        if (text_[at_] != ',') return false;
        ++at_;
        skipBlanks();
    }
    if (object) {
        if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\'') || !stringValue(text_[at_])) return false;
        skipBlanks();
        if (at_ == text_.size() || text_[at_] != ':') return false;
        ++at_;
        skipBlanks();
    }
    return at_ < text_.size() && value();
}

bool JsonText::open(JsonKind kind)
{
    if (open_.size() == kMaxDepth) return false;
    open_.push_back(static_cast<uint32_t>(nodes_.size()));
    nodes_.push_back({kind, false, static_cast<uint32_t>(at_++), 0, 0});
    return true;
}

bool JsonText::value()
{
    switch (const char c = text_[at_]) {
        case '{': return open(JsonKind::Object);
        case '[': return open(JsonKind::Array);
        case '"':
        case '\'': return stringValue(c);
        case 't': return word("true", JsonKind::True);
        case 'f': return word("false", JsonKind::False);
        case 'n': return word("null", JsonKind::Null);
        default: return numberValue() || (dialect_.nonNumeric && nonNumericValue());
    }
}

bool JsonText::word(std::string_view expected, JsonKind kind)
{
    const size_t end = at_ + expected.size();
    if (text_.substr(at_, expected.size()) != expected || (end < text_.size() && isNamePart(text_[end]))) return false;
    nodes_.push_back({kind, false, static_cast<uint32_t>(at_), static_cast<uint32_t>(end), static_cast<uint32_t>(nodes_.size() + 1)});
    at_ = end;
    return true;
}

bool JsonText::stringValue(char quote)
{
    const size_t from = ++at_;
    bool escaped = false;
    for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (!kStops[static_cast<unsigned char>(c)]) continue;
        if (c == quote) {
            nodes_.push_back({JsonKind::String, escaped, static_cast<uint32_t>(from), static_cast<uint32_t>(at_), static_cast<uint32_t>(nodes_.size() + 1)});
            ++at_;
            return true;
        }
        if (c == '\\') {
            escaped = true;
            if (!escape()) return false;
        } else if (c != '"' && c != '\'' && !dialect_.controls) {
            return false;
        }
    }
    return false;
}

// Stops at the last byte of the escape.
bool JsonText::escape()
{
    if (++at_ == text_.size()) return false;
    const char c = text_[at_];
    if (c != 'u') return std::string_view("\"\\/bfnrt'").find(c) != std::string_view::npos;
    if (text_.size() - at_ < 5) return false;
    for (size_t i = 1; i <= 4; ++i) {
        if (hexDigit(text_[at_ + i]) < 0) return false;
    }
    at_ += 4;
    return true;
}

bool JsonText::numberValue()
{
    size_t at = at_;
    const auto digits = [&] {
        const size_t from = at;
        while (at < text_.size() && isDigit(text_[at])) ++at;
        return at > from;
    };
    if (text_[at] == '-') ++at;
    const size_t whole = at;
    if (!digits() || (text_[whole] == '0' && at > whole + 1)) return false;
    bool decimal = false;
    if (at < text_.size() && text_[at] == '.') {
        decimal = true;
        ++at;
        if (!digits()) return false;
    }
    if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
        decimal = true;
        ++at;
        if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
        if (!digits()) return false;
    }
    nodes_.push_back({decimal ? JsonKind::Decimal : JsonKind::Integer, false, static_cast<uint32_t>(at_), static_cast<uint32_t>(at), static_cast<uint32_t>(nodes_.size() + 1)});
    at_ = at;
    return true;
}

bool JsonText::nonNumericValue()
{
    for (const std::string_view name : {"NaN", "Infinity", "-Infinity", "+Infinity", "INF", "-INF", "+INF"}) {
        if (text_.substr(at_, name.size()) == name) return word(name, JsonKind::Decimal);
    }
    return false;
}

std::string_view JsonText::string(uint32_t node, std::string& space) const
{
    const std::string_view written = source(node);
    if (!nodes_[node].escaped) return written;
    space.clear();
    for (size_t i = 0; i < written.size(); ++i) {
        if (written[i] != '\\') {
            space += written[i];
            continue;
        }
        switch (const char c = written[++i]) {
            case 'b': space += '\b'; break;
            case 'f': space += '\f'; break;
            case 'n': space += '\n'; break;
            case 'r': space += '\r'; break;
            case 't': space += '\t'; break;
            case 'u': {
                char32_t unit = hexValue(written.substr(i + 1, 4));
                i += 4;
                const bool pair = unit >= 0xD800 && unit < 0xDC00 && written.substr(i + 1, 2) == "\\u";
                const char32_t low = pair ? hexValue(written.substr(i + 3, 4)) : 0;
                if (low >= 0xDC00 && low < 0xE000) {
                    unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                    i += 6;
                }
                // Java writes half a pair as a question mark.
                if (unit >= 0xD800 && unit < 0xE000) space += '?';
                else appendCodePoint(unit, space);
                break;
            }
            default: space += c;
        }
    }
    return space;
}

double JsonText::number(uint32_t node) const
{
    std::string_view text = source(node);
    if (text.ends_with("INF") || text.ends_with("Infinity")) return text.starts_with('-') ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return readFloating<double>(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

void JsonText::appendCopy(uint32_t node, std::string& out) const
{
    const JsonNode& value = nodes_[node];
    const bool object = value.kind == JsonKind::Object;
    std::string space;
    switch (value.kind) {
        case JsonKind::String: return appendJsonText(string(node, space), out);
        case JsonKind::Decimal: return appendJsonDouble(number(node), out);
        case JsonKind::Integer: out += source(node) == "-0" ? "0" : source(node); return;
        case JsonKind::True:
        case JsonKind::False:
        case JsonKind::Null: out += source(node); return;
        case JsonKind::Object:
        case JsonKind::Array: break;
    }
    out += object ? '{' : '[';
    for (uint32_t child = node + 1; child < value.next; child = nodes_[child].next) {
        if (child > node + 1) out += ',';
        appendCopy(child, out);
        if (!object) continue;
        out += ':';
        appendCopy(++child, out);
    }
    out += object ? '}' : ']';
}

void appendJsonText(std::string_view text, std::string& out)
{
    static constexpr char kHex[] = "0123456789ABCDEF";
    out += '"';
    for (const char c : text) {
        if (c != '\'' && kStops[static_cast<unsigned char>(c)]) {
            switch (c) {
                case '"': out += "\\\""; break;
                case '\\': out += "\\\\"; break;
                case '\b': out += "\\b"; break;
                case '\f': out += "\\f"; break;
                case '\n': out += "\\n"; break;
                case '\r': out += "\\r"; break;
                case '\t': out += "\\t"; break;
                default: out += {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
            }
        } else {
            out += c;
        }
    }
    out += '"';
}

void appendJsonDouble(double value, std::string& out)
{
    if (!std::isfinite(value)) out += '"';
    appendJavaDouble(value, out);
    if (!std::isfinite(value)) out += '"';
}

void appendJsonFloat(float value, std::string& out)
{
    if (!std::isfinite(value)) out += '"';
    appendJavaFloat(value, out);
    if (!std::isfinite(value)) out += '"';
}

}
