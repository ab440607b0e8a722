#include "widgets/canvas/zoom_control.h"

#include "widgets/canvas/canvas_view.h"
#include "widgets/theme/theme.h"

#include <QToolButton>

namespace streamwright {

ZoomControl::ZoomControl(QWidget* parent) : QWidget(parent)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(addButton(QStringLiteral("−"), tr("Zoom out"), &CanvasView::zoomOut));
    zoom_ = addButton({}, tr("Zoom to 100 %"), nullptr);
    connect(zoom_, &QToolButton::clicked, this, [this] { if (view_) view_->zoomTo(1); });
    row->addWidget(zoom_);
    row->addWidget(addButton(QStringLiteral("+"), tr("Zoom in"), &CanvasView::zoomIn));
    row->addWidget(addButton(tr("Fit"), tr("Fit all"), &CanvasView::fitAll));
    // As wide as it can become, so that its neighbours stay where they are.
    zoom_->setFixedWidth(fontMetrics().horizontalAdvance(shareText(4)) + 2 * measure::kSmall);
    setView(nullptr);
}

QToolButton* ZoomControl::addButton(const QString& text, const QString& name, void (CanvasView::*verb)())
{
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    if (verb) connect(button, &QToolButton::clicked, this, [this, verb] { if (view_) (view_->*verb)(); });
    return button;
}

void ZoomControl::setView(CanvasView* view)
{
    if (view_) view_->disconnect(this);
    view_ = view;
    setEnabled(view != nullptr);
    if (view) connect(view, &CanvasView::zoomChanged, this, &ZoomControl::showZoom);
    showZoom(view ? view->zoom() : 1);
}

void ZoomControl::showZoom(double zoom) { zoom_->setText(shareText(zoom)); }

}
