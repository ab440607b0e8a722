#include "engine/base/suggest.h"
#include "engine/dataflow/checking.h"
#include "engine/pipeline/document_json.h"
#include "engine/pipeline/json.h"

namespace streamwright {

namespace {

// A known member stands among the unknown ones when it is of the wrong kind.
struct Known {
    std::string_view name;
    std::string_view kind;
};

void tellExtra(Checking& checking, const Node* node, const Json& extra, std::span<const Known> known, std::string_view where)
{
    std::vector<std::string> names;
    for (const Known& member : known) names.emplace_back(member.name);
    for (const auto& [name, value] : extra.members()) {
        const auto at = std::ranges::find(known, std::string_view(name), &Known::name);
        const bool wrongKind = at != known.end();
        const std::string message = wrongKind ? fmt::format("{} must be {}, but is {}", name, at->kind, value.describe()) : fmt::format("{} is not a member of {}", name, where);
        const std::string hint = wrongKind ? std::string() : didYouMean(name, names);
        const Severity severity = wrongKind ? Severity::Error : Severity::Warning;
        if (node) checking.tell(*node, name, message, hint, value.line(), severity);
        else checking.tellDocument(name, message, hint, value.line(), severity);
    }
}

constexpr Known kDocumentMembers[] = {{"format", "text"}, {"name", "text"}, {"settings", "an object"}, {"parameters", "an object"}, {"nodes", "an object"}, {"edges", "an array"}, {"layout", "an object"}};
constexpr Known kNodeMembers[] = {{"type", "text"}, {"title", "text"}, {"options", "an object"}, {"disabled", "true or false"}, {"bypassed", "true or false"}, {"was", "an array of old names"}};

void checkName(Checking& checking, const Node& node)
{
    if (!isNodeName(node.id.name)) checking.tell(node, {}, "a node's name is made of a-z, 0-9 and _ and starts with a letter, but this one is " + quoteJson(node.id.name), "put text for people into \"title\"");
    if (!node.extra.isObject()) checking.tell(node, {}, "a node must be an object, but is " + std::string(node.extra.describe()), "write {\"type\": \"…\"}");
    else tellExtra(checking, &node, node.extra, kNodeMembers, "a node");
}

}

void checkStructure(Checking& checking)
{
    const Document& document = checking.document;
    if (!document.extra.isObject()) {
        checking.tellDocument({}, "a pipeline file must be an object, but is " + std::string(document.extra.describe()), "write {\"nodes\": {…}, \"edges\": […]}", document.extra.line());
        return;
    }
    if (document.format.asString() != "streamwright/1") checking.tellDocument("format", "this program reads the format streamwright/1, but the file is of " + quoteJson(document.format.asString()), "open it with a newer version", document.format.line());
    tellExtra(checking, nullptr, document.extra, kDocumentMembers, "a pipeline file");
    for (const Json& item : document.unreadableEdges) checking.tellDocument("edges", "an edge is written \"from -> to\", but this one is " + printJsonLine(item), "ports stand behind a dot: \"parse.rejected -> dead_letters\"", item.line());
    checking.byName.reserve(document.nodes.size());
    for (size_t i = 0; i < document.nodes.size(); ++i) {
        const Node& node = document.nodes[i];
        if (!checking.byName.emplace(node.id.name, i).second) checking.tell(node, {}, "the name " + node.id.name + " stands twice", "rename one of the two");
        checkName(checking, node);
    }
}

namespace {

void findType(Checking& checking, CheckedNode& checked)
{
    const Node& node = *checked.node;
    if (!node.extra.isObject() || node.extra.find("type")) return;  // told already
    if (node.type.empty()) return checking.tell(node, "type", "a node needs a type", "write \"type\": \"filter\"; `streamwright nodes` lists them");
    checked.type = checking.catalog.find(node.type);
    if (checked.type) return;
    std::string hint = didYouMean(node.type, checking.catalog.names());
    // A bare `socket` is near to nothing, but means source.socket.
    for (const std::string& name : checking.catalog.names()) {
        if (hint.empty() && name.ends_with("." + node.type)) hint = "did you mean \"" + name + "\"?";
    }
    checking.tell(node, "type", "no node type called " + node.type, hint.empty() ? "`streamwright nodes` lists them" : hint);
}

void checkOptionsOf(Checking& checking, CheckedNode& checked)
{
    const Node& node = *checked.node;
    checked.options = checked.printable = Json::object();
    checked.optionsGood = true;
    std::vector<std::string> unset;
    for (const auto& [name, value] : node.options.members()) {
        Diagnostics wrong;
        Parameters::Inserted inserted = checking.parameters.insert(value, wrong);
        for (const Diagnostic& diagnostic : wrong) checking.tell(node, name, diagnostic.message, diagnostic.hint, diagnostic.line);
        if (!wrong.empty() || !inserted.complete) unset.push_back(name);
        checked.options.members().emplace_back(name, std::move(inserted.value));
        checked.printable.members().emplace_back(name, std::move(inserted.printable));
    }
    checked.optionsGood = unset.empty();
    if (!checked.type) return;
    for (const FieldError& error : checked.type->checkOptions(checked.options)) {
        checked.optionsGood = false;
        // What follows from a parameter that could not be inserted is not told twice.
        if (std::find(unset.begin(), unset.end(), error.field) == unset.end()) checking.tell(node, error.field, error.message, error.hint);
    }
}

}

void checkTypes(Checking& checking)
{
    for (const Node& node : checking.document.nodes) {
        CheckedNode checked;
        checked.node = &node;
        checked.runs = !node.disabled && !node.bypassed;
        checking.nodes.push_back(std::move(checked));
    }
    for (CheckedNode& checked : checking.nodes) findType(checking, checked);
}

void checkNodeOptions(Checking& checking)
{
    for (CheckedNode& checked : checking.nodes) checkOptionsOf(checking, checked);
}

}
