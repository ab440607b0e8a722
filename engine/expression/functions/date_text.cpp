// Dates and times from text and to text.
#include "engine/expression/date_pattern.h"
#include "engine/expression/functions/date_units.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/number_format.h"
#include "engine/expression/signature.h"

#include <limits>

namespace streamwright {

namespace {

// Patterns of one evaluation: most have one for all rows.
class Patterns {
public:
    const Result<DatePattern>& get(std::string_view pattern)
    {
        if (!compiled_ || text_ != pattern) {
            text_ = pattern;
            compiled_.emplace(DatePattern::compile(pattern));
        }
        return *compiled_;
    }

private:
    std::string text_;
    std::optional<Result<DatePattern>> compiled_;
};

constexpr std::string_view kSecondsPattern = "yyyy-MM-dd HH:mm:ss";

std::string quoted(std::string_view text) { return fmt::format("'{}{}'", text.substr(0, 60), text.size() > 60 ? "…" : ""); }

// Reads argument 0 by the pattern in argument 1, if there is one, else by `standard`, or as CAST does when
// that is empty. A pattern that is none is an error in every case, text that does not fit only unless forgiving.
class Reader {
public:
    Reader(const Call& call, bool forgiving, std::string_view standard = {}) : call_(call), zone_(Zone::findOrUtc(call.context.timeZone)), forgiving_(forgiving), standard_(standard) {}

    std::optional<int64_t> read(size_t row)
    {
        const std::string_view text = textAt(*call_.arguments[0], row);
        std::optional<int64_t> micros;
        std::string_view pattern = standard_;
        if (call_.arguments.size() > 1) pattern = textAt(*call_.arguments[1], row);
        if (call_.arguments.size() < 2 && standard_.empty()) {
            micros = parseTimestamp(text, zone_);
            if (!micros && !forgiving_) call_.errors.add(row, fmt::format("not a date or time: {}", quoted(text)));
            return micros;
        }
        const auto& compiled = patterns_.get(pattern);
        if (!compiled) {
            call_.errors.add(row, compiled.error().message);
            return std::nullopt;
        }
        micros = compiled->parse(text, zone_);
        if (!micros && !forgiving_) call_.errors.add(row, fmt::format("not a date or time of the pattern '{}': {}", pattern, quoted(text)));
        return micros;
    }
    const Zone& zone() const { return zone_; }

private:
    const Call& call_;
    Zone zone_;
    bool forgiving_;
    std::string_view standard_;
    Patterns patterns_;
};

template <class R, class F>
ColumnPtr readRows(const Call& call, bool forgiving, std::string_view standard, F convert)
{
    Reader reader(call, forgiving, standard);
    FixedBuilder<R> out;
    NullMarks nulls(call.rows);
    R* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        to[row] = 0;
        if (call.skip(row)) continue;
        if (const auto micros = reader.read(row)) to[row] = convert(*micros, reader.zone());
        else nulls.mark(row);
    }
    return columnFrom(call.result, out, nulls.buffer());
}

template <bool kForgiving>
ColumnPtr toTimestamp(const Call& call)
{
    if (!call.arguments[0]->type().is(TypeKind::String)) return call.arguments[0];
    return readRows<int64_t>(call, kForgiving, {}, [](int64_t micros, const Zone&) { return micros; });
}

// Without a pattern years may be far beyond what a timestamp holds.
template <bool kForgiving>
ColumnPtr castToDate(const Call& call)
{
    return mapChecked<int32_t, StringRef>(call, [&](size_t row, const StringRef&) {
        const std::string_view text = textAt(*call.arguments[0], row);
        const auto day = parseDate(text);
        if (!day && !kForgiving) call.errors.add(row, fmt::format("not a date: {}", quoted(text)));
        return day;
    });
}

template <bool kForgiving>
ColumnPtr toDate(const Call& call)
{
    if (!call.arguments[0]->type().is(TypeKind::String)) return call.arguments[0];
    if (call.arguments.size() < 2) return castToDate<kForgiving>(call);
    return readRows<int32_t>(call, kForgiving, {}, [](int64_t micros, const Zone& zone) { return static_cast<int32_t>(dayOf(zone.toLocalMicros(micros))); });
}

ColumnPtr unixTimestamp(const Call& call)
{
    const auto seconds = [](int64_t micros, const Zone&) { return floorDiv(micros, kMicrosPerSecond); };
    if (call.arguments.empty()) {
        FixedBuilder<int64_t> out;
        std::fill_n(out.extend(call.rows), call.rows, floorDiv(call.context.batchTime.micros, kMicrosPerSecond));
        return columnFrom(call.result, out);
    }
    if (call.arguments[0]->type().is(TypeKind::String)) return readRows<int64_t>(call, false, kSecondsPattern, seconds);
    return mapRows<int64_t, int64_t>(call, [](int64_t micros) { return floorDiv(micros, kMicrosPerSecond); });
}

// Text keeps its type, with a pattern or not; a date or timestamp becomes `other` and makes the pattern needless.
Resolve textOr(std::string name, TypeKind other, TypeKind result, size_t least)
{
    return [=](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const std::string expected = "(string or timestamp[, pattern])";
        if (arguments.size() < least || arguments.size() > 2) return wrongArguments(name, expected, arguments);
        Signature signature{{}, result};
        for (size_t i = 0; i < arguments.size(); ++i) {
            const bool keepsTime = i == 0 && (arguments[0].type.is(TypeKind::Date) || arguments[0].type.is(TypeKind::Timestamp));
            if (!keepsTime && !arguments[i].type.is(TypeKind::String) && !arguments[i].type.is(TypeKind::Void)) return wrongArguments(name, expected, arguments);
            signature.arguments.push_back(keepsTime ? other : TypeKind::String);
        }
        return signature;
    };
}

template <class F>
ColumnPtr writeRows(const Call& call, size_t patternAt, std::string_view standard, F microsOf)
{
    const Zone zone = Zone::findOrUtc(call.context.timeZone);
    Patterns patterns;
    std::string text;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const auto& compiled = patterns.get(patternAt < call.arguments.size() ? textAt(*call.arguments[patternAt], row) : standard);
        if (!compiled) return fail(call, row, out, compiled.error().message);
        const std::optional<int64_t> micros = microsOf(row);
        if (!micros) return fail(call, row, out, "the timestamp is out of range");
        text.clear();
        compiled->append(*micros, zone, text);
        out.pushText(text);
    });
}

