// Civil dates, time zones and their text, by the rules of Spark's CAST (proleptic Gregorian calendar).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace date { class time_zone; }

namespace streamwright {

struct CivilDate {
    int64_t year = 1970;
    int month = 1;
    int day = 1;
};

// Days since 1970-01-01.
int64_t daysFromCivil(int64_t year, int month, int day);
CivilDate civilFromDays(int64_t days);
bool isLeapYear(int64_t year);
int daysInMonth(int64_t year, int month);
bool isValidDate(int64_t year, int month, int day);

// Division that rounds towards minus infinity, and its remainder in [0, b); b > 0.
constexpr int64_t floorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
constexpr int64_t floorMod(int64_t a, int64_t b) { return a % b + (a % b < 0 ? b : 0); }

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
inline constexpr int64_t kSecondsPerDay = 86'400;

// A time zone: a fixed offset, or a region of the system's zone database. Cheap to copy. It remembers the
// last offset it looked up, so one object belongs to one thread.
class Zone {
public:
    Zone() = default;                               // UTC
    // As Java's ZoneId.of with Spark's additions: Z, UTC, GMT+1, +01:00, +1, Europe/Brussels, PST; empty if unknown.
    static std::optional<Zone> find(std::string_view name);
    // As find; UTC when the name is unknown (settings are checked before a run).
    static Zone findOrUtc(std::string_view name) { return find(name).value_or(Zone()); }

    bool isUtc() const { return !region_ && offset_ == 0; }
    bool isRegion() const { return region_ != nullptr; }
    const std::string& name() const { return name_; }   // as Java prints the ZoneId: "UTC", "+01:00", "Europe/Brussels"
    // "CET", "CEST", "UTC": the short name at an instant.
    std::string abbreviation(int64_t epochSeconds) const;
    // Seconds to add to UTC at an instant.
    int64_t offsetAt(int64_t epochSeconds) const;
    bool isDaylightSaving(int64_t epochSeconds) const;
    // Local wall time from an instant, and back. A local time in a gap moves forward by the gap; one that
    // exists twice is the earlier one (as java.time).
    int64_t toLocalMicros(int64_t micros) const { return isUtc() ? micros : micros + offsetAt(floorDiv(micros, kMicrosPerSecond)) * kMicrosPerSecond; }
    int64_t fromLocalMicros(int64_t localMicros) const;

private:
    const date::time_zone* region_ = nullptr;
    int64_t offset_ = 0;
    std::string name_ = "UTC";
    mutable int64_t cachedFrom_ = 1;                // cachedOffset_ holds in [cachedFrom_, cachedTo_)
    mutable int64_t cachedTo_ = 0;
    mutable int64_t cachedOffset_ = 0;
};

// Spark's CAST(text AS DATE): `2024`, `2024-1`, `2024-1-1`, and anything after a `T` or a space; surrounding
// white space is trimmed. Empty when the text is no date.
std::optional<int32_t> parseDate(std::string_view text);
// Spark's CAST(text AS TIMESTAMP): the date forms, then `T` or a space and `h`, `h:m`, `h:m:s`, a fraction
// (digits beyond six are dropped) and a zone: Z, UTC, UTC+3, +01:00, -0130, Europe/Brussels. Text without a
// zone is local to `zone`. A time without a date is refused: it would mean "today".
std::optional<int64_t> parseTimestamp(std::string_view text, const Zone& zone);
std::optional<int64_t> parseTimestamp(std::string_view text, std::string_view zone);

// `2024-01-31`; years beyond 9999 carry a `+`.
void appendDate(int64_t days, std::string& out);
// `2024-01-31 10:00:00.5`, local to the zone; trailing zeros of the fraction are left out.
void appendTimestamp(int64_t micros, const Zone& zone, std::string& out);
void appendTimestamp(int64_t micros, std::string_view zone, std::string& out);
// `2024-01-31T10:00:00.500000Z`.
void appendIsoTimestamp(int64_t micros, std::string& out);
// `value` with at least `width` digits.
void appendPadded(int64_t value, int width, std::string& out);

}
