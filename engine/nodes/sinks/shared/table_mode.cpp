#include "engine/nodes/sinks/shared/table_mode.h"

#include "engine/dataflow/named_columns.h"

#include <algorithm>

namespace streamwright {

std::vector<FieldError> checkTableMode(const TableMode& options)
{
    if (options.mode == "upsert" && options.keys.empty()) return {{"keys", "mode upsert needs the columns that identify a row", "write for example \"keys\": [\"word\"]"}};
    if (options.mode == "append" && !options.keys.empty()) return {{"keys", "keys belong to mode upsert, but mode is append", "set \"mode\": \"upsert\" or leave the keys out"}};
    return {};
}

Checked<std::vector<size_t>> keysOf(const TableMode& options, const Schema& schema) { return columnsNamed(options.keys, schema, "keys"); }

std::optional<Rejected> nullKey(const Batch& rows, std::span<const size_t> keys, size_t row)
{
    const auto null = std::ranges::find_if(keys, [&](size_t key) { return rows.column(key)->isNull(row); });
    if (null == keys.end()) return std::nullopt;
    return Rejected{"keys", "the key " + rows.schema()[*null].name + " is NULL, so there is no row to update", {}, std::nullopt};
}

}
