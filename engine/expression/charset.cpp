#include "engine/expression/charset.h"

#include "engine/columns/schema.h"
#include "engine/expression/utf8.h"

#include <array>
#include <span>

namespace streamwright {

namespace {

void append16(char32_t unit, bool little, std::string& out)
{
    const char high = static_cast<char>(unit >> 8 & 0xFF), low = static_cast<char>(unit & 0xFF);
    out += little ? low : high;
    out += little ? high : low;
}

bool encode16(char32_t c, bool little, std::string& out)
{
    if (c < 0x10000) {
        append16(c, little, out);
    } else {
        append16(0xD800 + ((c - 0x10000) >> 10), little, out);
        append16(0xDC00 + ((c - 0x10000) & 0x3FF), little, out);
    }
    return true;
}

bool encodeCodePoint(char32_t c, Charset charset, std::string& out)
{
    switch (charset) {
        case Charset::Ascii:
        case Charset::Latin1:
            if (c > (charset == Charset::Ascii ? 0x7Fu : 0xFFu)) return false;
            out += static_cast<char>(c);
            return true;
        case Charset::Utf16:
        case Charset::Utf16Be: return encode16(c, false, out);
        case Charset::Utf16Le: return encode16(c, true, out);
        case Charset::Utf32:
            append16(c >> 16, false, out);
            append16(c & 0xFFFF, false, out);
            return true;
        case Charset::Utf8: break;
    }
    appendCodePoint(c, out);
    return true;
}

bool decode16(std::string_view bytes, bool little, std::string& out)
{
    if (bytes.size() % 2 != 0) return false;
    const auto unit = [&](size_t at) {
        const auto first = static_cast<unsigned char>(bytes[at]), second = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<char32_t>(little ? second << 8 | first : first << 8 | second);
    };
    for (size_t at = 0; at < bytes.size(); at += 2) {
        char32_t c = unit(at);
        if (c >= 0xDC00 && c < 0xE000) return false;
        if (c >= 0xD800 && c < 0xDC00) {
            at += 2;
            if (at >= bytes.size() || unit(at) < 0xDC00 || unit(at) >= 0xE000) return false;
            c = 0x10000 + ((c - 0xD800) << 10) + (unit(at) - 0xDC00);
        }
        appendCodePoint(c, out);
    }
    return true;
}

bool decode32(std::string_view bytes, std::string& out)
{
    if (bytes.size() % 4 != 0) return false;
    for (size_t at = 0; at < bytes.size(); at += 4) {
        char32_t c = 0;
        for (size_t i = 0; i < 4; ++i) c = c << 8 | static_cast<unsigned char>(bytes[at + i]);
        if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return false;
        appendCodePoint(c, out);
    }
    return true;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}

std::optional<Charset> findCharset(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, Charset>, 7> kNames{{{"UTF-8", Charset::Utf8}, {"US-ASCII", Charset::Ascii}, {"ISO-8859-1", Charset::Latin1}, {"UTF-16", Charset::Utf16},
        {"UTF-16BE", Charset::Utf16Be}, {"UTF-16LE", Charset::Utf16Le}, {"UTF-32", Charset::Utf32}}};
    for (const auto& [known, charset] : kNames) {
        if (sameName(known, name)) return charset;
    }
    return std::nullopt;
}

bool encodeText(std::string_view text, Charset charset, std::string& out)
{
    if (charset == Charset::Utf8) {
        out += text;
        return true;
    }
    if (charset == Charset::Utf16) append16(0xFEFF, false, out);
    for (size_t at = 0; at < text.size(); at += characterSize(text, at)) {
        if (!encodeCodePoint(codePointAt(text, at), charset, out)) return false;
    }
    return true;
}

bool decodeText(std::string_view bytes, Charset charset, std::string& out)
{
    switch (charset) {
        case Charset::Utf8:
            if (!isValidUtf8(bytes)) return false;
            out += bytes;
            return true;
        case Charset::Ascii:
        case Charset::Latin1:
            for (const char c : bytes) {
                if (charset == Charset::Ascii && static_cast<unsigned char>(c) > 0x7F) return false;
                appendCodePoint(static_cast<unsigned char>(c), out);
            }
            return true;
        case Charset::Utf16:
            if (bytes.starts_with("\xFF\xFE")) return decode16(bytes.substr(2), true, out);
            return decode16(bytes.starts_with("\xFE\xFF") ? bytes.substr(2) : bytes, false, out);
        case Charset::Utf16Be: return decode16(bytes, false, out);
        case Charset::Utf16Le: return decode16(bytes, true, out);
        case Charset::Utf32: return decode32(bytes, out);
    }
    return false;
}

void appendBase64(std::string_view bytes, std::string& out)
{
    for (size_t at = 0; at < bytes.size(); at += 3) {
        const auto byte = [&](size_t i) { return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u; };
        const uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
        out += kBase64[group >> 18];
        out += kBase64[group >> 12 & 63];
        out += at + 1 < bytes.size() ? kBase64[group >> 6 & 63] : '=';
        out += at + 2 < bytes.size() ? kBase64[group & 63] : '=';
    }
}

bool decodeBase64(std::string_view text, std::string& out)
{
    uint32_t bits = 0;
    int digits = 0;
    for (const char c : text) {
        if (c == '=') break;
        const size_t value = kBase64.find(c);
        if (value == std::string_view::npos) continue;
        bits = bits << 6 | static_cast<uint32_t>(value);
        if (++digits < 4) continue;
        for (int shift = 16; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 0xFF);
        bits = 0;
        digits = 0;
    }
    if (digits == 1) return false;
    if (digits >= 2) out += static_cast<char>(bits >> (digits == 2 ? 4 : 10) & 0xFF);
    if (digits == 3) out += static_cast<char>(bits >> 2 & 0xFF);
    return true;
}

}
