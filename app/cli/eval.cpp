// streamwright eval [EXPR]: the type and value of an expression, or what is wrong with it. Without EXPR it
// reads one expression a line and answers each with a line of JSON.
#include "app/cli/arguments.h"
#include "app/cli/verbs.h"
#include "engine/base/clock.h"
#include "engine/columns/print.h"
#include "engine/expression/expression.h"
#include "engine/expression/json_schema.h"
#include "engine/formats/cast.h"
#include "engine/formats/csv.h"
#include "engine/formats/json.h"
#include "engine/formats/text.h"

#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>

namespace streamwright {

namespace {

struct Arguments {
    std::optional<std::string> expression;
    std::string rows;
    std::string schema;
    std::string timeZone = "UTC";
    bool json = false;
};

std::string describe(const Error& error) { return error.hint.empty() ? error.message : error.message + " (" + error.hint + ")"; }

// As JSON rows, and minus zero as "-0.0": a JSON number would lose it.
void appendAnswer(const Column& column, size_t row, std::string& out)
{
    const Type& type = column.type();
    if (!column.isNull(row) && isFloating(type.kind())) {
        const double number = type.is(TypeKind::Float) ? static_cast<double>(column.value<float>(row)) : column.value<double>(row);
        if (number == 0 && std::signbit(number)) {
            out += "\"-0.0\"";
            return;
        }
    }
    if (column.isNull(row) || (!type.is(TypeKind::Array) && !type.is(TypeKind::Struct))) return appendJson(column, row, out);
    const bool array = type.is(TypeKind::Array);
    out += array ? '[' : '{';
    const size_t from = array ? column.offsets()[row] : 0;
    const size_t to = array ? column.offsets()[row + 1] : type.fields().size();
    for (size_t i = from; i < to; ++i) {
        if (i > from) out += ", ";
        if (!array) {
            appendJsonString(type.fields()[i].name, out);
            out += ": ";
        }
        appendAnswer(array ? *column.element() : *column.child(i), array ? i : row, out);
    }
    out += array ? ']' : '}';
}

std::string errorLine(const std::string& message)
{
    std::string line = "{\"error\": ";
    appendJsonString(message, line);
    return line + "}";
}

// What stands for row `row`: `error` is the row's, or null.
std::string jsonLine(const Expression& expression, const Column& column, size_t row, const RowError* error)
{
    if (error) return errorLine(error->reason);
    std::string line = "{\"type\": ";
    appendJsonString(expression.type().simpleName(), line);
    line += ", \"value\": ";
    appendAnswer(column, row, line);
    return line + "}";
}

// The columns of CSV with a header: the narrowest type that all values of a column fit.
Result<Schema> schemaOfCsv(const std::vector<std::string>& names, const std::vector<std::string>& lines)
{
    std::vector<Field> fields;
    for (const std::string& name : names) fields.push_back({name, TypeKind::String});
    std::vector<std::vector<std::string>> records;
    for (const std::string& line : lines) {
        auto record = splitCsv(line, {});
        if (!record) return record.error();
        records.push_back(std::move(*record));
    }
    for (size_t c = 0; c < fields.size(); ++c) {
        for (const Type& type : {Type(TypeKind::BigInt), Type(TypeKind::Double), Type(TypeKind::Boolean), Type(TypeKind::Date), Type(TypeKind::Timestamp)}) {
            bool fits = true, any = false;
            for (const auto& record : records) {
                if (c >= record.size() || record[c].empty()) continue;
                ColumnBuilder builder(type);
                any = true;
                fits = fits && appendCast(record[c], Zone(), builder);
            }
            if (!fits || !any) continue;
            fields[c].type = type;
            break;
        }
    }
    return Schema(std::move(fields));
}

Result<BatchPtr> decoded(const RecordDecoder& decoder, const std::vector<std::string>& lines, size_t firstLine)
{
    std::vector<StringRef> records;
    for (const std::string& line : lines) records.emplace_back(std::string_view(line));
    const DecodedRows rows = decoder.decode(records, nullptr, {});
    if (!rows.bad.empty()) {
        const BadRecord& bad = rows.bad.front();
        return mistake(fmt::format("line {} does not fit the schema: {}", bad.record + firstLine, bad.reason), "give the columns with --schema \"id BIGINT, name STRING\"");
    }
    return rows.batch;
}

// The rows of a file: CSV with a header when it is named *.csv, else JSON lines. The texts of the lines must
// outlive the batch.
Result<BatchPtr> readRows(const Arguments& arguments, std::vector<std::string>& lines)
{
    std::ifstream file(arguments.rows);
    if (!file) return mistake("cannot read the rows: " + arguments.rows, "--rows names a file of JSON lines, or of CSV with a header");
    if (std::filesystem::is_directory(arguments.rows)) return mistake("the rows are a folder: " + arguments.rows, "--rows names a file of JSON lines, or of CSV with a header");
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (!line.empty()) lines.push_back(std::move(line));
    }
    const bool csv = arguments.rows.ends_with(".csv");
    if (csv && lines.empty()) return mistake("the CSV file has no header: " + arguments.rows);
    std::vector<std::string> header;
    if (csv) {
        auto names = splitCsv(lines.front(), {});
        if (!names) return names.error();
        header = std::move(*names);
        lines.erase(lines.begin());
    }
    auto schema = !arguments.schema.empty() ? parseSchema(arguments.schema) : csv ? schemaOfCsv(header, lines) : schemaOfJsonLines(lines);
    if (!schema) return schema.error();
    const auto shared = std::make_shared<Schema>(std::move(*schema));
    if (!csv) return decoded(*jsonDecoder(shared, {arguments.timeZone}), lines, 1);
    auto layout = layoutOf(*shared, header);
    if (!layout) return layout.error();
    CsvFormat format;
    format.timeZone = arguments.timeZone;
    return decoded(*csvDecoder(shared, format, std::move(*layout)), lines, 2);
}

EvalContext contextOf(const Arguments& arguments)
{
    EvalContext context{wallClock()->now(), arguments.timeZone};
    context.seed = static_cast<uint64_t>(context.batchTime.micros);
    return context;
}

int evaluateOne(const Arguments& arguments)
{
    std::vector<std::string> lines;
    BatchPtr batch = makeBatch(std::make_shared<Schema>(), {}, 1);
    if (!arguments.rows.empty()) {
        auto rows = readRows(arguments, lines);
        if (!rows) return complain(rows.error()), 2;
        batch = std::move(*rows);
    }
    auto expression = compileExpression(*arguments.expression, batch->schema(), RowNumbers::Known);
    if (!expression) {
        if (!arguments.json) return complain(expression.error()), 2;
        fmt::print("{}\n", errorLine(describe(expression.error())));
        return 2;
    }
    const Evaluated evaluated = expression->evaluate(*batch, contextOf(arguments));
    if (!arguments.json) fmt::print("{}\n", expression->type().simpleName());
    auto error = evaluated.errors.begin();
    for (size_t row = 0; row < batch->rows(); ++row) {
        const RowError* failed = error != evaluated.errors.end() && error->row == row ? &*error++ : nullptr;
        std::string line;
        if (arguments.json) line = jsonLine(*expression, *evaluated.column, row, failed);
        else if (failed) line = "error: " + failed->reason;
        else if (!appendText(*evaluated.column, row, arguments.timeZone, line)) line = "NULL";
        fmt::print("{}\n", line);
    }
    return evaluated.errors.empty() ? 0 : 1;
}

int evaluateLines(const Arguments& arguments)
{
    const BatchPtr batch = makeBatch(std::make_shared<Schema>(), {}, 1);
    for (std::string line; std::getline(std::cin, line);) {
        if (!isUtf8(line)) {
            fmt::print("{}\n", errorLine("the expression is not UTF-8 text"));
            continue;
        }
        auto expression = compileExpression(line, batch->schema(), RowNumbers::Known);
        if (!expression) {
            fmt::print("{}\n", errorLine(describe(expression.error())));
        } else {
            const Evaluated evaluated = expression->evaluate(*batch, contextOf(arguments));
            fmt::print("{}\n", jsonLine(*expression, *evaluated.column, 0, evaluated.errors.empty() ? nullptr : &evaluated.errors.front()));
        }
        std::fflush(stdout);
    }
    return 0;
}

int run(const Arguments& arguments)
{
    if (!Zone::find(arguments.timeZone)) {
        fmt::print(stderr, "error: unknown time zone: {} (for example UTC, +01:00 or Europe/Brussels)\n", arguments.timeZone);
        return 2;
    }
    if (arguments.expression) return evaluateOne(arguments);
    if (arguments.rows.empty()) return evaluateLines(arguments);
    fmt::print(stderr, "error: --rows needs an expression, for example: streamwright eval \"upper(name)\" --rows {}\n", arguments.rows);
    return 2;
}

}

