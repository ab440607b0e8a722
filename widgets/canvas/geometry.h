// Where things are on the canvas: ports on a node, the curve of a wire, distances. Scene coordinates; pure.
#pragma once
#include <QPainterPath>
#include <QPolygonF>
#include <QRectF>
#include <vector>

namespace streamwright {

inline constexpr double kPortRadius = 6;
inline constexpr double kColumnGap = 96;    // between columns of nodes, at least
inline constexpr double kRowGap = 48;

// Height of ports from the top of a node, `count` of them; `tail`: the last one stands apart, at the bottom.
enum class LastPort : unsigned char { Same, Apart };
std::vector<double> portHeights(size_t count, LastPort last);
double nodeHeight(size_t inputs, size_t outputs);

// A wire as it is drawn and as it is hit.
struct WireCurve {
    QPainterPath path;
    QPolygonF line;                         // the same, in short pieces
    QPointF middle;                         // where the rate stands
    double length = 0;
    bool operator==(const WireCurve&) const = default;
};
// From an output to an input, through the bends in order. A wire that leads back runs between the rows.
WireCurve wireCurve(const QPointF& from, const QPointF& to, const std::vector<QPointF>& bends);

double distanceTo(const QPolygonF& line, const QPointF& point);
// The piece between bends on which `point` lies: a new bend goes in before bends[that].
size_t sectionAt(const QPointF& from, const QPointF& to, const std::vector<QPointF>& bends, const QPointF& point);
bool crosses(const QPolygonF& line, const QPolygonF& other);

// Onto the grid of half its dots, so that nodes 84 high line up by their ports.
QPointF snapped(const QPointF& point);

}
