// SQL LIKE: % for any text, _ for one character.
#pragma once
#include "engine/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

// A prepared pattern. Immutable.
class LikePattern {
public:
    // `escape` is one character; it must stand before %, _ or itself.
    static Result<LikePattern> parse(std::string_view pattern, std::string_view escape);
    // `text` lies in a column (text_search.h).
    bool matches(std::string_view text) const;

private:
    // Between two %: literal bytes, or characters of which some are any (_).
    struct Piece {
        std::string text;
        std::vector<uint8_t> any;   // per byte of `text`: 1 = a whole character goes here; empty: none
        bool matchesAt(std::string_view text, size_t& at) const;
        size_t find(std::string_view text, size_t from, size_t& end) const;
    };
    std::vector<Piece> pieces_;     // separated by %
};

}
