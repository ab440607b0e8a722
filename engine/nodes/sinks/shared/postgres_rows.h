// Rows as PostgreSQL's binary COPY takes them, for the columns that a table has: which of them can take a column of ours at
// all is known before the run, which rows do not fit before they are staged, so that a COPY does not fail over a value.
#pragma once
#include "engine/base/result.h"
#include "engine/columns/batch.h"

namespace streamwright {

// A column of the table, as the catalog of the server has it.
struct PostgresColumn {
    std::string name;
    uint32_t type = 0;              // of a domain, the type below it
    int32_t modifier = -1;          // as pg_attribute.atttypmod: the length of varchar(n), precision and scale
    bool required = false;          // NOT NULL, and without a value of its own
    bool notNull = false;
    bool generated = false;         // it takes no values
    bool loose = false;             // its collation holds different texts for equal
    std::string typeName;           // "character varying(10)"
};

// The type of the column that is made for one of ours: "bigint".
std::string_view postgresType(const Type& type);

class PostgresRows {
public:
    // Finds the column of each field: by its exact name, else by its name in any case. `table` for messages. Permanent,
    // with what to do, when a field has none or one that cannot hold all its values or refuses those that do not fit.
    static Result<PostgresRows> fit(const Schema& schema, std::vector<PostgresColumn> columns, const std::string& table);

    // By field.
    const std::vector<PostgresColumn>& columns() const { return columns_; }

    // Why a row cannot be stored, and the field; none if it can.
    struct Misfit {
        size_t field;
        std::string reason;
    };
    std::optional<Misfit> misfit(const Batch& rows, size_t row) const;

    static std::string_view header();       // before the first row
    static std::string_view trailer();      // behind the last
    // Rows [from, until); `out` grows.
    void append(const Batch& rows, size_t from, size_t until, std::string& out) const;

private:
    enum class Form : unsigned char { Null, Boolean, Small, Integer, Big, Numeric, Float, Double, Text, Uuid, Bytes, Date, Time, Json, JsonBinary };
    static std::optional<Form> formOf(const Type& type, const PostgresColumn& column);
    std::optional<std::string> valueMisfit(const Column& column, size_t row, size_t field) const;
    void appendValue(const Column& column, size_t row, Form form, std::string& out) const;

    std::vector<PostgresColumn> columns_;
    std::vector<Form> forms_;
};

}
