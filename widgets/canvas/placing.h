// What the document's layout says, read in one go, and places for nodes of which it says nothing. Pure.
#pragma once
#include "engine/pipeline/document.h"

#include <QPointF>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace streamwright {

struct FrameBox;
struct NoteBox;

std::unordered_map<std::string, QPointF> writtenPlaces(const Document& document);
std::unordered_map<std::string, std::vector<QPointF>> writtenBends(const Document& document);  // by the edge's text
std::vector<FrameBox> framesOf(const Document& document);
std::vector<NoteBox> notesOf(const Document& document);

// Nodes without a place stand in columns, each right of what feeds it, below what is written. Only shown: the
// document keeps no place until somebody moves them.
void placeTheRest(std::vector<std::optional<QPointF>>& places, const std::vector<std::pair<size_t, size_t>>& links);

}
