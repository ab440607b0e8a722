// A node put into a wire: which nodes can stand there, and which wire lies under one. Pure.
#pragma once
#include "widgets/canvas/graph.h"

namespace streamwright {

// It takes rows and hands rows on.
bool canStandInWire(const NodeType* type);
// The wire that passes through the middle part of `rect`, if one does.
std::optional<size_t> wireUnder(const CanvasGraph& graph, const QRectF& rect);

}
