// Dates and timestamps from numbers, and back.
#include "engine/expression/functions/date_units.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"

#include <cmath>
#include <limits>

namespace streamwright {

namespace {

template <bool kForgiving>
std::nullopt_t failed(const Call& call, size_t row, std::string reason)
{
    if (!kForgiving) call.errors.add(row, std::move(reason));
    return std::nullopt;
}

constexpr int kLatestYear = 290'000;    // microseconds since 1970 in 64 bits end there

ColumnPtr makeDate(const Call& call)
{
    return mapChecked<int32_t, int32_t, int32_t, int32_t>(call, [&](size_t row, int32_t year, int32_t month, int32_t day) -> std::optional<int32_t> {
        if (isValidDate(year, month, day) && std::abs(int64_t{year}) <= 5'000'000) return static_cast<int32_t>(daysFromCivil(year, month, day));
        return failed<false>(call, row, fmt::format("not a date: year {}, month {}, day {}", year, month, day));
    });
}

template <bool kForgiving>
std::optional<int64_t> timestampOfParts(const Call& call, size_t row, const Zone& zone)
{
    int32_t part[5];
    for (size_t i = 0; i < 5; ++i) part[i] = call.arguments[i]->value<int32_t>(row);
    const double seconds = call.arguments[5]->value<double>(row);
    if (!isValidDate(part[0], part[1], part[2]) || std::abs(int64_t{part[0]}) > kLatestYear) return failed<kForgiving>(call, row, fmt::format("not a date: year {}, month {}, day {}", part[0], part[1], part[2]));
    // The 60th second, if it is exact, is the next minute's first.
    const bool valid = part[3] >= 0 && part[3] < 24 && part[4] >= 0 && part[4] < 60 && seconds >= 0 && (seconds < 60 || seconds == 60);
    if (!valid) return failed<kForgiving>(call, row, fmt::format("not a time: hour {}, minute {}, second {}", part[3], part[4], seconds));
    const int64_t micros = (part[3] * int64_t{3600} + part[4] * 60) * kMicrosPerSecond + std::llround(seconds * 1e6);
    return zone.fromLocalMicros(daysFromCivil(part[0], part[1], part[2]) * kMicrosPerDay + micros);
}

template <bool kForgiving>
ColumnPtr makeTimestamp(const Call& call)
{
    std::string_view name;
    std::optional<Zone> zone = Zone::findOrUtc(call.context.timeZone);
    FixedBuilder<int64_t> out;
    NullMarks nulls(call.rows);
    int64_t* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        to[row] = 0;
        if (call.skip(row)) continue;
        if (call.arguments.size() == 7 && (row == 0 || textAt(*call.arguments[6], row) != name)) {
            name = textAt(*call.arguments[6], row);
            zone = Zone::find(name);
        }
        std::optional<int64_t> made;
        if (zone) made = timestampOfParts<kForgiving>(call, row, *zone);
        else failed<kForgiving>(call, row, fmt::format("not a time zone: {} (use for example Europe/Brussels or +01:00)", name));
        if (made) to[row] = *made;
        else nulls.mark(row);
    }
    return columnFrom(call.result, out, nulls.buffer());
}

template <int64_t kMicros>
ColumnPtr timestampOf(const Call& call)
{
    return mapChecked<int64_t, int64_t>(call, [&](size_t row, int64_t number) -> std::optional<int64_t> {
        int64_t micros = 0;
        if (!__builtin_mul_overflow(number, kMicros, &micros)) return micros;
        return failed<false>(call, row, fmt::format("the timestamp is out of range: {}", number));
    });
}

ColumnPtr timestampOfSeconds(const Call& call)
{
    if (call.arguments[0]->type().is(TypeKind::BigInt)) return timestampOf<kMicrosPerSecond>(call);
    return mapChecked<int64_t, double>(call, [&](size_t row, double seconds) -> std::optional<int64_t> {
        if (!std::isfinite(seconds)) return std::nullopt;
        if (std::abs(seconds) < 9.2e12) return std::llround(seconds * 1e6);
        return failed<false>(call, row, fmt::format("the timestamp is out of range: {} seconds", seconds));
    });
}

Result<Signature> resolveSeconds(std::span<const ArgumentType> arguments)
{
    if (arguments.size() == 1 && !arguments[0].type.is(TypeKind::String)) {
        for (const TypeKind kind : {TypeKind::BigInt, TypeKind::Double}) {
            if (convertsImplicitly(arguments[0], kind)) return Signature{{kind}, TypeKind::Timestamp};
        }
    }
    return wrongArguments("timestamp_seconds", "(number)", arguments);
}

template <int64_t kMicros>
ColumnPtr numberOf(const Call& call)
{
    return mapRows<int64_t, int64_t>(call, [](int64_t micros) { return floorDiv(micros, kMicros); });
}

// The same 32 bits under another type.
ColumnPtr relabelled(const Call& call)
{
    return mapRows<int32_t, int32_t>(call, [](int32_t day) { return day; });
}

}

