#include "engine/dataflow/declare.h"

#include "engine/base/suggest.h"
#include "engine/pipeline/json.h"

#include <charconv>

namespace streamwright {

namespace {

// A long text by its beginning, so that a message stays one.
std::string shown(std::string_view text)
{
    constexpr size_t kMost = 100;
    if (text.size() <= kMost) return quoteJson(text);
    size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return fmt::format("{}… ({} bytes)", quoteJson(text.substr(0, end)), text.size());
}

// What stands there, for the second half of a message: `text "abc"`, `the number 5`.
std::string shown(const Json& json)
{
    switch (json.kind()) {
    case Json::Kind::String: return "text " + shown(std::string_view(json.asString()));
    case Json::Kind::Number: return "the number " + json.numberText();
    case Json::Kind::Boolean: return json.asBoolean() ? "true" : "false";
    default: return std::string(json.describe());
    }
}

std::string exampleHint(const FieldSpec& field)
{
    return field.example.isNull() ? std::string() : "write for example " + printJsonLine(field.example);
}

FieldError wrong(const FieldSpec& field, std::string_view expected, const Json& json)
{
    const std::string unit = field.unit.empty() ? "" : " (" + field.unit + ")";
    return {field.name, field.name + " must be " + std::string(expected) + unit + ", but is " + shown(json), exampleHint(field)};
}

FieldError unreadable(const FieldSpec& field, const Error& error)
{
    return {field.name, field.name + ": " + error.message, error.hint.empty() ? exampleHint(field) : error.hint};
}

// A number, or text that reads as one: `${env:PORT}` inserts text.
Json numberOf(const Json& json)
{
    if (!json.isString()) return json;
    Json number = Json::number(json.asString());
    return number.asDouble() ? number : json;
}

std::optional<FieldError> outOfRange(const FieldSpec& field, double value, const Json& json)
{
    if (!field.least && !field.most) return std::nullopt;
    if (value >= field.least.value_or(value) && value <= field.most.value_or(value)) return std::nullopt;
    const std::string range = !field.most ? "at least " + field.limitText(*field.least) : !field.least ? "at most " + field.limitText(*field.most) : fmt::format("between {} and {}", field.limitText(*field.least), field.limitText(*field.most));
    return FieldError{field.name, fmt::format("{} must be {}, but is {}", field.name, range, json.isString() ? json.asString() : json.numberText()), {}};
}

std::string list(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, std::string& out)
{
    if (!json.isString()) {
        const bool expression = field.kind == FieldKind::Expression;
        return wrong(field, expression ? "an expression (text)" : field.kind == FieldKind::Column ? "the name of a column" : "text", json);
    }
    out = json.asString();
    if (field.kind == FieldKind::Choice && std::find(field.choices.begin(), field.choices.end(), out) == field.choices.end()) {
        return FieldError{field.name, field.name + " must be one of " + list(field.choices) + ", but is " + shown(std::string_view(out)), didYouMean(out, field.choices)};
    }
    if (field.kind == FieldKind::Path && out.find('\0') != std::string::npos) return FieldError{field.name, field.name + " must be a path, but holds a NUL character", exampleHint(field)};
    const bool mayBeEmpty = field.kind == FieldKind::Text;
    if (!mayBeEmpty && out.find_first_not_of(" \t\r\n") == std::string::npos) return FieldError{field.name, field.name + " is empty", exampleHint(field)};
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, int64_t& out)
{
    std::optional<int64_t> integer;
    if (field.kind == FieldKind::Bytes && json.isString()) {
        auto bytes = parseBytes(json.asString());
        if (!bytes) return unreadable(field, bytes.error());
        integer = *bytes;
    } else {
        integer = numberOf(json).asInteger();
    }
    if (!integer) return wrong(field, field.kind == FieldKind::Bytes ? "a size such as \"64MiB\"" : "an integer", json);
    if (auto error = outOfRange(field, static_cast<double>(*integer), json)) return error;
    out = *integer;
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, double& out)
{
    const auto number = numberOf(json).asDouble();
    if (!number) return wrong(field, "a number", json);
    if (auto error = outOfRange(field, *number, json)) return error;
    out = *number;
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, bool& out)
{
    if (json.isString() && (json.asString() == "true" || json.asString() == "false")) {
        out = json.asString() == "true";
        return std::nullopt;
    }
    if (!json.isBoolean()) return wrong(field, "true or false", json);
    out = json.asBoolean();
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Duration& out)
{
    if (!json.isString()) return wrong(field, "a duration such as \"10s\"", json);
    auto duration = parseDuration(json.asString());
    if (!duration) return unreadable(field, duration.error());
    out = *duration;
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Schema& out)
{
    if (!json.isString()) return wrong(field, "a schema such as \"id BIGINT, name STRING\"", json);
    auto schema = parseSchema(json.asString());
    if (!schema) return unreadable(field, schema.error());
    out = std::move(*schema);
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Type& out)
{
    if (!json.isString()) return wrong(field, "a type such as \"BIGINT\"", json);
    auto type = parseType(json.asString());
    if (!type) return unreadable(field, type.error());
    out = std::move(*type);
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Json& out)
{
    if ((field.kind == FieldKind::Object || field.kind == FieldKind::Map) && !json.isObject()) return wrong(field, "an object", json);
    if (field.kind == FieldKind::Table) {
        if (!json.isArray()) return wrong(field, "an array of objects (rows)", json);
        for (const Json& row : json.items()) {
            if (!row.isObject()) return FieldError{field.name, "every row of " + field.name + " must be an object, but one is " + shown(row), exampleHint(field)};
        }
    }
    out = json;
    return std::nullopt;
}

std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, std::vector<std::string>& out)
{
    const std::string_view items = field.kind == FieldKind::Columns ? "an array of column names" : field.kind == FieldKind::Aggregates ? "an array of aggregates" : field.kind == FieldKind::Expressions || field.kind == FieldKind::Ordering ? "an array of expressions" : "an array of text";
    if (!json.isArray()) {
        FieldError error = wrong(field, items, json);
        if (json.isString()) error.hint = "write [" + quoteJson(json.asString()) + "]";
        return error;
    }
    out.clear();
    for (const Json& item : json.items()) {
        if (!item.isString()) return FieldError{field.name, field.name + " must be " + std::string(items) + ", but holds " + shown(item), exampleHint(field)};
        if (item.asString().find_first_not_of(" \t\r\n") == std::string::npos) return FieldError{field.name, field.name + " holds an empty text", exampleHint(field)};
        out.push_back(item.asString());
    }
    if (out.empty() && field.required) return FieldError{field.name, field.name + " is empty", exampleHint(field)};
    return std::nullopt;
}

std::vector<FieldError> checkNames(const Json& options, const NodeSpec& spec)
{
    std::vector<FieldError> errors;
    std::vector<std::string> known;
    for (const FieldSpec& field : spec.fields) known.push_back(field.name);
    for (const auto& [name, value] : options.members()) {
        if (spec.field(name)) continue;
        std::string hint = didYouMean(name, known);
        if (hint.empty()) hint = known.empty() ? spec.type + " has no options" : spec.type + " has " + list(known);
        errors.push_back({name, name + " is not an option of " + spec.type, std::move(hint)});
    }
    for (const FieldSpec& field : spec.fields) {
        if (field.required && field.fallback.isNull() && !options.find(field.name)) errors.push_back({field.name, spec.type + " needs the option " + field.name, exampleHint(field)});
    }
    return errors;
}

std::string fingerprintOf(const Json& options, const NodeSpec& spec)
{
    std::string text;
    for (const FieldSpec& field : spec.fields) {
        if (field.effect != StateEffect::Resets) continue;
        const Json* value = options.find(field.name);
        if (!value) value = &field.fallback;
        text += field.name + "=" + printJsonLine(*value) + "\n";
    }
    return text;
}

}