ColumnPtr dateFormat(const Call& call)
{
    return writeRows(call, 1, {}, [&](size_t row) { return std::optional(call.arguments[0]->value<int64_t>(row)); });
}

ColumnPtr fromUnixTime(const Call& call)
{
    return writeRows(call, 1, kSecondsPattern, [&](size_t row) -> std::optional<int64_t> {
        int64_t micros = 0;
        if (__builtin_mul_overflow(call.arguments[0]->value<int64_t>(row), kMicrosPerSecond, &micros)) return std::nullopt;
        return micros;
    });
}

// Only text is read by the pattern; what writes text takes it in any case.
std::optional<Error> mistakeInDates(std::string_view pattern, std::span<const ArgumentType> arguments)
{
    if (arguments[0].type.is(TypeKind::Binary)) return std::nullopt;
    const auto compiled = DatePattern::compile(pattern);
    return compiled ? std::nullopt : std::optional(compiled.error());
}

std::optional<Error> mistakeInFormat(std::string_view format, std::span<const ArgumentType> arguments)
{
    if (!isNumeric(arguments[0].type.kind())) return mistakeInDates(format, arguments);
    const auto compiled = NumberFormat::compile(format);
    return compiled ? std::nullopt : std::optional(compiled.error());
}

Result<Signature> resolveToChar(std::span<const ArgumentType> arguments)
{
    if (arguments.size() == 2 && convertsImplicitly(arguments[1], TypeKind::String)) {
        const Type& type = arguments[0].type;
        if (type.is(TypeKind::Date) || type.is(TypeKind::Timestamp)) return Signature{{TypeKind::Timestamp, TypeKind::String}, TypeKind::String};
        if (type.is(TypeKind::Binary)) return Signature{{TypeKind::Binary, TypeKind::String}, TypeKind::String};
        if (isNumeric(type.kind())) return Signature{{isIntegral(type.kind()) ? TypeKind::BigInt : TypeKind::Double, TypeKind::String}, TypeKind::String};
    }
    return wrongArguments("to_char", "(number, date, timestamp or binary, string)", arguments);
}

