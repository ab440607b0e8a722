#include "widgets/canvas/placing.h"

#include "engine/pipeline/topology.h"
#include "widgets/canvas/graph.h"
#include "widgets/theme/theme.h"

#include <algorithm>
#include <map>

namespace streamwright {

namespace {

std::optional<QPointF> pointOf(const Json& json)
{
    if (!json.isArray() || json.items().size() < 2) return std::nullopt;
    const auto x = json.items()[0].asDouble(), y = json.items()[1].asDouble();
    if (!x || !y) return std::nullopt;
    return QPointF(*x, *y);
}

std::optional<QRectF> rectOf(const Json& json)
{
    const Json* rect = json.find("rect");
    if (!rect || !rect->isArray() || rect->items().size() != 4) return std::nullopt;
    double values[4] = {};
    for (size_t i = 0; i < 4; ++i) values[i] = rect->items()[i].asDouble().value_or(0);
    return QRectF(values[0], values[1], values[2], values[3]);
}

// Members of layout.<part>, if it is an object.
const std::vector<Json::Member>& partOf(const Document& document, std::string_view part)
{
    static const std::vector<Json::Member> none;
    const Json* found = document.layout.isObject() ? document.layout.find(part) : nullptr;
    return found && found->isObject() ? found->members() : none;
}

QString textOf(const Json& json, std::string_view member)
{
    const Json* text = json.find(member);
    return text && text->isString() ? QString::fromStdString(text->asString()) : QString();
}

// How many nodes lie before each one, along the longest way.
std::vector<size_t> depths(size_t count, const std::vector<std::pair<size_t, size_t>>& links)
{
    std::vector<size_t> depth(count, 0);
    std::vector<std::vector<size_t>> next(count);
    for (const auto& [from, to] : links) next[from].push_back(to);
    for (size_t node : topologyOf(count, links).order) {
        for (size_t to : next[node]) depth[to] = std::max(depth[to], depth[node] + 1);
    }
    return depth;
}

}

std::unordered_map<std::string, QPointF> writtenPlaces(const Document& document)
{
    std::unordered_map<std::string, QPointF> places;
    for (const auto& [name, place] : partOf(document, "nodes")) {
        if (const auto point = pointOf(place)) places.emplace(name, *point);
    }
    return places;
}

std::unordered_map<std::string, std::vector<QPointF>> writtenBends(const Document& document)
{
    std::unordered_map<std::string, std::vector<QPointF>> bends;
    for (const auto& [edge, points] : partOf(document, "bends")) {
        if (!points.isArray()) continue;
        for (const Json& item : points.items()) {
            if (const auto point = pointOf(item)) bends[edge].push_back(*point);
        }
    }
    return bends;
}

std::vector<FrameBox> framesOf(const Document& document)
{
    std::vector<FrameBox> frames;
    for (const auto& [id, frame] : partOf(document, "frames")) {
        if (!frame.isObject()) continue;
        if (const auto rect = rectOf(frame)) frames.push_back({id, textOf(frame, "title"), *rect, textOf(frame, "color").toStdString()});
    }
    return frames;
}

std::vector<NoteBox> notesOf(const Document& document)
{
    std::vector<NoteBox> notes;
    for (const auto& [id, note] : partOf(document, "notes")) {
        if (!note.isObject()) continue;
        if (const auto rect = rectOf(note)) notes.push_back({id, textOf(note, "text"), *rect});
    }
    return notes;
}

void placeTheRest(std::vector<std::optional<QPointF>>& places, const std::vector<std::pair<size_t, size_t>>& links)
{
    if (std::all_of(places.begin(), places.end(), [](const auto& place) { return place.has_value(); })) return;
    QPointF corner(0, 0);
    for (const auto& place : places) {
        if (place) corner.setY(std::max(corner.y(), place->y() + measure::kNodeHeight + kRowGap));
    }
    const std::vector<size_t> depth = depths(places.size(), links);
    std::map<size_t, int> filled;
    for (size_t i = 0; i < places.size(); ++i) {
        if (places[i]) continue;
        const int row = filled[depth[i]]++;
        places[i] = corner + QPointF(static_cast<double>(depth[i]) * (measure::kNodeWidth + kColumnGap), row * (measure::kNodeHeight + kRowGap));
    }
}

}
