// Reading text by a pattern.
#include "engine/expression/date_fields.h"
#include "engine/expression/date_pattern.h"

#include <algorithm>

namespace streamwright {

// What has been read; a field that is read twice must be the same twice.
struct DatePattern::Fields {
    std::optional<int64_t> year, month, day, dayOfYear, dayOfWeek, quarter, era;
    std::optional<int64_t> hour, hourOfHalf, half, minute, second, micros;
    std::optional<Zone> zone;
};

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool startsWith(std::string_view text, std::string_view prefix)
{
    return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

bool assign(std::optional<int64_t>& field, int64_t value, int64_t least, int64_t greatest)
{
    if (value < least || value > greatest || (field && *field != value)) return false;
    field = value;
    return true;
}

// Between `least` and `most` digits, leaving `reserved` digits to the numbers behind.
std::optional<int64_t> readDigits(std::string_view& text, size_t least, size_t most, size_t reserved)
{
    size_t run = 0;
    while (run < text.size() && isDigit(text[run])) ++run;
    const size_t size = std::min({most, run > reserved ? std::max(run - reserved, least) : run, run, size_t{18}});
    if (size < least || size == 0) return std::nullopt;
    int64_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value * 10 + (text[i] - '0');
    text.remove_prefix(size);
    return value;
}

// One letter is a number of any width, several are as many digits.
bool readNumber(std::string_view& text, int count, size_t reserved, std::optional<int64_t>& field, int64_t least, int64_t greatest)
{
    const auto width = static_cast<size_t>(count);
    const auto value = readDigits(text, width, count == 1 ? 18 : width, count == 1 ? reserved : 0);
    return value && assign(field, *value, least, greatest);
}

bool readYear(std::string_view& text, int count, size_t reserved, std::optional<int64_t>& year)
{
    if (count == 2) {
        const auto value = readDigits(text, 2, 2, 0);
        return value && assign(year, 2000 + *value, 2000, 2099);
    }
    const char sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? text[0] : ' ';
    if (sign == '+' && count < 4) return false;
    if (sign != ' ') text.remove_prefix(1);
    const size_t before = text.size();
    const auto value = readDigits(text, static_cast<size_t>(count), 9, reserved);
    if (!value) return false;
    const size_t digits = before - text.size();
    // More digits than the pattern has want a sign, and a plus wants more digits.
    if (count >= 4 && sign != '-' && (digits > static_cast<size_t>(count)) != (sign == '+')) return false;
    return assign(year, sign == '-' ? -*value : *value, -290'000, 290'000);
}

bool readName(std::string_view& text, std::span<const std::string_view> names, size_t length, std::optional<int64_t>& field)
{
    for (size_t i = 0; i < names.size(); ++i) {
        const std::string_view name = names[i].substr(0, length);
        if (!startsWith(text, name)) continue;
        text.remove_prefix(name.size());
        return assign(field, static_cast<int64_t>(i), 0, 99);
    }
    return false;
}

bool readFraction(std::string_view& text, int count, std::optional<int64_t>& micros)
{
    int64_t value = 0, digits = 0;
    while (digits < count && !text.empty() && isDigit(text[0])) {
        if (digits < 6) value = value * 10 + (text[0] - '0');
        ++digits;
        text.remove_prefix(1);
    }
    for (int64_t i = digits; i < 6; ++i) value *= 10;
    return digits > 0 && assign(micros, value, 0, 999'999);
}

bool readZone(std::string_view& text, char letter, std::optional<Zone>& zone)
{
    const auto belongs = [&](char c) {
        const bool inOffset = isDigit(c) || c == '+' || c == '-' || c == ':';
        return inOffset || (lower(c) >= 'a' && lower(c) <= 'z') || c == '/' || c == '_';
    };
    size_t size = 0;
    while (size < text.size() && belongs(text[size])) ++size;
    // An offset ends where its digits end: letters behind it are of the next item.
    if (letter == 'X' || letter == 'x' || letter == 'Z') {
        const bool zulu = !text.empty() && text[0] == 'Z';
        size_t end = zulu ? 1 : 0;
        while (!zulu && end < size && !(lower(text[end]) >= 'a' && lower(text[end]) <= 'z')) ++end;
        if (end > 0) size = end;
    }
    if (size == 0) return false;
    zone = Zone::find(text.substr(0, size));
    text.remove_prefix(size);
    return zone.has_value();
}

// An era's years count from 1 in both directions.
std::optional<int64_t> yearOf(const std::optional<int64_t>& year, const std::optional<int64_t>& era)
{
    if (!era) return year.value_or(1970);
    if (!year || *year < 1) return std::nullopt;
    return *era == 1 ? *year : 1 - *year;
}

}

bool DatePattern::parseItem(const Item& item, std::string_view& text, Fields& f) const
{
    const auto number = [&](std::optional<int64_t>& field, int64_t least, int64_t greatest) { return readNumber(text, item.count, item.reserved, field, least, greatest); };
    const auto half = [&](int64_t least, int64_t greatest) {
        std::optional<int64_t> read;
        return number(read, least, greatest) && assign(f.hourOfHalf, *read % 12, 0, 11);
    };
    switch (item.letter) {
        case 0:
            if (!startsWith(text, item.text)) return false;
            text.remove_prefix(item.text.size());
            return true;
        case 'G': {
            static constexpr std::string_view kEras[] = {"BC", "AD"}, kLongEras[] = {"Before Christ", "Anno Domini"};
            return readName(text, item.count == 4 ? kLongEras : kEras, std::string_view::npos, f.era);
        }
        case 'y': return readYear(text, item.count, item.reserved, f.year);
        case 'M':
        case 'L': {
            if (item.count < 3) return number(f.month, 1, 12);
            std::optional<int64_t> read;
            return readName(text, kMonths, item.count == 3 ? 3 : std::string_view::npos, read) && assign(f.month, *read + 1, 1, 12);
        }
        case 'd': return number(f.day, 1, 31);
        case 'D': return number(f.dayOfYear, 1, 366);
        case 'E': return readName(text, kDays, item.count == 4 ? std::string_view::npos : 3, f.dayOfWeek);
        case 'a': {
            static constexpr std::string_view kHalves[] = {"AM", "PM"};
            return readName(text, kHalves, 2, f.half);
        }
        case 'h': return half(1, 12);
        case 'K': return half(0, 11);
        case 'H': return number(f.hour, 0, 23);
        case 'k': {
            std::optional<int64_t> read;
            return number(read, 1, 24) && assign(f.hour, *read % 24, 0, 23);
        }
        case 'm': return number(f.minute, 0, 59);
        case 's': return number(f.second, 0, 59);
        case 'S': return readFraction(text, item.count, f.micros);
        case 'q':
        case 'Q': {
            std::optional<int64_t> read;
            if (item.count < 3) return number(f.quarter, 1, 4);
            if (item.count == 4) return readName(text, kQuarters, std::string_view::npos, read) && assign(f.quarter, *read + 1, 1, 4);
            if (!startsWith(text, "Q")) return false;
            text.remove_prefix(1);
            return readNumber(text, 1, 0, f.quarter, 1, 4);
        }
        default: return readZone(text, item.letter, f.zone);
    }
}

bool DatePattern::parseItems(size_t from, size_t to, std::string_view& text, Fields& fields) const
{
    for (size_t i = from; i < to; ++i) {
        const Item& item = items_[i];
        if (item.letter == '[') {
            // What does not fit is passed over as a whole.
            std::string_view rest = text;
            Fields read = fields;
            if (parseItems(i + 1, item.close, rest, read)) {
                text = rest;
                fields = std::move(read);
            }
            i = item.close;
        } else if (!parseItem(item, text, fields)) {
            return false;
        }
    }
    return true;
}

std::optional<int64_t> DatePattern::parse(std::string_view text, const Zone& zone) const
{
    Fields f;
    if (!parseItems(0, items_.size(), text, f) || !text.empty()) return std::nullopt;
    const auto year = yearOf(f.year, f.era);
    if (!year) return std::nullopt;
    int64_t day = 0;
    if (f.dayOfYear && !f.month && !f.day) {
        day = daysFromCivil(*year, 1, 1) + *f.dayOfYear - 1;
        if (*f.dayOfYear > (isLeapYear(*year) ? 366 : 365)) return std::nullopt;
    } else {
        const int month = static_cast<int>(f.month.value_or(1)), inMonth = static_cast<int>(f.day.value_or(1));
        if (!isValidDate(*year, month, inMonth)) return std::nullopt;
        day = daysFromCivil(*year, month, inMonth);
        if (f.dayOfYear && day - daysFromCivil(*year, 1, 1) + 1 != *f.dayOfYear) return std::nullopt;
        if (f.quarter && f.month && *f.quarter != (month - 1) / 3 + 1) return std::nullopt;
    }
    if (f.dayOfWeek && *f.dayOfWeek != floorMod(day + 3, 7)) return std::nullopt;
    const int64_t ofHalf = f.hourOfHalf.value_or(0) + f.half.value_or(0) * 12;
    if (f.hour && f.half && *f.half != *f.hour / 12) return std::nullopt;
    const int64_t seconds = f.hour.value_or(ofHalf) * 3600 + f.minute.value_or(0) * 60 + f.second.value_or(0);
    const int64_t local = day * kMicrosPerDay + seconds * kMicrosPerSecond + f.micros.value_or(0);
    return (f.zone ? *f.zone : zone).fromLocalMicros(local);
}

}
