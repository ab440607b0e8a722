#include "widgets/canvas/node_painter.h"

#include "widgets/theme/theme.h"

#include <cmath>

namespace streamwright {

namespace {

constexpr double kMargin = 9;           // around a body in its pixmap: ports, borders and rings
constexpr double kTextLeft = 14, kTextRight = 14;
constexpr double kRule = 57;
constexpr double kBarWidth = 48, kBarHeight = 5;
constexpr double kBarAmber = 0.65;

QFont sceneFont(TextRole role, int pixels = 0)
{
    QFont face = font(role);
    if (pixels) face.setPixelSize(pixels);
    // Else letters change their places with the scale.
    face.setHintingPreference(QFont::PreferNoHinting);
    return face;
}

const QFont& titleFont()
{
    static const QFont face = sceneFont(TextRole::Title);
    return face;
}
// Nearly twice as large: read at half the scale.
const QFont& farTitleFont()
{
    static const QFont face = sceneFont(TextRole::Title, 24);
    return face;
}
const QFont& farFigureFont()
{
    static const QFont face = sceneFont(TextRole::Secondary, 19);
    return face;
}
const QFont& codeFont()
{
    static const QFont face = sceneFont(TextRole::Code, 11);
    return face;
}
const QFont& figureFont()
{
    static const QFont face = sceneFont(TextRole::Secondary);
    return face;
}

QColor edgeColor(const NodeBox& box, NodeMarks marks)
{
    const Theme& theme = Theme::current();
    if (marks.selected || marks.dropTarget) return theme.accent;
    if (!box.type) return theme.error;
    return marks.hovered ? theme.border : theme.separator;
}

// On a selection's fill the secondary colour has too little contrast.
QColor quietColor(NodeMarks marks) { return marks.dropTarget ? Theme::current().text : Theme::current().secondary; }

bool isFaded(const NodeBox& box) { return box.disabled || box.bypassed; }

void paintPort(QPainter& painter, const QPointF& middle, const PortBox& port, bool faded)
{
    const Theme& theme = Theme::current();
    const QColor color = faded ? theme.disabled : port.rejected || !port.known ? theme.error : theme.accent;
    painter.setPen(QPen(color, 2, port.rejected ? Qt::DotLine : Qt::SolidLine));
    painter.setBrush(theme.canvas);
    painter.drawEllipse(middle, port.rejected ? 5 : kPortRadius, port.rejected ? 5 : kPortRadius);
}

void paintPorts(QPainter& painter, const NodeBox& box)
{
    for (const PortBox& port : box.inputs) paintPort(painter, port.offset, port, isFaded(box));
    for (const PortBox& port : box.outputs) paintPort(painter, port.offset, port, isFaded(box));
}

void drawBody(QPainter& painter, const NodeBox& box, NodeMarks marks, Detail detail)
{
    const Theme& theme = Theme::current();
    const QRectF body(QPointF(), box.rect.size());
    painter.setRenderHint(QPainter::Antialiasing);
    if (marks.focused) {
        painter.setPen(QPen(theme.text, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(body.adjusted(-4, -4, 4, 4), measure::kNodeRadius + 3, measure::kNodeRadius + 3);
    }
    QPainterPath shape;
    shape.addRoundedRect(body, measure::kNodeRadius, measure::kNodeRadius);
    painter.fillPath(shape, marks.dropTarget ? theme.selection : box.disabled ? theme.dock : theme.raised);
    painter.save();
    painter.setClipRect(QRectF(0, 0, measure::kKindStripe, body.height()), Qt::IntersectClip);
    painter.fillPath(shape, isFaded(box) ? theme.disabled : theme.kind(box.group));
    painter.restore();
    if (detail == Detail::Full) {
        painter.setPen(QPen(theme.separator, 1));
        painter.drawLine(QPointF(measure::kKindStripe, kRule), QPointF(body.width(), kRule));
    }
    const bool dashed = box.disabled || !box.type;
    painter.setPen(QPen(edgeColor(box, marks), marks.selected || marks.dropTarget ? 2 : 1, dashed ? Qt::DashLine : Qt::SolidLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(shape);
    paintKindIcon(painter, QRectF(kTextLeft, 10, 18, 18), box.group, isFaded(box) ? theme.disabled : theme.kind(box.group));
    paintPorts(painter, box);
}

QString bodyKey(const NodeBox& box, NodeMarks marks, Detail detail)
{
    const int bits = marks.selected | marks.focused << 1 | marks.hovered << 2 | marks.dropTarget << 3 | box.disabled << 4 | box.bypassed << 5 | static_cast<int>(detail) << 6;
    return box.look + QString::number(bits);
}

// Names stand outside, where several ports have to be told apart.
void paintPortNames(QPainter& painter, const NodeBox& box)
{
    painter.setPen(Theme::current().secondary);
    painter.setFont(figureFont());
    if (box.inputs.size() > 1) {
        for (const PortBox& port : box.inputs) painter.drawText(QRectF(port.offset.x() - 90, port.offset.y() - 20, 80, 14), Qt::AlignRight | Qt::AlignVCenter, QString::fromStdString(port.name));
    }
    const bool several = box.outputs.size() > 2 || (box.outputs.size() == 2 && !box.outputs.back().rejected);
    if (!several) return;
    for (const PortBox& port : box.outputs) painter.drawText(QRectF(port.offset.x() + 10, port.offset.y() - 20, 90, 14), Qt::AlignLeft | Qt::AlignVCenter, QString::fromStdString(port.name));
}

void paintBusyBar(QPainter& painter, const NodeBox& box, double busy)
{
    const Theme& theme = Theme::current();
    const QRectF bar(box.rect.width() - kBarWidth - kTextRight, 66, kBarWidth, kBarHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.dark ? theme.separator : theme.grid);
    painter.drawRoundedRect(bar, kBarHeight / 2, kBarHeight / 2);
    const double share = std::clamp(busy, 0.0, 1.0) * kBarWidth;
    if (share < 0.5) return;
    painter.setBrush(busy > kBarAmber ? theme.warning : theme.accent);
    painter.drawRoundedRect(QRectF(bar.topLeft(), QSizeF(std::max(share, kBarHeight), kBarHeight)), kBarHeight / 2, kBarHeight / 2);
}

// The corner that says: this is not what runs.
void paintChanged(QPainter& painter, const NodeBox& box)
{
    const QPointF corner(box.rect.width() - 32, 14);
    painter.setPen(QPen(Theme::current().accent, 1.7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolygon(QPolygonF({corner + QPointF(-6, 9), corner + QPointF(-5, 5), corner + QPointF(1, -1), corner + QPointF(4, 2), corner + QPointF(-2, 8)}));
}

void paintTexts(QPainter& painter, const NodeBox& box, NodeMarks marks)
{
    const Theme& theme = Theme::current();
    const double width = box.rect.width();
    painter.setPen(isFaded(box) ? theme.disabled : theme.text);
    box.title.paint(painter, {40, 24}, titleFont(), width - 40 - 44, Qt::ElideRight);
    // Where it is bypassed a line leads through here.
    if (box.bypassed) return;
    painter.setPen(isFaded(box) ? theme.disabled : !box.type ? theme.error : quietColor(marks));
    box.summary.paint(painter, {kTextLeft, 47}, codeFont(), width - kTextLeft - kTextRight, Qt::ElideMiddle);
}

void paintFromAfar(QPainter& painter, const NodeBox& box, const NodeLive& live, NodeMarks marks)
{
    const Theme& theme = Theme::current();
    const double width = box.rect.width();
    painter.setPen(isFaded(box) ? theme.disabled : theme.text);
    box.farTitle.paint(painter, {40, 31}, farTitleFont(), width - 40 - 32, Qt::ElideRight);
    painter.setPen(isFaded(box) ? theme.disabled : live.status == NodeStatus::Waiting ? theme.warning : quietColor(marks));
    live.farFigures.paint(painter, {kTextLeft, 68}, farFigureFont(), width - kTextLeft - 10, Qt::ElideRight);
}

void paintFigures(QPainter& painter, const NodeBox& box, const NodeLive& live, NodeMarks marks)
{
    const Theme& theme = Theme::current();
    const double whole = box.rect.width() - kTextLeft - kTextRight, beside = whole - kBarWidth - 4;
    // Figures that need all of the line take it, unless the bar has to warn.
    const bool bar = live.busy >= 0 && !isFaded(box) && (live.busy > kBarAmber || live.figures.width(figureFont()) <= beside);
    const double room = bar ? beside : whole;
    painter.setPen(isFaded(box) ? theme.disabled : live.status == NodeStatus::Waiting ? theme.warning : quietColor(marks));
    live.figures.paint(painter, {kTextLeft, 73}, figureFont(), room, Qt::ElideRight);
    if (bar) paintBusyBar(painter, box, live.busy);
}

// Rows pass without being looked at.
void paintBypass(QPainter& painter, const NodeBox& box)
{
    if (!box.bypassed || box.inputs.empty() || box.outputs.empty()) return;
    painter.setPen(QPen(Theme::current().accent, 2, Qt::DashLine));
    painter.drawLine(box.inputs.front().offset, box.outputs.front().offset);
}

}

Detail detailAt(double scale) { return scale < 0.25 ? Detail::Flat : scale < 0.6 ? Detail::Titles : Detail::Full; }

QColor statusColor(NodeStatus status)
{
    const Theme& theme = Theme::current();
    switch (status) {
        case NodeStatus::None: return theme.disabled;
        case NodeStatus::Running: return theme.ok;
        case NodeStatus::Done: return theme.secondary;
        case NodeStatus::Waiting:
        case NodeStatus::Warning: return theme.warning;
        case NodeStatus::Error: return theme.error;
    }
    return theme.disabled;
}

void paintStatus(QPainter& painter, const QPointF& middle, NodeStatus status)
{
    const Theme& theme = Theme::current();
    painter.setPen(Qt::NoPen);
    painter.setBrush(statusColor(status));
    switch (status) {
        case NodeStatus::None: return;
        case NodeStatus::Running: painter.drawEllipse(middle, 4.5, 4.5); return;
        case NodeStatus::Done:
            painter.setPen(QPen(statusColor(status), 1.7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter.drawPolyline(QPolygonF({middle + QPointF(-4, 0), middle + QPointF(-1, 3), middle + QPointF(4, -3)}));
            return;
        case NodeStatus::Waiting:
        case NodeStatus::Warning:
            painter.drawPolygon(QPolygonF({middle + QPointF(-7, 6), middle + QPointF(0, -6), middle + QPointF(7, 6)}));
            painter.setPen(QPen(theme.raised, 1.6, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(middle + QPointF(0, -2), middle + QPointF(0, 1.5));
            painter.drawPoint(middle + QPointF(0, 4));
            return;
        case NodeStatus::Error:
            painter.drawEllipse(middle, 6.5, 6.5);
            painter.setPen(QPen(theme.raised, 1.6, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(middle + QPointF(-2.3, -2.3), middle + QPointF(2.3, 2.3));
            painter.drawLine(middle + QPointF(-2.3, 2.3), middle + QPointF(2.3, -2.3));
            return;
    }
}

void NodePainter::forget() { bodies_.clear(); }

void NodePainter::paintBody(QPainter& painter, const NodeBox& box, NodeMarks marks, Detail detail, double scale)
{
    if (way_ == Way::Picture) return drawBody(painter, box, marks, detail);
    const double ratio = painter.device()->devicePixelRatioF();
    if (bodiesScale_ != scale * ratio) bodies_.clear(), bodiesScale_ = scale * ratio;
    QPixmap& body = bodies_[bodyKey(box, marks, detail)];
    if (body.isNull()) {
        body = QPixmap((QSizeF(box.rect.width() + 2 * kMargin, box.rect.height() + 2 * kMargin) * bodiesScale_).toSize() + QSize(2, 2));
        body.fill(Qt::transparent);
        body.setDevicePixelRatio(ratio);
        QPainter into(&body);
        into.scale(scale, scale);
        into.translate(kMargin, kMargin);
        drawBody(into, box, marks, detail);
    }
    // On whole pixels: a pixmap between them is blurred, and slow.
    const QPointF corner = painter.worldTransform().map(QPointF(-kMargin, -kMargin));
    painter.setWorldMatrixEnabled(false);
    painter.drawPixmap(QPointF(std::round(corner.x() * ratio) / ratio, std::round(corner.y() * ratio) / ratio), body);
    painter.setWorldMatrixEnabled(true);
}

void NodePainter::paint(QPainter& painter, const NodeBox& box, const NodeLive& live, NodeMarks marks, double scale)
{
    const Detail detail = way_ == Way::Picture ? Detail::Full : detailAt(scale);
    const QTransform before = painter.worldTransform();
    painter.translate(box.rect.topLeft());
    paintBody(painter, box, marks, detail, scale);
    if (detail == Detail::Full) {
        paintTexts(painter, box, marks);
        paintFigures(painter, box, live, marks);
        paintPortNames(painter, box);
    } else {
        paintFromAfar(painter, box, live, marks);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    paintBypass(painter, box);
    paintStatus(painter, {box.rect.width() - 16, 19}, live.status);
    if (live.changed) paintChanged(painter, box);
    painter.setWorldTransform(before);
}

void NodePainter::paintFlat(QPainter& painter, const NodeBox& box, const NodeLive& live, NodeMarks marks, double scale) const
{
    const Theme& theme = Theme::current();
    const QRectF& rect = box.rect;
    painter.fillRect(rect, marks.selected || marks.dropTarget ? theme.accent : isFaded(box) ? theme.separator : theme.raised);
    // At least 3 pixels wide, so that the kind can be told from afar.
    painter.fillRect(QRectF(rect.topLeft(), QSizeF(std::max<double>(measure::kKindStripe, 3 / scale), rect.height())), isFaded(box) ? theme.disabled : theme.kind(box.group));
    if (live.status == NodeStatus::None) return;
    const double side = std::max(12.0, 4 / scale);
    painter.fillRect(QRectF(rect.right() - side * 1.5, rect.top() + side / 2, side, side), statusColor(live.status));
}

}