ColumnPtr toChar(const Call& call)
{
    const Type& type = call.arguments[0]->type();
    return type.is(TypeKind::Binary) ? binaryToChar(call) : isNumeric(type.kind()) ? numberToChar(call) : dateFormat(call);
}

}

void addDateText(std::vector<Function>& all)
{
    const Type timestamp = TypeKind::Timestamp, text = TypeKind::String;
    const auto add = [&](std::string name, std::vector<std::string> aliases, std::string usage, std::string help, FunctionExample example, Resolve resolve, std::function<ColumnPtr(const Call&)> evaluate) {
        resolve = withPattern(std::move(resolve), 1, name == "to_char" ? mistakeInFormat : mistakeInDates);
        all.push_back({.name = std::move(name), .aliases = std::move(aliases), .family = "time", .usage = std::move(usage), .help = std::move(help), .example = std::move(example), .resolve = std::move(resolve), .evaluate = std::move(evaluate), .canFail = true});
    };
    add("to_date", {}, "to_date(text[, pattern])", "Text as a date; without a pattern as CAST reads it.", {"to_date('2016-12-31', 'yyyy-MM-dd')", "\"2016-12-31\""}, textOr("to_date", TypeKind::Date, TypeKind::Date, 1), toDate<false>);
    add("try_to_date", {}, "try_to_date(text[, pattern])", "As to_date, but NULL when the text is no date.", {"try_to_date('foo', 'yyyy-MM-dd')", "null"}, textOr("try_to_date", TypeKind::Date, TypeKind::Date, 1), toDate<true>);
    add("to_timestamp", {"to_timestamp_ltz"}, "to_timestamp(text[, pattern])", "Text as a timestamp; without a pattern as CAST reads it. Text without a zone is local to the session time zone.",
        {"to_timestamp('31/12/2016 00:12', 'dd/MM/yyyy HH:mm')", "\"2016-12-31T00:12:00.000000Z\""}, textOr("to_timestamp", TypeKind::Timestamp, TypeKind::Timestamp, 1), toTimestamp<false>);
    add("try_to_timestamp", {}, "try_to_timestamp(text[, pattern])", "As to_timestamp, but NULL when the text is no timestamp.", {"try_to_timestamp('foo')", "null"}, textOr("try_to_timestamp", TypeKind::Timestamp, TypeKind::Timestamp, 1), toTimestamp<true>);
    add("unix_timestamp", {}, "unix_timestamp([text or timestamp[, pattern]])", "Whole seconds since 1970-01-01 UTC; text is read by the pattern, else as yyyy-MM-dd HH:mm:ss. Without arguments the batch time.",
        {"unix_timestamp('2016-04-08', 'yyyy-MM-dd')", "1460073600"}, textOr("unix_timestamp", TypeKind::Timestamp, TypeKind::BigInt, 0), unixTimestamp);
    add("to_unix_timestamp", {}, "to_unix_timestamp(text or timestamp[, pattern])", "As unix_timestamp.", {"to_unix_timestamp('2016-04-08', 'yyyy-MM-dd')", "1460073600"}, textOr("to_unix_timestamp", TypeKind::Timestamp, TypeKind::BigInt, 1), unixTimestamp);
    add("from_unixtime", {}, "from_unixtime(seconds[, pattern])", "Seconds since 1970-01-01 UTC as text in the session time zone, yyyy-MM-dd HH:mm:ss without a pattern.", {"from_unixtime(0)", "\"1970-01-01 00:00:00\""},
        takes("from_unixtime", {TypeKind::BigInt, text}, text, 1), fromUnixTime);
    add("date_format", {}, "date_format(timestamp, pattern)", "A date or timestamp as text. Letters: y year, M month, d day, D day of the year, E day of the week, H hour, h hour of 12, a AM or PM, m minute, s second, S fraction, Q quarter, VV zone, XXX offset.",
        {"date_format('2016-04-08', 'dd MMM y')", "\"08 Apr 2016\""}, takes("date_format", {timestamp, text}, text), dateFormat);
    add("to_char", {"to_varchar"}, "to_char(value, format)", "A number by a format of 0 and 9 (digits), . (point), , (thousands), $, S (sign), MI (minus), PR (<negative>); a date or timestamp as date_format writes it; a binary as base64, hex or utf-8.", {"to_char(-12454.8, '$99,999.99S')", "\"$12,454.80-\""}, resolveToChar, toChar);
}

}
