// What lies under a point of the canvas.
#pragma once
#include "widgets/canvas/graph.h"

namespace streamwright {

struct Hit {
    enum class Kind : unsigned char { Nothing, Port, Node, Bend, Wire, Note, NoteCorner, Frame, FrameCorner };
    Kind kind = Kind::Nothing;
    size_t index = 0;                   // of the box (Port, Node), wire, frame or note
    Side side = Side::Input;            // of a port
    size_t part = 0;                    // which port or bend
    bool operator==(const Hit&) const = default;
};

// `reach`: how far from a port or a wire still counts, in the scene. Ports lie above nodes, nodes above wires,
// wires above notes and frames; a frame is taken by its title, its border and its corner.
Hit hitTest(const CanvasGraph& graph, const QPointF& point, double reach);

inline constexpr double kFrameTitle = 28;
inline constexpr double kCorner = 14;

}
