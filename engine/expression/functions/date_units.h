// Units of time and arithmetic on local date-times (microseconds since 1970-01-01T00:00 of the wall clock).
#pragma once
#include "engine/columns/calendar.h"

#include <optional>
#include <string_view>

namespace streamwright {

enum class TimeUnit : unsigned char { Year, Quarter, Month, Week, Day, Hour, Minute, Second, Millisecond, Microsecond };

// A unit of timestampadd and timestampdiff, any case, also in the plural: `DAY`, `hours`.
std::optional<TimeUnit> unitOfAmount(std::string_view name);
// A unit of date_trunc and trunc, any case: `MM`, `week`.
std::optional<TimeUnit> unitOfTruncation(std::string_view name);

// Fixed length in microseconds; 0 for months and longer.
int64_t microsOf(TimeUnit unit);
// 1, 3 or 12; 0 for fixed lengths.
int64_t monthsOf(TimeUnit unit);

inline int64_t dayOf(int64_t localMicros) { return floorDiv(localMicros, kMicrosPerDay); }
inline int64_t timeOfDay(int64_t localMicros) { return floorMod(localMicros, kMicrosPerDay); }
// 1 = Monday … 7 = Sunday.
inline int isoDayOfWeek(int64_t day) { return static_cast<int>(floorMod(day + 3, 7)) + 1; }

// The same day of another month, or that month's last.
int64_t plusMonths(int64_t day, int64_t months);
int64_t firstOfUnit(int64_t day, TimeUnit unit);
// Whole months between two local date-times, as java.time counts them.
int64_t wholeMonthsBetween(int64_t from, int64_t to);

struct IsoWeek {
    int64_t year;
    int week;
};
IsoWeek isoWeekOf(int64_t day);
int dayOfYear(int64_t day);

}
