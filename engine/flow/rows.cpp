#include "engine/flow/rows.h"

#include "engine/base/suggest.h"
#include "engine/columns/print.h"
#include "engine/formats/json.h"
#include "engine/pipeline/json.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

Diagnostic atLine(const Json& json, std::string message, std::string hint = {}) { return {.message = std::move(message), .hint = std::move(hint), .line = json.line()}; }

// The row as an object with the schema's names; null and a diagnostic when it does not fit.
std::optional<Json> namedRow(const Json& row, const Schema& schema, Diagnostics& out)
{
    if (row.isObject()) {
        for (const auto& [name, value] : row.members()) {
            if (schema.indexOf(name)) continue;
            out.push_back(atLine(row, fmt::format("the row names the column \"{}\", but the columns are {}", name, schema.toDdl()), didYouMean(name, schema.names())));
            return std::nullopt;
        }
        return row;
    }
    if (schema.size() == 1) return Json::object({{schema[0].name, row}});
    if (!row.isArray() || row.items().size() != schema.size()) {
        out.push_back(atLine(row, fmt::format("the row has {}, but the columns are {}", row.isArray() ? fmt::format("{} values", row.items().size()) : std::string(row.describe()), schema.toDdl())));
        return std::nullopt;
    }
    Json named = Json::object();
    for (size_t i = 0; i < schema.size(); ++i) named.set(schema[i].name, row.items()[i]);
    return named;
}

}

TypedRows typedRows(const Json& rows, const SchemaPtr& schema, const std::string& timeZone)
{
    TypedRows typed;
    std::string line = "[";
    for (const Json& row : rows.items()) {
        const auto named = namedRow(row, *schema, typed.diagnostics);
        if (!named) continue;
        if (line.size() > 1) line += ',';
        line += printJsonLine(*named);
    }
    line += ']';
    if (!typed.diagnostics.empty()) return typed;
    const auto decoded = decodeJsonArray(line, schema, {.timeZone = timeZone});
    if (!decoded) {
        typed.diagnostics.push_back(atLine(rows, decoded.error().message));
        return typed;
    }
    for (const BadRecord& bad : decoded->bad) typed.diagnostics.push_back(atLine(rows.items()[bad.record], fmt::format("{}{}{}", bad.field, bad.field.empty() ? "" : ": ", bad.reason)));
    if (typed.diagnostics.empty()) typed.batch = decoded->batch;
    return typed;
}

ExpectedRows expectedRows(const Json& rows, const SchemaPtr& schema, const std::string& timeZone, Naming naming)
{
    ExpectedRows expected;
    Json whole = Json::array();
    std::vector<size_t> places;
    for (const Json& row : rows.items()) {
        if (naming == Naming::Parts && row.isObject()) {
            if (namedRow(row, *schema, expected.diagnostics)) expected.rows.push_back({printJsonLine(row), row, row.line()});
            continue;
        }
        places.push_back(expected.rows.size());
        expected.rows.push_back({.line = row.line()});
        whole.items().push_back(row);
    }
    TypedRows typed = typedRows(whole, schema, timeZone);
    for (Diagnostic& diagnostic : typed.diagnostics) expected.diagnostics.push_back(std::move(diagnostic));
    if (!typed.batch) return expected;
    for (size_t i = 0; i < places.size(); ++i) {
        std::string text;
        appendJsonRow(*typed.batch, i, text);
        const auto row = readJson(text);
        expected.rows[places[i]].text = printJsonLine(std::get<Json>(row));
    }
    return expected;
}

}
