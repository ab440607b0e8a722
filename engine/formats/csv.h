// CSV as RFC 4180 has it, with Spark's options: `"` quotes, a quote in a quoted field is doubled or
// escaped, an empty field is NULL and a quoted empty field is ''.
#pragma once
#include "engine/formats/record_decoder.h"

namespace streamwright {

struct CsvFormat {
    char separator = ',';
    char quote = '"';
    char escape = '\\';
    std::string nullValue;              // an unquoted field of this text is NULL
    std::string timeZone = "UTC";       // of timestamps without a zone
    Blank blank = Blank::Skipped;
};

// The fields of one record; a mistake when a quote stays open.
Result<std::vector<std::string>> splitCsv(std::string_view record, const CsvFormat& format);

// `positions[c]` is where column c of the schema stands in a record; `width` how many fields a record has.
struct CsvLayout {
    std::vector<size_t> positions;
    size_t width = 0;
};
// Columns in schema order.
CsvLayout layoutOf(const Schema& schema);
// By the header's names when it names them all, else in schema order when it names none; a mistake when it
// names some: rows would land in wrong columns.
Result<CsvLayout> layoutOf(const Schema& schema, const std::vector<std::string>& header);

std::unique_ptr<RecordDecoder> csvDecoder(SchemaPtr schema, CsvFormat format, CsvLayout layout);
std::unique_ptr<RecordDecoder> csvDecoder(SchemaPtr schema, CsvFormat format);

// Cuts CSV text into records where quoted fields may hold line ends. Takes whole records only and returns
// the bytes taken; `last` says that nothing follows the bytes.
size_t splitCsvRecords(std::string_view text, const CsvFormat& format, bool last, std::vector<StringRef>& records);

// One record with its line end, quoted where needed so that splitCsv gives the same fields back. NULL is
// `nullValue`; an empty string is `""`. ARRAY and STRUCT are written as their JSON.
void appendCsvRow(const Batch& batch, size_t row, const CsvFormat& format, std::string& out);
void appendCsvHeader(const Schema& schema, const CsvFormat& format, std::string& out);

}
