// What the verbs print: tables of text, times, sizes, JSON strings.
#pragma once
#include "engine/base/ids.h"

#include <string_view>
#include <vector>

namespace streamwright {

std::string timeText(Timestamp time);                           // "2024-01-31 10:00:00.500Z"
std::string bytesText(int64_t bytes);                           // "4.1 MiB"
std::string nanosText(double nanos);                            // "41.0 ms"
std::string jsonText(std::string_view text);                    // quoted
// Rows of cells as columns of equal width; the first row is the head.
void printTable(const std::vector<std::vector<std::string>>& rows);

}
