// from_csv and schema_of_csv: one record of CSV text. As in Spark, a field that does not fit is NULL, missing fields
// are NULL and surplus ones dropped, and mode FAILFAST makes an error of each.
#include "engine/columns/calendar.h"
#include "engine/columns/read_text.h"
#include "engine/expression/csv_fields.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"

#include <limits>

namespace streamwright {

namespace {

template <class T>
bool pushIf(const std::optional<T>& value, ColumnBuilder& out)
{
    if (value) out.push<T>(*value);
    return value.has_value();
}

// As Java reads numbers: CAST also takes blanks, and nan and inf in any case.
std::optional<int64_t> wholeNumber(std::string_view text, int64_t least, int64_t greatest)
{
    const bool bare = !text.empty() && static_cast<unsigned char>(text.front()) > ' ' && static_cast<unsigned char>(text.back()) > ' ';
    return bare ? readInteger(text, least, greatest) : std::nullopt;
}

template <class T>
std::optional<T> floatingNumber(std::string_view text, const TextOptions& options)
{
    if (text == options.nanValue || text == "NaN") return std::numeric_limits<T>::quiet_NaN();
    if (text == options.positiveInf || text == "Infinity" || text == "+Infinity") return std::numeric_limits<T>::infinity();
    if (text == options.negativeInf || text == "-Infinity") return -std::numeric_limits<T>::infinity();
    if (text.find_first_of("nNiI") != std::string_view::npos) return std::nullopt;
    return readFloating<T>(text);
}

std::optional<bool> truthValue(std::string_view text)
{
    if (sameName(text, "true")) return true;
    return sameName(text, "false") ? std::optional(false) : std::nullopt;
}

// Values of CSV fields by type.
class FieldReader {
public:
    FieldReader(const TextOptions& options, const EvalContext& context) : options_(options), zone_(options.zone(context)), dates_(options.dateFormat ? *options.dateFormat : *DatePattern::compile("yyyy-MM-dd")) {}

    // False, and nothing pushed, when the text does not fit the builder's type.
    bool push(const std::string& text, ColumnBuilder& out) const
    {
        switch (out.type().kind()) {
            case TypeKind::Int: {
                const auto value = wholeNumber(text, INT32_MIN, INT32_MAX);
                return pushIf(value ? std::optional(static_cast<int32_t>(*value)) : std::nullopt, out);
            }
            case TypeKind::BigInt: return pushIf(wholeNumber(text, INT64_MIN, INT64_MAX), out);
            case TypeKind::Float: return pushIf(floatingNumber<float>(text, options_), out);
            case TypeKind::Double: return pushIf(floatingNumber<double>(text, options_), out);
            case TypeKind::Boolean: {
                const auto value = truthValue(text);
                return pushIf(value ? std::optional<uint8_t>(*value) : std::nullopt, out);
            }
            case TypeKind::Date: return pushIf(date(text), out);
            case TypeKind::Timestamp: return pushIf(timestamp(text), out);
            default: out.pushText(text); return true;
        }
    }

    // The narrowest type that the text fits.
    Type typeOf(const std::string& text) const
    {
        if (wholeNumber(text, INT32_MIN, INT32_MAX)) return TypeKind::Int;
        if (wholeNumber(text, INT64_MIN, INT64_MAX)) return TypeKind::BigInt;
        if (floatingNumber<double>(text, options_)) return TypeKind::Double;
        if (date(text)) return TypeKind::Date;
        if (timestamp(text)) return TypeKind::Timestamp;
        return truthValue(text) ? TypeKind::Boolean : TypeKind::String;
    }

private:
    std::optional<int32_t> date(const std::string& text) const
    {
        const auto micros = dates_.parse(text, Zone());
        return micros ? std::optional(static_cast<int32_t>(floorDiv(*micros, kMicrosPerDay))) : std::nullopt;
    }
    std::optional<int64_t> timestamp(const std::string& text) const { return options_.timestampFormat ? options_.timestampFormat->parse(text, zone_) : parseTimestamp(text, zone_); }

