// What the parts of Browser share. Within a read transaction of the connection.
#pragma once
#include "engine/checkpoint/browse.h"
#include "engine/checkpoint/entry_table.h"

namespace streamwright {

Result<StateInfo> infoOf(Connection& connection, const StateRow& state, Epoch epoch);
// The states of an epoch; of several of one name (a state that was reset at it) the newest.
Result<std::map<std::pair<NodeId, std::string>, StateRow>> statesAt(Connection& connection, Epoch epoch);
// One of them, or a Mistake that names those that are there.
Result<StateRow> stateAt(Connection& connection, const NodeId& node, const std::string& name, Epoch epoch);
Result<void> isRetained(Connection& connection, Epoch epoch);
Result<std::unique_ptr<EntryTable>> rebuild(Connection& connection, const StateRow& state, Epoch epoch);

std::string rowKeyText(const Batch& batch, std::span<const size_t> columns, size_t row);
// Columns of an entry as they stand in a block: behind the identity one more column, `deleted`.
std::vector<size_t> columnsInBlock(std::vector<size_t> columns, size_t identity);

}