void addEvalVerb(CLI::App& program, int& exitCode)
{
    auto arguments = std::make_shared<Arguments>();
    CLI::App* verb = program.add_subcommand("eval", "Evaluate an expression");
    verb->add_option("EXPR", arguments->expression, "The expression; without it, one a line from standard input, answered by a line of JSON each");
    verb->add_option("--rows", arguments->rows, "Rows to evaluate it on: JSON lines, or CSV with a header (*.csv)");
    verb->add_option("--schema", arguments->schema, "The columns of the rows, as in \"id BIGINT, name STRING\"; guessed when left out");
    verb->add_option("--time-zone", arguments->timeZone, "The session's time zone")->capture_default_str();
    verb->add_flag("--json", arguments->json, "One line of JSON a row: {\"type\": …, \"value\": …} or {\"error\": …}");
    verb->footer("Prints the type, then a value a row.\n"
                 "Examples:\n"
                 "  streamwright eval \"split('a b', ' ')\"\n"
                 "  streamwright eval \"amount * 2\" --rows orders.jsonl --json\n"
                 "  streamwright eval \"upper(name)\" --rows people.csv --schema \"name STRING, age INT\"\n"
                 "  echo '1 + 1' | streamwright eval\n"
                 "`streamwright functions` lists the functions.\n"
                 "Exit codes: 0 fine, 1 a row failed, 2 the expression or the rows are wrong.");
    verb->callback([arguments, &exitCode] { exitCode = run(*arguments); });
}

}
