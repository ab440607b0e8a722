// Changes of a pipeline's parameters. Values only.
#pragma once
#include "engine/pipeline/edits.h"

namespace streamwright {

// Of a parameter as it is declared: a bare value, or an object with the member "value". None: it has no value.
std::optional<Json> parameterValue(const Json& declared);
// The declaration with another value, its type, help and the rest as they were.
Json withValue(const Json& declared, const std::optional<Json>& value);
// Keeps the parameter's place, and every `${from}` in options and settings follows. None: the name is taken, or
// could not be written as `${name}`.
std::optional<Edit> renameParameter(const Document& document, const std::string& from, const std::string& to);

}
