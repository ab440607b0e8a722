// Values of columns as SQLite keeps them: numbers and BOOLEAN as numbers, BINARY as a blob, DATE and TIMESTAMP as text in
// UTC, ARRAY and STRUCT as JSON.
#pragma once
#include "engine/columns/column.h"
#include "engine/storage/statement.h"

namespace streamwright {

std::string_view sqlType(const Type& type);     // "INTEGER"
// `held` keeps the text that is made for the value: it must live until the statement is reset.
void bindValue(Statement& statement, int place, const Column& column, size_t row, std::string& held);

}
