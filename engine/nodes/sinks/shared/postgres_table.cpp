#include "engine/nodes/sinks/shared/postgres_table.h"

#include "engine/storage/connection.h"

#include <charconv>
#include <fmt/ranges.h>

namespace streamwright {

namespace {

// What goes to the server at once.
constexpr size_t kPieceBytes = 256 << 10;
constexpr size_t kPieceRows = 512;

// The rows of an upsert arrive here first. Of this session alone, and empty when the transaction ends.
constexpr std::string_view kArrivals = "pg_temp.streamwright_arrivals";

// Whoever makes a table holds this lock (of the transaction), so that two who start at once do not both make it.
constexpr std::string_view kMakingLock = "SELECT pg_advisory_xact_lock(7378697629483820646)";

int64_t integer(const std::optional<std::string>& text)
{
    int64_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

bool isTrue(const std::optional<std::string>& text) { return text == "t"; }

}

std::string quoteSqlText(std::string_view text)
{
    std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    return quoted + "'";
}

PostgresTable::PostgresTable(std::string name, SchemaPtr schema, std::vector<size_t> keys) : name_(std::move(name)), schema_(std::move(schema)), keys_(std::move(keys))
{
    const size_t dot = name_.find('.');
    if (dot != std::string::npos) schemaName_ = name_.substr(0, dot);
    tableName_ = dot == std::string::npos ? name_ : name_.substr(dot + 1);
    quoted_ = (schemaName_.empty() ? std::string() : quoteSqlName(schemaName_) + ".") + quoteSqlName(tableName_);
}

std::string PostgresTable::described(const PostgresServer& server) const { return fmt::format("table {} of {}", name_, server.description()); }

// The table's number, if it is there; learns in which schema it is.
Result<std::optional<std::string>> PostgresTable::find(PostgresConnection& connection)
{
    auto found = connection.query("SELECT c.oid, c.relkind, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)", {quoted_});
    if (!found) return found.error();
    if (found->empty()) return std::optional<std::string>();
    const auto& row = found->front();
    const char kind = row[1]->front();
    if (kind != 'r' && kind != 'p' && kind != 'f') return permanent(fmt::format("{} is no table", described(connection.server())), "choose another table");
    markers_ = quoteSqlName(*row[2]) + ".streamwright_epochs";
    quoted_ = quoteSqlName(*row[2]) + "." + quoteSqlName(tableName_);
    return row[0];
}

Result<void> PostgresTable::make(PostgresConnection& connection) const
{
    std::vector<std::string> columns, keys;
    for (const Field& field : schema_->fields()) columns.push_back(fmt::format("{} {}", quoteSqlName(field.name), postgresType(field.type)));
    for (const size_t key : keys_) keys.push_back(quoteSqlName((*schema_)[key].name));
    if (!keys.empty()) columns.push_back(fmt::format("PRIMARY KEY ({})", fmt::join(keys, ", ")));
    auto made = connection.script(fmt::format("CREATE TABLE {} ({})", quoted_, fmt::join(columns, ", ")));
    if (!made) return made.error();
    return {};
}

Result<std::vector<PostgresColumn>> PostgresTable::readColumns(PostgresConnection& connection, const std::string& oid) const
{
    auto rows = connection.query(
        "SELECT a.attname, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END,"
        " a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL, a.attgenerated <> '' OR a.attidentity = 'a',"
        " NOT coalesce(l.collisdeterministic, true), format_type(a.atttypid, a.atttypmod)"
        " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation"
        " WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        {oid});
    if (!rows) return rows.error();
    std::vector<PostgresColumn> columns;
    for (const auto& row : *rows) {
        PostgresColumn& column = columns.emplace_back();
        column.name = *row[0];
        column.type = static_cast<uint32_t>(integer(row[1]));
        column.modifier = static_cast<int32_t>(integer(row[2]));
        column.notNull = isTrue(row[3]);
        column.required = column.notNull && !isTrue(row[4]);
        column.generated = isTrue(row[5]);
        column.loose = isTrue(row[6]);
        column.typeName = *row[7];
    }
    return columns;
}

// The last row of a key is found before the server sees the rows: what it holds for equal must be what is equal here.
Result<void> PostgresTable::checkKeys(const std::string& table) const
{
    for (const size_t key : keys_) {
        const PostgresColumn& column = rows_->columns()[key];
        const bool loose = column.loose || column.typeName == "citext" || column.typeName.starts_with("character(") || column.typeName == "bpchar";
        if (loose) return permanent(fmt::format("the key {} of {} is {}, which holds different texts for equal", column.name, table, column.typeName), "make it text, or choose another key");
    }
    return {};
}

Result<bool> PostgresTable::prepare(PostgresConnection& connection)
{
    if (const std::string encoding = connection.parameter("server_encoding"); encoding != "UTF8" && encoding != "SQL_ASCII") {
        return permanent(fmt::format("the database {} has the encoding {}, which cannot hold all texts", connection.server().description(), encoding), "write into a database with the encoding UTF8");
    }
    auto oid = find(connection);
    if (!oid) return oid.error();
    const bool making = !*oid;
    if (making) {
        if (auto alone = connection.script(std::string(kMakingLock)); !alone) return alone.error();
        oid = find(connection);
        if (oid && !*oid) {
            if (auto made = make(connection); !made) return made.error();
            oid = find(connection);
        }
        if (!oid) return oid.error();
        if (!*oid) return permanent(described(connection.server()) + " was made and cannot be found", "put its schema into the role's search_path, or write SCHEMA.TABLE");
    }
    auto columns = readColumns(connection, **oid);
    if (!columns) return columns.error();
    const std::string table = described(connection.server());
    auto rows = PostgresRows::fit(*schema_, std::move(*columns), table);
    if (!rows) return rows.error();
    rows_ = std::move(*rows);
    if (auto keys = checkKeys(table); !keys) return keys.error();
    if (auto tried = write(connection, *emptyBatch(schema_)); !tried) return tried.error();
    return making;
}

std::string PostgresTable::columnNames() const
{
    std::vector<std::string> names;
    for (const PostgresColumn& column : rows_->columns()) names.push_back(quoteSqlName(column.name));
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string PostgresTable::upsertStatement() const
{
    std::vector<std::string> keys, updates;
    for (const size_t key : keys_) keys.push_back(quoteSqlName(rows_->columns()[key].name));
    for (size_t c = 0; c < rows_->columns().size(); ++c) {
        if (std::ranges::find(keys_, c) == keys_.end()) updates.push_back(fmt::format("{0} = excluded.{0}", quoteSqlName(rows_->columns()[c].name)));
    }
    return fmt::format("INSERT INTO {0} ({1}) SELECT {1} FROM {2} ON CONFLICT ({3}) DO {4}", quoted_, columnNames(), kArrivals, fmt::join(keys, ", "), updates.empty() ? "NOTHING" : fmt::format("UPDATE SET {}", fmt::join(updates, ", ")));
}

Result<void> PostgresTable::copy(PostgresConnection& connection, const std::string& into, const Batch& rows) const
{
    if (auto begun = connection.beginCopyIn(fmt::format("COPY {} FROM STDIN (FORMAT binary)", into)); !begun) return begun;
    std::string piece(PostgresRows::header());
    for (size_t row = 0; row < rows.rows(); row += kPieceRows) {
        rows_->append(rows, row, std::min(row + kPieceRows, rows.rows()), piece);
        if (piece.size() < kPieceBytes) continue;
        if (auto sent = connection.copyIn(piece); !sent) return sent;
        piece.clear();
    }
    piece += PostgresRows::trailer();
    if (auto sent = connection.copyIn(piece); !sent) return sent;
    auto copied = connection.endCopyIn();
    if (!copied) return copied.error();
    return {};
}

Result<void> PostgresTable::write(PostgresConnection& connection, const Batch& rows) const
{
    if (keys_.empty()) return copy(connection, fmt::format("{} ({})", quoted_, columnNames()), rows);
    auto made = connection.script(fmt::format("DROP TABLE IF EXISTS {0}; CREATE TEMPORARY TABLE streamwright_arrivals ON COMMIT DROP AS SELECT {1} FROM {2} WITH NO DATA", kArrivals, columnNames(), quoted_));
    if (!made) return made.error();
    if (auto copied = copy(connection, std::string(kArrivals), rows); !copied) return copied;
    auto merged = connection.script(upsertStatement());
    if (!merged) return merged.error();
    return {};
}

// Making it needs a permission that looking at it does not.
Result<void> PostgresTable::makeMarkers(PostgresConnection& connection) const
{
    const auto there = [&]() -> Result<bool> {
        auto found = connection.query("SELECT to_regclass($1)", {markers_});
        if (!found) return found.error();
        return found->front()[0].has_value();
    };
    auto known = there();
    if (!known) return known.error();
    if (*known) return {};
    if (auto alone = connection.script(std::string(kMakingLock)); !alone) return alone.error();
    known = there();
    if (!known) return known.error();
    if (*known) return {};
    auto made = connection.script(fmt::format("CREATE TABLE {} (checkpoint uuid NOT NULL, node text NOT NULL, incarnation bigint NOT NULL, epoch bigint NOT NULL,"
                                              " owner text NOT NULL, at timestamp with time zone NOT NULL, PRIMARY KEY (checkpoint, node))", markers_));
    if (!made) return made.error();
    return {};
}

std::string PostgresTable::markerQuery(const SinkContext& context, Lock lock) const
{
    return fmt::format("SELECT incarnation, epoch, owner FROM {} WHERE checkpoint = {} AND node = {}{}", markers_, quoteSqlText(context.checkpointId), quoteSqlText(context.node.name), lock == Lock::ForUpdate ? " FOR UPDATE" : "");
}

std::optional<Published> PostgresTable::readMarker(const std::vector<PostgresConnection::Row>& rows)
{
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front();
    return Published{integer(row[0]), Epoch{integer(row[1])}, row[2].value_or("")};
}

std::string PostgresTable::markerUpdate(const SinkContext& context, int64_t incarnation, Epoch epoch) const
{
    return fmt::format("INSERT INTO {} VALUES ({}, {}, {}, {}, {}, clock_timestamp()) ON CONFLICT (checkpoint, node) DO UPDATE"
                       " SET incarnation = excluded.incarnation, epoch = excluded.epoch, owner = excluded.owner, at = excluded.at",
                       markers_, quoteSqlText(context.checkpointId), quoteSqlText(context.node.name), incarnation, epoch.value, quoteSqlText(context.owner));
}

}
