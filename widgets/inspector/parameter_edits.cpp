#include "widgets/inspector/parameter_edits.h"

namespace streamwright {

namespace {

bool isParameterName(const std::string& name)
{
    return !name.empty() && name.find_first_of("${}: \t\r\n") == std::string::npos;
}

// `$${from}` is a literal and stays.
std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
        const bool literal = at > 0 && text[at - 1] == '$';
        if (!literal) text.replace(at, from.size(), to);
        at += literal ? from.size() : to.size();
    }
    return text;
}

Json replaced(const Json& json, const std::string& from, const std::string& to)
{
    if (json.isString()) return Json::string(replaced(json.asString(), from, to));
    Json value = json;
    for (Json& item : value.items()) item = replaced(item, from, to);
    for (auto& [name, member] : value.members()) member = replaced(member, from, to);
    return value;
}

}

std::optional<Json> parameterValue(const Json& declared)
{
    if (!declared.isObject()) return declared;
    const Json* value = declared.find("value");
    return value ? std::optional<Json>(*value) : std::nullopt;
}

Json withValue(const Json& declared, const std::optional<Json>& value)
{
    // A bare object would read as a declaration.
    const bool bare = !declared.isObject() && !(value && value->isObject());
    if (bare) return value.value_or(Json::string({}));
    Json next = declared.isObject() ? declared : Json::object();
    if (value) next.set("value", *value);
    else next.erase("value");
    return next;
}

std::optional<Edit> renameParameter(const Document& document, const std::string& from, const std::string& to)
{
    const auto& members = document.parameters.members();
    const auto at = std::find_if(members.begin(), members.end(), [&](const Json::Member& member) { return member.first == from; });
    if (at == members.end() || !isParameterName(to) || document.parameters.find(to)) return std::nullopt;
    Edit edit;
    edit.steps.push_back(SetMember{{"parameters", from}, std::nullopt, std::nullopt});
    edit.steps.push_back(SetMember{{"parameters", to}, at->second, static_cast<size_t>(at - members.begin())});
    const std::string before = "${" + from + '}', after = "${" + to + '}';
    for (size_t i = 0; i < document.nodes.size(); ++i) {
        Node node = document.nodes[i];
        node.options = replaced(node.options, before, after);
        if (!(node == document.nodes[i])) edit.steps.push_back(ReplaceNode{i, std::move(node)});
    }
    for (const auto& [name, value] : document.settings.members()) {
        Json next = replaced(value, before, after);
        if (!(next == value)) edit.steps.push_back(SetMember{{"settings", name}, std::move(next), std::nullopt});
    }
    return edit;
}

}
