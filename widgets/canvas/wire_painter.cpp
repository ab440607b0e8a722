#include "widgets/canvas/wire_painter.h"

#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

constexpr double kQueueAmber = 0.60, kQueueRed = 0.85;
constexpr double kShortestForPill = 80; // pixels on the screen

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

void WirePainter::paint(QPainter& painter, const Wire& wire, const WireLive& live, WireMarks marks, double scale) const
{
    double width = wire.rejected ? 1.5 : wireWidth(live.rowsPerSecond);
    if (marks.selected || marks.hovered) width = std::max(width, 3.0);
    // Under a pixel it is drawn as a thin line, which is many times faster than a narrow shape.
    const bool thin = width * scale <= 1.3;
    QPen pen(colorOf(wire, live, marks), thin ? 0 : width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (wire.rejected && scale >= 0.45) pen.setDashPattern({5 / pen.widthF(), 4 / pen.widthF()});
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    if (scale > 0.8) painter.drawPath(wire.curve.path);
    else painter.drawPolyline(wire.curve.line);
    if (scale < 0.45) return;
    painter.setBrush(Theme::current().canvas);
    for (const QPointF& bend : wire.bends) painter.drawEllipse(bend, 4, 4);
}

void WirePainter::paintPill(QPainter& painter, const Wire& wire, const WireLive& live, double scale) const
{
    if (live.pill.isEmpty() || wire.rejected || wire.curve.length * scale < kShortestForPill) return;
    const Theme& theme = Theme::current();
    const double width = live.pill.width(pillFont()) + 16;
    const QRectF pill(wire.curve.middle.x() - width / 2, wire.curve.middle.y() - 24, width, 18);
    painter.setPen(QPen(theme.separator, 1));
    painter.setBrush(theme.dock);
    painter.drawRoundedRect(pill, 9, 9);
    painter.setPen(theme.secondary);
    live.pill.paint(painter, {pill.left() + 8, pill.top() + 13}, pillFont(), width, Qt::ElideNone);
}

void WirePainter::addFlat(const Wire& wire, const WireLive& live, WireMarks marks)
{
    QList<QLineF>& lines = flat_[colorOf(wire, live, marks).rgb()];
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
