// Records (the text of one row each) to typed columns.
#pragma once
#include "engine/columns/batch.h"

#include <optional>

namespace streamwright {

enum class RecordFormat : unsigned char { Text, Csv, Json };
std::optional<RecordFormat> recordFormat(std::string_view name);  // "text", "csv", "json"

// A record that does not fit the schema; it is not in the batch.
struct BadRecord {
    size_t record = 0;      // index into the records
    std::string field;      // column, empty when the record as a whole is wrong
    std::string reason;
    std::string row;        // the row's JSON when it stood inside of a record (decodeJsonArray)
};

struct DecodedRows {
    BatchPtr batch;
    std::vector<BadRecord> bad;         // ascending
    // The record of every row, when records were left out (bad or blank); empty: row i is record i.
    std::vector<uint32_t> records;
};

// What a blank record means: nothing (lines of a file), or a row of NULLs (a column's text).
enum class Blank : unsigned char { Skipped, NullRow };

// Immutable; used by many workers at once.
class RecordDecoder {
public:
    virtual ~RecordDecoder() = default;
    virtual const SchemaPtr& schema() const = 0;
    // `nulls` as in a column: such a record gives a row of NULLs. Views of the records may be kept: `owners`
    // hold their text.
    virtual DecodedRows decode(std::span<const StringRef> records, const uint8_t* nulls, const std::vector<Owner>& owners) const = 0;
};

// Records as they are, into the single STRING column of `schema`.
std::unique_ptr<RecordDecoder> textDecoder(SchemaPtr schema);

}
