// The canvas for screen readers: the nodes, then the wires, in topological order, each with name, role, state,
// rectangle and actions; the node that the arrows reach gets focus events.
#pragma once
#include "engine/base/ids.h"

namespace streamwright {

class CanvasView;

// Once is enough; further calls do nothing.
void installCanvasAccessibility();
void announceFocus(CanvasView& view, const NodeId& node);

}
