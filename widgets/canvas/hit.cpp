#include "widgets/canvas/hit.h"

#include <QLineF>

namespace streamwright {

namespace {

QRectF around(const QPointF& point, double reach) { return {point.x() - reach, point.y() - reach, 2 * reach, 2 * reach}; }

std::optional<Hit> portAt(const CanvasGraph& graph, size_t index, const QPointF& point, double reach)
{
    const NodeBox& box = graph.boxes()[index];
    for (const Side side : {Side::Output, Side::Input}) {
        const size_t count = (side == Side::Input ? box.inputs : box.outputs).size();
        for (size_t port = 0; port < count; ++port) {
            if (QLineF(box.port(side, port), point).length() <= reach) return Hit{Hit::Kind::Port, index, side, port};
        }
    }
    return std::nullopt;
}

std::optional<Hit> nodeOrPortAt(const CanvasGraph& graph, const QPointF& point, double reach)
{
    const std::vector<size_t> near = graph.boxesIn(around(point, reach));
    const double portReach = std::min(std::max(reach, kPortRadius + 2), 12.0);
    for (auto at = near.rbegin(); at != near.rend(); ++at) {
        if (const auto port = portAt(graph, *at, point, portReach)) return port;
        if (graph.boxes()[*at].rect.contains(point)) return Hit{Hit::Kind::Node, *at};
    }
    return std::nullopt;
}

std::optional<Hit> wireAt(const CanvasGraph& graph, const QPointF& point, double reach)
{
    std::optional<Hit> found;
    double least = reach;
    for (size_t index : graph.wiresIn(around(point, reach))) {
        const Wire& wire = graph.wires()[index];
        for (size_t bend = 0; bend < wire.bends.size(); ++bend) {
            if (QLineF(wire.bends[bend], point).length() <= reach) return Hit{Hit::Kind::Bend, index, Side::Input, bend};
        }
        const double distance = distanceTo(wire.curve.line, point);
        if (distance <= least) least = distance, found = Hit{Hit::Kind::Wire, index};
    }
    return found;
}

bool inCorner(const QRectF& rect, const QPointF& point) { return QRectF(rect.right() - kCorner, rect.bottom() - kCorner, kCorner, kCorner).contains(point); }

bool onFrame(const QRectF& rect, const QPointF& point)
{
    if (!rect.contains(point)) return false;
    return point.y() < rect.top() + kFrameTitle || !rect.adjusted(5, 5, -5, -5).contains(point);
}

std::optional<Hit> groundAt(const CanvasGraph& graph, const QPointF& point)
{
    for (size_t i = graph.notes().size(); i-- > 0;) {
        const QRectF& rect = graph.notes()[i].rect;
        if (inCorner(rect, point)) return Hit{Hit::Kind::NoteCorner, i};
        if (rect.contains(point)) return Hit{Hit::Kind::Note, i};
    }
    for (size_t i = graph.frames().size(); i-- > 0;) {
        const QRectF& rect = graph.frames()[i].rect;
        if (inCorner(rect, point)) return Hit{Hit::Kind::FrameCorner, i};
        if (onFrame(rect, point)) return Hit{Hit::Kind::Frame, i};
    }
    return std::nullopt;
}

}

Hit hitTest(const CanvasGraph& graph, const QPointF& point, double reach)
{
    if (const auto node = nodeOrPortAt(graph, point, reach)) return *node;
    if (const auto wire = wireAt(graph, point, reach)) return *wire;
    return groundAt(graph, point).value_or(Hit{});
}

}
