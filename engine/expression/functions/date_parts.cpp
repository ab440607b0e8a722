// Parts of dates and times: year, hour, extract(WEEK FROM day).
#include "engine/expression/functions/date_units.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"

namespace streamwright {

namespace {

enum class Part : unsigned char { Year, IsoYear, Quarter, Month, Week, Day, DayOfWeek, IsoDayOfWeek, DayOfYear, Weekday, Hour, Minute, Second, Fraction };

bool isOfDay(Part part) { return part < Part::Hour; }

template <Part kPart>
int32_t partOfDay(int64_t day)
{
    switch (kPart) {
        case Part::Year: return static_cast<int32_t>(civilFromDays(day).year);
        case Part::IsoYear: return static_cast<int32_t>(isoWeekOf(day).year);
        case Part::Quarter: return (civilFromDays(day).month - 1) / 3 + 1;
        case Part::Month: return civilFromDays(day).month;
        case Part::Week: return isoWeekOf(day).week;
        case Part::Day: return civilFromDays(day).day;
        case Part::DayOfWeek: return isoDayOfWeek(day) % 7 + 1;
        case Part::IsoDayOfWeek: return isoDayOfWeek(day);
        case Part::DayOfYear: return dayOfYear(day);
        case Part::Weekday: return isoDayOfWeek(day) - 1;
        default: return 0;
    }
}

template <Part kPart>
ColumnPtr datePart(const Call& call)
{
    return mapRows<int32_t, int32_t>(call, [](int32_t day) { return partOfDay<kPart>(day); });
}

// A local time in the session's zone, without overflow at the ends of time.
int64_t localTimeOfDay(const Zone& zone, int64_t micros)
{
    if (zone.isUtc()) return timeOfDay(micros);
    return floorMod(timeOfDay(micros) + zone.offsetAt(floorDiv(micros, kMicrosPerSecond)) * kMicrosPerSecond, kMicrosPerDay);
}

template <int64_t kDivisor, int64_t kModulus>
ColumnPtr timePart(const Call& call)
{
    const Zone zone = Zone::findOrUtc(call.context.timeZone);
    return mapRows<int32_t, int64_t>(call, [&](int64_t micros) { return static_cast<int32_t>(localTimeOfDay(zone, micros) / kDivisor % kModulus); });
}

// Seconds with their fraction. DECIMAL(8,6) in Spark, DOUBLE until there is DECIMAL.
ColumnPtr secondsWithFraction(const Call& call)
{
    const Zone zone = Zone::findOrUtc(call.context.timeZone);
    return mapRows<double, int64_t>(call, [&](int64_t micros) { return static_cast<double>(localTimeOfDay(zone, micros) % (60 * kMicrosPerSecond)) / 1e6; });
}

ColumnPtr hours(const Call& call) { return timePart<3600 * kMicrosPerSecond, 24>(call); }
ColumnPtr minutes(const Call& call) { return timePart<60 * kMicrosPerSecond, 60>(call); }
ColumnPtr secondsPart(const Call& call) { return timePart<kMicrosPerSecond, 60>(call); }

struct ExtractField {
    std::initializer_list<std::string_view> names;
    Part part;
    ColumnPtr (*evaluate)(const Call&);
};

const ExtractField* extractField(std::string_view name)
{
    static const ExtractField kFields[] = {
        {{"YEAR", "Y", "YEARS", "YR", "YRS"}, Part::Year, datePart<Part::Year>},
        {{"YEAROFWEEK"}, Part::IsoYear, datePart<Part::IsoYear>},
        {{"QUARTER", "QTR"}, Part::Quarter, datePart<Part::Quarter>},
        {{"MONTH", "MON", "MONS", "MONTHS"}, Part::Month, datePart<Part::Month>},
        {{"WEEK", "W", "WEEKS"}, Part::Week, datePart<Part::Week>},
        {{"DAY", "D", "DAYS"}, Part::Day, datePart<Part::Day>},
        {{"DAYOFWEEK", "DOW"}, Part::DayOfWeek, datePart<Part::DayOfWeek>},
        {{"DAYOFWEEK_ISO", "DOW_ISO"}, Part::IsoDayOfWeek, datePart<Part::IsoDayOfWeek>},
        {{"DOY"}, Part::DayOfYear, datePart<Part::DayOfYear>},
        {{"HOUR", "H", "HOURS", "HR", "HRS"}, Part::Hour, hours},
        {{"MINUTE", "M", "MIN", "MINS", "MINUTES"}, Part::Minute, minutes},
        {{"SECOND", "S", "SEC", "SECONDS", "SECS"}, Part::Fraction, secondsWithFraction},
    };
    std::string upper(name);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    for (const ExtractField& field : kFields) {
        if (std::find(field.names.begin(), field.names.end(), upper) != field.names.end()) return &field;
    }
    return nullptr;
}

Result<Signature> resolveExtract(std::span<const ArgumentType> arguments)
{
    if (arguments.size() != 2) return wrongArguments("extract", "(field, date or timestamp)", arguments);
    const auto name = literalText(arguments, 0);
    if (!name) return mistake("extract expects its field as a literal text, for example 'YEAR'");
    const ExtractField* field = extractField(*name);
    if (!field) return mistake(fmt::format("extract knows no field {}", *name), "fields are YEAR, YEAROFWEEK, QUARTER, MONTH, WEEK, DAY, DAYOFWEEK, DAYOFWEEK_ISO, DOY, HOUR, MINUTE, SECOND");
    const Type source = isOfDay(field->part) ? TypeKind::Date : TypeKind::Timestamp;
    if (!convertsImplicitly(arguments[1], source)) return wrongArguments("extract", "(field, date or timestamp)", arguments);
    return Signature{{TypeKind::String, source}, field->part == Part::Fraction ? TypeKind::Double : TypeKind::Int};
}

ColumnPtr extract(const Call& call)
{
    if (call.rows == 0) return Column::nullsOf(call.result, 0);
    const ExtractField* field = extractField(textAt(*call.arguments[0], 0));
    Call inner = call;
    inner.arguments = call.arguments.subspan(1);
    return field->evaluate(inner);
}

ColumnPtr names(const Call& call, std::span<const std::string_view> all, int (*index)(int64_t))
{
    return buildRows(call, [&](size_t row, ColumnBuilder& out) { out.pushText(all[static_cast<size_t>(index(call.arguments[0]->value<int32_t>(row)))]); });
}

ColumnPtr monthNames(const Call& call)
{
    static constexpr std::string_view kNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return names(call, kNames, [](int64_t day) { return civilFromDays(day).month - 1; });
}

ColumnPtr dayNames(const Call& call)
{
    static constexpr std::string_view kNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return names(call, kNames, [](int64_t day) { return isoDayOfWeek(day) - 1; });
}

}

void addDateParts(std::vector<Function>& all)
{
    const Type date = TypeKind::Date, timestamp = TypeKind::Timestamp, number = TypeKind::Int;
    const auto add = [&](const char* name, std::vector<std::string> aliases, const char* help, FunctionExample example, const Type& from, const Type& to, std::function<ColumnPtr(const Call&)> evaluate) {
        all.push_back({.name = name, .aliases = std::move(aliases), .family = "time", .usage = fmt::format("{}({})", name, from.is(TypeKind::Date) ? "date" : "timestamp"), .help = help, .example = std::move(example), .resolve = takes(name, {from}, to), .evaluate = std::move(evaluate)});
    };
    add("year", {}, "The year.", {"year('2016-07-30')", "2016"}, date, number, datePart<Part::Year>);
    add("quarter", {}, "The quarter of the year, from 1 to 4.", {"quarter('2016-08-31')", "3"}, date, number, datePart<Part::Quarter>);
    add("month", {}, "The month, from 1 to 12.", {"month('2016-07-30')", "7"}, date, number, datePart<Part::Month>);
    add("day", {"dayofmonth"}, "The day of the month, from 1 to 31.", {"day('2009-07-30')", "30"}, date, number, datePart<Part::Day>);
    add("dayofyear", {}, "The day of the year, from 1 to 366.", {"dayofyear('2016-04-09')", "100"}, date, number, datePart<Part::DayOfYear>);
    add("dayofweek", {}, "The day of the week: 1 is Sunday, 7 is Saturday.", {"dayofweek('2009-07-30')", "5"}, date, number, datePart<Part::DayOfWeek>);
    add("weekday", {}, "The day of the week: 0 is Monday, 6 is Sunday.", {"weekday('2009-07-30')", "3"}, date, number, datePart<Part::Weekday>);
    add("weekofyear", {}, "The ISO week: the first one of a year has its first Thursday.", {"weekofyear('2008-02-20')", "8"}, date, number, datePart<Part::Week>);
    add("hour", {}, "The hour in the session time zone, from 0 to 23.", {"hour('2009-07-30 12:58:59')", "12"}, timestamp, number, hours);
    add("minute", {}, "The minute in the session time zone, from 0 to 59.", {"minute('2009-07-30 12:58:59')", "58"}, timestamp, number, minutes);
    add("second", {}, "The second, from 0 to 59.", {"second('2009-07-30 12:58:59')", "59"}, timestamp, number, secondsPart);
    add("monthname", {}, "The month's name in three letters.", {"monthname(DATE'2008-02-20')", "\"Feb\""}, date, TypeKind::String, monthNames);
    add("dayname", {}, "The name of the day of the week in three letters.", {"dayname(DATE'2008-02-20')", "\"Wed\""}, date, TypeKind::String, dayNames);
    all.push_back({.name = "date_part", .aliases = {"datepart", "extract"}, .family = "time", .usage = "extract(field FROM source)", .help = "A part of a date or timestamp: YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFWEEK, DOY, HOUR, MINUTE, SECOND (with its fraction).",
                   .example = {"extract(YEAR FROM TIMESTAMP'2019-08-12 01:00:00')", "2019"}, .resolve = resolveExtract, .evaluate = extract});
}

}
