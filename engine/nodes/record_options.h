// The options of sources that read records: format, schema and how CSV is written.
#pragma once
#include "engine/dataflow/declare.h"
#include "engine/formats/csv.h"
#include "engine/formats/json.h"

namespace streamwright {

struct RecordOptions {
    std::string format = "text";
    std::optional<Schema> schema;
    std::string separator = ",";
    std::string quote = "\"";
    std::string escape = "\\";
    std::string nullValue;
};

template <class Options>
void declareRecordFields(Declare<Options>& declare, std::vector<std::string> formats = {"text", "csv", "json"}, std::string formatHelp = "How a line is read: text (a column value), csv or json (an object a line).")
{
    const auto member = [](auto RecordOptions::*of) { return static_cast<std::remove_reference_t<decltype(std::declval<Options>().*of)> Options::*>(of); };
    declare
        .field(member(&RecordOptions::format), {.name = "format", .help = std::move(formatHelp), .kind = FieldKind::Choice, .fallback = Json::string("text"), .choices = std::move(formats)})
        .field(member(&RecordOptions::schema), {.name = "schema", .help = "Columns of csv and json, as DDL. A line that does not fit goes to the port rejected.", .kind = FieldKind::Schema, .example = Json::string("id BIGINT, name STRING, amount DOUBLE"), .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv"), Json::string("json")}}})
        .field(member(&RecordOptions::separator), {.name = "separator", .help = "The character between CSV fields.", .kind = FieldKind::Text, .fallback = Json::string(","), .advanced = true, .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(member(&RecordOptions::quote), {.name = "quote", .help = "The character around CSV fields that hold separators or quotes.", .kind = FieldKind::Text, .fallback = Json::string("\""), .advanced = true, .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(member(&RecordOptions::escape), {.name = "escape", .help = "The character before a quote inside of a quoted CSV field; a doubled quote is understood too.", .kind = FieldKind::Text, .fallback = Json::string("\\"), .advanced = true, .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .field(member(&RecordOptions::nullValue), {.name = "null_value", .help = "The text of a CSV field that is NULL.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("NA"), .advanced = true, .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}});
}

std::vector<FieldError> checkRecordOptions(const RecordOptions& options);
// `value STRING` for text, else the schema option.
Checked<Schema> recordSchema(const RecordOptions& options);
CsvFormat csvFormat(const RecordOptions& options, const PlanContext& context);
std::unique_ptr<RecordDecoder> recordDecoder(const RecordOptions& options, const PlanContext& context);

// Emits the rows and rejects the bad records with their text.
void emitRows(DecodedRows rows, std::span<const StringRef> records, Emitter& out);

// Records that a source hands to operators at once: their views and columns stay in the first caches.
inline constexpr size_t kSourceRows = 1024;

// Records that arrived one by one: repairs what is not UTF-8, decodes and emits them in vectors.
void decodeRecords(const RecordDecoder& decoder, std::span<const StringRef> records, const std::vector<Owner>& owners, Emitter& out);

}
