// split: the pieces are views of the text, nothing is copied.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/regex.h"
#include "engine/expression/text_search.h"
#include "engine/expression/utf8.h"

namespace streamwright {

namespace {

// The pieces of all rows: offsets and views that share the text's owners.
struct Pieces {
    FixedBuilder<uint32_t> offsets;
    FixedBuilder<StringRef> views;

    // `text` is the row's own bytes: an inline text's piece is copied into its view.
    void add(const StringRef& row, std::string_view piece)
    {
        const auto size = static_cast<uint32_t>(piece.size());
        views.push(row.isInline() ? StringRef(piece.data(), size) : StringRef::padded(piece.data(), size));
    }
    void close() { offsets.push(static_cast<uint32_t>(views.size())); }

    ColumnPtr finish(const Call& call)
    {
        const size_t count = views.size();
        auto text = views.finish();
        std::vector<Owner> owners{text};
        addOwners(owners, call.arguments[0]->owners());
        ColumnPtr element = Column::make(call.result.element(), count, text->data(), nullptr, std::move(owners));
        auto ends = offsets.finish();
        return Column::make(call.result, call.rows, ends->data(), nullptr, {ends}, {std::move(element)});
    }
};

// The byte that a regular expression of one literal byte stands for: "," or "\\|".
std::optional<char> literalByte(std::string_view regex)
{
    constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}";
    if (regex.size() == 1 && static_cast<unsigned char>(regex[0]) < 0x80 && kSpecial.find(regex[0]) == std::string_view::npos) return regex[0];
    if (regex.size() == 2 && regex[0] == '\\' && kSpecial.find(regex[1]) != std::string_view::npos) return regex[1];
    return std::nullopt;
}

// Cuts at one byte, 64 bytes of text at a time. bench: functions_bench split
ColumnPtr splitAtByte(const Call& call, char byte)
{
    const Column& column = *call.arguments[0];
    const auto* texts = column.values<StringRef>();
    size_t bytes = 0;
    for (size_t row = 0; row < call.rows; ++row) bytes += texts[row].size();

    Pieces pieces;
    pieces.offsets.reserve(call.rows + 1);
    pieces.offsets.push(0);
    // A guess of the pieces' number; every block of 64 bytes makes sure of its own room.
    FixedBuilder<StringRef>& views = pieces.views;
    size_t room = bytes / 5 + call.rows + 65;
    StringRef* base = views.extend(room);
    size_t count = 0;
    for (size_t row = 0; row < call.rows; ++row) {
        if (call.skip(row)) {
            pieces.offsets.push(static_cast<uint32_t>(count));
            continue;
        }
        const char* text = texts[row].data();
        const size_t size = texts[row].size();
        const bool isInline = texts[row].isInline();
        const char* from = text;
        for (size_t at = 0; at < size; at += 64) {
            uint64_t mask = byteMask(text + at, byte) & lowBits(size - at);
            if (count + 65 > room) {
                views.extend(room);
                room *= 2;
                base = views.data();
            }
            if (isInline) {
                for (; mask != 0; mask &= mask - 1) {
                    const char* to = text + at + __builtin_ctzll(mask);
                    base[count++] = StringRef(from, static_cast<uint32_t>(to - from));
                    from = to + 1;
                }
            } else {
                for (; mask != 0; mask &= mask - 1) {
                    const char* to = text + at + __builtin_ctzll(mask);
                    base[count++] = StringRef::padded(from, static_cast<uint32_t>(to - from));
                    from = to + 1;
                }
            }
        }
        if (count + 1 > room) {
            views.extend(room);
            room *= 2;
            base = views.data();
        }
        const auto rest = static_cast<uint32_t>(text + size - from);
        base[count++] = isInline ? StringRef(from, rest) : StringRef::padded(from, rest);
        pieces.offsets.push(static_cast<uint32_t>(count));
    }
    views.shrinkTo(count);
    return pieces.finish(call);
}

void splitCharacters(Pieces& pieces, const StringRef& row, int64_t limit)
{
    const std::string_view text = row.view();
    int64_t count = 0;
    for (size_t at = 0; at < text.size(); ++count) {
        const size_t size = limit > 0 && count + 1 == limit ? text.size() - at : characterSize(text, at);
        pieces.add(row, text.substr(at, size));
        at += size;
    }
    if (text.empty()) pieces.add(row, text);
}

// As Java's Pattern.split: an empty match at the front gives no piece. False when the expression is too hard.
bool splitByRegex(Pieces& pieces, Regex& regex, const StringRef& row, int64_t limit)
{
    const std::string_view text = row.view();
    size_t from = 0;
    int64_t count = 1;
    const bool done = eachMatch(regex, text, 0, [&](size_t begin, size_t end) {
        if (limit > 0 && count == limit) return false;
        if (end == 0 && begin == 0) return true;
        pieces.add(row, text.substr(from, begin - from));
        from = end;
        ++count;
        return true;
    });
    pieces.add(row, text.substr(from));
    return done;
}

}

ColumnPtr splitText(const Call& call)
{
    const bool limited = call.arguments.size() > 2;
    if (isConstant(call, 1) && !limited && !call.arguments[1]->isNull(0)) {
        if (const auto byte = literalByte(textAt(*call.arguments[1], 0))) return splitAtByte(call, *byte);
    }
    Pieces pieces;
    pieces.offsets.push(0);
    RegexCache cache;
    for (size_t row = 0; row < call.rows; ++row) {
        if (row % 1024 == 0) checkStop(call);
        if (!call.skip(row)) {
            const auto& text = call.arguments[0]->value<StringRef>(row);
            const std::string_view pattern = textAt(*call.arguments[1], row);
            const int64_t limit = limited ? call.arguments[2]->value<int32_t>(row) : -1;
            if (pattern.empty()) {
                splitCharacters(pieces, text, limit);
            } else if (const auto& regex = cache.get(pattern); !regex) {
                call.errors.add(row, regex.error().message);
            } else if (!splitByRegex(pieces, **regex, text, limit)) {
                call.errors.add(row, "the regular expression needs too many steps for this text");
            }
        }
        pieces.close();
    }
    return pieces.finish(call);
}

}
