#include "widgets/canvas/geometry.h"

#include "widgets/theme/theme.h"

#include <QLineF>
#include <cmath>

namespace streamwright {

namespace {

constexpr double kSnap = measure::kGrid / 2.0;
constexpr double kPortStep = 21;
constexpr int kPieces = 20;             // of one cubic, for hits and lengths

// What a wire is made of: cubics end to end.
struct Cubic {
    QPointF a, b, c, d;
    QPointF at(double t) const
    {
        const double u = 1 - t;
        return a * (u * u * u) + b * (3 * u * u * t) + c * (3 * u * t * t) + d * (t * t * t);
    }
};

Cubic straight(const QPointF& a, const QPointF& d) { return {a, a + (d - a) / 3, a + (d - a) * 2 / 3, d}; }

Cubic forward(const QPointF& a, const QPointF& d)
{
    const double reach = std::max(std::min(50.0, std::abs(d.x() - a.x()) + std::abs(d.y() - a.y())), (d.x() - a.x()) * 0.5);
    return {a, {a.x() + reach, a.y()}, {d.x() - reach, d.y()}, d};
}

// Out to the right, back between the rows, in from the left.
std::vector<Cubic> backward(const QPointF& a, const QPointF& d)
{
    const double fall = std::abs(d.y() - a.y());
    const double half = measure::kNodeHeight / 2.0;
    // Between two rows there is room for it; else it goes below both.
    const double between = fall > 2 * half + 16 ? (a.y() + d.y()) / 2 : std::max(a.y(), d.y()) + half + measure::kGrid + 6;
    const QPointF out(a.x() - 40, between), in(d.x() + 40, between);
    if (out.x() <= in.x()) return {{a, {a.x() + 100, a.y()}, {d.x() - 100, d.y()}, d}};
    return {{a, {a.x() + 44, a.y()}, {a.x() + 44, between}, out}, straight(out, in), {in, {d.x() - 44, between}, {d.x() - 44, d.y()}, d}};
}

std::vector<Cubic> throughBends(const QPointF& from, const QPointF& to, const std::vector<QPointF>& bends)
{
    std::vector<Cubic> cubics;
    QPointF last = from;
    const auto add = [&](const QPointF& next) {
        const double reach = (next.x() - last.x()) / 2;
        cubics.push_back({last, {last.x() + reach, last.y()}, {next.x() - reach, next.y()}, next});
        last = next;
    };
    for (const QPointF& bend : bends) add(bend);
    add(to);
    return cubics;
}

double distanceToPiece(const QPointF& a, const QPointF& b, const QPointF& point)
{
    const QPointF along = b - a;
    const double square = QPointF::dotProduct(along, along);
    const double t = square > 0 ? std::clamp(QPointF::dotProduct(point - a, along) / square, 0.0, 1.0) : 0;
    return QLineF(a + along * t, point).length();
}

QPointF halfWay(const QPolygonF& line, double length)
{
    double left = length / 2;
    for (qsizetype i = 1; i < line.size(); ++i) {
        const QLineF piece(line[i - 1], line[i]);
        if (piece.length() >= left && piece.length() > 0) return piece.pointAt(left / piece.length());
        left -= piece.length();
    }
    return line.isEmpty() ? QPointF() : line.last();
}

}

std::vector<double> portHeights(size_t count, LastPort last)
{
    if (count == 1) return {last == LastPort::Apart ? 66.0 : 42.0};
    if (count == 2) return last == LastPort::Apart ? std::vector<double>{42, 66} : std::vector<double>{30, 54};
    std::vector<double> heights;
    for (size_t i = 0; i < count; ++i) heights.push_back(kPortStep * static_cast<double>(i + 1));
    return heights;
}

double nodeHeight(size_t inputs, size_t outputs)
{
    const auto most = static_cast<double>(std::max(inputs, outputs));
    return std::max<double>(measure::kNodeHeight, kPortStep * (most + 1));
}

WireCurve wireCurve(const QPointF& from, const QPointF& to, const std::vector<QPointF>& bends)
{
    const std::vector<Cubic> cubics = !bends.empty() ? throughBends(from, to, bends) : to.x() >= from.x() - 8 ? std::vector<Cubic>{forward(from, to)} : backward(from, to);
    WireCurve curve;
    curve.path.moveTo(from);
    curve.line.reserve(static_cast<qsizetype>(cubics.size()) * kPieces + 1);
    curve.line.append(from);
    for (const Cubic& cubic : cubics) {
        curve.path.cubicTo(cubic.b, cubic.c, cubic.d);
        for (int i = 1; i <= kPieces; ++i) curve.line.append(cubic.at(static_cast<double>(i) / kPieces));
    }
    for (qsizetype i = 1; i < curve.line.size(); ++i) curve.length += QLineF(curve.line[i - 1], curve.line[i]).length();
    curve.middle = halfWay(curve.line, curve.length);
    return curve;
}

double distanceTo(const QPolygonF& line, const QPointF& point)
{
    double least = std::numeric_limits<double>::infinity();
    for (qsizetype i = 1; i < line.size(); ++i) least = std::min(least, distanceToPiece(line[i - 1], line[i], point));
    return least;
}

size_t sectionAt(const QPointF& from, const QPointF& to, const std::vector<QPointF>& bends, const QPointF& point)
{
    if (bends.empty()) return 0;
    const QPolygonF line = wireCurve(from, to, bends).line;
    size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (qsizetype i = 1; i < line.size(); ++i) {
        const double distance = distanceToPiece(line[i - 1], line[i], point);
        if (distance < least) least = distance, best = static_cast<size_t>((i - 1) / kPieces);
    }
    return std::min(best, bends.size());
}

bool crosses(const QPolygonF& line, const QPolygonF& other)
{
    if (!line.boundingRect().adjusted(-1, -1, 1, 1).intersects(other.boundingRect().adjusted(-1, -1, 1, 1))) return false;
    for (qsizetype i = 1; i < line.size(); ++i) {
        for (qsizetype k = 1; k < other.size(); ++k) {
            if (QLineF(line[i - 1], line[i]).intersects(QLineF(other[k - 1], other[k]), nullptr) == QLineF::BoundedIntersection) return true;
        }
    }
    return false;
}

QPointF snapped(const QPointF& point) { return {std::round(point.x() / kSnap) * kSnap, std::round(point.y() / kSnap) * kSnap}; }

}
