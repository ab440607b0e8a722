#include "widgets/canvas/ground_edits.h"

#include <cmath>

namespace streamwright {

namespace {

const Json* partOf(const Document& document, std::string_view part)
{
    const Json* found = document.layout.isObject() ? document.layout.find(part) : nullptr;
    return found && found->isObject() ? found : nullptr;
}

}

Json groundObject(const Document& document, std::string_view part, const std::string& id)
{
    const Json* found = partOf(document, part);
    const Json* object = found ? found->find(id) : nullptr;
    return object && object->isObject() ? *object : Json::object();
}

Json withRect(Json object, const QRectF& rect)
{
    std::vector<Json> values;
    for (const double value : {rect.x(), rect.y(), rect.width(), rect.height()}) values.push_back(Json::integer(std::llround(value)));
    object.set("rect", Json::array(std::move(values)));
    return object;
}

std::string freeGroundId(const Document& document, std::string_view part, const std::string& wanted)
{
    const Json* found = partOf(document, part);
    std::string id = wanted;
    for (int number = 2; found && found->find(id); ++number) id = wanted + "_" + std::to_string(number);
    return id;
}

}
