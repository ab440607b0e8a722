// The table of a PostgreSQL database that a sink writes, and the table beside it that tells what was written
// (streamwright_epochs). All calls work in the transaction that is open on the connection.
#pragma once
#include "engine/dataflow/sink.h"
#include "engine/nodes/sinks/shared/postgres_rows.h"
#include "engine/transport/postgres.h"

namespace streamwright {

class PostgresTable {
public:
    // `name`: TABLE or SCHEMA.TABLE. `keys`: columns of the schema that identify a row; none to append.
    PostgresTable(std::string name, SchemaPtr schema, std::vector<size_t> keys);

    const std::string& name() const { return name_; }
    // Where it is written by, as messages name it: "table counts of sales at db:5432".
    std::string described(const PostgresServer& server) const;

    // Makes the table if it is not there (true), and sees whether rows can be written: columns, keys and permissions,
    // the last two by writing no rows.
    Result<bool> prepare(PostgresConnection& connection);
    // After `prepare`.
    const PostgresRows& rows() const { return *rows_; }
    Result<void> write(PostgresConnection& connection, const Batch& rows) const;

    // The table of markers. After `prepare`.
    Result<void> makeMarkers(PostgresConnection& connection) const;
    // Of this checkpoint and node; locked against others until the transaction ends, which waits for those that have it.
    enum class Lock : unsigned char { None, ForUpdate };
    std::string markerQuery(const SinkContext& context, Lock lock) const;
    static std::optional<Published> readMarker(const std::vector<PostgresConnection::Row>& rows);
    std::string markerUpdate(const SinkContext& context, int64_t incarnation, Epoch epoch) const;

private:
    Result<std::optional<std::string>> find(PostgresConnection& connection);
    Result<std::vector<PostgresColumn>> readColumns(PostgresConnection& connection, const std::string& oid) const;
    Result<void> checkKeys(const std::string& table) const;
    Result<void> make(PostgresConnection& connection) const;
    Result<void> copy(PostgresConnection& connection, const std::string& into, const Batch& rows) const;
    std::string columnNames() const;
    std::string upsertStatement() const;

    std::string name_;
    std::string schemaName_;    // as written; empty: where the server looks first
    std::string tableName_;
    std::string quoted_;
    std::string markers_;
    SchemaPtr schema_;
    std::vector<size_t> keys_;
    std::optional<PostgresRows> rows_;
};

// A text as a literal of SQL.
std::string quoteSqlText(std::string_view text);

}
