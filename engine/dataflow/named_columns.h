// Columns named in options: found, or told with what is near.
#pragma once
#include "engine/dataflow/node_type.h"

namespace streamwright {

// Index of the column, or `amonut is not a column of the input (did you mean "amount"?)` for `field`.
Checked<size_t> columnNamed(const std::string& name, const Schema& input, std::string_view field);
// Of several; a name that stands twice is a mistake.
Checked<std::vector<size_t>> columnsNamed(const std::vector<std::string>& names, const Schema& input, std::string_view field);

}
