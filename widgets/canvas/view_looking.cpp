// Zoom, fit, scroll: where the view looks.
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/minimap.h"

#include <QScrollBar>

namespace streamwright {

namespace {

constexpr double kLeastZoom = 0.02, kMostZoom = 4;
constexpr double kStep = 1.25;
constexpr double kFitMargin = 40;       // pixels
constexpr double kMostFit = 1;          // a small graph is not blown up
constexpr double kReadable = 0.45;      // below, names are not drawn

}

double CanvasView::zoom() const { return transform().m11(); }

QPointF CanvasView::middle() const { return mapToScene(viewport()->rect().center()); }

void CanvasView::lookAt(const QPointF& middle)
{
    fitted_ = false;
    centerOn(middle);
    Q_EMIT viewMoved();
}

void CanvasView::scrollBy(const QPoint& pixels)
{
    fitted_ = false;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + pixels.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() + pixels.y());
    Q_EMIT viewMoved();
}

void CanvasView::zoomAt(const QPoint& view, double zoom)
{
    zoom = std::clamp(zoom, kLeastZoom, kMostZoom);
    const QPointF fixed = mapToScene(view);
    setTransform(QTransform::fromScale(zoom, zoom));
    scrollBy(mapFromScene(fixed) - view);
    Q_EMIT zoomChanged(zoom);
}

void CanvasView::zoomTo(double zoom) { zoomAt(viewport()->rect().center(), zoom); }
void CanvasView::zoomIn() { zoomTo(zoom() * kStep); }
void CanvasView::zoomOut() { zoomTo(zoom() / kStep); }

void CanvasView::fit(const QRectF& area)
{
    if (area.isNull()) {
        zoomTo(1);
        return lookAt({});
    }
    const double across = (viewport()->width() - 2 * kFitMargin) / area.width();
    const double down = (viewport()->height() - 2 * kFitMargin) / area.height();
    zoomTo(std::min({across, down, kMostFit}));
    lookAt(area.center());
}

void CanvasView::fitAll()
{
    fit(scene_->graph().bounds());
    fitted_ = true;
}

void CanvasView::fitSelection()
{
    const Selection::Items& items = document_.selection().items();
    QRectF area;
    for (const NodeId& node : items.nodes) {
        if (const NodeBox* box = scene_->graph().box(node)) area |= box->rect;
    }
    for (const FrameBox& frame : scene_->graph().frames()) {
        if (items.frames.contains(frame.id)) area |= frame.rect;
    }
    for (const NoteBox& note : scene_->graph().notes()) {
        if (items.notes.contains(note.id)) area |= note.rect;
    }
    fit(area.isNull() ? scene_->graph().bounds() : area);
}

void CanvasView::reveal(const NodeId& node)
{
    const NodeBox* box = scene_->graph().box(node);
    if (!box) return;
    document_.selection().setNodes({node});
    if (zoom() < kReadable) zoomTo(1);
    if (!mapToScene(viewport()->rect()).boundingRect().contains(box->rect)) lookAt(box->rect.center());
}

void CanvasView::setMinimapVisible(bool visible) { minimap_->setWanted(visible); }
bool CanvasView::isMinimapVisible() const { return minimap_->isWanted(); }

QPointF CanvasView::pointerOrMiddle() const { return pointerIsIn_ ? mapToScene(last_.view) : middle(); }

}
