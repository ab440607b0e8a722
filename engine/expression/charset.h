// The character sets that Spark's encode and decode know.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace streamwright {

enum class Charset : unsigned char { Utf8, Ascii, Latin1, Utf16, Utf16Be, Utf16Le, Utf32 };
constexpr std::string_view kCharsetNames = "UTF-8, US-ASCII, ISO-8859-1, UTF-16, UTF-16BE, UTF-16LE and UTF-32";

std::optional<Charset> findCharset(std::string_view name);
// UTF-8 text in another character set; false when it has a character that the set does not have.
bool encodeText(std::string_view text, Charset charset, std::string& out);
// Bytes as UTF-8 text; false when they are not well-formed.
bool decodeText(std::string_view bytes, Charset charset, std::string& out);

void appendBase64(std::string_view bytes, std::string& out);
// Characters that base 64 does not have are passed over, as MIME wants; false when a group is cut short.
bool decodeBase64(std::string_view text, std::string& out);

}
