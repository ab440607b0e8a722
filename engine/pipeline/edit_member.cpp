// Members of a document. One whose value is not of the kind that its name asks for stands in `extra`, as when
// the file is read; the typed place is then empty.
#include "engine/pipeline/edit_parts.h"

namespace streamwright::edit_parts {

namespace {

using Inverse = Result<Edit::Step>;

Json* typedObject(Document& document, std::string_view name)
{
    if (name == "settings") return &document.settings;
    if (name == "parameters") return &document.parameters;
    if (name == "layout") return &document.layout;
    return nullptr;
}

bool isNodesOrEdges(std::string_view name) { return name == "nodes" || name == "edges"; }

// Whether a file's member would be read into the typed place of that name.
bool belongsInPlace(std::string_view name, const Json& value)
{
    if (name == "format" || name == "name") return value.isString();
    if (name == "edges") return value.isArray();
    return (name == "settings" || name == "parameters" || name == "layout" || name == "nodes") && value.isObject();
}

std::optional<Json> typedValue(Document& document, const std::string& name)
{
    if (name == "format") return document.format;
    if (name == "name" && !document.name.empty()) return Json::string(document.name);
    if (const Json* object = typedObject(document, name); object && !object->members().empty()) return *object;
    return std::nullopt;
}

// None: as in a file without the member.
void setTyped(Document& document, const std::string& name, const std::optional<Json>& value)
{
    if (name == "format") document.format = value ? *value : Document().format;
    else if (name == "name") document.name = value ? value->asString() : std::string();
    else if (Json* object = typedObject(document, name)) *object = value ? *value : Json::object();
}

SetMember setIn(Json& object, const SetMember& step)
{
    const std::string& key = step.path.back();
    auto& members = object.members();
    const auto there = std::ranges::find(members, key, &Json::Member::first);
    if (there == members.end()) {
        if (!step.value) return step;
        const size_t at = std::min(step.at.value_or(members.size()), members.size());
        members.emplace(members.begin() + static_cast<std::ptrdiff_t>(at), key, *step.value);
        return {step.path, std::nullopt, std::nullopt};
    }
    if (step.value) return {step.path, std::exchange(there->second, *step.value), std::nullopt};
    SetMember inverse{step.path, std::move(there->second), static_cast<size_t>(there - members.begin())};
    members.erase(there);
    return inverse;
}

Inverse setRoot(Document& document, const SetMember& step)
{
    const std::string& name = step.path.front();
    if (isNodesOrEdges(name) && step.value && belongsInPlace(name, *step.value)) return permanent("nodes and edges are changed one by one");
    const bool inPlace = step.value ? belongsInPlace(name, *step.value) : !document.extra.find(name);
    if (!inPlace) {
        // Moves between the typed place and `extra` keep both undoable: only one of them ever holds a value.
        auto old = typedValue(document, name);
        if (document.extra.find(name)) old.reset();
        setTyped(document, name, std::nullopt);
        SetMember inverse = setIn(document.extra, step);
        if (old && !inverse.value) inverse.value = std::move(old);
        return inverse;
    }
    if (document.extra.find(name)) {
        SetMember inverse = setIn(document.extra, {step.path, std::nullopt, std::nullopt});
        setTyped(document, name, step.value);
        return inverse;
    }
    SetMember inverse{step.path, typedValue(document, name), std::nullopt};
    setTyped(document, name, step.value);
    return inverse;
}

Json* rootObject(Document& document, const std::string& name)
{
    Json* there = document.extra.find(name);
    return there ? there : typedObject(document, name);
}

// The value inside objects named by path[from] and so on.
Json nested(const std::vector<std::string>& path, size_t from, const Json& value)
{
    if (from == path.size()) return value;
    return Json::object({{path[from], nested(path, from + 1, value)}});
}

}

Inverse applyMember(Document& document, const SetMember& step)
{
    if (step.path.empty()) return permanent("a change of a member names none");
    if (!document.extra.isObject()) return mistake("the file holds no pipeline, but " + std::string(document.extra.describe()));
    if (step.path.size() == 1) return setRoot(document, step);
    if (isNodesOrEdges(step.path.front())) return permanent("nodes and edges are changed one by one");

    Json* object = rootObject(document, step.path.front());
    for (size_t depth = 1; depth < step.path.size(); ++depth) {
        if (!object || !object->isObject()) {
            if (!step.value) return step;
            const std::vector<std::string> upper(step.path.begin(), step.path.begin() + static_cast<std::ptrdiff_t>(depth));
            return applyMember(document, {upper, nested(step.path, depth, *step.value), std::nullopt});
        }
        if (depth + 1 < step.path.size()) object = object->find(step.path[depth]);
    }
    return setIn(*object, step);
}

}
