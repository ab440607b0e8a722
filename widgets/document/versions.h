// The last versions of a saved pipeline, in the user's state folder. Any thread.
#pragma once
#include "engine/base/result.h"

#include <filesystem>
#include <vector>

namespace streamwright {

inline constexpr size_t kKeptVersions = 5;

// Newest first. Names begin with the time of saving.
std::vector<std::filesystem::path> versionsOf(const std::filesystem::path& file);
// Keeps `text`, which is about to be replaced in `file`; older ones than the last five go.
Result<void> keepVersion(const std::filesystem::path& file, std::string_view text);

}
