// What the functions of expressions say of themselves, for the verbs that list and describe them.
#pragma once
#include "engine/pipeline/json.h"

#include <string>
#include <vector>

namespace streamwright {

// Functions of a row and aggregates, by name.
std::vector<std::string> functionNames();
Json functionsAsJson();
// Prints one, found by its name or an alias; false when there is none of this name.
bool describeFunction(const std::string& name, bool json);
// A line of names a family.
void listFunctions();

}
