#include "engine/remote/verbs.h"

#include "engine/pipeline/json.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

template <size_t... I>
void describeVerbs(std::string& shape, std::index_sequence<I...>)
{
    const auto describeArguments = [&shape]<class... A>(std::tuple<A...>*) { (Wire<A>::describe(shape), ...); };
    ((describeArguments(static_cast<typename VerbAt<I>::Arguments*>(nullptr)), Wire<Result<typename VerbAt<I>::Answered>>::describe(shape += ':'), shape += ';'), ...);
}

// FNV-1a: it need not withstand anybody.
std::string shapeHash()
{
    std::string shape;
    describeVerbs(shape, std::make_index_sequence<kVerbs>());
    uint64_t hash = 14695981039346656037u;
    for (const char c : shape) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return fmt::format("{:016x}", hash);
}

std::string textAt(const Json& json, std::string_view key)
{
    const Json* found = json.find(key);
    return found && found->isString() ? found->asString() : std::string();
}

}

Hello ourHello(std::string viewer)
{
    static const std::string shape = shapeHash();
    return {.shape = shape, .viewer = std::move(viewer)};
}

std::string printHello(const Hello& hello)
{
    Json json = Json::object({{"protocol", Json::integer(hello.protocol)}, {"shape", Json::string(hello.shape)}});
    if (!hello.viewer.empty()) json.set("viewer", Json::string(hello.viewer));
    if (!hello.refused.empty()) json.set("refused", Json::string(hello.refused));
    return printJsonLine(json);
}

Result<Hello> readHello(std::string_view text)
{
    const auto read = readJson(text);
    const Json* json = std::get_if<Json>(&read);
    const Json* protocol = json && json->isObject() ? json->find("protocol") : nullptr;
    const auto number = protocol ? protocol->asInteger() : std::nullopt;
    if (!number) return permanent("what answers there is no session of streamwright");
    return Hello{*number, textAt(*json, "shape"), textAt(*json, "viewer"), textAt(*json, "refused")};
}

std::string mismatchOf(const Hello& server, const Hello& viewer)
{
    if (server.protocol != viewer.protocol) return fmt::format("the run speaks session protocol {}, but the viewer speaks {}", server.protocol, viewer.protocol);
    if (server.shape != viewer.shape) return fmt::format("the run and the viewer are of different builds: their messages of session protocol {} differ", server.protocol);
    return {};
}

}
