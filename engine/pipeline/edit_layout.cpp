// Where things stand: nodes, bends, frames and notes; and settings, parameters and the name, which are members too.
#include "engine/pipeline/document_json.h"
#include "engine/pipeline/edit_parts.h"
#include "engine/pipeline/edits.h"

#include <cmath>
#include <fmt/core.h>

namespace streamwright {

using namespace edit_parts;

namespace {

Json coordinate(double value)
{
    if (!std::isfinite(value)) return Json::integer(0);
    // Half a pixel is more than anybody sees, and keeps the file readable.
    const double rounded = std::round(value * 2) / 2;
    if (rounded == std::trunc(rounded) && std::abs(rounded) < 1e15) return Json::integer(static_cast<int64_t>(rounded));
    return Json::number(fmt::format("{}", rounded));
}

std::optional<Position> positionFrom(const Json& json)
{
    if (!json.isArray() || json.items().size() < 2) return std::nullopt;
    const auto x = json.items()[0].asDouble();
    const auto y = json.items()[1].asDouble();
    if (!x || !y) return std::nullopt;
    return Position{*x, *y};
}

Edit setOne(const Document& document, const std::vector<std::string>& path, const std::string& name, std::optional<Json> value)
{
    Edit edit;
    setMembers(document, path, {{name, std::move(value)}}, edit);
    return edit;
}

const Json* objectAt(const Document& document, const std::vector<std::string>& path)
{
    const std::string& root = path.front();
    const Json* object = document.extra.find(root);
    if (!object) object = root == "settings" ? &document.settings : root == "parameters" ? &document.parameters : root == "layout" ? &document.layout : nullptr;
    for (size_t i = 1; object && i < path.size(); ++i) object = object->find(path[i]);
    return object && object->isObject() ? object : nullptr;
}

// The object with all members set at once.
Json changedObject(const Json& before, Members members)
{
    Json after = Json::object();
    for (const auto& [name, value] : before.members()) {
        const auto change = members.find(name);
        if (change == members.end()) after.members().emplace_back(name, value);
        else if (change->second) after.members().emplace_back(name, std::move(*change->second));
        if (change != members.end()) members.erase(change);
    }
    for (auto& [name, value] : members) {
        if (value) after.members().emplace_back(name, std::move(*value));
    }
    return after;
}

}

namespace edit_parts {

Json toJson(Position position)
{
    return Json::array({coordinate(position.x), coordinate(position.y)});
}

const Json* layoutObject(const Document& document, std::string_view name)
{
    return objectAt(document, {"layout", std::string(name)});
}

void setMembers(const Document& document, const std::vector<std::string>& path, const Members& members, Edit& edit)
{
    // Each single step looks for its member: many of them at once are quicker as one.
    constexpr size_t kMany = 64;
    const Json* object = objectAt(document, path);
    Members changed;
    for (const auto& [name, value] : members) {
        const Json* there = object ? object->find(name) : nullptr;
        if (value ? !there || *there != *value : there != nullptr) changed.emplace(name, value);
    }
    if (object && changed.size() > kMany) {
        edit.steps.push_back(SetMember{path, changedObject(*object, std::move(changed)), std::nullopt});
        return;
    }
    for (auto& [name, value] : changed) {
        std::vector<std::string> full = path;
        full.push_back(name);
        edit.steps.push_back(SetMember{std::move(full), std::move(value), std::nullopt});
    }
}

}

Position positionOf(const Document& document, const NodeId& node)
{
    const Json* nodes = layoutObject(document, "nodes");
    const Json* there = nodes ? nodes->find(node.name) : nullptr;
    return there ? positionFrom(*there).value_or(Position{}) : Position{};
}

std::map<NodeId, Position> positionsOf(const Document& document)
{
    std::map<NodeId, Position> positions;
    for (const Node& node : document.nodes) positions[node.id];
    const Json* nodes = layoutObject(document, "nodes");
    if (!nodes) return positions;
    for (const auto& [name, json] : nodes->members()) {
        const auto node = positions.find({name});
        if (node != positions.end()) node->second = positionFrom(json).value_or(Position{});
    }
    return positions;
}

Edit moveNodes(const Document& document, const std::map<NodeId, Position>& positions)
{
    Members members;
    for (const auto& [node, position] : positions) members[node.name] = toJson(position);
    Edit edit;
    setMembers(document, {"layout", "nodes"}, members, edit);
    return edit;
}

Edit setBends(const Document& document, const Edge& edge, const std::vector<Position>& bends)
{
    std::vector<Json> items;
    for (const Position& bend : bends) items.push_back(toJson(bend));
    return setOne(document, {"layout", "bends"}, printEdge(edge), bends.empty() ? std::nullopt : std::optional(Json::array(std::move(items))));
}

std::vector<Position> bendsOf(const Document& document, const Edge& edge)
{
    std::vector<Position> bends;
    const Json* all = layoutObject(document, "bends");
    const Json* there = all ? all->find(printEdge(edge)) : nullptr;
    if (!there) return bends;
    for (const Json& item : there->items()) {
        if (const auto position = positionFrom(item)) bends.push_back(*position);
    }
    return bends;
}

Edit setFrame(const Document& document, const std::string& id, std::optional<Json> frame)
{
    return setOne(document, {"layout", "frames"}, id, std::move(frame));
}

Edit setNote(const Document& document, const std::string& id, std::optional<Json> note)
{
    return setOne(document, {"layout", "notes"}, id, std::move(note));
}

Edit setSetting(const Document& document, const std::string& name, std::optional<Json> value)
{
    return setOne(document, {"settings"}, name, std::move(value));
}

Edit setParameter(const Document& document, const std::string& name, std::optional<Json> value)
{
    return setOne(document, {"parameters"}, name, std::move(value));
}

Edit setName(const Document& document, const std::string& name)
{
    const Json* foreign = document.extra.find("name");
    if (document.name == name && !foreign) return {};
    return {{SetMember{{"name"}, name.empty() ? std::nullopt : std::optional(Json::string(name)), std::nullopt}}};
}

}
