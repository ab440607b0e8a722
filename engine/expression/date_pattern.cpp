// Compiling and writing of patterns; reading text is in date_reading.cpp.
#include "engine/expression/date_pattern.h"

#include "engine/expression/date_fields.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

struct Letter {
    char letter;
    int longest;        // how often it may stand in a row
};
constexpr Letter kLetters[] = {{'G', 4}, {'y', 6}, {'M', 4}, {'L', 4}, {'d', 2}, {'D', 3}, {'E', 4}, {'F', 1}, {'a', 1}, {'h', 2}, {'H', 2}, {'K', 2}, {'k', 2},
                               {'m', 2}, {'s', 2}, {'S', 9}, {'q', 4}, {'Q', 4}, {'V', 2}, {'z', 4}, {'Z', 5}, {'x', 5}, {'X', 5}, {'O', 4}};

std::string refuse(char letter, int count)
{
    for (const Letter& known : kLetters) {
        if (known.letter != letter) continue;
        if (letter == 'V' && count != 2) return "time zone names are written VV";
        if (letter == 'O' && count != 1 && count != 4) return "offsets are written O or OOOO";
        return count <= known.longest ? "" : fmt::format("the letter {} may stand {} times in a row, but stands {} times", letter, known.longest, count);
    }
    if (letter == 'Y' || letter == 'w' || letter == 'W' || letter == 'u' || letter == 'e' || letter == 'c') return fmt::format("fields of weeks cannot be used: {}; write extract(WEEK FROM date)", letter);
    return fmt::format("unknown letter: {}; text stands in quotes, as in 'T'", letter);
}

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Digits of a number of fixed width; 0 for other items.
size_t fixedWidth(char letter, int count)
{
    if (count == 2 && std::string_view("yMLdhHKkmsD").find(letter) != std::string_view::npos) return 2;
    return letter == 'D' && count == 3 ? 3 : 0;
}

void appendOffset(int64_t offset, char letter, int count, std::string& out)
{
    const int64_t absolute = std::abs(offset);
    const char sign = offset < 0 ? '-' : '+';
    const int64_t h = absolute / 3600, m = absolute / 60 % 60, s = absolute % 60;
    if (letter == 'O' || (letter == 'Z' && count == 4)) {
        out += "GMT";
        if (offset == 0) return;
        if (letter == 'O' && count == 1) {
            out += fmt::format("{}{}", sign, h);
            if (m != 0) out += fmt::format(":{:02}", m);
        } else {
            out += fmt::format("{}{:02}:{:02}", sign, h, m);
        }
        return;
    }
    if (offset == 0 && (letter == 'X' || (letter == 'Z' && count == 5))) {
        out += 'Z';
        return;
    }
    if (letter == 'Z') count = count == 5 ? 5 : 2;
    out += fmt::format("{}{:02}", sign, h);
    if (count == 1 && m == 0) return;
    out += fmt::format("{}{:02}", count == 3 || count == 5 ? ":" : "", m);
    if (count >= 4 && s != 0) out += fmt::format("{}{:02}", count == 5 ? ":" : "", s);
}

void appendYear(int64_t year, int count, std::string& out)
{
    if (count == 2) return appendPadded(floorMod(year, 100), 2, out);
    const int64_t absolute = std::abs(year);
    if (year < 0) out += '-';
    // More digits than the pattern has carry a sign, so that they can be read back.
    else if (count >= 4 && fmt::formatted_size("{}", absolute) > static_cast<size_t>(count)) out += '+';
    appendPadded(absolute, count, out);
}

}

