#include "widgets/canvas/canvas_view.h"

#include "widgets/canvas/accessible_canvas.h"
#include "widgets/canvas/arranging.h"
#include "widgets/canvas/ground_painter.h"
#include "widgets/canvas/minimap.h"
#include "widgets/canvas/node_search.h"
#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

constexpr int kEdgeEvery = 16;          // milliseconds

}

CanvasView::CanvasView(PipelineDocument& document, RunController& runs, QWidget* parent)
    : QGraphicsView(parent), document_(document), scene_(new CanvasScene(document, runs, this)), minimap_(new Minimap(*this)), search_(new NodeSearch(document.catalog(), this)),
      arranging_(std::make_unique<Arranging>())
{
    installCanvasAccessibility();
    setScene(scene_);
    setFrameShape(NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTransformationAnchor(NoAnchor);
    setResizeAnchor(NoAnchor);
    setViewportUpdateMode(SmartViewportUpdate);
    setOptimizationFlags(DontSavePainterState | DontAdjustForAntialiasing);
    setMouseTracking(true);
    viewport()->setMouseTracking(true);
    setAcceptDrops(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Canvas"));
    edgeTimer_.setInterval(kEdgeEvery);
    connect(&edgeTimer_, &QTimer::timeout, this, &CanvasView::scrollAtEdge);
    connect(&document_, &PipelineDocument::edited, this, [this] { if (gesture_) abortGesture(); });
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, [this] { viewport()->update(); });
    lookAt({});
}

CanvasView::~CanvasView() = default;

Pointer CanvasView::pointerAt(const QPoint& view, Qt::KeyboardModifiers modifiers, Qt::MouseButton button) const { return {view, mapToScene(view), modifiers, button}; }

Hit CanvasView::hitAt(const QPointF& scene) const { return hitTest(scene_->graph(), scene, 8 / zoom()); }

// ---- painting

void CanvasView::drawBackground(QPainter* painter, const QRectF& area) { paintGrid(*painter, area, zoom()); }

void CanvasView::drawForeground(QPainter* painter, const QRectF&)
{
    if (!scene_->graph().boxes().empty() || !scene_->graph().notes().empty() || gesture_) return;
    painter->save();
    painter->resetTransform();
    painter->setFont(streamwright::font(TextRole::Title));
    painter->setPen(Theme::current().secondary);
    painter->drawText(viewport()->rect(), Qt::AlignCenter, tr("Drop a source here, or press Space"));
    painter->restore();
}

void CanvasView::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    placeOverlays();
    if (fitted_) return fitAll();
    Q_EMIT viewMoved();
}

void CanvasView::placeOverlays() { minimap_->move(width() - minimap_->width() - measure::kMedium, height() - minimap_->height() - measure::kMedium); }

// ---- gestures

void CanvasView::begin(std::unique_ptr<Gesture> gesture)
{
    gesture_ = std::move(gesture);
    pressed_.reset();
    viewport()->setCursor(gesture_->cursor());
    scene_->setHover({});
    scene_->setOverlay([this](QPainter& painter, double scale) { if (gesture_) gesture_->paint(painter, scale); });
    if (gesture_->scrollsAtEdge()) edgeTimer_.start();
}

void CanvasView::finish(const Pointer& pointer)
{
    // Out of the view first: what it commits changes the document, which would abort it.
    std::unique_ptr<Gesture> gesture = std::move(gesture_);
    if (gesture->release(pointer) == Gesture::Outcome::Continues) {
        gesture_ = std::move(gesture);
        return;
    }
    edgeTimer_.stop();
    scene_->setOverlay({});
    viewport()->unsetCursor();
}

void CanvasView::abortGesture()
{
    if (!gesture_) return;
    const std::unique_ptr<Gesture> gesture = std::move(gesture_);
    gesture->cancel();
    edgeTimer_.stop();
    scene_->setOverlay({});
    viewport()->unsetCursor();
}

void CanvasView::scrollAtEdge()
{
    constexpr int kMargin = 24, kMost = 20;
    const auto push = [&](int at, int size) { return at < kMargin ? std::max(at - kMargin, -kMost) : at > size - kMargin ? std::min(at - size + kMargin, kMost) : 0; };
    const QPoint by(push(last_.view.x(), viewport()->width()), push(last_.view.y(), viewport()->height()));
    if (by.isNull() || !gesture_) return;
    scrollBy(by);
    last_.scene = mapToScene(last_.view);
    gesture_->move(last_);
}

}
