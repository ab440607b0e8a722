#include "engine/columns/print.h"
#include "engine/dataflow/declare.h"
#include "engine/formats/csv.h"
#include "engine/formats/json.h"

namespace streamwright {

namespace {

struct Options {
    std::string column = "value";
    std::string format = "json";
    Schema schema;
    std::vector<std::string> carry;
    std::string separator = ",";
};

struct Compiled {
    size_t column = 0;
    std::vector<size_t> carry;
    SchemaPtr output;
    std::unique_ptr<RecordDecoder> decoder;
};

Checked<Compiled> compile(const Options& options, const Schema& input, const PlanContext& context)
{
    Compiled result;
    const auto column = input.indexOf(options.column);
    if (!column) return FieldError{"column", fmt::format("there is no column {} in ({})", options.column, input.toDdl()), {}};
    if (!isText(input[*column].type.kind())) return FieldError{"column", fmt::format("column must be STRING or BINARY, but {} is {}", options.column, input[*column].type.toDdl()), {}};
    result.column = *column;
    std::vector<Field> fields;
    for (const std::string& name : options.carry) {
        const auto index = input.indexOf(name);
        if (!index) return FieldError{"carry", fmt::format("there is no column {} in ({})", name, input.toDdl()), {}};
        result.carry.push_back(*index);
        fields.push_back(input[*index]);
    }
    fields.insert(fields.end(), options.schema.fields().begin(), options.schema.fields().end());
    if (const auto twice = duplicateName(fields)) return FieldError{"schema", "the output has the column " + *twice + " twice", "leave it out of carry, or give it another name in the schema"};
    const auto parsed = std::make_shared<const Schema>(options.schema);
    result.decoder = options.format == "csv" ? csvDecoder(parsed, CsvFormat{.separator = options.separator[0], .timeZone = context.timeZone, .blank = Blank::NullRow})
                                             : jsonDecoder(parsed, JsonFormat{context.timeZone, Blank::NullRow});
    result.output = std::make_shared<const Schema>(std::move(fields));
    return result;
}

class Parse final : public RowOperator {
public:
    explicit Parse(Compiled compiled) : compiled_(std::move(compiled)) {}

    void process(const Morsel& in, const BatchContext&, Emitter& out) const override
    {
        const Batch& batch = *in.batch;
        const Column& text = *batch.column(compiled_.column);
        const std::span<const StringRef> records(text.values<StringRef>(), batch.rows());
        DecodedRows rows = compiled_.decoder->decode(records, text.nulls(), text.owners());
        for (BadRecord& bad : rows.bad) {
            std::string row;
            appendJsonRow(batch, bad.record, row);
            out.reject({std::move(bad.field), std::move(bad.reason), std::move(row), std::nullopt});
        }
        if (rows.batch->rows() == 0) return;
        std::vector<ColumnPtr> columns;
        for (const size_t carried : compiled_.carry) columns.push_back(rows.records.empty() ? batch.column(carried) : gather(*batch.column(carried), rows.records));
        columns.insert(columns.end(), rows.batch->columns().begin(), rows.batch->columns().end());
        out.emit(makeBatch(compiled_.output, std::move(columns), rows.batch->rows()));
    }

private:
    Compiled compiled_;
};

}

NodeType parseNode()
{
    return Declare<Options>("parse", Group::Transform)
        .summary("Read JSON or CSV text into columns.")
        .help("A NULL or blank text gives a row of NULLs; text that does not fit the schema goes to `rejected` with the row it came from.")
        .input("in").output("out").rejects()
        .field(&Options::column, {.name = "column", .help = "The column that holds the text.", .kind = FieldKind::Column, .fallback = Json::string("value"), .example = Json::string("value")})
        .field(&Options::format, {.name = "format", .help = "json (an object) or csv (one record).", .kind = FieldKind::Choice, .fallback = Json::string("json"), .choices = {"json", "csv"}})
        .field(&Options::schema, {.name = "schema", .help = "The columns to read, as DDL; those of csv in their order.", .kind = FieldKind::Schema, .required = true, .example = Json::string("id BIGINT, amount DOUBLE")})
        .field(&Options::carry, {.name = "carry", .help = "Input columns that each row takes along.", .kind = FieldKind::Columns, .example = Json::array({Json::string("value")})})
        .field(&Options::separator, {.name = "separator", .help = "The character between CSV fields.", .kind = FieldKind::Text, .fallback = Json::string(","), .advanced = true, .visibleWhen = FieldSpec::Visible{"format", {Json::string("csv")}}})
        .check([](const Options& o) {
            std::vector<FieldError> errors;
            if (o.schema.size() == 0) errors.push_back({"schema", "schema is empty", "write for example \"id BIGINT, amount DOUBLE\""});
            if (o.separator.size() != 1) errors.push_back({"separator", fmt::format("separator must be one character, but is \"{}\"", o.separator), {}});
            return errors;
        })
        .compiled([](const Options& o, const Inputs& in, const PlanContext& context) { return compile(o, in.only(), context); },
                  [](const Compiled& compiled) { return *compiled.output; },
                  [](Compiled compiled) { return std::make_unique<Parse>(std::move(compiled)); });
}

}
