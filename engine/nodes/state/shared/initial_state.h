// The option `initial` of stateful nodes: rows with the key columns and `state`, put into an untouched table.
#pragma once
#include "engine/dataflow/keyed_table.h"
#include "engine/dataflow/node_type.h"

namespace streamwright {

// The rows, typed; null when there are none.
Checked<BatchPtr> readInitialState(const Json& rows, const std::vector<Field>& keys, const Type& state, const std::string& timeZone);

// Adds the rows in order, touched at `time`; the last row of a key counts.
void addInitialState(KeyedTable& table, const Batch& rows, Timestamp time);

}
