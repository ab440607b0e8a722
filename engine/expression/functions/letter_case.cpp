// Upper and lower case by Unicode; plain ASCII text takes the short way.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/utf8.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringoptions.h>

namespace streamwright {

namespace {

// Only letters change, so bytes stay in place: eight at a time.
template <char kFirst, char kLast>
void flipAscii(std::string_view text, char* to)
{
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        to[i] = static_cast<char>(c ^ ((c >= kFirst && c <= kLast) ? 0x20 : 0));
    }
}

template <char kFirst, char kLast, class Unicode>
ColumnPtr changeCase(const Call& call, Unicode unicode)
{
    std::string text;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view from = textAt(*call.arguments[0], row);
        if (isAscii(from)) {
            text.resize(from.size());
            flipAscii<kFirst, kLast>(from, text.data());
        } else {
            text.clear();
            icu::StringByteSink<std::string> sink(&text);
            UErrorCode error = U_ZERO_ERROR;
            unicode(icu::StringPiece(from.data(), static_cast<int32_t>(from.size())), sink, error);
        }
        out.pushText(text);
    });
}

}

ColumnPtr lowerText(const Call& call)
{
    return changeCase<'A', 'Z'>(call, [](icu::StringPiece from, icu::ByteSink& to, UErrorCode& error) { icu::CaseMap::utf8ToLower("", 0, from, to, nullptr, error); });
}

ColumnPtr upperText(const Call& call)
{
    return changeCase<'a', 'z'>(call, [](icu::StringPiece from, icu::ByteSink& to, UErrorCode& error) { icu::CaseMap::utf8ToUpper("", 0, from, to, nullptr, error); });
}

// Lower case, and the first letter after every space in title case.
ColumnPtr initialCaps(const Call& call)
{
    std::string lower, text;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view from = textAt(*call.arguments[0], row);
        lower.clear();
        text.clear();
        icu::StringByteSink<std::string> lowerSink(&lower);
        UErrorCode error = U_ZERO_ERROR;
        icu::CaseMap::utf8ToLower("", 0, icu::StringPiece(from.data(), static_cast<int32_t>(from.size())), lowerSink, nullptr, error);
        bool first = true;
        for (size_t at = 0; at < lower.size();) {
            const size_t size = characterSize(lower, at);
            if (first) {
                icu::StringByteSink<std::string> sink(&text);
                icu::CaseMap::utf8ToTitle("", U_TITLECASE_WHOLE_STRING | U_TITLECASE_NO_BREAK_ADJUSTMENT, nullptr, icu::StringPiece(lower.data() + at, static_cast<int32_t>(size)), sink, nullptr, error);
            } else {
                text.append(lower, at, size);
            }
            first = lower[at] == ' ';
            at += size;
        }
        out.pushText(text);
    });
}

}
