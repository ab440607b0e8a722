// Numbers as NUMERIC has them in PostgreSQL's binary format.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace streamwright {

// Appends the value with all the digits that it is printed with; the server rounds to the column's scale.
void appendPostgresNumeric(int64_t value, std::string& out);
void appendPostgresNumeric(double value, std::string& out);

// Whether it fits into NUMERIC(precision, scale), of the modifier as pg_attribute.atttypmod has it; -1 takes all.
bool fitsPostgresNumeric(int64_t value, int32_t modifier);
bool fitsPostgresNumeric(double value, int32_t modifier);

}
