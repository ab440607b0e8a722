// What `${name}` in a value stands for. UI thread only; reads no files.
#pragma once
#include "engine/pipeline/json_value.h"

#include <QString>
#include <filesystem>

namespace streamwright {

// The value with its parameters inserted, secrets as ***; empty where it has none, or none that is known.
QString resolvedText(const Json& value, const Json& parameters, const std::filesystem::path& folder);

}