void addDateMaking(std::vector<Function>& all)
{
    const Type date = TypeKind::Date, timestamp = TypeKind::Timestamp, number = TypeKind::Int, whole = TypeKind::BigInt, text = TypeKind::String;
    const auto add = [&](std::string name, std::vector<std::string> aliases, std::string usage, std::string help, FunctionExample example, Resolve resolve, std::function<ColumnPtr(const Call&)> evaluate, bool canFail) {
        all.push_back({.name = std::move(name), .aliases = std::move(aliases), .family = "time", .usage = std::move(usage), .help = std::move(help), .example = std::move(example), .resolve = std::move(resolve), .evaluate = std::move(evaluate), .canFail = canFail});
    };
    const std::vector<Type> parts{number, number, number, number, number, TypeKind::Double, text};
    add("make_date", {}, "make_date(year, month, day)", "A date from its parts.", {"make_date(2013, 7, 15)", "\"2013-07-15\""}, takes("make_date", {number, number, number}, date), makeDate, true);
    add("make_timestamp", {"make_timestamp_ltz"}, "make_timestamp(year, month, day, hour, minute, second[, zone])", "A timestamp from its parts on the wall clock of a zone, without one of the session's.",
        {"make_timestamp(2014, 12, 28, 6, 30, 45.887)", "\"2014-12-28T06:30:45.887000Z\""}, takes("make_timestamp", parts, timestamp, 1), makeTimestamp<false>, true);
    add("try_make_timestamp", {"try_make_timestamp_ltz"}, "try_make_timestamp(year, month, day, hour, minute, second[, zone])", "As make_timestamp, but NULL when there is no such time.", {"try_make_timestamp(2024, 13, 22, 15, 30, 0)", "null"},
        takes("try_make_timestamp", parts, timestamp, 1), makeTimestamp<true>, false);
    add("timestamp_seconds", {}, "timestamp_seconds(seconds)", "The timestamp so many seconds after 1970-01-01 UTC.", {"timestamp_seconds(1230219000)", "\"2008-12-25T15:30:00.000000Z\""}, resolveSeconds, timestampOfSeconds, true);
    add("timestamp_millis", {}, "timestamp_millis(milliseconds)", "The timestamp so many milliseconds after 1970-01-01 UTC.", {"timestamp_millis(1230219000123)", "\"2008-12-25T15:30:00.123000Z\""}, takes("timestamp_millis", {whole}, timestamp), timestampOf<1000>, true);
    add("timestamp_micros", {}, "timestamp_micros(microseconds)", "The timestamp so many microseconds after 1970-01-01 UTC.", {"timestamp_micros(1230219000123123)", "\"2008-12-25T15:30:00.123123Z\""}, takes("timestamp_micros", {whole}, timestamp), timestampOf<1>, true);
    add("unix_seconds", {}, "unix_seconds(timestamp)", "Whole seconds since 1970-01-01 UTC.", {"unix_seconds('1970-01-01 00:00:01Z')", "1"}, takes("unix_seconds", {timestamp}, whole), numberOf<kMicrosPerSecond>, false);
    add("unix_millis", {}, "unix_millis(timestamp)", "Whole milliseconds since 1970-01-01 UTC.", {"unix_millis('1970-01-01 00:00:01Z')", "1000"}, takes("unix_millis", {timestamp}, whole), numberOf<1000>, false);
    add("unix_micros", {}, "unix_micros(timestamp)", "Microseconds since 1970-01-01 UTC.", {"unix_micros('1970-01-01 00:00:01Z')", "1000000"}, takes("unix_micros", {timestamp}, whole), numberOf<1>, false);
    add("unix_date", {}, "unix_date(date)", "Days since 1970-01-01.", {"unix_date('1970-01-02')", "1"}, takes("unix_date", {date}, number), relabelled, false);
    add("date_from_unix_date", {}, "date_from_unix_date(days)", "The date so many days after 1970-01-01.", {"date_from_unix_date(1)", "\"1970-01-02\""}, takes("date_from_unix_date", {number}, date), relabelled, false);
}

}
