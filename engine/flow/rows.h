// Rows as a flow writes them, made typed by a schema, and the comparison of what was expected with what came.
#pragma once
#include "engine/base/diagnostic.h"
#include "engine/columns/batch.h"
#include "engine/pipeline/json_value.h"

namespace streamwright {

// A row is an object, an array with a value for every column, or the bare value of a single column.
// What does not fit the schema is told with its line.
struct TypedRows {
    BatchPtr batch;             // null when something is wrong
    Diagnostics diagnostics;
};
TypedRows typedRows(const Json& rows, const SchemaPtr& schema, const std::string& timeZone);

struct ExpectedRow {
    std::string text;           // as JSON
    std::optional<Json> part;   // only these members count
    int line = 0;
};

// The rows as they would be recorded. `parts`: objects name only the columns that count.
enum class Naming : unsigned char { WholeRows, Parts };
struct ExpectedRows {
    std::vector<ExpectedRow> rows;
    Diagnostics diagnostics;
};
ExpectedRows expectedRows(const Json& rows, const SchemaPtr& schema, const std::string& timeZone, Naming naming);

enum class RowOrder : unsigned char { Kept, Any };
struct Difference {
    int line = 0;               // of the first row that differs; 0 when only too many came
    std::string text;           // both sides, line by line
};
// Nothing when they are equal.
std::optional<Difference> compareRows(const std::vector<ExpectedRow>& expected, const std::vector<std::string>& actual, RowOrder order);

// Both sides beside each other, as far as needed around the first difference.
std::string sideBySide(const std::vector<std::string>& expected, const std::vector<std::string>& actual);

}
