// Text to values by the rules of Spark's CAST: surrounding white space does not count.
#pragma once
#include "engine/columns/builder.h"
#include "engine/columns/calendar.h"

namespace streamwright {

std::optional<int32_t> castToInt(std::string_view text);
std::optional<int64_t> castToBigInt(std::string_view text);
std::optional<double> castToDouble(std::string_view text);     // also NaN, Infinity, inf, 1d
std::optional<float> castToFloat(std::string_view text);
std::optional<bool> castToBoolean(std::string_view text);      // t, true, y, yes, 1; f, false, n, no, 0

// Appends the text as a value of the builder's type; false, and nothing appended, if it is none. ARRAY and
// STRUCT are read as JSON elsewhere: here they never fit.
bool appendCast(std::string_view text, const Zone& zone, ColumnBuilder& out);

// "the value cannot be cast to BIGINT: 12x"; long values are cut.
std::string cannotCast(std::string_view text, const Type& type);

}
