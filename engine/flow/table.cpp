#include "engine/flow/table.h"

#include "engine/pipeline/json.h"
#include "engine/storage/connection.h"

#include <algorithm>

namespace streamwright {

namespace {

Result<std::vector<std::string>> firstColumn(Connection& connection, const std::string& sql)
{
    auto statement = connection.prepare(sql);
    if (!statement) return statement.error();
    std::vector<std::string> texts;
    for (;;) {
        const auto row = statement->step();
        if (!row) return row.error();
        if (!*row) return texts;
        texts.emplace_back(statement->text(0));
    }
}

}

Result<std::vector<std::string>> tableRows(const std::filesystem::path& file, const std::string& table)
{
    auto connection = Connection::open(file, OpenMode::ReadOnly);
    if (!connection) return connection.error();
    const auto columns = firstColumn(**connection, "SELECT name FROM pragma_table_info(" + quoteSqlName(table) + ")");
    if (!columns) return columns.error();
    std::string list;
    for (const std::string& column : *columns) list += (list.empty() ? "" : ", ") + quoteSqlName(column);
    auto rows = firstColumn(**connection, "SELECT json_array(" + list + ") FROM " + quoteSqlName(table));
    if (!rows) return rows.error();
    for (std::string& row : *rows) {
        if (const auto read = readJson(row); const Json* json = std::get_if<Json>(&read)) row = printJsonLine(*json);
    }
    std::ranges::sort(*rows);
    return rows;
}

}
