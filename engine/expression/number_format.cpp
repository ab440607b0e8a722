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

// The letters as parts; the one that means nothing, or 0. A run of digits that begins with 0 pads with zeros.
char NumberFormat::readLetters(std::string_view format)
{
    bool inRun = false;
    for (size_t i = 0; i < format.size(); ++i) {
        const char c = format[i];
        const std::string_view two = format.substr(i, 2);
        if (c == '0' || c == '9') {
            parts_.push_back(inRun ? parts_.back() : c == '0' ? Part::Zero : Part::Nine);
            inRun = true;
            continue;
        }
        inRun = false;
        if (c == '.' || c == 'D') parts_.push_back(Part::Point);
        else if (c == ',' || c == 'G') parts_.push_back(Part::Comma);
        else if (c == '$') parts_.push_back(Part::Dollar);
        else if (c == 'S') parts_.push_back(Part::Sign);
        else if (two == "MI") parts_.push_back(Part::Minus);
        else if (two == "PR") parts_.push_back(Part::Close);
        else return c;
        if (two == "MI" || two == "PR") ++i;
        if (two == "PR") parts_.insert(parts_.begin(), Part::Open);
    }
    return 0;
}

// What is wrong with the order, which is [<] [MI or S] [$] digits with commas [.] [digits] [$] [MI, S or PR].
std::string_view NumberFormat::wrongOrder() const
{
    size_t at = 0;
    const auto take = [&](std::initializer_list<Part> any) {
        const bool taken = at < parts_.size() && std::ranges::find(any, parts_[at]) != any.end();
        at += taken;
        return taken;
    };
    take({Part::Open});
    take({Part::Minus, Part::Sign});
    const bool dollar = take({Part::Dollar});
    const size_t digits = at;
    while (take({Part::Zero, Part::Nine, Part::Comma})) {}
    for (size_t i = digits; i < at; ++i) {
        if (parts_[i] == Part::Comma && (i == digits || i + 1 == at || parts_[i - 1] == Part::Comma)) return "a comma stands between digits";
    }
    const bool point = take({Part::Point});
    while (point && take({Part::Zero, Part::Nine})) {}
    if (!dollar) take({Part::Dollar});
    take({Part::Minus, Part::Sign, Part::Close});
    if (at < parts_.size()) return "its parts stand in another order: sign, $, digits, point, digits, sign";
    if (digitsBehind(false) + digitsBehind(true) == 0) return "a digit 0 or 9 is missing";
    return std::ranges::count(parts_, Part::Minus) + std::ranges::count(parts_, Part::Sign) > 1 ? "the sign stands twice" : "";
}

Result<NumberFormat> NumberFormat::compile(std::string_view format)
{
    NumberFormat result;
    const char unknown = result.readLetters(format);
    const std::string wrong = unknown ? fmt::format("the character {} means nothing in it", unknown) : std::string(result.wrongOrder());
    if (wrong.empty()) return result;
    return mistake(fmt::format("not a format of a number, {}: '{}'", wrong, format), "write for example '999,999.99', '$0.00' or '999S'");
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

void NumberFormat::appendDigit(Part part, char digit, std::string& text)
{
    if (digit != ' ') text += digit;
    else if (part == Part::Zero) text += '0';
    else appendBlank(text);
}

void NumberFormat::appendSign(Part part, bool negative, std::string& text)
{
    if (part == Part::Open) {
        if (negative) text += '<';
    } else if (negative || part == Part::Sign) {
        stripLonePoint(text);
        appendBeforeBlanks(!negative ? '+' : part == Part::Close ? '>' : '-', text);
    } else {
        // Room for the sign that is not there.
        if (part == Part::Close) stripLonePoint(text);
        text += part == Part::Close ? "  " : " ";
    }
}

void NumberFormat::append(std::string_view digits, bool negative, std::string& out) const
{
    const size_t dot = std::min(digits.find('.'), digits.size());
    std::string_view before = digits.substr(0, dot), after = digits.substr(std::min(dot + 1, digits.size()));
    while (before.starts_with('0')) before.remove_prefix(1);
    while (after.ends_with('0')) after.remove_suffix(1);
    const size_t whole = digitsBehind(false), fraction = digitsBehind(true);
    const bool tooLong = before.size() > whole || after.size() > fraction;
    const std::string shown = tooLong ? std::string(whole + fraction, '#') : std::string(whole - before.size(), ' ') + std::string(before) + std::string(after) + std::string(fraction - after.size(), '0');
    std::string text;
    size_t at = 0;
    for (const Part part : parts_) {
        switch (part) {
            case Part::Zero:
            case Part::Nine: appendDigit(part, shown[at++], text); break;
            case Part::Comma:
                if (!text.empty() && text.back() >= '0' && text.back() <= '9') text += ',';
                else appendBlank(text);
                break;
            case Part::Point:
                if (!text.empty() && text.back() == ' ') text.back() = '0';
                text += '.';
                break;
            case Part::Dollar: text += '$'; break;
            case Part::Sign:
            case Part::Minus:
            case Part::Open:
            case Part::Close: appendSign(part, negative, text); break;
        }
    }
    stripLonePoint(text);
    out += text.empty() || text == "+" || text == "-" ? "0" : text;
}

}
