// to_csv: a struct as one record of CSV, quoted where needed so that from_csv gives the same fields back.
#include "engine/columns/calendar.h"
#include "engine/columns/print.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/text_options.h"

namespace streamwright {

namespace {

bool isBlank(char c) { return static_cast<unsigned char>(c) <= ' '; }

class CsvWriter {
public:
    explicit CsvWriter(const Call& call) : options_(optionsOf(call, TextFormat::Csv, 1)), zone_(options_.zone(call.context)), timeZone_(options_.timeZone.value_or(call.context.timeZone))
    {
        if (!options_.timestampFormat) options_.timestampFormat = *DatePattern::compile("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]");
    }

    void appendRecord(const Column& record, size_t row, std::string& out)
    {
        for (size_t i = 0; i < record.children().size(); ++i) {
            if (i > 0) out += options_.separator;
            const Column& column = *record.child(i);
            if (column.isNull(row)) {
                appendField(options_.nullValue, options_.quoteAll, out);
                continue;
            }
            value_.clear();
            appendValue(column, row);
            if (value_.empty()) out += options_.emptyValue.value_or("\"\"");
            else appendField(trimmed(value_), options_.quoteAll, out);
        }
    }

private:
    void appendValue(const Column& column, size_t row)
    {
        if (column.type().is(TypeKind::Timestamp)) options_.timestampFormat->append(column.value<int64_t>(row), zone_, value_);
        else if (column.type().is(TypeKind::Date) && options_.dateFormat) options_.dateFormat->append(column.value<int32_t>(row) * kMicrosPerDay, Zone(), value_);
        else appendText(column, row, timeZone_, value_);
    }

    std::string_view trimmed(std::string_view text) const
    {
        while (options_.trimLeading.value_or(true) && !text.empty() && isBlank(text.front())) text.remove_prefix(1);
        while (options_.trimTrailing.value_or(true) && !text.empty() && isBlank(text.back())) text.remove_suffix(1);
        return text;
    }

    void appendField(std::string_view text, bool always, std::string& out) const
    {
        const char quote = options_.quote, escape = options_.escape;
        bool quoted = always || (!text.empty() && text.front() == quote);
        for (const char c : text) quoted = quoted || c == options_.separator || c == '\n' || (c == quote && options_.escapeQuotes);
        if (!quoted || !quote) {
            out += text;
            return;
        }
        out += quote;
        for (const char c : text) {
            if ((c == quote || c == escape) && escape) out += escape;
            out += c;
        }
        out += quote;
    }

    TextOptions options_;
    Zone zone_;
    std::string timeZone_;
    std::string value_;
};

Result<Signature> resolveToCsv(std::span<const ArgumentType> arguments)
{
    if (arguments.empty() || !arguments[0].type.is(TypeKind::Struct)) return wrongArguments("to_csv", "a struct, and options", arguments);
    for (const Field& field : arguments[0].type.fields()) {
        if (field.type.is(TypeKind::Array) || field.type.is(TypeKind::Struct)) {
            return mistake(fmt::format("to_csv writes simple types, but the field {} is {}", field.name, field.type.toDdl()), "write it as text first, for example with to_json");
        }
    }
    auto options = optionsIn("to_csv", TextFormat::Csv, arguments, 1);
    if (!options) return options.error();
    std::vector<Type> types(arguments.size(), TypeKind::String);
    types[0] = arguments[0].type;
    return Signature{std::move(types), TypeKind::String};
}

ColumnPtr toCsv(const Call& call)
{
    if (call.rows == 0) return Column::nullsOf(call.result, 0);
    CsvWriter writer(call);
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        writer.appendRecord(*call.arguments[0], row, result);
        out.pushText(result);
    });
}

}

void addCsvWriting(std::vector<Function>& all)
{
    all.push_back({.name = "to_csv", .family = "json", .usage = "to_csv(struct[, map('option', 'value', ...)])", .help = "A struct as one record of CSV. Options: sep, quote, escape, nullValue, emptyValue, quoteAll, escapeQuotes, timestampFormat, dateFormat, timeZone.", .example = {"to_csv(struct(1, 'a,b', NULL))", "\"1,\\\"a,b\\\",\""}, .resolve = resolveToCsv, .evaluate = toCsv});
}

}
