// Durations as people write them: "1s", "500 ms", "10 seconds", "1.5m", "2h", "7d", "100us".
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <string>
#include <string_view>

namespace streamwright {

Result<Duration> parseDuration(std::string_view text);

// The shortest exact form: "1s", "500ms", "90s", "1h".
std::string printDuration(Duration duration);

// Sizes: "64MiB", "1GiB", "100 kB", "4096".
Result<int64_t> parseBytes(std::string_view text);
// The shortest exact form: "64MiB", "1500 bytes", "1 byte".
std::string printBytes(int64_t bytes);

}
