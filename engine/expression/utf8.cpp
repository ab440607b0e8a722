#include "engine/expression/utf8.h"

#include <simdjson.h>

namespace streamwright {

bool isAscii(std::string_view text)
{
    unsigned char bits = 0;
    for (const char c : text) bits |= static_cast<unsigned char>(c);
    return bits < 0x80;
}

size_t characterCount(std::string_view text)
{
    // In well-formed text every byte but the continuations starts a character.
    if (isAscii(text)) return text.size();
    size_t count = 0;
    for (size_t at = 0; at < text.size(); at += characterSize(text, at)) ++count;
    return count;
}

size_t byteOfCharacter(std::string_view text, size_t index)
{
    size_t at = 0;
    for (; index > 0 && at < text.size(); --index) at += characterSize(text, at);
    return at;
}

char32_t codePointAt(std::string_view text, size_t at)
{
    const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
    const size_t size = characterSize(text, at);
    if (size != claimedBytes(text[at])) return byte(0);
    switch (size) {
        case 2: return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
        case 3: return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        case 4: return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
        default: return byte(0);
    }
}

void appendCodePoint(char32_t c, std::string& out)
{
    const auto push = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) {
        push(c);
    } else if (c < 0x800) {
        push(0xC0 | c >> 6);
        push(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        push(0xE0 | c >> 12);
        push(0x80 | (c >> 6 & 0x3F));
        push(0x80 | (c & 0x3F));
    } else {
        push(0xF0 | c >> 18);
        push(0x80 | (c >> 12 & 0x3F));
        push(0x80 | (c >> 6 & 0x3F));
        push(0x80 | (c & 0x3F));
    }
}

bool isValidUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

void appendValidUtf8(std::string_view text, std::string& out)
{
    for (size_t at = 0; at < text.size();) {
        const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
        const unsigned char first = byte(0);
        const size_t claimed = first < 0x80 ? 1 : first >= 0xC2 && first < 0xF5 ? claimedBytes(text[at]) : 0;
        size_t good = claimed == 0 ? 0 : 1;
        while (good > 0 && good < claimed && at + good < text.size()) {
            unsigned char low = 0x80, high = 0xBF;
            if (good == 1 && first == 0xE0) low = 0xA0;
            if (good == 1 && first == 0xED) high = 0x9F;
            if (good == 1 && first == 0xF0) low = 0x90;
            if (good == 1 && first == 0xF4) high = 0x8F;
            if (byte(good) < low || byte(good) > high) break;
            ++good;
        }
        if (claimed > 0 && good == claimed) out += text.substr(at, claimed);
        else out += "\xEF\xBF\xBD";
        at += good == 0 ? 1 : good;
    }
}

}
