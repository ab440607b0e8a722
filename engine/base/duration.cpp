#include "engine/base/duration.h"

#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace streamwright {

namespace {

struct Unit {
    std::string_view name;
    int64_t factor;
};

constexpr Unit kTimeUnits[] = {
    {"us", 1}, {"µs", 1}, {"microsecond", 1}, {"microseconds", 1},
    {"ms", 1000}, {"millisecond", 1000}, {"milliseconds", 1000},
    {"s", 1'000'000}, {"sec", 1'000'000}, {"second", 1'000'000}, {"seconds", 1'000'000},
    {"m", 60'000'000}, {"min", 60'000'000}, {"minute", 60'000'000}, {"minutes", 60'000'000},
    {"h", 3'600'000'000}, {"hour", 3'600'000'000}, {"hours", 3'600'000'000},
    {"d", 86'400'000'000}, {"day", 86'400'000'000}, {"days", 86'400'000'000},
};

constexpr Unit kByteUnits[] = {
    {"", 1}, {"b", 1}, {"kb", 1000}, {"mb", 1000'000}, {"gb", 1000'000'000}, {"tb", 1000'000'000'000},
    {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30},
    {"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", int64_t{1} << 40},
};

struct Quantity {
    double number;
    std::string unit;  // lower case
};

std::optional<Quantity> split(std::string_view text)
{
    std::string copy(text);
    char* end = nullptr;
    const double number = std::strtod(copy.c_str(), &end);
    if (end == copy.c_str() || !std::isfinite(number)) return std::nullopt;
    while (*end == ' ') ++end;
    std::string unit(end);
    while (!unit.empty() && unit.back() == ' ') unit.pop_back();
    for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return Quantity{number, unit};
}

template <size_t N>
std::optional<int64_t> scale(std::string_view text, const Unit (&units)[N])
{
    const auto quantity = split(text);
    if (!quantity) return std::nullopt;
    for (const Unit& unit : units) {
        if (unit.name != quantity->unit) continue;
        const double value = quantity->number * static_cast<double>(unit.factor);
        if (value < 0 || value > 9.2e18) return std::nullopt;
        return static_cast<int64_t>(std::llround(value));
    }
    return std::nullopt;
}

}

Result<Duration> parseDuration(std::string_view text)
{
    if (const auto micros = scale(text, kTimeUnits)) return Duration{*micros};
    return mistake("a duration is a number with a unit, but got \"" + std::string(text) + "\"", "write for example 500ms, 1s, 10s, 5m, 1h or 7d");
}

std::string printDuration(Duration duration)
{
    constexpr Unit kShort[] = {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1000}, {"us", 1}};
    for (const Unit& unit : kShort) {
        if (duration.micros != 0 && duration.micros % unit.factor == 0) return std::to_string(duration.micros / unit.factor) + std::string(unit.name);
    }
    return "0s";
}

Result<int64_t> parseBytes(std::string_view text)
{
    if (const auto bytes = scale(text, kByteUnits)) return *bytes;
    return mistake("a size is a number of bytes with a unit, but got \"" + std::string(text) + "\"", "write for example 64MiB or 1GiB");
}

std::string printBytes(int64_t bytes)
{
    constexpr Unit kShort[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}};
    for (const Unit& unit : kShort) {
        if (bytes != 0 && bytes % unit.factor == 0) return std::to_string(bytes / unit.factor) + std::string(unit.name);
    }
    return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

}
