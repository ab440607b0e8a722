#include "widgets/canvas/minimap.h"

#include "widgets/canvas/canvas_view.h"
#include "widgets/theme/theme.h"

#include <QMouseEvent>

namespace streamwright {

namespace {

constexpr QSize kSize(152, 88);
constexpr int kMargin = 6;

}

Minimap::Minimap(CanvasView& view) : QWidget(&view), view_(view)
{
    setFixedSize(kSize);
    setAccessibleName(tr("Overview"));
    setCursor(Qt::PointingHandCursor);
    const auto forget = [this] { graph_ = {}, update(); };
    connect(&view.canvas(), &CanvasScene::graphChanged, this, forget);
    connect(&view.canvas(), &CanvasScene::liveChanged, this, forget);
    connect(&view.document().selection(), &Selection::changed, this, forget);
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, forget);
    connect(&view, &CanvasView::viewMoved, this, &Minimap::showIfUseful);
    connect(&view.canvas(), &CanvasScene::graphChanged, this, &Minimap::showIfUseful);
    hide();
}

void Minimap::setWanted(bool wanted)
{
    wanted_ = wanted;
    showIfUseful();
}

void Minimap::showIfUseful()
{
    setVisible(wanted_ && !shown().contains(view_.canvas().graph().bounds()));
    update();
}

QRectF Minimap::shown() const { return view_.mapToScene(view_.viewport()->rect()).boundingRect(); }

QTransform Minimap::toMap() const
{
    const QRectF inside = QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -kMargin);
    const double scale = std::min(inside.width() / std::max(area_.width(), 1.0), inside.height() / std::max(area_.height(), 1.0));
    QTransform map;
    map.translate(inside.center().x(), inside.center().y());
    map.scale(scale, scale);
    map.translate(-area_.center().x(), -area_.center().y());
    return map;
}

void Minimap::drawGraph()
{
    const Theme& theme = Theme::current();
    const CanvasScene& scene = view_.canvas();
    area_ = scene.graph().bounds();
    graph_ = QPixmap(size() * devicePixelRatioF());
    graph_.setDevicePixelRatio(devicePixelRatioF());
    graph_.fill(Qt::transparent);
    QPainter painter(&graph_);
    const QTransform map = toMap();
    painter.setPen(theme.separator);
    for (const FrameBox& frame : scene.graph().frames()) painter.drawRect(map.mapRect(frame.rect));
    for (size_t i = 0; i < scene.graph().boxes().size(); ++i) {
        const NodeBox& box = scene.graph().boxes()[i];
        const NodeStatus status = scene.live().node(i).status;
        const bool attention = status == NodeStatus::Error || status == NodeStatus::Warning || status == NodeStatus::Waiting;
        const bool selected = view_.document().selection().contains(box.id);
        const QColor color = attention ? statusColor(status) : selected ? theme.text : box.disabled || box.bypassed ? theme.border : theme.accent;
        QRectF rect = map.mapRect(box.rect);
        rect.setSize(rect.size().expandedTo({2, 2}));
        painter.fillRect(rect, color);
    }
}

void Minimap::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    if (graph_.isNull()) drawGraph();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.separator, 1));
    painter.setBrush(theme.dock);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.drawPixmap(0, 0, graph_);
    const QRectF here = toMap().mapRect(shown()).intersected(QRectF(rect()).adjusted(2, 2, -2, -2));
    painter.setPen(QPen(theme.secondary, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(here);
}

void Minimap::lookThere(const QPointF& at) { view_.lookAt(toMap().inverted().map(at)); }
void Minimap::mousePressEvent(QMouseEvent* event) { lookThere(event->position()); }
void Minimap::mouseMoveEvent(QMouseEvent* event) { lookThere(event->position()); }

}
