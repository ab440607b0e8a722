// What the verbs share: how they tell an error, and arguments of the form NAME=VALUE.
#pragma once
#include "engine/base/result.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace streamwright {

// Prints the error to standard error; returns the exit code that belongs to it.
int complain(const Error& error);

// At the first `=`; none if there is no name before it.
std::optional<std::pair<std::string, std::string>> splitAtEquals(const std::string& text);

// The values of --set by the parameter's name.
Result<std::map<std::string, std::string>> parametersOf(const std::vector<std::string>& set);

}
