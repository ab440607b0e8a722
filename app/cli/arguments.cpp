#include "app/cli/arguments.h"

#include "engine/base/printable.h"

#include <fmt/format.h>

namespace streamwright {

int complain(const Error& error)
{
    fmt::print(stderr, "error: {}\n", printable(error.message));
    if (!error.hint.empty()) fmt::print(stderr, "  {}\n", printable(error.hint));
    return error.kind == ErrorKind::Mistake ? 2 : 1;
}

std::optional<std::pair<std::string, std::string>> splitAtEquals(const std::string& text)
{
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return std::nullopt;
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<std::map<std::string, std::string>> parametersOf(const std::vector<std::string>& set)
{
    std::map<std::string, std::string> parameters;
    for (const std::string& text : set) {
        auto parts = splitAtEquals(text);
        if (!parts) return mistake(fmt::format("--set takes NAME=VALUE, but is \"{}\"", text), "write for example --set port=9998");
        parameters.insert_or_assign(std::move(parts->first), std::move(parts->second));
    }
    return parameters;
}

}
