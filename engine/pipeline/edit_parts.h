// What the functions of edits.h are built from. Not for other rooms.
#pragma once
#include "engine/pipeline/edits.h"

namespace streamwright::edit_parts {

// The inverse of one member, or why it does not fit.
Result<Edit::Step> applyMember(Document& document, const SetMember& step);

std::optional<size_t> indexOf(const Document& document, const NodeId& node);
std::optional<size_t> indexOf(const Document& document, const Edge& edge);

// A node that can be changed: one that was no object in the file becomes one.
Node editable(const Node& node);

// None: the member is removed. Many are set by one step that replaces the object.
using Members = std::map<std::string, std::optional<Json>>;
void setMembers(const Document& document, const std::vector<std::string>& path, const Members& members, Edit& edit);
// The object in the layout, null if there is none.
const Json* layoutObject(const Document& document, std::string_view name);

Json toJson(Position position);

// What takes the place of an edge: nothing, itself moved to other nodes, or several.
using EdgeChange = std::map<size_t, std::vector<Edge>>;
// Edges in place, so that the others keep their order; bends go with edges that are gone.
void changeEdges(const Document& document, const EdgeChange& changes, Edit& edit);

}
