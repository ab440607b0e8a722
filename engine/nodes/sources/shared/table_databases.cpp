#include "engine/columns/print.h"
#include "engine/formats/json.h"
#include "engine/nodes/sources/shared/table_reader.h"
#include "engine/storage/transaction.h"

#include <cmath>
#include <fmt/ranges.h>

// What a database gives is read as JSON, an object a row: one way of reading for all types, and of saying what does not fit.
namespace streamwright {

namespace {

namespace fs = std::filesystem;

// So many bytes of rows are turned into columns at once.
constexpr size_t kPieceBytes = 1 << 20;

std::string quotedTable(const std::string& name)
{
    const size_t dot = name.find('.');
    return dot == std::string::npos ? quoteSqlName(name) : quoteSqlName(name.substr(0, dot)) + "." + quoteSqlName(name.substr(dot + 1));
}

// Rows as they come, decoded when there are many.
class JsonRows {
public:
    JsonRows(const SchemaPtr& schema, Emitter& out) : decoder_(jsonDecoder(schema, {"UTC", Blank::Skipped})), out_(out) {}

    std::string& text() { return text_; }
    void endRow()
    {
        ends_.push_back(text_.size());
        if (text_.size() >= kPieceBytes) decode();
    }
    void decode()
    {
        auto buffer = Buffer::allocate(text_.size());
        if (!text_.empty()) std::memcpy(buffer->data(), text_.data(), text_.size());
        std::vector<StringRef> records;
        size_t from = 0;
        for (const size_t end : ends_) {
            records.emplace_back(buffer->data() + from, static_cast<uint32_t>(end - from));
            from = end;
        }
        decodeRecords(*decoder_, records, {buffer}, out_);
        text_.clear();
        ends_.clear();
    }

private:
    std::unique_ptr<RecordDecoder> decoder_;
    Emitter& out_;
    std::string text_;
    std::vector<size_t> ends_;
};

class SqliteTable final : public TableReader {
public:
    SqliteTable(fs::path file, TableOfDatabase what) : file_(std::move(file)), what_(std::move(what)) {}

    Result<void> read(Emitter& out) override
    {
        std::error_code ignored;
        if (!fs::exists(file_, ignored)) return transient(file_.string() + " is not there", "the run goes on as soon as it is");
        auto connection = Connection::open(file_, OpenMode::ReadOnly);
        if (!connection) return connection.error();
        auto statement = (*connection)->prepare(sql());
        if (!statement) return permanent(statement.error().message, "look at table, query and schema");
        JsonRows rows(what_.schema, out);
        for (;;) {
            auto row = statement->step();
            if (!row) return row.error();
            if (!*row) break;
            append(*statement, rows.text());
            rows.endRow();
        }
        rows.decode();
        return {};
    }
    std::string description() const override { return what_.query.empty() ? fmt::format("table {} in {}", what_.table, file_.string()) : "a query of " + file_.string(); }

private:
    // What SQLite does not know as a column it would take for a text.
    std::string sql() const
    {
        std::vector<std::string> columns;
        for (const Field& field : what_.schema->fields()) columns.push_back(fmt::format("t.{0}, typeof(t.{0})", quoteSqlName(field.name)));
        return fmt::format("SELECT {} FROM {} AS t", fmt::join(columns, ", "), what_.query.empty() ? quotedTable(what_.table) : "(" + what_.query + ")");
    }

    void append(const Statement& row, std::string& out) const
    {
        for (size_t c = 0; c < what_.schema->size(); ++c) {
            const Field& field = (*what_.schema)[c];
            const int column = static_cast<int>(2 * c);
            out += c == 0 ? '{' : ',';
            appendJsonString(field.name, out);
            out += ':';
            if (row.isNull(column)) out += "null";
            else appendValue(row, column, field.type, out);
        }
        out += '}';
    }

    // As sink.sqlite writes them: numbers, texts, and JSON for what has parts. How a value is kept stands behind it.
    static void appendValue(const Statement& row, int column, const Type& type, std::string& out)
    {
        const bool isInteger = row.text(column + 1) == "integer", isReal = row.text(column + 1) == "real";
        if (isInteger && type.is(TypeKind::Boolean) && (row.integer(column) | 1) == 1) {
            out += row.integer(column) == 1 ? "true" : "false";
        } else if (isInteger && isNumeric(type.kind())) {
            out += std::to_string(row.integer(column));
        } else if (isReal && isNumeric(type.kind()) && std::isfinite(row.real(column))) {
            appendJavaDouble(row.real(column), out);
        } else if (type.is(TypeKind::Binary)) {
            out += '"';
            for (const char c : row.blob(column)) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
            out += '"';
        } else if (type.is(TypeKind::Array) || type.is(TypeKind::Struct)) {
            out += row.text(column);
        } else {
            appendJsonString(row.text(column), out);
        }
    }

    fs::path file_;
    TableOfDatabase what_;
};

// A value of COPY's text format: the backslashes that JSON has are doubled.
void appendUnescaped(std::string_view line, std::string& out)
{
    for (size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\\' && at + 1 < line.size()) ++at;
        out += line[at];
    }
}

class PostgresTableReader final : public TableReader {
public:
    PostgresTableReader(PostgresServer server, TableOfDatabase what) : connection_(std::move(server)), what_(std::move(what)) {}

    Result<void> read(Emitter& out) override
    {
        auto done = readAll(out);
        connection_.close();
        return done;
    }
    void cancel() override { connection_.cancel(); }
    std::string description() const override
    {
        const std::string server = connection_.server().description();
        return what_.query.empty() ? fmt::format("table {} of {}", what_.table, server) : "a query of " + server;
    }

private:
    Result<void> readAll(Emitter& out)
    {
        if (auto connected = connection_.connect(); !connected) return connected;
        auto begun = connection_.script(fmt::format("BEGIN READ ONLY; SET LOCAL timezone = 'UTC'; SET LOCAL statement_timeout = {}", connection_.server().requestTimeout.micros / 1000));
        if (!begun) return begun.error();
        JsonRows rows(what_.schema, out);
        auto copied = connection_.copyOut(sql(), [&](std::string_view line) -> Result<void> {
            if (line.ends_with('\n')) line.remove_suffix(1);
            appendUnescaped(line, rows.text());
            rows.endRow();
            return {};
        });
        if (!copied) return copied;
        rows.decode();
        return {};
    }

    std::string sql() const
    {
        std::vector<std::string> columns;
        for (const Field& field : what_.schema->fields()) {
            const std::string name = quoteSqlName(field.name);
            columns.push_back(field.type.is(TypeKind::Binary) ? fmt::format("encode(t.{0}, 'hex') AS {0}", name) : "t." + name);
        }
        return fmt::format("COPY (SELECT row_to_json(r.*) FROM (SELECT {} FROM {} AS t) AS r) TO STDOUT", fmt::join(columns, ", "), what_.query.empty() ? quotedTable(what_.table) : "(" + what_.query + ")");
    }

    PostgresConnection connection_;
    TableOfDatabase what_;
};

}

std::unique_ptr<TableReader> sqliteTable(fs::path file, TableOfDatabase what) { return std::make_unique<SqliteTable>(std::move(file), std::move(what)); }
std::unique_ptr<TableReader> postgresTable(PostgresServer server, TableOfDatabase what) { return std::make_unique<PostgresTableReader>(std::move(server), std::move(what)); }

}
