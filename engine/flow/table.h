// What stands in a table of an SQLite file.
#pragma once
#include "engine/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace streamwright {

// Each row as a JSON array of its columns, sorted by this text.
Result<std::vector<std::string>> tableRows(const std::filesystem::path& file, const std::string& table);

}
