// Smaller, the zoom in per cent (a click: 100 %), larger, fit: for the status bar. Follows a view.
#pragma once
#include <QPointer>
#include <QWidget>

class QToolButton;

namespace streamwright {

class CanvasView;

class ZoomControl : public QWidget {
    Q_OBJECT

public:
    explicit ZoomControl(QWidget* parent = nullptr);
    // The view of the tab that is shown; null: none.
    void setView(CanvasView* view);

private:
    QToolButton* addButton(const QString& text, const QString& name, void (CanvasView::*verb)());
    void showZoom(double zoom);
    QPointer<CanvasView> view_;
    QToolButton* zoom_ = nullptr;
};

}
