// What the functions that read and write JSON and CSV are told beside their values: a schema, and options as in
// map('sep', ';', 'mode', 'FAILFAST'). Both are written out, so mistakes in them are found when compiled.
#pragma once
#include "engine/columns/schema.h"
#include "engine/expression/date_pattern.h"
#include "engine/expression/function.h"

namespace streamwright {

struct TextOptions {
    bool failFast = false;                          // mode
    std::string corruptColumn = "_corrupt_record";  // columnNameOfCorruptRecord: gets the text of a bad record
    std::optional<std::string> timeZone;            // timeZone
    std::optional<DatePattern> timestampFormat;     // timestampFormat
    std::optional<DatePattern> dateFormat;          // dateFormat
    // JSON.
    bool ignoreNullFields = true;                   // ignoreNullFields: NULL members are left out
    bool nonNumericNumbers = true;                  // allowNonNumericNumbers
    bool controlCharacters = false;                 // allowUnquotedControlChars
    bool primitivesAsString = false;                // primitivesAsString
    // CSV.
    char separator = ',';                           // sep, delimiter
    char quote = '"';                               // quote; 0: nothing quotes
    char escape = '\\';                             // escape
    std::string nullValue;                          // nullValue
    std::optional<std::string> emptyValue;          // emptyValue: stands for ''
    std::string nanValue = "NaN";                   // nanValue
    std::string positiveInf = "Inf";                // positiveInf
    std::string negativeInf = "-Inf";               // negativeInf
    std::optional<bool> trimLeading;                // ignoreLeadingWhiteSpace
    std::optional<bool> trimTrailing;               // ignoreTrailingWhiteSpace
    bool quoteAll = false;                          // quoteAll
    bool escapeQuotes = true;                       // escapeQuotes

    Zone zone(const EvalContext& context) const { return Zone::findOrUtc(timeZone ? *timeZone : context.timeZone); }
};

enum class TextFormat : unsigned char { Json, Csv };

// The options in the literal texts from argument `first` on, names and values in turn; a mistake names the option.
Result<TextOptions> optionsIn(std::string_view function, TextFormat format, std::span<const ArgumentType> arguments, size_t first);
// The same in a kernel: the arguments have been checked, and are the same in every row.
TextOptions optionsOf(const Call& call, TextFormat format, size_t first);
// Whether a function takes map(…) as its last argument.
bool takesOptions(std::string_view function);

// The type that a literal schema describes: `a INT, b STRING`, `STRUCT<a: INT>` or `ARRAY<…>`.
Result<Type> schemaIn(std::string_view function, std::span<const ArgumentType> arguments, size_t index);

}
