// Reads a table as a whole, from where it is kept.
#pragma once
#include "engine/base/result.h"
#include "engine/nodes/postgres_options.h"
#include "engine/nodes/record_options.h"

namespace streamwright {

class TableReader {
public:
    virtual ~TableReader() = default;
    // All rows as they are now, in order; those that do not fit are rejected.
    virtual Result<void> read(Emitter& out) = 0;
    // Ends what waits. Any thread.
    virtual void cancel() {}
    virtual std::string description() const = 0;
};

// A file of CSV records or of JSON: an object a line, or one array of them.
std::unique_ptr<TableReader> csvTable(std::filesystem::path file, SchemaPtr schema, CsvFormat format, bool header);
std::unique_ptr<TableReader> jsonTable(std::filesystem::path file, SchemaPtr schema, JsonFormat format);

// The columns of `schema` of a table (SCHEMA.TABLE where there are schemas), or of what a query gives.
struct TableOfDatabase {
    std::string table;
    std::string query;
    SchemaPtr schema;
};
std::unique_ptr<TableReader> sqliteTable(std::filesystem::path file, TableOfDatabase what);
std::unique_ptr<TableReader> postgresTable(PostgresServer server, TableOfDatabase what);

}
