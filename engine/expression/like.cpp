#include "engine/expression/like.h"

#include "engine/expression/text_search.h"
#include "engine/expression/utf8.h"

#include <fmt/core.h>

namespace streamwright {

Result<LikePattern> LikePattern::parse(std::string_view pattern, std::string_view escape)
{
    LikePattern like;
    like.pieces_.emplace_back();
    const auto append = [&](std::string_view text, bool any) {
        Piece& piece = like.pieces_.back();
        if (any && piece.any.empty()) piece.any.assign(piece.text.size(), 0);
        piece.text += text;
        if (any || !piece.any.empty()) piece.any.resize(piece.text.size(), any);
    };
    for (size_t at = 0; at < pattern.size();) {
        const size_t size = characterSize(pattern, at);
        const std::string_view character = pattern.substr(at, size);
        at += size;
        if (character == escape) {
            if (at >= pattern.size()) return mistake(fmt::format("LIKE pattern must not end with its escape character: {}", pattern));
            const std::string_view escaped = pattern.substr(at, characterSize(pattern, at));
            if (escaped != "%" && escaped != "_" && escaped != escape) return mistake(fmt::format("LIKE's escape character must stand before %, _ or itself, but stands before {}", escaped));
            append(escaped, false);
            at += escaped.size();
        } else if (character == "%") {
            like.pieces_.emplace_back();
        } else {
            append(character, character == "_");
        }
    }
    return like;
}

bool LikePattern::Piece::matchesAt(std::string_view subject, size_t& at) const
{
    size_t place = at;
    for (size_t i = 0; i < text.size(); ++i) {
        if (place >= subject.size()) return false;
        if (any[i]) place += characterSize(subject, place);
        else if (subject[place++] != text[i]) return false;
    }
    at = place;
    return true;
}

// Where the piece first matches, and where it then ends; npos when nowhere.
size_t LikePattern::Piece::find(std::string_view subject, size_t from, size_t& end) const
{
    if (any.empty()) {
        const size_t place = findText(subject, text, from);
        end = place + text.size();
        return place;
    }
    for (size_t place = from; place < subject.size(); place += characterSize(subject, place)) {
        end = place;
        if (matchesAt(subject, end)) return place;
    }
    return std::string_view::npos;
}

bool LikePattern::matches(std::string_view subject) const
{
    // 1. The first piece stands at the front; alone it is the whole text.
    size_t at = 0;
    const Piece& first = pieces_.front();
    if (first.any.empty()) {
        if (!subject.starts_with(first.text)) return false;
        at = first.text.size();
    } else if (!first.matchesAt(subject, at)) {
        return false;
    }
    if (pieces_.size() == 1) return at == subject.size();

    // 2. Those in the middle each at the first place that is left.
    for (size_t i = 1; i + 1 < pieces_.size(); ++i) {
        if (pieces_[i].text.empty()) continue;
        size_t end = 0;
        if (pieces_[i].find(subject, at, end) == std::string_view::npos) return false;
        at = end;
    }

    // 3. The last one stands at the end.
    const Piece& last = pieces_.back();
    if (last.any.empty()) return subject.size() - at >= last.text.size() && subject.ends_with(last.text);
    const size_t length = characterCount(subject), wanted = characterCount(last.text);
    if (wanted > length) return false;
    size_t place = byteOfCharacter(subject, length - wanted);
    return place >= at && last.matchesAt(subject, place) && place == subject.size();
}

}
