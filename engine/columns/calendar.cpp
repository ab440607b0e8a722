#include "engine/columns/calendar.h"

#include <array>
#include <charconv>
#include <date/tz.h>
#include <fmt/format.h>

namespace streamwright {

int64_t daysFromCivil(int64_t year, int month, int day)
{
    // Counts from March, so that the leap day is a year's last (H. Hinnant, chrono-compatible date algorithms).
    year -= month <= 2 ? 1 : 0;
    const int64_t era = floorDiv(year, 400);
    const int64_t yearOfEra = year - era * 400;
    const int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

CivilDate civilFromDays(int64_t days)
{
    days += 719468;
    const int64_t era = floorDiv(days, 146097);
    const int64_t dayOfEra = days - era * 146097;
    const int64_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const int64_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const int64_t shifted = (5 * dayOfYear + 2) / 153;
    const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
    return {yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, static_cast<int>(dayOfYear - (153 * shifted + 2) / 5 + 1)};
}

bool isLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int daysInMonth(int64_t year, int month)
{
    static constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && isLeapYear(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

bool isValidDate(int64_t year, int month, int day) { return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month); }

namespace {

// Java's ZoneId.SHORT_IDS.
constexpr std::array<std::pair<std::string_view, std::string_view>, 28> kShortZones{{
    {"ACT", "Australia/Darwin"}, {"AET", "Australia/Sydney"}, {"AGT", "America/Argentina/Buenos_Aires"}, {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"}, {"BET", "America/Sao_Paulo"}, {"BST", "Asia/Dhaka"}, {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"}, {"CST", "America/Chicago"}, {"CTT", "Asia/Shanghai"}, {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"}, {"IET", "America/Indiana/Indianapolis"}, {"IST", "Asia/Kolkata"}, {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"}, {"NET", "Asia/Yerevan"}, {"NST", "Pacific/Auckland"}, {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"}, {"PRT", "America/Puerto_Rico"}, {"PST", "America/Los_Angeles"}, {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"}, {"EST", "-05:00"}, {"MST", "-07:00"}, {"HST", "-10:00"},
}};

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// `+h`, `+hh`, `+hmm` with a colon, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`: seconds, at most 18 hours.
std::optional<int64_t> parseOffset(std::string_view text)
{
    if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const int64_t sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    std::array<int64_t, 3> parts{};
    size_t count = 0;
    const bool colons = text.find(':') != std::string_view::npos;
    if (!colons && text.size() > 2 && text.size() % 2 == 1) return std::nullopt;
    while (!text.empty()) {
        if (count == 3) return std::nullopt;
        size_t digits = 0;
        while (digits < text.size() && digits < 2 && isDigit(text[digits])) parts[count] = parts[count] * 10 + (text[digits++] - '0');
        if (digits == 0) return std::nullopt;
        text.remove_prefix(digits);
        ++count;
        if (!text.empty() && colons) {
            if (text[0] != ':' || text.size() == 1) return std::nullopt;
            text.remove_prefix(1);
        }
    }
    if (parts[1] > 59 || parts[2] > 59) return std::nullopt;
    const int64_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
    if (seconds > 18 * 3600) return std::nullopt;
    return sign * seconds;
}

std::string offsetName(int64_t offset)
{
    if (offset == 0) return "Z";
    const int64_t absolute = offset < 0 ? -offset : offset;
    std::string name = fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', absolute / 3600, absolute / 60 % 60);
    if (absolute % 60 != 0) name += fmt::format(":{:02}", absolute % 60);
    return name;
}

date::sys_seconds instant(int64_t epochSeconds) { return date::sys_seconds{std::chrono::seconds{epochSeconds}}; }

// A lookup takes the database's lock-free path; unknown names throw there and end here.
const date::time_zone* findRegion(std::string_view name)
{
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

}

std::optional<Zone> Zone::find(std::string_view name)
{
    for (const auto& [shortName, longName] : kShortZones) {
        if (name == shortName) name = longName;
    }
    Zone zone;
    zone.name_ = std::string(name);
    if (name == "Z" || name == "UTC" || name == "GMT" || name == "UT" || name == "Etc/UTC") return zone;
    std::string_view prefix;
    for (std::string_view known : {"UTC", "GMT", "UT"}) {
        if (name.starts_with(known) && name.size() > known.size() && (name[known.size()] == '+' || name[known.size()] == '-')) {
            prefix = known;
            break;
        }
    }
    if (const auto offset = parseOffset(name.substr(prefix.size()))) {
        zone.offset_ = *offset;
        zone.name_ = std::string(prefix) + (*offset == 0 && !prefix.empty() ? "" : offsetName(*offset));
        return zone;
    }
    if (name.size() < 3) return std::nullopt;
    zone.region_ = findRegion(name);
    if (!zone.region_) return std::nullopt;
    return zone;
}

int64_t Zone::offsetAt(int64_t epochSeconds) const
{
    if (!region_) return offset_;
    if (epochSeconds >= cachedFrom_ && epochSeconds < cachedTo_) return cachedOffset_;
    const date::sys_info info = region_->get_info(instant(epochSeconds));
    cachedFrom_ = info.begin.time_since_epoch().count();
    cachedTo_ = info.end.time_since_epoch().count();
    cachedOffset_ = info.offset.count();
    return cachedOffset_;
}

std::string Zone::abbreviation(int64_t epochSeconds) const
{
    if (!region_) return name_;
    return region_->get_info(instant(epochSeconds)).abbrev;
}

bool Zone::isDaylightSaving(int64_t epochSeconds) const
{
    return region_ && region_->get_info(instant(epochSeconds)).save != std::chrono::minutes{0};
}

int64_t Zone::fromLocalMicros(int64_t localMicros) const
{
    if (!region_) return localMicros - offset_ * kMicrosPerSecond;
    const int64_t local = floorDiv(localMicros, kMicrosPerSecond);
    const auto info = region_->get_info(date::local_seconds{std::chrono::seconds{local}});
    // Before a gap the first offset holds: using it for a time within the gap moves the time forward.
    return localMicros - info.first.offset.count() * kMicrosPerSecond;
}

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

// Takes a leading sign away: 1 or -1, or 0 when there was none.
int takeSign(std::string_view& text)
{
    if (text.empty() || (text.front() != '-' && text.front() != '+')) return 0;
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    return sign;
}

// Years of a timestamp have 4 to 6 digits, the fraction any number, all other parts one or two.
bool validDigits(size_t part, int digits)
{
    if (part == 6) return true;
    if (part == 0) return digits >= 4 && digits <= 6;
    return digits > 0 && digits <= 2;
}

// The parts of a timestamp's text: year, month, day, hour, minute, second, microseconds.
struct TimestampParts {
    std::array<int64_t, 7> values{1, 1, 1, 0, 0, 0, 0};
    std::string_view zone;
};

// True when `c` ends part `part` and another part follows it.
bool separates(size_t part, char c)
{
    switch (part) {
        case 0:
        case 1: return c == '-';
        case 2: return c == ' ' || c == 'T';
        case 3:
        case 4: return c == ':';
        case 5: return c == '.';
        default: return false;
    }
}

std::optional<TimestampParts> splitTimestamp(std::string_view text)
{
    TimestampParts parts;
    size_t part = 0;
    int64_t value = 0;
    int digits = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (isDigit(c)) {
            // Digits of the fraction beyond the sixth are dropped.
            if (part != 6 || digits < 6) value = value * 10 + (c - '0');
            if (++digits > 6 && part != 6) return std::nullopt;
            continue;
        }
        if (!validDigits(part, digits)) return std::nullopt;
        if (separates(part, c)) {
            parts.values[part++] = value;
            value = 0;
            digits = 0;
            continue;
        }
        if (part < 5) return std::nullopt;
        parts.zone = text.substr(at);
        break;
    }
    if (!validDigits(part, digits)) return std::nullopt;
    parts.values[part] = value;
    if (part == 6) {
        for (; digits < 6; ++digits) parts.values[6] *= 10;
    }
    return parts;
}

}

std::optional<int32_t> parseDate(std::string_view text)
{
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    const int sign = takeSign(text);
    std::array<int64_t, 3> parts{1, 1, 1};
    size_t part = 0, at = 0;
    int64_t value = 0;
    int digits = 0;
    const auto valid = [&] { return part == 0 ? digits >= 4 && digits <= 7 : digits > 0 && digits <= 2; };
    for (; at < text.size() && text[at] != ' ' && text[at] != 'T'; ++at) {
        if (part < 2 && text[at] == '-') {
            if (!valid()) return std::nullopt;
            parts[part++] = value;
            value = 0;
            digits = 0;
        } else {
            if (!isDigit(text[at]) || ++digits > 7) return std::nullopt;
            value = value * 10 + (text[at] - '0');
        }
    }
    if (!valid() || (part < 2 && at < text.size())) return std::nullopt;
    parts[part] = value;
    if (!isValidDate(parts[0], static_cast<int>(parts[1]), static_cast<int>(parts[2]))) return std::nullopt;
    const int64_t days = daysFromCivil(sign < 0 ? -parts[0] : parts[0], static_cast<int>(parts[1]), static_cast<int>(parts[2]));
    if (days != static_cast<int32_t>(days)) return std::nullopt;
    return static_cast<int32_t>(days);
}

std::optional<int64_t> parseTimestamp(std::string_view text, const Zone& zone)
{
    // 1. The parts of the text.
    text = trimmed(text);
    const int sign = takeSign(text);
    const auto parts = splitTimestamp(text);
    if (!parts) return std::nullopt;
    const auto& [year, month, day, hour, minute, second, micros] = parts->values;
    const int64_t signedYear = sign < 0 ? -year : year;

    // 2. Are they a moment of the calendar?
    if (!isValidDate(signedYear, static_cast<int>(month), static_cast<int>(day))) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const int64_t seconds = daysFromCivil(signedYear, static_cast<int>(month), static_cast<int>(day)) * kSecondsPerDay + hour * 3600 + minute * 60 + second;
    int64_t local = 0;
    if (__builtin_mul_overflow(seconds, kMicrosPerSecond, &local) || __builtin_add_overflow(local, micros, &local)) return std::nullopt;

    // 3. From the zone's wall time to the instant.
    if (parts->zone.empty()) return zone.fromLocalMicros(local);
    const auto named = Zone::find(trimmed(parts->zone));
    if (!named) return std::nullopt;
    return named->fromLocalMicros(local);
}

std::optional<int64_t> parseTimestamp(std::string_view text, std::string_view zone) { return parseTimestamp(text, Zone::findOrUtc(zone)); }

void appendPadded(int64_t value, int width, std::string& out)
{
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value < 0 ? -value : value);
    if (value < 0) out += '-';
    for (int missing = width - static_cast<int>(end - digits); missing > 0; --missing) out += '0';
    out.append(digits, end);
}

void appendDate(int64_t days, std::string& out)
{
    const CivilDate date = civilFromDays(days);
    if (date.year > 9999) out += '+';
    appendPadded(date.year, 4, out);
    out += '-';
    appendPadded(date.month, 2, out);
    out += '-';
    appendPadded(date.day, 2, out);
}

namespace {

void appendTimeOfDay(int64_t secondOfDay, std::string& out)
{
    appendPadded(secondOfDay / 3600, 2, out);
    out += ':';
    appendPadded(secondOfDay / 60 % 60, 2, out);
    out += ':';
    appendPadded(secondOfDay % 60, 2, out);
}

}

void appendTimestamp(int64_t micros, const Zone& zone, std::string& out)
{
    const int64_t local = zone.toLocalMicros(micros);
    const int64_t days = floorDiv(local, kMicrosPerDay);
    const int64_t inDay = local - days * kMicrosPerDay;
    appendDate(days, out);
    out += ' ';
    appendTimeOfDay(inDay / kMicrosPerSecond, out);
    const int64_t fraction = inDay % kMicrosPerSecond;
    if (fraction == 0) return;
    out += '.';
    appendPadded(fraction, 6, out);
    while (out.back() == '0') out.pop_back();
}

void appendTimestamp(int64_t micros, std::string_view zone, std::string& out) { appendTimestamp(micros, Zone::findOrUtc(zone), out); }

void appendIsoTimestamp(int64_t micros, std::string& out)
{
    const int64_t days = floorDiv(micros, kMicrosPerDay);
    const int64_t inDay = micros - days * kMicrosPerDay;
    appendDate(days, out);
    out += 'T';
    appendTimeOfDay(inDay / kMicrosPerSecond, out);
    out += '.';
    appendPadded(inDay % kMicrosPerSecond, 6, out);
    out += 'Z';
}

}
