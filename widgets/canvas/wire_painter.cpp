#include "widgets/canvas/wire_painter.h"

#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

constexpr double kQueueAmber = 0.60, kQueueRed = 0.85;
constexpr double kShortestForPill = 80; // pixels on the screen
// Pixels of wires in a frame: about 6 ms each.
constexpr double kMostWide = 30'000, kMostThin = 200'000;

// Half way between: Qt's raster engine paints opaque colours far faster than translucent ones.
QColor mixed(const QColor& front, const QColor& back, double share)
{
    const auto part = [&](float a, float b) { return static_cast<float>(a * share + b * (1 - share)); };
    return QColor::fromRgbF(part(front.redF(), back.redF()), part(front.greenF(), back.greenF()), part(front.blueF(), back.blueF()));
}

QColor colorOf(const Wire& wire, const WireLive& live, WireMarks marks)
{
    const Theme& theme = Theme::current();
    if (marks.selected) return theme.text;
    if (marks.faded) return theme.separator;
    if (wire.rejected || live.queueFill > kQueueRed) return mixed(theme.error, theme.canvas, marks.hovered ? 1 : 0.85);
    if (live.queueFill > kQueueAmber) return theme.warning;
    return mixed(theme.accent, theme.canvas, marks.hovered ? 1 : 0.85);
}

const QFont& pillFont()
{
    static const QFont face = [] {
        QFont face = font(TextRole::Secondary);
        face.setHintingPreference(QFont::PreferNoHinting);
        return face;
    }();
    return face;
}

}

WireQuality qualityFor(double length) { return length < kMostWide ? WireQuality::Wide : length < kMostThin ? WireQuality::Thin : WireQuality::Rough; }

void WirePainter::paint(QPainter& painter, const Wire& wire, const WireLive& live, WireMarks marks, double scale, WireQuality quality) const
{
    const bool marked = marks.selected || marks.hovered;
    double width = wire.rejected ? 1.5 : wireWidth(live.rowsPerSecond);
    if (marked) width = std::max(width, 3.0);
    const bool thin = (quality != WireQuality::Wide && !marked) || width * scale <= 1.3;
    // Joins of a curve in short pieces cannot be seen, and round ones cost as much as all the rest.
    QPen pen(colorOf(wire, live, marks), thin ? 0 : width, Qt::SolidLine, Qt::FlatCap, Qt::BevelJoin);
    if (wire.rejected && scale >= 0.45) pen.setDashPattern(thin ? QList<qreal>{5, 4} : QList<qreal>{5 / width, 4 / width});
    painter.setRenderHint(QPainter::Antialiasing, quality != WireQuality::Rough || marked);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    if (scale > 0.8 && !thin) painter.drawPath(wire.curve.path);
    else painter.drawPolyline(wire.curve.line);
    if (scale < 0.45) return;
    painter.setBrush(Theme::current().canvas);
    for (const QPointF& bend : wire.bends) painter.drawEllipse(bend, 4, 4);
}

void WirePainter::paintPill(QPainter& painter, const Wire& wire, const WireLive& live, double scale, const QRectF& exposed) const
{
    if (live.pill.isEmpty() || wire.rejected || wire.curve.length * scale < kShortestForPill) return;
    const QPointF& middle = wire.curve.middle;
    if (!exposed.adjusted(-60, -30, 60, 30).contains(middle)) return;
    const Theme& theme = Theme::current();
    const double width = live.pill.width(pillFont()) + 16;
    const QRectF pill(middle.x() - width / 2, middle.y() - 24, width, 18);
    painter.setPen(QPen(theme.separator, 1));
    painter.setBrush(theme.dock);
    painter.drawRoundedRect(pill, 9, 9);
    painter.setPen(theme.secondary);
    live.pill.paint(painter, {pill.left() + 8, pill.top() + 13}, pillFont(), width, Qt::ElideNone);
}

void WirePainter::addFlat(const Wire& wire, const WireLive& live, WireMarks marks)
{
    // Hundreds of them must not drown the nodes.
    const double share = marks.selected || marks.hovered ? 1 : 0.5;
    QList<QLineF>& lines = flat_[mixed(colorOf(wire, live, marks), Theme::current().canvas, share).rgb()];
    QPointF last = wire.curve.line.first();
    for (const QPointF& bend : wire.bends) lines.append(QLineF(last, bend)), last = bend;
    lines.append(QLineF(last, wire.curve.line.last()));
}

void WirePainter::paintFlat(QPainter& painter)
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const auto& [color, lines] : flat_) {
        painter.setPen(QPen(QColor(color), 0));
        painter.drawLines(lines);
    }
    flat_.clear();
}

void paintLooseWire(QPainter& painter, const QPointF& from, const QPointF& to, const QColor& color)
{
    painter.setPen(QPen(color, 2.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(wireCurve(from, to, {}).path);
}

}
