#include "widgets/canvas/insertion.h"

namespace streamwright {

bool canStandInWire(const NodeType* type) { return type && !type->spec.inputs.empty() && !type->spec.outputs.empty(); }

std::optional<size_t> wireUnder(const CanvasGraph& graph, const QRectF& rect)
{
    const QRectF core = rect.adjusted(rect.width() * 0.2, rect.height() * 0.15, -rect.width() * 0.2, -rect.height() * 0.15);
    std::optional<size_t> best;
    double least = rect.height();
    for (size_t wire : graph.wiresIn(core)) {
        const QPolygonF& line = graph.wires()[wire].curve.line;
        const bool inside = std::any_of(line.begin(), line.end(), [&](const QPointF& point) { return core.contains(point); });
        const double distance = distanceTo(line, core.center());
        if (inside && distance < least) least = distance, best = wire;
    }
    return best;
}

}
