// JSON rows by schema. A member that is missing or null is NULL, members that the schema does not name are
// passed over. BIGINT and INT want numbers without a fraction, STRING also takes any other value as its
// JSON text, FLOAT and DOUBLE also "NaN", "Infinity" and "-Infinity", TIMESTAMP text or seconds, DATE text,
// BINARY hexadecimal digits.
#pragma once
#include "engine/formats/record_decoder.h"

namespace streamwright {

struct JsonFormat {
    std::string timeZone = "UTC";       // of timestamps without a zone
    Blank blank = Blank::Skipped;
};

// One object a record.
std::unique_ptr<RecordDecoder> jsonDecoder(SchemaPtr schema, JsonFormat format);

// One line of a recorded stream: an array of rows, each an object, or a bare value when the schema has a
// single column and the value is no object. A mistake when the line is no JSON array; a row that does not
// fit is bad, `record` is its place in the array.
Result<DecodedRows> decodeJsonArray(std::string_view line, const SchemaPtr& schema, const JsonFormat& format);

// The elements of a JSON array, each as one line; how many there are. A mistake when it is none. What is inside of an
// element is looked at no closer.
Result<size_t> appendArrayAsLines(std::string_view array, std::string& out);

// A batch as such a line, without its line end: bare values for a single column that is no STRUCT.
void appendJsonArray(const Batch& batch, std::string& out);

}
