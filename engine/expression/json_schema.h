// The schema that JSON rows have, for those who were given none.
#pragma once
#include "engine/columns/schema.h"

#include <span>

namespace streamwright {

// Every member that comes in a line, by name; a mistake names the line that is no JSON object.
Result<Schema> schemaOfJsonLines(std::span<const std::string> lines);

}
