// Values as text: Spark's CAST to STRING, Spark's print frame, and JSON rows.
#pragma once
#include "engine/columns/batch.h"

#include <string>

namespace streamwright {

// As Spark's CAST(value AS STRING): `1.0E10`, `2024-01-31 10:00:00.5`, `[1, 2]`, `{1, a}`; NULL inside
// ARRAY and STRUCT is `null`. At the top level a NULL appends nothing and gives false.
bool appendText(const Column& column, size_t row, std::string_view timeZone, std::string& out);

// As Java prints a double or float: `1.0`, `1.0E10`, `NaN`, `Infinity`; shortest digits that read back.
void appendJavaDouble(double value, std::string& out);
void appendJavaFloat(float value, std::string& out);

// As Spark's DStream print: a single column bare, several as `(hello,1)`; NULL is `null`.
void appendPrintRow(const Batch& batch, size_t row, std::string_view timeZone, std::string& out);

// JSON (contracts: JSON rows): BIGINT as digits, non-finite as "NaN", "Infinity", "-Infinity", BINARY hex,
// DATE "2024-01-31", TIMESTAMP ISO with 6 digits and Z, STRUCT object, ARRAY array.
void appendJson(const Column& column, size_t row, std::string& out);
void appendJsonRow(const Batch& batch, size_t row, std::string& out);   // {"a":1,"b":null}
void appendJsonString(std::string_view text, std::string& out);         // quoted; bytes that are not UTF-8 become U+FFFD

}
