#include "engine/nodes/state/shared/initial_state.h"

#include "engine/dataflow/key_exchange.h"
#include "engine/dataflow/entry_groups.h"
#include "engine/formats/json.h"
#include "engine/pipeline/json.h"

#include <fmt/format.h>

namespace streamwright {

Checked<BatchPtr> readInitialState(const Json& rows, const std::vector<Field>& keys, const Type& state, const std::string& timeZone)
{
    if (!rows.isArray() || rows.items().empty()) return BatchPtr();
    std::vector<Field> fields = keys;
    fields.push_back({"state", state});
    const auto schema = std::make_shared<const Schema>(fields);
    for (size_t i = 0; i < rows.items().size(); ++i) {
        for (const auto& [name, value] : rows.items()[i].members()) {
            if (!schema->indexOf(name)) return FieldError{"initial", fmt::format("row {} of initial has {}, but the columns are {}", i + 1, quoteJson(name), schema->toDdl()), "give the keys and `state`"};
        }
    }
    auto decoded = decodeJsonArray(printJsonLine(rows), schema, {.timeZone = timeZone});
    if (!decoded) return inField("initial", decoded.error());
    if (!decoded->bad.empty()) {
        const BadRecord& bad = decoded->bad.front();
        return FieldError{"initial", fmt::format("row {} of initial does not fit {}: {}", bad.record + 1, schema->toDdl(), bad.reason), {}};
    }
    return decoded->batch;
}

void addInitialState(KeyedTable& table, const Batch& rows, Timestamp time)
{
    const size_t keyCount = table.shape().keys.size();
    const RowKeys keys = rowKeys(std::span(rows.columns()).first(keyCount), rows.rows());
    for (uint32_t row = 0; row < rows.rows(); ++row) {
        const uint32_t partition = partitionOf(keys.hashes[row]);
        KeyedTable::Entry entry = 0;
        table.findOrInsert(partition, {&keys.keys[row], 1}, {&keys.hashes[row], 1}, {&entry, 1});
        table.set(partition, {&entry, 1}, 0, *rows.column(keyCount)->slice(row, 1));
        if (table.shape().touched) table.touch(partition, {&entry, 1}, time);
    }
}

}
