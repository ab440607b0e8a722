// Frames and notes as the JSON objects that the document keeps. Pure.
#pragma once
#include "engine/pipeline/document.h"

#include <QRectF>

namespace streamwright {

// layout.<part>.<id>, or an empty object.
Json groundObject(const Document& document, std::string_view part, const std::string& id);
Json withRect(Json object, const QRectF& rect);
// An id that is free in layout.<part>: "frame", "frame_2" …
std::string freeGroundId(const Document& document, std::string_view part, const std::string& wanted);

}
