// What stands in the tooltip of a node, a port, a wire: the exact figures and the whole sentence.
#include "widgets/canvas/canvas_view.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QToolTip>

namespace streamwright {

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

QString portTip(const NodeBox& box, const Hit& hit, const CheckedPipeline& checked)
{
    const PortBox& port = (hit.side == Side::Input ? box.inputs : box.outputs)[hit.part];
    const auto schemas = checked.schemas.find(box.id.name);
    QString tip = text(port.name);
    if (port.rejected) return CanvasView::tr("rejected: rows that failed, with the reason");
    if (hit.side == Side::Output && schemas != checked.schemas.end() && hit.part < schemas->second.size()) tip += QStringLiteral(": ") + text(schemas->second[hit.part].toDdl());
    return tip;
}

QString nodeTip(const NodeBox& box, const NodeLive& live)
{
    QStringList lines{box.title.text() == text(box.id.name) ? box.title.text() : QStringLiteral("%1 (%2)").arg(box.title.text(), text(box.id.name)), box.summary.text()};
    if (box.type) lines += engineText(box.type->spec.summary);
    if (!live.figures.isEmpty()) lines += live.figures.text();
    if (live.busy >= 0) lines += CanvasView::tr("busy %1 of the batch interval").arg(shareText(live.busy));
    if (!live.why.isEmpty()) lines += live.why;
    if (live.changed) lines += CanvasView::tr("changed since the run began");
    return lines.join(QLatin1Char('\n'));
}

QString wireTip(const Wire& wire, const WireLive& live)
{
    QStringList lines{text(wire.text)};
    if (live.rowsPerSecond >= 0) lines += CanvasView::tr("%1 rows/s").arg(exactText(static_cast<int64_t>(live.rowsPerSecond)));
    if (live.queueFill >= 0) lines += CanvasView::tr("queue %1 full").arg(shareText(live.queueFill));
    return lines.join(QLatin1Char('\n'));
}

}

void CanvasView::showToolTip(const QPoint& view, const QPoint& global)
{
    if (gesture_) return QToolTip::hideText();
    const Hit hit = hitAt(mapToScene(view));
    const CanvasGraph& graph = scene_->graph();
    switch (hit.kind) {
        case Hit::Kind::Port: return QToolTip::showText(global, portTip(graph.boxes()[hit.index], hit, *document_.checked()), viewport());
        case Hit::Kind::Node: return QToolTip::showText(global, nodeTip(graph.boxes()[hit.index], scene_->live().node(hit.index)), viewport());
        case Hit::Kind::Wire: return QToolTip::showText(global, wireTip(graph.wires()[hit.index], scene_->live().wire(hit.index)), viewport());
        default: return QToolTip::hideText();
    }
}

}
