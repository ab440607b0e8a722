// Edits as lines of JSON: a list of steps, each a list that begins with its kind.
#include "engine/pipeline/document_json.h"
#include "engine/pipeline/edits.h"
#include "engine/pipeline/json.h"

namespace streamwright {

namespace {

Json number(size_t value) { return Json::integer(static_cast<int64_t>(value)); }
Json text(const char* value) { return Json::string(value); }

// By its four parts: the text of an edge cannot tell a port from a dot in a foreign name.
Json edgeJson(const Edge& edge) { return Json::array({Json::string(edge.from), Json::string(edge.fromPort), Json::string(edge.to), Json::string(edge.toPort)}); }

Json stepJson(const InsertNode& step) { return Json::array({text("insert_node"), number(step.at), Json::string(step.node.id.name), toJson(step.node)}); }
Json stepJson(const EraseNode& step) { return Json::array({text("erase_node"), number(step.at)}); }
Json stepJson(const ReplaceNode& step) { return Json::array({text("replace_node"), number(step.at), Json::string(step.node.id.name), toJson(step.node)}); }
Json stepJson(const InsertEdge& step) { return Json::array({text("insert_edge"), number(step.at), edgeJson(step.edge)}); }
Json stepJson(const EraseEdge& step) { return Json::array({text("erase_edge"), number(step.at)}); }

Json stepJson(const ReplaceDocument& step)
{
    Document rest = *step.document;
    std::vector<Json> edges;
    for (const Edge& edge : std::exchange(rest.edges, {})) edges.push_back(edgeJson(edge));
    return Json::array({text("replace_document"), toJson(rest), Json::array(std::move(edges))});
}

Json stepJson(const SetMember& step)
{
    std::vector<Json> path;
    for (const std::string& name : step.path) path.push_back(Json::string(name));
    std::vector<Json> items{text(step.value ? "set" : "unset"), Json::array(std::move(path))};
    if (step.value) items.push_back(*step.value);
    if (step.value && step.at) items.push_back(number(*step.at));
    return Json::array(std::move(items));
}

// Takes the items of a step one after the other; once one is not as wanted, `fits` stays false.
class Items {
public:
    explicit Items(const Json& step) : items_(step.items()) {}
    bool fits() const { return fits_; }
    bool more() const { return next_ < items_.size(); }
    const Json& any()
    {
        static const Json kNone;
        return next_ < items_.size() ? items_[next_++] : (fits_ = false, kNone);
    }
    std::string string()
    {
        const Json& item = any();
        if (!item.isString()) fits_ = false;
        return item.asString();
    }
    size_t position()
    {
        const auto value = any().asInteger();
        if (!value || *value < 0) fits_ = false;
        return static_cast<size_t>(value.value_or(0));
    }
    std::vector<std::string> strings() { return stringsFrom(any()); }
    Node node()
    {
        const std::string name = string();
        return nodeFromJson(name, any());
    }
    Edge edge() { return edgeFrom(any()); }
    std::vector<Edge> edges()
    {
        std::vector<Edge> all;
        for (const Json& one : any().items()) all.push_back(edgeFrom(one));
        return all;
    }

private:
    std::vector<std::string> stringsFrom(const Json& item)
    {
        if (!item.isArray()) fits_ = false;
        std::vector<std::string> all;
        for (const Json& one : item.items()) {
            if (!one.isString()) fits_ = false;
            all.push_back(one.asString());
        }
        return all;
    }
    Edge edgeFrom(const Json& item)
    {
        const auto parts = stringsFrom(item);
        if (parts.size() == 4) return {parts[0], parts[1], parts[2], parts[3]};
        fits_ = false;
        return {};
    }

    const std::vector<Json>& items_;
    size_t next_ = 0;
    bool fits_ = true;
};

SetMember readSet(Items& items)
{
    SetMember step{items.strings(), items.any(), std::nullopt};
    if (items.more()) step.at = items.position();
    return step;
}

ReplaceDocument readDocumentStep(Items& items)
{
    Document document = documentFromJson(items.any());
    document.edges = items.edges();
    return {std::make_shared<const Document>(std::move(document))};
}

std::optional<Edit::Step> readStep(const Json& json)
{
    if (!json.isArray()) return std::nullopt;
    Items items(json);
    const std::string kind = items.string();
    std::optional<Edit::Step> step;
    // The braces keep the order in which the items are taken.
    if (kind == "insert_node") step = InsertNode{items.position(), items.node()};
    else if (kind == "erase_node") step = EraseNode{items.position()};
    else if (kind == "replace_node") step = ReplaceNode{items.position(), items.node()};
    else if (kind == "insert_edge") step = InsertEdge{items.position(), items.edge()};
    else if (kind == "erase_edge") step = EraseEdge{items.position()};
    else if (kind == "set") step = readSet(items);
    else if (kind == "unset") step = SetMember{items.strings(), std::nullopt, std::nullopt};
    else if (kind == "replace_document") step = readDocumentStep(items);
    if (!items.fits() || items.more()) return std::nullopt;
    return step;
}

// Lines of a journal say nothing about the pipeline file.
void forgetLines(Json& json)
{
    json.setLine(0);
    for (Json& item : json.items()) forgetLines(item);
    for (auto& [key, value] : json.members()) forgetLines(value);
}

}

std::string printEdit(const Edit& edit)
{
    std::vector<Json> steps;
    for (const Edit::Step& step : edit.steps) steps.push_back(std::visit([](const auto& one) { return stepJson(one); }, step));
    return printJsonLine(Json::array(std::move(steps)));
}

Result<Edit> readEdit(std::string_view line)
{
    auto read = readJson(line);
    Json* json = std::get_if<Json>(&read);
    if (!json || !json->isArray()) return permanent("a change of a pipeline cannot be read: " + std::string(line.substr(0, 80)));
    forgetLines(*json);
    Edit edit;
    for (const Json& item : json->items()) {
        auto step = readStep(item);
        if (!step) return permanent("a change of a pipeline cannot be read: " + printJsonLine(item).substr(0, 80));
        edit.steps.push_back(std::move(*step));
    }
    return edit;
}

}
