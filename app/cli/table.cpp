#include "app/cli/table.h"

#include "engine/columns/print.h"

#include <fmt/chrono.h>

namespace streamwright {

std::string timeText(Timestamp time)
{
    const auto whole = static_cast<std::time_t>(time.millis() >= 0 ? time.millis() / 1000 : (time.millis() - 999) / 1000);
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}Z", fmt::gmtime(whole), time.millis() - int64_t{whole} * 1000);
}

std::string bytesText(int64_t bytes)
{
    constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto size = static_cast<double>(bytes);
    size_t unit = 0;
    for (; size >= 1024 && unit < 4; ++unit) size /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string nanosText(double nanos)
{
    constexpr const char* kUnits[] = {"ns", "µs", "ms", "s"};
    size_t unit = 0;
    for (; nanos >= 1000 && unit < 3; ++unit) nanos /= 1000;
    return fmt::format("{:.1f} {}", nanos, kUnits[unit]);
}

std::string jsonText(std::string_view text)
{
    std::string json;
    appendJsonString(text, json);
    return json;
}

// Rows of cells as columns of equal width; the first row is the head.
void printTable(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i) line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
        fmt::print("{}\n", line);
    }
}

}
