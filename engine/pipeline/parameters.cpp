#include "engine/pipeline/parameters.h"

#include "engine/base/files.h"
#include "engine/base/suggest.h"
#include "engine/pipeline/json.h"

#include <cstdlib>

namespace streamwright {

namespace {

constexpr std::string_view kHidden = "***";

void tell(Diagnostics& out, int line, std::string field, std::string message, std::string hint = {})
{
    out.push_back({{}, std::move(field), std::move(message), std::move(hint), line, Severity::Error});
}

std::string asText(const Json& json)
{
    if (json.isString()) return json.asString();
    if (json.isNull()) return {};
    return json.isNumber() ? json.numberText() : printJsonLine(json);
}

const std::vector<std::string>& typeNames()
{
    static const std::vector<std::string> names{"text", "integer", "number", "boolean", "array", "object"};
    return names;
}

bool fits(const Json& value, std::string_view type)
{
    if (type.empty() || value.isNull()) return true;
    if (type == "text") return value.isString();
    if (type == "integer") return value.asInteger().has_value();
    if (type == "number") return value.isNumber();
    if (type == "boolean") return value.isBoolean();
    if (type == "array") return value.isArray();
    return value.isObject();
}

std::string typeOf(const Json& value)
{
    switch (value.kind()) {
    case Json::Kind::Null: return {};
    case Json::Kind::Boolean: return "boolean";
    case Json::Kind::Number: return "number";
    case Json::Kind::String: return "text";
    case Json::Kind::Array: return "array";
    case Json::Kind::Object: return "object";
    }
    return {};
}

// Text from outside (command line, environment) as a value of the type.
std::optional<Json> convert(const std::string& text, std::string_view type)
{
    if (type.empty() || type == "text") return Json::string(text);
    auto read = readJson(text);
    Json* value = std::get_if<Json>(&read);
    if (!value || !fits(*value, type)) return std::nullopt;
    return std::move(*value);
}

}

Parameters::Parameters(const Json& declared, const std::map<std::string, std::string>& overrides, std::filesystem::path folder, Diagnostics& out) : folder_(std::move(folder))
{
    for (const auto& [name, json] : declared.members()) parameters_.push_back(declare(name, json, out));
    std::vector<std::string> names;
    for (const Parameter& parameter : parameters_) names.push_back(parameter.name);
    for (const auto& [name, text] : overrides) {
        const auto at = std::find(names.begin(), names.end(), name);
        if (at != names.end()) override(parameters_[static_cast<size_t>(at - names.begin())], text, out);
        else tell(out, 0, "parameters", "no parameter called " + name, didYouMean(name, names));
    }
    for (Parameter& parameter : parameters_) {
        if (parameter.required && parameter.value.isNull() && !parameter.wrong) tell(out, parameter.line, "parameters." + parameter.name, "the parameter " + parameter.name + " has no value", "give it with --set " + parameter.name + "=…");
    }
}

Parameter Parameters::declare(const std::string& name, const Json& json, Diagnostics& out)
{
    Parameter parameter;
    parameter.name = name;
    parameter.line = json.line();
    const std::string field = "parameters." + name;
    const Json* value = &json;
    if (json.isObject()) {
        value = json.find("value");
        for (const auto& [key, member] : json.members()) {
            if (key == "value") continue;
            if (key == "type" && member.isString()) parameter.type = member.asString();
            else if (key == "help" && member.isString()) parameter.help = member.asString();
            else if (key == "required" && member.isBoolean()) parameter.required = member.asBoolean();
            else tell(out, member.line(), field, "a parameter has value, type (text), help (text) and required (true, false), but not this " + key);
        }
        if (!parameter.type.empty() && std::find(typeNames().begin(), typeNames().end(), parameter.type) == typeNames().end()) {
            tell(out, json.line(), field, "the type of a parameter is text, integer, number, boolean, array or object, but not " + parameter.type, didYouMean(parameter.type, typeNames()));
            parameter.type.clear();
        }
    }
    if (!value) return parameter;
    // A declared value may itself be a secret; other names are not looked up in it.
    Diagnostics wrong;
    const Piece inserted = insertInto(*value, Names::SecretsOnly, wrong);
    for (Diagnostic& diagnostic : wrong) {
        diagnostic.field = field;
        out.push_back(std::move(diagnostic));
    }
    parameter.wrong = !wrong.empty();
    parameter.value = inserted.value;
    parameter.printable = inserted.printable;
    if (inserted.value.isString() && !value->isNull() && !fits(inserted.value, parameter.type)) {
        if (auto converted = convert(inserted.value.asString(), parameter.type)) parameter.value = std::move(*converted);
    }
    if (!fits(parameter.value, parameter.type)) {
        parameter.wrong = true;
        tell(out, json.line(), field, name + " must be of type " + parameter.type + ", but is " + std::string(parameter.value.describe()));
    } else if (parameter.type.empty() && !json.isObject()) parameter.type = typeOf(*value);
    return parameter;
}

void Parameters::override(Parameter& parameter, const std::string& text, Diagnostics& out)
{
    auto value = convert(text, parameter.type);
    parameter.wrong = !value;
    if (!value) return tell(out, parameter.line, "parameters." + parameter.name, parameter.name + " must be of type " + parameter.type + ", but --set gives " + quoteJson(text));
    parameter.value = *value;
    parameter.printable = std::move(*value);
}

Parameters::Piece Parameters::secret(std::string text)
{
    if (!text.empty()) secrets_.push_back(text);
    return {Json::string(std::move(text)), Json::string(std::string(kHidden))};
}

Parameters::Piece Parameters::lookUp(std::string_view reference, Names names, int line, Diagnostics& out)
{
    const std::string name(reference.substr(reference.find(':') + 1));
    if (reference.starts_with("env:")) {
        if (const char* value = std::getenv(name.c_str())) return secret(value);
        tell(out, line, {}, "the environment variable " + name + " is not set", "set it before the start: " + name + "=… streamwright …");
        return {Json::string({}), Json::string(std::string(kHidden))};
    }
    if (reference.starts_with("file:")) {
        auto text = readFile(folder_ / name);
        if (text) {
            // Editors end a file with a line end that is no part of a password.
            while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
            return secret(std::move(*text));
        }
        tell(out, line, {}, text.error().message, text.error().hint);
        return {Json::string({}), Json::string(std::string(kHidden))};
    }
    if (names == Names::SecretsOnly) {
        tell(out, line, {}, "a parameter's value may hold ${env:NAME} and ${file:path}, but not ${" + name + "}");
        return {};
    }
    std::vector<std::string> known;
    for (const Parameter& parameter : parameters_) {
        if (parameter.name != name) {
            known.push_back(parameter.name);
            continue;
        }
        if (parameter.value.isNull() && !parameter.required) tell(out, line, {}, "the parameter " + name + " has no value", "give it with --set " + name + "=…");
        return {parameter.value, parameter.printable, !parameter.wrong && !parameter.value.isNull()};
    }
    tell(out, line, {}, "no parameter called " + name, didYouMean(name, known));
    return {};
}

Parameters::Piece Parameters::insertInto(const Json& json, Names names, Diagnostics& out)
{
    if (!json.isString()) return {json, json};
    const std::string& text = json.asString();
    std::string value, printable;
    bool complete = true;
    size_t from = 0;
    while (from < text.size()) {
        const size_t dollar = text.find("${", from);
        if (dollar == std::string::npos) break;
        const bool escaped = dollar > from && text[dollar - 1] == '$';
        const std::string before = text.substr(from, dollar - from - (escaped ? 1 : 0));
        value += before;
        printable += before;
        from = dollar + 2;
        if (escaped) {
            value += "${";
            printable += "${";
            continue;
        }
        const size_t close = text.find('}', from);
        if (close == std::string::npos) {
            tell(out, json.line(), {}, "`${` has no closing `}` in " + quoteJson(text), "write $${ for a literal ${");
            return {json, json};
        }
        Piece piece = lookUp(std::string_view(text).substr(from, close - from), names, json.line(), out);
        if (dollar == 0 && close + 1 == text.size()) {
            piece.value.setLine(json.line());
            piece.printable.setLine(json.line());
            return piece;
        }
        value += asText(piece.value);
        printable += asText(piece.printable);
        complete = complete && piece.complete;
        from = close + 1;
    }
    if (from == 0) return {json, json};
    value += text.substr(from);
    printable += text.substr(from);
    Piece piece{Json::string(std::move(value)), Json::string(std::move(printable)), complete};
    piece.value.setLine(json.line());
    piece.printable.setLine(json.line());
    return piece;
}

Parameters::Inserted Parameters::insert(const Json& json, Diagnostics& out)
{
    Inserted inserted{json, json};
    if (json.isString()) {
        Piece piece = insertInto(json, Names::All, out);
        return {std::move(piece.value), std::move(piece.printable), piece.complete};
    }
    for (size_t i = 0; i < json.items().size(); ++i) {
        Inserted item = insert(json.items()[i], out);
        inserted.value.items()[i] = std::move(item.value);
        inserted.printable.items()[i] = std::move(item.printable);
        inserted.complete = inserted.complete && item.complete;
    }
    for (size_t i = 0; i < json.members().size(); ++i) {
        Inserted member = insert(json.members()[i].second, out);
        inserted.value.members()[i].second = std::move(member.value);
        inserted.printable.members()[i].second = std::move(member.printable);
        inserted.complete = inserted.complete && member.complete;
    }
    return inserted;
}

std::string Parameters::redact(std::string text) const
{
    for (const std::string& secret : secrets_) {
        for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + kHidden.size())) text.replace(at, secret.size(), kHidden);
    }
    return text;
}

}
