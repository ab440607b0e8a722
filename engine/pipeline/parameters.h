// Parameters of a pipeline and their insertion into options and settings: `${name}`, `${env:NAME}`,
// `${file:path}`, and `$${` for a literal `${`. What is inserted is never looked through again.
#pragma once
#include "engine/base/diagnostic.h"
#include "engine/pipeline/json_value.h"

#include <filesystem>
#include <map>

namespace streamwright {

struct Parameter {
    std::string name;
    Json value;               // null if it has none
    Json printable;           // the same with secrets as ***
    std::string type;         // "text", "integer", "number", "boolean", "array", "object"; empty if any
    std::string help;
    bool required = false;
    bool wrong = false;       // what is wrong with its value has been told
    int line = 0;
};

class Parameters {
public:
    // Reads the member `parameters`: bare values, or {value, type, help, required}. `overrides` (--set)
    // win and take the declared type. Paths of `${file:…}` belong to `folder`.
    Parameters(const Json& declared, const std::map<std::string, std::string>& overrides, std::filesystem::path folder, Diagnostics& out);

    const std::vector<Parameter>& all() const { return parameters_; }

    struct Inserted {
        Json value;
        Json printable;       // secrets as ***: for hashes and for people
        bool complete = true; // false: a parameter in it has no right value, which is told where it is declared
    };
    // A string that is exactly one `${name}` takes the parameter's type. Diagnostics have message, hint
    // and line; the caller adds node and field.
    Inserted insert(const Json& json, Diagnostics& out);

    // `text` without the secrets that were inserted so far.
    std::string redact(std::string text) const;

private:
    struct Piece {
        Json value;
        Json printable;
        bool complete = true;
    };
    enum class Names : unsigned char { All, SecretsOnly };
    Piece insertInto(const Json& text, Names names, Diagnostics& out);
    Piece lookUp(std::string_view reference, Names names, int line, Diagnostics& out);
    Piece secret(std::string text);
    Parameter declare(const std::string& name, const Json& json, Diagnostics& out);
    void override(Parameter& parameter, const std::string& text, Diagnostics& out);

    std::filesystem::path folder_;
    std::vector<Parameter> parameters_;
    std::vector<std::string> secrets_;
};

}
