// Dates and timestamps: now, arithmetic, truncation. Parts are in date_parts.cpp, text in date_text.cpp,
// making them from numbers in date_making.cpp.
#include "engine/expression/functions/date_units.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"

#include <cmath>
#include <limits>

namespace streamwright {

namespace {

template <class T>
ColumnPtr sameInEveryRow(const Call& call, T value)
{
    FixedBuilder<T> out;
    std::fill_n(out.extend(call.rows), call.rows, value);
    return columnFrom(call.result, out);
}

ColumnPtr currentTimestamp(const Call& call) { return sameInEveryRow<int64_t>(call, call.context.batchTime.micros); }

ColumnPtr currentDate(const Call& call)
{
    return sameInEveryRow<int32_t>(call, static_cast<int32_t>(dayOf(Zone::findOrUtc(call.context.timeZone).toLocalMicros(call.context.batchTime.micros))));
}

ColumnPtr currentTimezone(const Call& call)
{
    return buildRows(call, [&](size_t, ColumnBuilder& out) { out.pushText(call.context.timeZone); });
}

std::optional<int32_t> asDate(const Call& call, size_t row, __int128 day)
{
    if (day >= std::numeric_limits<int32_t>::min() && day <= std::numeric_limits<int32_t>::max()) return static_cast<int32_t>(day);
    call.errors.add(row, "the date is out of range");
    return std::nullopt;
}

std::optional<int64_t> asTimestamp(const Call& call, size_t row, __int128 micros)
{
    if (micros >= std::numeric_limits<int64_t>::min() && micros <= std::numeric_limits<int64_t>::max()) return static_cast<int64_t>(micros);
    call.errors.add(row, "the timestamp is out of range");
    return std::nullopt;
}

template <int kSign>
ColumnPtr moveByDays(const Call& call)
{
    return mapChecked<int32_t, int32_t, int32_t>(call, [&](size_t row, int32_t day, int32_t days) { return asDate(call, row, __int128{day} + __int128{kSign} * days); });
}

ColumnPtr addMonths(const Call& call)
{
    return mapChecked<int32_t, int32_t, int32_t>(call, [&](size_t row, int32_t day, int32_t months) { return asDate(call, row, plusMonths(day, months)); });
}

ColumnPtr dateDifference(const Call& call)
{
    return mapChecked<int32_t, int32_t, int32_t>(call, [&](size_t row, int32_t end, int32_t start) { return asDate(call, row, __int128{end} - start); });
}

// Months and longer move on the wall clock, days too; shorter units move the instant.
std::optional<int64_t> plus(const Call& call, size_t row, const Zone& zone, TimeUnit unit, int64_t amount, int64_t micros)
{
    if (unit > TimeUnit::Day) return asTimestamp(call, row, __int128{amount} * microsOf(unit) + micros);
    constexpr int64_t kFarthest = 400'000'000;
    if (std::abs(static_cast<double>(amount)) > kFarthest) {
        call.errors.add(row, "the timestamp is out of range");
        return std::nullopt;
    }
    const int64_t local = zone.toLocalMicros(micros);
    const int64_t day = monthsOf(unit) > 0 ? plusMonths(dayOf(local), amount * monthsOf(unit)) : dayOf(local) + amount * (microsOf(unit) / kMicrosPerDay);
    const auto moved = asTimestamp(call, row, __int128{day} * kMicrosPerDay + timeOfDay(local));
    return moved ? std::optional(zone.fromLocalMicros(*moved)) : std::nullopt;
}

std::optional<TimeUnit> unitOrError(const Call& call, size_t row)
{
    const std::string_view name = textAt(*call.arguments[0], row);
    const auto unit = unitOfAmount(name);
    if (!unit) call.errors.add(row, fmt::format("not a unit of time: {} (use YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND)", name));
    return unit;
}

ColumnPtr timestampAdd(const Call& call)
{
    const Zone zone = Zone::findOrUtc(call.context.timeZone);
    return mapChecked<int64_t, StringRef, int64_t, int64_t>(call, [&](size_t row, const StringRef&, int64_t amount, int64_t micros) -> std::optional<int64_t> {
        const auto unit = unitOrError(call, row);
        return unit ? plus(call, row, zone, *unit, amount, micros) : std::nullopt;
    });
}

ColumnPtr timestampDifference(const Call& call)
{
    const Zone zone = Zone::findOrUtc(call.context.timeZone);
    return mapChecked<int64_t, StringRef, int64_t, int64_t>(call, [&](size_t row, const StringRef&, int64_t start, int64_t end) -> std::optional<int64_t> {
        const auto unit = unitOrError(call, row);
        if (!unit) return std::nullopt;
        const int64_t from = zone.toLocalMicros(start), to = zone.toLocalMicros(end);
        if (monthsOf(*unit) > 0) return wholeMonthsBetween(from, to) / monthsOf(*unit);
        return asTimestamp(call, row, (__int128{to} - from) / microsOf(*unit));
    });
}

// date_add(date, days), or date_add(unit, amount, timestamp).
Resolve daysOrUnits(std::string name)
{
    const auto units = takes(name, {TypeKind::String, TypeKind::BigInt, TypeKind::Timestamp}, TypeKind::Timestamp);
    return [=](std::span<const ArgumentType> arguments) -> Result<Signature> {
        if (arguments.size() == 3) return units(arguments);
        // A fraction of a day is a mistake and not rounded; text that is a whole number is not.
        if (arguments.size() != 2 || !convertsImplicitly(arguments[0], TypeKind::Date) || !convertsImplicitly(arguments[1], TypeKind::Int)) return wrongArguments(name, "(date, int)", arguments);
        return Signature{{TypeKind::Date, TypeKind::Int}, TypeKind::Date};
    };
}

Resolve differenceOfDates(std::string name)
{
    const auto units = takes(name, {TypeKind::String, TypeKind::Timestamp, TypeKind::Timestamp}, TypeKind::BigInt);
    const auto days = takes(name, {TypeKind::Date, TypeKind::Date}, TypeKind::Int);
    return [=](std::span<const ArgumentType> arguments) { return arguments.size() == 3 ? units(arguments) : days(arguments); };
}

ColumnPtr monthsBetween(const Call& call)
{
    const Zone zone = Zone::findOrUtc(call.context.timeZone);
    return mapChecked<double, int64_t, int64_t>(call, [&](size_t row, int64_t end, int64_t start) -> std::optional<double> {
        const int64_t a = zone.toLocalMicros(end), b = zone.toLocalMicros(start);
        const CivilDate x = civilFromDays(dayOf(a)), y = civilFromDays(dayOf(b));
        const auto months = static_cast<double>((x.year * 12 + x.month) - (y.year * 12 + y.month));
        const bool lastDays = x.day == daysInMonth(x.year, x.month) && y.day == daysInMonth(y.year, y.month);
        if (x.day == y.day || lastDays) return months;
        const int64_t seconds = (x.day - y.day) * kSecondsPerDay + timeOfDay(a) / kMicrosPerSecond - timeOfDay(b) / kMicrosPerSecond;
        const double exact = months + static_cast<double>(seconds) / (31.0 * kSecondsPerDay);
        const bool rounded = call.arguments.size() < 3 || call.arguments[2]->value<uint8_t>(row) != 0;
        return rounded ? std::floor(exact * 1e8 + 0.5) / 1e8 : exact;
    });
}

ColumnPtr lastDay(const Call& call)
{
    return mapChecked<int32_t, int32_t>(call, [&](size_t row, int32_t day) {
        const CivilDate date = civilFromDays(day);
        return asDate(call, row, __int128{day} - date.day + daysInMonth(date.year, date.month));
    });
}

ColumnPtr nextDay(const Call& call)
{
    static constexpr std::string_view kDays[] = {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"};
    return mapChecked<int32_t, int32_t, StringRef>(call, [&](size_t row, int32_t day, const StringRef&) -> std::optional<int32_t> {
        std::string name(textAt(*call.arguments[1], row));
        for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        for (int i = 0; i < 7; ++i) {
            if (name != kDays[i] && !((name.size() == 2 || name.size() == 3) && kDays[i].starts_with(name))) continue;
            return asDate(call, row, __int128{day} + 1 + floorMod(i - isoDayOfWeek(day), 7));
        }
        call.errors.add(row, fmt::format("not a day of the week: {} (use MO, MON or MONDAY)", textAt(*call.arguments[1], row)));
        return std::nullopt;
    });
}

// The unit decides the row: unknown ones give NULL.
ColumnPtr truncateTimestamp(const Call& call)
{
    const Zone zone = Zone::findOrUtc(call.context.timeZone);
    return mapChecked<int64_t, StringRef, int64_t>(call, [&](size_t row, const StringRef&, int64_t micros) -> std::optional<int64_t> {
        const auto unit = unitOfTruncation(textAt(*call.arguments[0], row));
        if (!unit) return std::nullopt;
        if (*unit >= TimeUnit::Minute && (*unit > TimeUnit::Minute || zone.isUtc())) return asTimestamp(call, row, __int128{micros} - floorMod(micros, microsOf(*unit)));
        const int64_t local = zone.toLocalMicros(micros);
        if (*unit >= TimeUnit::Hour) return zone.fromLocalMicros(local - floorMod(local, microsOf(*unit)));
        const auto first = asTimestamp(call, row, __int128{firstOfUnit(dayOf(local), *unit)} * kMicrosPerDay);
        return first ? std::optional(zone.fromLocalMicros(*first)) : std::nullopt;
    });
}

ColumnPtr truncateDate(const Call& call)
{
    return mapChecked<int32_t, int32_t, StringRef>(call, [&](size_t row, int32_t day, const StringRef&) -> std::optional<int32_t> {
        const auto unit = unitOfTruncation(textAt(*call.arguments[1], row));
        if (!unit || *unit >= TimeUnit::Day) return std::nullopt;
        return asDate(call, row, firstOfUnit(day, *unit));
    });
}

template <bool kFromUtc>
ColumnPtr shiftZone(const Call& call)
{
    std::string_view name;
    std::optional<Zone> zone;
    return mapChecked<int64_t, int64_t, StringRef>(call, [&](size_t row, int64_t micros, const StringRef&) -> std::optional<int64_t> {
        const std::string_view wanted = textAt(*call.arguments[1], row);
        if (row == 0 || wanted != name) {
            name = wanted;
            zone = Zone::find(wanted);
        }
        if (zone) return kFromUtc ? zone->toLocalMicros(micros) : zone->fromLocalMicros(micros);
        call.errors.add(row, fmt::format("not a time zone: {} (use for example Europe/Brussels or +01:00)", wanted));
        return std::nullopt;
    });
}

Function entry(std::string name, std::vector<std::string> aliases, std::string usage, std::string help, FunctionExample example, Resolve resolve, std::function<ColumnPtr(const Call&)> evaluate, bool canFail)
{
    return {.name = std::move(name), .aliases = std::move(aliases), .family = "time", .usage = std::move(usage), .help = std::move(help), .example = std::move(example), .resolve = std::move(resolve), .evaluate = std::move(evaluate), .canFail = canFail};
}

void addMoves(std::vector<Function>& all)
{
    const Type date = TypeKind::Date, timestamp = TypeKind::Timestamp, text = TypeKind::String;
    all.push_back(entry("date_add", {"dateadd"}, "date_add(date, days) or date_add(unit, amount, timestamp)", "A date some days later, or a timestamp some units later.", {"date_add('2016-07-30', 1)", "\"2016-07-31\""}, daysOrUnits("date_add"),
                        [](const Call& call) { return call.arguments.size() == 3 ? timestampAdd(call) : moveByDays<1>(call); }, true));
    all.push_back(entry("date_sub", {}, "date_sub(date, days)", "A date some days earlier.", {"date_sub('2016-07-30', 1)", "\"2016-07-29\""}, takes("date_sub", {date, TypeKind::Int}, date), moveByDays<-1>, true));
    all.push_back(entry("add_months", {}, "add_months(date, months)", "The same day some months later, or that month's last day.", {"add_months('2016-08-31', 1)", "\"2016-09-30\""}, takes("add_months", {date, TypeKind::Int}, date), addMonths, true));
    all.push_back(entry("timestampadd", {}, "timestampadd(unit, amount, timestamp)", "A timestamp some units later; days and longer move on the wall clock.", {"timestampadd(HOUR, 8, TIMESTAMP'2022-02-11 20:30:00')", "\"2022-02-12T04:30:00.000000Z\""},
                        takes("timestampadd", {text, TypeKind::BigInt, timestamp}, timestamp), timestampAdd, true));
    all.push_back(entry("datediff", {"date_diff"}, "datediff(end, start) or datediff(unit, start, end)", "Days from start to end, or whole units between two timestamps.", {"datediff('2009-07-31', '2009-07-30')", "1"}, differenceOfDates("datediff"),
                        [](const Call& call) { return call.arguments.size() == 3 ? timestampDifference(call) : dateDifference(call); }, true));
    all.push_back(entry("timestampdiff", {}, "timestampdiff(unit, start, end)", "Whole units from start to end.", {"timestampdiff(MONTH, TIMESTAMP'2021-02-28 12:00:00', TIMESTAMP'2021-03-28 12:00:00')", "1"},
                        takes("timestampdiff", {text, timestamp, timestamp}, TypeKind::BigInt), timestampDifference, true));
    all.push_back(entry("months_between", {}, "months_between(end, start[, rounded])", "Months between two timestamps, in months of 31 days, rounded to 8 digits; a whole number for the same day of the month or two last days.",
                        {"months_between('1997-02-28 10:30:00', '1996-10-30')", "3.94959677"}, takes("months_between", {timestamp, timestamp, TypeKind::Boolean}, TypeKind::Double, 1), monthsBetween, false));
    all.push_back(entry("last_day", {}, "last_day(date)", "The last day of the date's month.", {"last_day('2009-01-12')", "\"2009-01-31\""}, takes("last_day", {date}, date), lastDay, true));
    all.push_back(entry("next_day", {}, "next_day(date, day_of_week)", "The first date after this one that is such a day: TU, TUE or TUESDAY.", {"next_day('2015-01-14', 'TU')", "\"2015-01-20\""}, takes("next_day", {date, text}, date), nextDay, true));
}

void addZonesAndUnits(std::vector<Function>& all)
{
    const Type date = TypeKind::Date, timestamp = TypeKind::Timestamp, text = TypeKind::String;
    all.push_back(entry("current_timestamp", {"now"}, "current_timestamp()", "The batch time: the same in every row of a batch, and again when the batch is computed again.", {"current_timestamp() = now()", "true"}, takes("current_timestamp", {}, timestamp), currentTimestamp, false));
    all.push_back(entry("current_date", {"curdate"}, "current_date()", "The date of the batch time in the session time zone.", {"current_date() = CAST(now() AS DATE)", "true"}, takes("current_date", {}, date), currentDate, false));
    all.push_back(entry("current_timezone", {}, "current_timezone()", "The session time zone.", {"current_timezone()", "\"UTC\""}, takes("current_timezone", {}, text), currentTimezone, false));
    all.push_back(entry("date_trunc", {}, "date_trunc(unit, timestamp)", "The start of the year, quarter, month, week (Monday), day, hour, minute, second, millisecond or microsecond; NULL for other units.",
                        {"date_trunc('HOUR', '2015-03-05 09:32:05.359')", "\"2015-03-05T09:00:00.000000Z\""}, takes("date_trunc", {text, timestamp}, timestamp), truncateTimestamp, true));
    all.push_back(entry("trunc", {}, "trunc(date, unit)", "The first day of the year, quarter, month or week (Monday); NULL for other units.", {"trunc('2019-08-04', 'week')", "\"2019-07-29\""}, takes("trunc", {date, text}, date), truncateDate, true));
    all.push_back(entry("from_utc_timestamp", {}, "from_utc_timestamp(timestamp, zone)", "A UTC wall time as the wall time of a zone.", {"from_utc_timestamp('2016-08-31', 'Asia/Seoul')", "\"2016-08-31T09:00:00.000000Z\""},
                        takes("from_utc_timestamp", {timestamp, text}, timestamp), shiftZone<true>, true));
    all.push_back(entry("to_utc_timestamp", {}, "to_utc_timestamp(timestamp, zone)", "A zone's wall time as the wall time of UTC.", {"to_utc_timestamp('2016-08-31', 'Asia/Seoul')", "\"2016-08-30T15:00:00.000000Z\""},
                        takes("to_utc_timestamp", {timestamp, text}, timestamp), shiftZone<false>, true));
}

}

std::vector<Function> timeFunctions()
{
    std::vector<Function> all;
    addMoves(all);
    addZonesAndUnits(all);
    addDateParts(all);
    addDateMaking(all);
    addDateText(all);
    return all;
}

}
