#include "engine/nodes/record_options.h"

#include "engine/formats/text.h"

namespace streamwright {

std::vector<FieldError> checkRecordOptions(const RecordOptions& options)
{
    std::vector<FieldError> errors;
    if (options.format != "text" && (!options.schema || options.schema->size() == 0)) {
        errors.push_back({"schema", fmt::format("format {} needs a schema", options.format), "write for example \"id BIGINT, name STRING\""});
    }
    if (options.format == "text" && options.schema && !(options.schema->size() == 1 && (*options.schema)[0].type.is(TypeKind::String))) {
        errors.push_back({"schema", fmt::format("format text has one STRING column, but the schema is {}", options.schema->toDdl()), "leave the schema out, or set format to csv or json"});
    }
    for (const auto& [name, text] : {std::pair<const char*, const std::string&>{"separator", options.separator}, {"quote", options.quote}, {"escape", options.escape}}) {
        if (text.size() != 1) errors.push_back({name, fmt::format("{} must be one character, but is \"{}\"", name, text), {}});
    }
    return errors;
}

Checked<Schema> recordSchema(const RecordOptions& options)
{
    if (options.schema) return *options.schema;
    if (options.format != "text") return FieldError{"schema", fmt::format("format {} needs a schema", options.format), {}};
    return *textSchema();
}

CsvFormat csvFormat(const RecordOptions& options, const PlanContext& context)
{
    return {options.separator[0], options.quote[0], options.escape[0], options.nullValue, context.timeZone, Blank::Skipped};
}

std::unique_ptr<RecordDecoder> recordDecoder(const RecordOptions& options, const PlanContext& context)
{
    SchemaPtr schema = options.schema ? std::make_shared<const Schema>(*options.schema) : textSchema();
    if (options.format == "csv") return csvDecoder(std::move(schema), csvFormat(options, context));
    if (options.format == "json") return jsonDecoder(std::move(schema), {context.timeZone, Blank::Skipped});
    return textDecoder(std::move(schema));
}

void emitRows(DecodedRows rows, std::span<const StringRef> records, Emitter& out)
{
    if (rows.batch->rows() > 0) out.emit(std::move(rows.batch));
    for (BadRecord& bad : rows.bad) out.reject({std::move(bad.field), std::move(bad.reason), std::move(bad.row), std::string(records[bad.record].view())});
}

void decodeRecords(const RecordDecoder& decoder, std::span<const StringRef> records, const std::vector<Owner>& owners, Emitter& out)
{
    std::vector<StringRef> repaired;
    for (size_t from = 0; from < records.size(); from += kSourceRows) {
        const auto part = records.subspan(from, std::min(kSourceRows, records.size() - from));
        repaired.assign(part.begin(), part.end());
        std::vector<Owner> kept = owners;
        if (Owner fresh = repairRecords(repaired)) kept.push_back(std::move(fresh));
        emitRows(decoder.decode(repaired, nullptr, kept), part, out);
    }
}

}
