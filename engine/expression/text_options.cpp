#include "engine/expression/text_options.h"

#include "engine/base/suggest.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"

namespace streamwright {

namespace {

using Setter = std::optional<Error> (*)(TextOptions& options, const std::string& name, const std::string& value);

struct Option {
    std::string_view name;
    bool json;
    bool csv;
    Setter set;
};

Error wrongValue(const std::string& name, std::string_view expected, const std::string& value) { return mistake(fmt::format("the option {} must be {}, but is '{}'", name, expected, value)); }

template <auto member>
std::optional<Error> setTruth(TextOptions& options, const std::string& name, const std::string& value)
{
    if (!sameName(value, "true") && !sameName(value, "false")) return wrongValue(name, "true or false", value);
    options.*member = sameName(value, "true");
    return std::nullopt;
}

template <auto member>
std::optional<Error> setText(TextOptions& options, const std::string&, const std::string& value)
{
    options.*member = value;
    return std::nullopt;
}

template <auto member>
std::optional<Error> setByte(TextOptions& options, const std::string& name, const std::string& value)
{
    const std::string character = value == "\\t" ? "\t" : value;
    if (character.size() > 1 || (character.empty() && name != "quote" && name != "escape")) return wrongValue(name, "one ASCII character", value);
    options.*member = character.empty() ? '\0' : character[0];
    return std::nullopt;
}

template <auto member>
std::optional<Error> setPattern(TextOptions& options, const std::string& name, const std::string& value)
{
    auto pattern = DatePattern::compile(value);
    if (!pattern) return mistake(fmt::format("the option {} is no pattern: {}", name, pattern.error().message), pattern.error().hint);
    options.*member = std::move(*pattern);
    return std::nullopt;
}

std::optional<Error> setMode(TextOptions& options, const std::string& name, const std::string& value)
{
    if (!sameName(value, "permissive") && !sameName(value, "failfast")) return wrongValue(name, "PERMISSIVE or FAILFAST", value);
    options.failFast = sameName(value, "failfast");
    return std::nullopt;
}

std::optional<Error> setZone(TextOptions& options, const std::string& name, const std::string& value)
{
    if (!Zone::find(value)) return wrongValue(name, "a time zone such as UTC, +01:00 or Europe/Brussels", value);
    options.timeZone = value;
    return std::nullopt;
}

constexpr Option kOptions[] = {
    {"mode", true, true, setMode},
    {"columnNameOfCorruptRecord", true, true, setText<&TextOptions::corruptColumn>},
    {"timeZone", true, true, setZone},
    {"timestampFormat", true, true, setPattern<&TextOptions::timestampFormat>},
    {"dateFormat", true, true, setPattern<&TextOptions::dateFormat>},
    {"ignoreNullFields", true, false, setTruth<&TextOptions::ignoreNullFields>},
    {"allowNonNumericNumbers", true, false, setTruth<&TextOptions::nonNumericNumbers>},
    {"allowUnquotedControlChars", true, false, setTruth<&TextOptions::controlCharacters>},
    {"primitivesAsString", true, false, setTruth<&TextOptions::primitivesAsString>},
    {"sep", false, true, setByte<&TextOptions::separator>},
    {"delimiter", false, true, setByte<&TextOptions::separator>},
    {"quote", false, true, setByte<&TextOptions::quote>},
    {"escape", false, true, setByte<&TextOptions::escape>},
    {"nullValue", false, true, setText<&TextOptions::nullValue>},
    {"emptyValue", false, true, setText<&TextOptions::emptyValue>},
    {"nanValue", false, true, setText<&TextOptions::nanValue>},
    {"positiveInf", false, true, setText<&TextOptions::positiveInf>},
    {"negativeInf", false, true, setText<&TextOptions::negativeInf>},
    {"ignoreLeadingWhiteSpace", false, true, setTruth<&TextOptions::trimLeading>},
    {"ignoreTrailingWhiteSpace", false, true, setTruth<&TextOptions::trimTrailing>},
    {"quoteAll", false, true, setTruth<&TextOptions::quoteAll>},
    {"escapeQuotes", false, true, setTruth<&TextOptions::escapeQuotes>},
};

std::optional<Error> setOption(TextOptions& options, TextFormat format, const std::string& name, const std::string& value)
{
    std::vector<std::string> known;
    for (const Option& option : kOptions) {
        if (!(format == TextFormat::Json ? option.json : option.csv)) continue;
        if (sameName(option.name, name)) return option.set(options, std::string(option.name), value);
        known.emplace_back(option.name);
    }
    std::string hint = didYouMean(name, known);
    if (hint.empty()) {
        hint = "the options are ";
        for (const std::string& each : known) hint += (each == known.front() ? "" : ", ") + each;
    }
    return mistake("unknown option: " + name, std::move(hint));
}

}

Result<TextOptions> optionsIn(std::string_view function, TextFormat format, std::span<const ArgumentType> arguments, size_t first)
{
    TextOptions options;
    const std::string expected = fmt::format("the options of {} are written out as map('name', 'value', …)", function);
    if (arguments.size() > first && (arguments.size() - first) % 2 == 1) return mistake(expected);
    for (size_t i = first; i < arguments.size(); i += 2) {
        const auto name = literalText(arguments, i), value = literalText(arguments, i + 1);
        if (!name || !value) return mistake(expected + ", with texts");
        if (auto error = setOption(options, format, *name, *value)) return *error;
    }
    return options;
}

TextOptions optionsOf(const Call& call, TextFormat format, size_t first)
{
    TextOptions options;
    for (size_t i = first; call.rows > 0 && i + 1 < call.arguments.size(); i += 2) {
        setOption(options, format, std::string(textAt(*call.arguments[i], 0)), std::string(textAt(*call.arguments[i + 1], 0)));
    }
    return options;
}

bool takesOptions(std::string_view function)
{
    constexpr std::string_view kFunctions[] = {"from_json", "to_json", "schema_of_json", "from_csv", "to_csv", "schema_of_csv"};
    return std::find(std::begin(kFunctions), std::end(kFunctions), function) != std::end(kFunctions);
}

Result<Type> schemaIn(std::string_view function, std::span<const ArgumentType> arguments, size_t index)
{
    const auto text = literalText(arguments, index);
    if (!text) return mistake(fmt::format("the schema of {} must be written out as a text", function), "for example 'id BIGINT, name STRING'");
    auto type = parseType(*text);
    if (type) return type;
    auto schema = parseSchema(*text);
    if (schema) return Type::structure(schema->fields());
    // What begins as `STRUCT<` was meant to be a type.
    const Error& error = text->find('<') < text->find(' ') ? type.error() : schema.error();
    return mistake(fmt::format("the schema of {} is wrong: {}", function, error.message), error.hint.empty() ? "write for example 'id BIGINT, name STRING'" : error.hint);
}

}
