// Whether a wire may lead from here to there, and why not. The shape is judged at once (sides, taken ports,
// cycles); then check() judges the document as it would be. Pure.
#pragma once
#include "widgets/canvas/graph.h"

namespace streamwright {

class PipelineDocument;

struct LinkEnd {
    NodeId node;
    Side side = Side::Output;
    size_t port = 0;                    // of the box, on that side
    bool operator==(const LinkEnd&) const = default;
};

struct LinkVerdict {
    bool allowed = true;
    QString reason;                     // of a refusal; else what will have to be mended, or empty
};

// `instead`: a wire that goes away with it. In either order of ends.
LinkVerdict judgeLink(const PipelineDocument& document, const CanvasGraph& graph, LinkEnd a, LinkEnd b, const Wire* instead = nullptr);

// As it is written in the file: the only port of a side is not named.
Edge edgeBetween(const CanvasGraph& graph, const LinkEnd& a, const LinkEnd& b);
// The same for a type that is not in the document yet.
std::string portText(const NodeSpec& spec, Side side, size_t port);

}