    const TextOptions& options_;
    Zone zone_;
    DatePattern dates_;
};

Result<Signature> resolveFromCsv(std::span<const ArgumentType> arguments)
{
    if (arguments.size() < 2 || !convertsImplicitly(arguments[0], TypeKind::String)) return wrongArguments("from_csv", "(string, schema[, options])", arguments);
    auto schema = schemaIn("from_csv", arguments, 1);
    if (!schema) return schema.error();
    if (!schema->is(TypeKind::Struct)) return mistake(fmt::format("from_csv reads a STRUCT, but the schema is {}", schema->toDdl()), "for example 'id BIGINT, name STRING'");
    for (const Field& field : schema->fields()) {
        if (field.type.is(TypeKind::Array) || field.type.is(TypeKind::Struct) || field.type.is(TypeKind::Binary)) {
            return mistake(fmt::format("from_csv reads simple types, but the field {} is {}", field.name, field.type.toDdl()), "read it as STRING and take it apart with split or from_json");
        }
    }
    auto options = optionsIn("from_csv", TextFormat::Csv, arguments, 2);
    if (!options) return options.error();
    return Signature{std::vector<Type>(arguments.size(), TypeKind::String), std::move(*schema)};
}

// One record into a row; false when something in it did not fit. `corrupt` is a field that the caller fills.
bool pushRecord(const CsvFields& fields, const FieldReader& reader, std::optional<size_t> corrupt, ColumnBuilder& out)
{
    const size_t width = out.type().fields().size() - (corrupt ? 1 : 0);
    bool fits = fields.size() == width;
    size_t at = 0;
    for (size_t i = 0; i < out.type().fields().size(); ++i) {
        if (corrupt == i) continue;
        const CsvField* field = at < fields.size() ? &fields[at] : nullptr;
        ++at;
        const bool pushed = field && !field->null && reader.push(field->text, out.child(i));
        if (field && !field->null && !pushed) fits = false;
        if (!pushed) out.child(i).pushNull();
    }
    return fits;
}

ColumnPtr fromCsv(const Call& call)
{
    if (call.rows == 0) return Column::nullsOf(call.result, 0);
    const TextOptions options = optionsOf(call, TextFormat::Csv, 2);
    const FieldReader reader(options, call.context);
    CsvFields fields(options);
    std::optional<size_t> corrupt;
    for (size_t i = 0; i < call.result.fields().size(); ++i) {
        if (call.result.fields()[i].name == options.corruptColumn && call.result.fields()[i].type.is(TypeKind::String)) corrupt = i;
    }
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        fields.read(text);
        const bool fits = pushRecord(fields, reader, corrupt, out);
        if (corrupt && fits) out.child(*corrupt).pushNull();
        else if (corrupt) out.child(*corrupt).pushText(text);
        out.closeRow();
        if (!fits && options.failFast) call.errors.add(row, fmt::format("the CSV does not fit the schema: {}{}", text.substr(0, 60), text.size() > 60 ? "…" : ""));
    });
}

Result<Signature> resolveSchemaOfCsv(std::span<const ArgumentType> arguments)
{
    if (arguments.empty() || !convertsImplicitly(arguments[0], TypeKind::String)) return wrongArguments("schema_of_csv", "(string[, options])", arguments);
    if (!literalText(arguments, 0)) return mistake("schema_of_csv finds the schema of a text that is written out, not of a column", "give it a sample: schema_of_csv('1,abc')");
    auto options = optionsIn("schema_of_csv", TextFormat::Csv, arguments, 1);
    if (!options) return options.error();
    return Signature{std::vector<Type>(arguments.size(), TypeKind::String), TypeKind::String};
}

ColumnPtr schemaOfCsv(const Call& call)
{
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const TextOptions options = optionsOf(call, TextFormat::Csv, 1);
        const FieldReader reader(options, call.context);
        CsvFields record(options);
        record.read(textAt(*call.arguments[0], row));
        if (record.size() == 0) return fail(call, row, out, "schema_of_csv: the sample is empty");
        std::vector<Field> fields;
        for (size_t i = 0; i < record.size(); ++i) {
            const bool empty = record[i].null || record[i].text.empty();
            fields.push_back({fmt::format("_c{}", i), empty ? Type(TypeKind::String) : reader.typeOf(record[i].text)});
        }
        out.pushText(Type::structure(std::move(fields)).toDdl());
    });
}

}

void addCsvReading(std::vector<Function>& all)
{
    all.push_back({.name = "from_csv", .family = "json", .usage = "from_csv(csv, schema[, map('option', 'value', ...)])", .help = "One record of CSV as a struct by a schema such as 'id BIGINT, name STRING'. What does not fit is NULL, or an error with mode FAILFAST. Options: sep, quote, escape, nullValue, mode, timestampFormat, dateFormat, timeZone, ignoreLeadingWhiteSpace ….", .example = {"from_csv('7;\"a;b\"', 'id BIGINT, name STRING', map('sep', ';'))", "{\"id\":7,\"name\":\"a;b\"}"}, .resolve = resolveFromCsv, .evaluate = fromCsv, .canFail = true});
    all.push_back({.name = "schema_of_csv", .family = "json", .usage = "schema_of_csv(csv[, map('option', 'value', ...)])", .help = "The schema of a sample record of CSV, as from_csv takes it, with the names _c0, _c1 ….", .example = {"schema_of_csv('1,abc,2024-01-31')", "\"STRUCT<_c0: INT, _c1: STRING, _c2: DATE>\""}, .resolve = resolveSchemaOfCsv, .evaluate = schemaOfCsv, .canFail = true});
}

}
