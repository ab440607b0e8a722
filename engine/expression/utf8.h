// Characters of UTF-8 text. A byte that starts no character counts as one, as in Spark's UTF8String.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace streamwright {

// Bytes that the character beginning with this byte claims, 1 to 4.
inline size_t claimedBytes(char first)
{
    const auto c = static_cast<unsigned char>(first);
    return c < 0xC2 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 1;
}
// The same, but not beyond the end of the text.
inline size_t characterSize(std::string_view text, size_t at)
{
    const size_t size = claimedBytes(text[at]);
    return size < text.size() - at ? size : text.size() - at;
}

bool isAscii(std::string_view text);
size_t characterCount(std::string_view text);
// The byte where character `index` begins; the text's size when there are fewer.
size_t byteOfCharacter(std::string_view text, size_t index);
// The code point at a byte; the byte itself when it starts no character.
char32_t codePointAt(std::string_view text, size_t at);
void appendCodePoint(char32_t codePoint, std::string& out);

bool isValidUtf8(std::string_view text);
// Each longest broken piece becomes one U+FFFD.
void appendValidUtf8(std::string_view text, std::string& out);

}
