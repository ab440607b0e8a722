#include "engine/checkpoint/browsing.h"

#include "engine/columns/print.h"

namespace streamwright {

Result<StateInfo> infoOf(Connection& connection, const StateRow& state, Epoch epoch)
{
    StateInfo info;
    info.identity = state.identity;
    auto done = connection.eachRow(fmt::format("SELECT epoch, rows, bytes FROM sizes WHERE state = {} AND epoch <= {} ORDER BY epoch DESC LIMIT 1", state.id, epoch.value), [&](const Statement& at) {
        info.changed = {at.integer(0)};
        info.rows = at.integer(1);
        info.bytes = at.integer(2);
    });
    if (!done) return done.error();
    return info;
}

Result<std::map<std::pair<NodeId, std::string>, StateRow>> statesAt(Connection& connection, Epoch epoch)
{
    auto rows = readStates(connection);
    if (!rows) return rows.error();
    std::map<std::pair<NodeId, std::string>, StateRow> found;
    for (StateRow& row : *rows) {
        if (!row.existsAt(epoch)) continue;
        std::pair key{row.identity.node, row.identity.name};
        found[std::move(key)] = std::move(row);
    }
    return found;
}

Result<StateRow> stateAt(Connection& connection, const NodeId& node, const std::string& name, Epoch epoch)
{
    auto states = statesAt(connection, epoch);
    if (!states) return states.error();
    const auto found = states->find({node, name});
    if (found != states->end()) return std::move(found->second);
    std::string names;
    for (const auto& [key, row] : *states) names += (names.empty() ? "" : ", ") + key.first.name + "." + key.second;
    return mistake(fmt::format("node \"{}\" has no state \"{}\" at epoch {}", node.name, name, epoch.value), names.empty() ? "the checkpoint holds no state" : "states are: " + names);
}

Result<void> isRetained(Connection& connection, Epoch epoch)
{
    auto found = connection.integer(fmt::format("SELECT epoch FROM epochs WHERE epoch = {}", epoch.value));
    if (!found) return found.error();
    if (found->has_value()) return {};
    auto first = connection.integer("SELECT min(epoch) FROM epochs");
    auto last = connection.integer("SELECT max(epoch) FROM epochs");
    if (!first || !last || !first->has_value()) return mistake(fmt::format("the checkpoint holds no epoch yet, wanted is {}", epoch.value));
    return mistake(fmt::format("the checkpoint retains epochs {} to {}, wanted is {}", **first, **last, epoch.value));
}

Result<std::unique_ptr<EntryTable>> rebuild(Connection& connection, const StateRow& state, Epoch epoch)
{
    auto layout = parseLayout(state.identity);
    if (!layout) return layout.error();
    auto table = std::make_unique<EntryTable>(std::move(*layout));
    auto done = readStateRows(connection, state, epoch, [&](const Batch& batch) { return table->apply(std::make_shared<const Batch>(batch)); });
    if (!done) return done.error();
    return table;
}

// The named keys, or all that identify it.
std::vector<size_t> keyColumns(const StateIdentity& identity, const Schema& schema, size_t identityColumns)
{
    std::vector<size_t> columns;
    for (const std::string& name : identity.keys) {
        if (const auto at = schema.indexOf(name)) columns.push_back(*at);
    }
    for (size_t i = 0; columns.empty() && i < identityColumns; ++i) columns.push_back(i);
    return columns;
}

std::string rowKeyText(const Batch& batch, std::span<const size_t> columns, size_t row)
{
    std::string text;
    for (const size_t column : columns) {
        if (column != columns.front()) text += ", ";
        if (!appendText(*batch.column(column), row, "UTC", text)) text += "NULL";
    }
    return text;
}

std::vector<size_t> shownColumns(const Schema& schema, size_t identityColumns, std::span<const size_t> keys)
{
    std::vector<size_t> shown;
    for (size_t i = 0; i < schema.size(); ++i) {
        if (i >= identityColumns || std::ranges::find(keys, i) != keys.end()) shown.push_back(i);
    }
    return shown;
}

std::vector<size_t> columnsInBlock(std::vector<size_t> columns, size_t identity)
{
    for (size_t& column : columns) column += column >= identity ? 1 : 0;
    return columns;
}

}
