#include "engine/expression/number_format.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

// Behind a run of blanks, the character goes before them.
void appendBeforeBlanks(char c, std::string& out)
{
    const size_t last = out.find_last_not_of(' ');
    out.insert(last == std::string::npos ? 0 : last + 1, 1, c);
}

// Signs stay beside the digits: a blank goes before them.
void appendBlank(std::string& out)
{
    const size_t last = out.find_last_not_of("+-<");
    out.insert(last == std::string::npos ? 0 : last + 1, 1, ' ');
}

void stripLonePoint(std::string& out)
{
    const size_t point = out.find('.');
    if (point != std::string::npos && (point + 1 == out.size() || out[point + 1] == ' ')) out[point] = ' ';
}

}

Result<NumberFormat> NumberFormat::compile(std::string_view format)
{
    const auto wrong = [&](std::string_view why) {
        return mistake(fmt::format("not a format of a number, {}: '{}'", why, format), "write for example '999,999.99', '$0.00' or '999S'");
    };
    NumberFormat result;
    std::vector<Part>& parts = result.parts_;
    // 1. The letters. A run of digits that begins with 0 pads with zeros.
    bool inRun = false;
    for (size_t i = 0; i < format.size(); ++i) {
        const char c = format[i];
        const std::string_view two = format.substr(i, 2);
        if (c == '0' || c == '9') {
            parts.push_back(inRun ? parts.back() : c == '0' ? Part::Zero : Part::Nine);
            inRun = true;
            continue;
        }
        inRun = false;
        if (c == '.' || c == 'D') parts.push_back(Part::Point);
        else if (c == ',' || c == 'G') parts.push_back(Part::Comma);
        else if (c == '$') parts.push_back(Part::Dollar);
        else if (c == 'S') parts.push_back(Part::Sign);
        else if (two == "MI") parts.push_back(Part::Minus), ++i;
        else if (two == "PR") parts.insert(parts.begin(), Part::Open), parts.push_back(Part::Close), ++i;
        else return wrong(fmt::format("the character {} means nothing in it", c));
    }
    // 2. Their order: [<] [MI or S] [$] digits with commas [.] [digits] [$] [MI, S or PR].
    size_t at = 0;
    const auto take = [&](std::initializer_list<Part> any) { return at < parts.size() && std::ranges::find(any, parts[at]) != any.end() ? (++at, true) : false; };
    take({Part::Open});
    take({Part::Minus, Part::Sign});
    const bool dollar = take({Part::Dollar});
    const size_t digits = at;
    while (take({Part::Zero, Part::Nine, Part::Comma})) {}
    for (size_t i = digits; i < at; ++i) {
        const bool comma = parts[i] == Part::Comma;
        if (comma && (i == digits || i + 1 == at || parts[i - 1] == Part::Comma)) return wrong("a comma stands between digits");
    }
    size_t count = at - digits;
    const bool point = take({Part::Point});
    const size_t behind = at;
    while (point && take({Part::Zero, Part::Nine})) {}
    count += at - behind;
    if (!dollar) take({Part::Dollar});
    take({Part::Minus, Part::Sign, Part::Close});
    if (at < parts.size()) return wrong("its parts stand in another order: sign, $, digits, point, digits, sign");
    if (count == 0) return wrong("a digit 0 or 9 is missing");
    if (std::ranges::count(parts, Part::Minus) + std::ranges::count(parts, Part::Sign) > 1) return wrong("the sign stands twice");
    return result;
}

size_t NumberFormat::digitsBehind(bool point) const
{
    size_t count = 0;
    bool after = false;
    for (const Part part : parts_) {
        after = after || part == Part::Point;
        if ((part == Part::Zero || part == Part::Nine) && after == point) ++count;
    }
    return count;
}

void NumberFormat::appendDigit(Part part, bool afterPoint, char digit, std::string& out) const
{
    if (digit != ' ') out += digit;
    else if (afterPoint || part == Part::Zero) out += '0';
    else appendBlank(out);
}

void NumberFormat::append(std::string_view digits, bool negative, std::string& out) const
{
    const size_t dot = std::min(digits.find('.'), digits.size());
    std::string_view before = digits.substr(0, dot), after = digits.substr(std::min(dot + 1, digits.size()));
    while (before.starts_with('0')) before.remove_prefix(1);
    while (after.ends_with('0')) after.remove_suffix(1);
    const size_t whole = digitsBehind(false), fraction = digitsBehind(true);
    const bool tooLong = before.size() > whole || after.size() > fraction;
    const std::string left = tooLong ? std::string(whole, '#') : std::string(whole - before.size(), ' ') + std::string(before);
    const std::string right = tooLong ? std::string(fraction, '#') : std::string(after) + std::string(fraction - after.size(), '0');
    std::string text;
    size_t at = 0;
    bool afterPoint = false;
    for (const Part part : parts_) {
        switch (part) {
            case Part::Zero:
            case Part::Nine: appendDigit(part, afterPoint, afterPoint ? right[at++] : left[at++], text); break;
            case Part::Comma:
                if (!text.empty() && text.back() >= '0' && text.back() <= '9') text += ',';
                else appendBlank(text);
                break;
            case Part::Point:
                if (!text.empty() && text.back() == ' ') text.back() = '0';
                text += '.';
                afterPoint = true;
                at = 0;
                break;
            case Part::Dollar: text += '$'; break;
            case Part::Sign:
                stripLonePoint(text);
                appendBeforeBlanks(negative ? '-' : '+', text);
                break;
            case Part::Minus:
                if (negative) {
                    stripLonePoint(text);
                    appendBeforeBlanks('-', text);
                } else {
                    text += ' ';
                }
                break;
            case Part::Open:
                if (negative) text += '<';
                break;
            case Part::Close:
                stripLonePoint(text);
                if (negative) appendBeforeBlanks('>', text);
                else text += "  ";
                break;
        }
    }
    stripLonePoint(text);
    out += text.empty() || text == "+" || text == "-" ? "0" : text;
}

}
