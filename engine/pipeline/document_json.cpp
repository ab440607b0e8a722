#include "engine/pipeline/document_json.h"

#include "engine/pipeline/json.h"

namespace streamwright {

namespace {

std::string_view trimmed(std::string_view text)
{
    const size_t from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// "node.port" or "node".
bool readEnd(std::string_view text, std::string& node, std::string& port)
{
    const size_t dot = text.find('.');
    node = std::string(text.substr(0, dot));
    if (dot != std::string_view::npos) port = std::string(text.substr(dot + 1));
    const bool spaced = text.find_first_of(" \t\n") != std::string_view::npos;
    return !node.empty() && !spaced && (dot == std::string_view::npos || !port.empty());
}

bool isListOfText(const Json& json)
{
    return json.isArray() && std::all_of(json.items().begin(), json.items().end(), [](const Json& item) { return item.isString(); });
}

void readEdges(const Json& json, Document& document)
{
    for (const Json& item : json.items()) {
        auto edge = item.isString() ? parseEdge(item.asString()) : std::nullopt;
        if (!edge) {
            document.unreadableEdges.push_back(item);
            continue;
        }
        edge->line = item.line();
        document.edges.push_back(std::move(*edge));
    }
}

Json edgesToJson(const Document& document)
{
    std::vector<Json> items;
    for (const Edge& edge : document.edges) items.push_back(Json::string(printEdge(edge)));
    items.insert(items.end(), document.unreadableEdges.begin(), document.unreadableEdges.end());
    return Json::array(std::move(items));
}

}

std::optional<Edge> parseEdge(std::string_view text)
{
    const size_t arrow = text.find("->");
    if (arrow == std::string_view::npos) return std::nullopt;
    Edge edge;
    if (!readEnd(trimmed(text.substr(0, arrow)), edge.from, edge.fromPort)) return std::nullopt;
    if (!readEnd(trimmed(text.substr(arrow + 2)), edge.to, edge.toPort)) return std::nullopt;
    return edge;
}

std::string printEdge(const Edge& edge)
{
    const auto end = [](const std::string& node, const std::string& port) { return port.empty() ? node : node + "." + port; };
    return end(edge.from, edge.fromPort) + " -> " + end(edge.to, edge.toPort);
}

bool isNodeName(std::string_view name)
{
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Node nodeFromJson(const std::string& name, const Json& json)
{
    Node node;
    node.id = {name};
    node.line = json.line();
    if (!json.isObject()) {
        node.extra = json;  // not a node at all: kept whole
        return node;
    }
    for (const auto& [key, value] : json.members()) {
        if (key == "type" && value.isString()) node.type = value.asString();
        else if (key == "title" && value.isString()) node.title = value.asString();
        else if (key == "options" && value.isObject()) node.options = value;
        else if (key == "disabled" && value.isBoolean()) node.disabled = value.asBoolean();
        else if (key == "bypassed" && value.isBoolean()) node.bypassed = value.asBoolean();
        else if (key == "was" && isListOfText(value)) {
            for (const Json& old : value.items()) node.was.push_back(old.asString());
        } else node.extra.set(key, value);
    }
    return node;
}

Json toJson(const Node& node)
{
    if (!node.extra.isObject()) return node.extra;
    Json json = Json::object();
    if (!node.type.empty()) json.set("type", Json::string(node.type));
    if (!node.title.empty()) json.set("title", Json::string(node.title));
    if (!node.options.members().empty()) json.set("options", node.options);
    if (node.disabled) json.set("disabled", Json::boolean(true));
    if (node.bypassed) json.set("bypassed", Json::boolean(true));
    if (!node.was.empty()) {
        std::vector<Json> names;
        for (const std::string& name : node.was) names.push_back(Json::string(name));
        json.set("was", Json::array(std::move(names)));
    }
    for (const auto& [key, value] : node.extra.members()) json.set(key, value);
    return json;
}

Document documentFromJson(const Json& json)
{
    Document document;
    if (!json.isObject()) {
        document.extra = json;
        return document;
    }
    for (const auto& [key, value] : json.members()) {
        if (key == "format" && value.isString()) document.format = value;
        else if (key == "name" && value.isString()) document.name = value.asString();
        else if (key == "settings" && value.isObject()) document.settings = value;
        else if (key == "parameters" && value.isObject()) document.parameters = value;
        else if (key == "layout" && value.isObject()) document.layout = value;
        else if (key == "edges" && value.isArray()) readEdges(value, document);
        else if (key == "nodes" && value.isObject()) {
            for (const auto& [name, node] : value.members()) document.nodes.push_back(nodeFromJson(name, node));
        } else document.extra.set(key, value);
    }
    return document;
}

Json toJson(const Document& document)
{
    if (!document.extra.isObject()) return document.extra;
    Json json = Json::object();
    // A member of the wrong kind stands in `extra` and is printed as it was.
    const auto put = [&](std::string key, Json value) {
        if (!document.extra.find(key)) json.set(std::move(key), std::move(value));
    };
    put("format", document.format);
    if (!document.name.empty()) put("name", Json::string(document.name));
    if (!document.settings.members().empty()) put("settings", document.settings);
    if (!document.parameters.members().empty()) put("parameters", document.parameters);
    Json nodes = Json::object();
    for (const Node& node : document.nodes) nodes.members().emplace_back(node.id.name, toJson(node));
    put("nodes", std::move(nodes));
    put("edges", edgesToJson(document));
    if (!document.layout.members().empty()) put("layout", document.layout);
    for (const auto& [key, value] : document.extra.members()) json.set(key, value);
    return json;
}

DocumentRead readDocument(std::string_view text)
{
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    auto read = readJson(text);
    if (const auto* problem = std::get_if<JsonProblem>(&read)) {
        Diagnostic diagnostic;
        diagnostic.message = problem->message;
        diagnostic.line = problem->line;
        return {std::nullopt, {std::move(diagnostic)}};
    }
    return {documentFromJson(std::get<Json>(read)), {}};
}

std::string printDocument(const Document& document)
{
    return printJson(toJson(document));
}

}
