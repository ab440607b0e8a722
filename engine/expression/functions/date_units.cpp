#include "engine/expression/functions/date_units.h"

#include <algorithm>
#include <array>
#include <string>

namespace streamwright {

namespace {

std::string upperCase(std::string_view name)
{
    std::string upper(name.substr(0, 16));
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper;
}

}

std::optional<TimeUnit> unitOfAmount(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, TimeUnit>, 11> kUnits{{{"YEAR", TimeUnit::Year}, {"QUARTER", TimeUnit::Quarter}, {"MONTH", TimeUnit::Month}, {"WEEK", TimeUnit::Week}, {"DAY", TimeUnit::Day},
                                                                                   {"DAYOFYEAR", TimeUnit::Day}, {"HOUR", TimeUnit::Hour}, {"MINUTE", TimeUnit::Minute}, {"SECOND", TimeUnit::Second},
                                                                                   {"MILLISECOND", TimeUnit::Millisecond}, {"MICROSECOND", TimeUnit::Microsecond}}};
    std::string upper = upperCase(name);
    if (upper.ends_with('S')) upper.pop_back();
    for (const auto& [known, unit] : kUnits) {
        if (upper == known) return unit;
    }
    return std::nullopt;
}

std::optional<TimeUnit> unitOfTruncation(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, TimeUnit>, 15> kUnits{{{"YEAR", TimeUnit::Year}, {"YYYY", TimeUnit::Year}, {"YY", TimeUnit::Year}, {"QUARTER", TimeUnit::Quarter}, {"MONTH", TimeUnit::Month},
                                                                                   {"MM", TimeUnit::Month}, {"MON", TimeUnit::Month}, {"WEEK", TimeUnit::Week}, {"DAY", TimeUnit::Day}, {"DD", TimeUnit::Day},
                                                                                   {"HOUR", TimeUnit::Hour}, {"MINUTE", TimeUnit::Minute}, {"SECOND", TimeUnit::Second}, {"MILLISECOND", TimeUnit::Millisecond},
                                                                                   {"MICROSECOND", TimeUnit::Microsecond}}};
    const std::string upper = upperCase(name);
    for (const auto& [known, unit] : kUnits) {
        if (upper == known) return unit;
    }
    return std::nullopt;
}

int64_t microsOf(TimeUnit unit)
{
    switch (unit) {
        case TimeUnit::Week: return 7 * kMicrosPerDay;
        case TimeUnit::Day: return kMicrosPerDay;
        case TimeUnit::Hour: return 3600 * kMicrosPerSecond;
        case TimeUnit::Minute: return 60 * kMicrosPerSecond;
        case TimeUnit::Second: return kMicrosPerSecond;
        case TimeUnit::Millisecond: return 1000;
        case TimeUnit::Microsecond: return 1;
        default: return 0;
    }
}

int64_t monthsOf(TimeUnit unit) { return unit == TimeUnit::Year ? 12 : unit == TimeUnit::Quarter ? 3 : unit == TimeUnit::Month ? 1 : 0; }

int64_t plusMonths(int64_t day, int64_t months)
{
    const CivilDate date = civilFromDays(day);
    const int64_t month = date.year * 12 + date.month - 1 + months;
    const int64_t year = floorDiv(month, 12);
    const int inYear = static_cast<int>(floorMod(month, 12)) + 1;
    return daysFromCivil(year, inYear, std::min(date.day, daysInMonth(year, inYear)));
}

int64_t firstOfUnit(int64_t day, TimeUnit unit)
{
    if (unit == TimeUnit::Week) return day - isoDayOfWeek(day) + 1;
    if (monthsOf(unit) == 0) return day;
    const CivilDate date = civilFromDays(day);
    const int months = static_cast<int>(monthsOf(unit));
    return daysFromCivil(date.year, (date.month - 1) / months * months + 1, 1);
}

int64_t wholeMonthsBetween(int64_t from, int64_t to)
{
    int64_t end = dayOf(to);
    if (end > dayOf(from) && timeOfDay(to) < timeOfDay(from)) --end;
    else if (end < dayOf(from) && timeOfDay(to) > timeOfDay(from)) ++end;
    const auto packed = [](const CivilDate& date) { return (date.year * 12 + date.month - 1) * 32 + date.day; };
    return (packed(civilFromDays(end)) - packed(civilFromDays(dayOf(from)))) / 32;
}

IsoWeek isoWeekOf(int64_t day)
{
    // A week belongs to the year of its Thursday.
    const int64_t thursday = day - isoDayOfWeek(day) + 4;
    return {civilFromDays(thursday).year, (dayOfYear(thursday) - 1) / 7 + 1};
}

int dayOfYear(int64_t day) { return static_cast<int>(day - daysFromCivil(civilFromDays(day).year, 1, 1)) + 1; }

}