Result<DatePattern> DatePattern::compile(std::string_view pattern)
{
    const auto bad = [&](std::string_view why) { return mistake(fmt::format("not a pattern of a date or time, {}: '{}'", why, pattern)); };
    DatePattern result;
    std::vector<size_t> open;
    const auto literal = [&](std::string_view text) {
        if (result.items_.empty() || result.items_.back().letter != 0) result.items_.emplace_back();
        result.items_.back().text += text;
    };
    for (size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        if (isLetter(c)) {
            size_t end = i;
            while (end < pattern.size() && pattern[end] == c) ++end;
            const int count = static_cast<int>(std::min<size_t>(end - i, 99));
            if (const std::string why = refuse(c, count); !why.empty()) return bad(why);
            result.items_.push_back({.letter = c, .count = count});
            result.era_ = result.era_ || c == 'G';
            i = end;
        } else if (c == '\'') {
            std::string text;
            bool closed = false;
            for (++i; i < pattern.size() && !closed; ++i) {
                if (pattern[i] != '\'') text += pattern[i];
                else if (i + 1 < pattern.size() && pattern[i + 1] == '\'') text += pattern[i++];
                else closed = true;
            }
            if (!closed) return bad("a quote is not closed");
            literal(text.empty() ? "'" : text);
        } else if (c == '[' || c == ']') {
            if (c == ']' && open.empty()) return bad("a ] closes nothing");
            if (c == '[') open.push_back(result.items_.size());
            else {
                result.items_[open.back()].close = result.items_.size();
                open.pop_back();
            }
            result.items_.push_back({.letter = c});
            ++i;
        } else if (c == '#' || c == '{' || c == '}') {
            return bad(fmt::format("{} is reserved", c));
        } else {
            literal(pattern.substr(i++, 1));
        }
        if (open.size() > 50) return bad("too many [");
    }
    if (!open.empty()) return bad("a [ is not closed");
    result.finish();
    return result;
}

void DatePattern::finish()
{
    for (size_t i = 0; i < items_.size(); ++i) {
        for (size_t next = i + 1; next < items_.size(); ++next) {
            const size_t width = fixedWidth(items_[next].letter, items_[next].count);
            if (width == 0) break;
            items_[i].reserved += width;
        }
    }
}

void DatePattern::append(int64_t micros, const Zone& zone, std::string& out) const
{
    const int64_t local = zone.toLocalMicros(micros);
    for (const Item& item : items_) {
        if (item.letter == 0) out += item.text;
        else appendItem(item, local, micros, zone, out);
    }
}

void DatePattern::appendItem(const Item& item, int64_t local, int64_t micros, const Zone& zone, std::string& out) const
{
    const int64_t day = floorDiv(local, kMicrosPerDay), time = floorMod(local, kMicrosPerDay);
    const int64_t hour = time / (3600 * kMicrosPerSecond);
    const CivilDate date = civilFromDays(day);
    const int quarter = (date.month - 1) / 3 + 1;
    const auto number = [&](int64_t value) { appendPadded(value, item.count, out); };
    switch (item.letter) {
        case 'G': out += item.count == 4 ? (date.year > 0 ? "Anno Domini" : "Before Christ") : date.year > 0 ? "AD" : "BC"; break;
        case 'y': appendYear(era_ && date.year <= 0 ? 1 - date.year : date.year, item.count, out); break;
        case 'M':
        case 'L': item.count < 3 ? number(date.month) : void(out += item.count == 3 ? kMonths[date.month - 1].substr(0, 3) : kMonths[date.month - 1]); break;
        case 'd': number(date.day); break;
        case 'D': number(day - daysFromCivil(date.year, 1, 1) + 1); break;
        case 'F': number((date.day - 1) % 7 + 1); break;
        case 'E': out += kDays[floorMod(day + 3, 7)].substr(0, item.count == 4 ? std::string_view::npos : 3); break;
        case 'a': out += hour < 12 ? "AM" : "PM"; break;
        case 'h': number(hour % 12 == 0 ? 12 : hour % 12); break;
        case 'H': number(hour); break;
        case 'K': number(hour % 12); break;
        case 'k': number(hour == 0 ? 24 : hour); break;
        case 'm': number(time / (60 * kMicrosPerSecond) % 60); break;
        case 's': number(time / kMicrosPerSecond % 60); break;
        case 'S': out += fmt::format("{:06}000", time % kMicrosPerSecond).substr(0, static_cast<size_t>(item.count)); break;
        case 'q':
        case 'Q': item.count < 3 ? number(quarter) : void(out += item.count == 3 ? fmt::format("Q{}", quarter) : std::string(kQuarters[quarter - 1])); break;
        case 'V': out += zone.name(); break;
        case 'z': out += item.count == 4 && zone.isUtc() ? "Coordinated Universal Time" : zone.abbreviation(floorDiv(micros, kMicrosPerSecond)); break;
        case 'Z':
        case 'x':
        case 'X':
        case 'O': appendOffset(zone.offsetAt(floorDiv(micros, kMicrosPerSecond)), item.letter, item.count, out); break;
        default: break;     // the ends of optional parts
    }
}

}
