// java.util.Formatter, as format_string uses it: %s %d %x %o %f %e %g %b %c %% %n with index, flags, width and precision.
#pragma once
#include "engine/columns/column.h"
#include "engine/expression/expression.h"

#include <string>

namespace streamwright {

// Appends the text of one row; the reason when the format does not fit the arguments, else empty.
std::string appendFormatted(std::string_view format, std::span<const ColumnPtr> arguments, size_t row, const EvalContext& context, std::string& out);

// Digits in groups of three: 1234567.5 is 1,234,567.5.
std::string groupedDigits(std::string_view digits);

}
