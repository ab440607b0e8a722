// The whole graph in a corner, in status colours; frames yes, wires no. A click or a drag looks there. Hidden
// while all of the graph can be seen.
#pragma once
#include <QPixmap>
#include <QWidget>

namespace streamwright {

class CanvasView;

class Minimap : public QWidget {
    Q_OBJECT

public:
    explicit Minimap(CanvasView& view);
    void setWanted(bool wanted);
    bool isWanted() const { return wanted_; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    QTransform toMap() const;           // from the scene
    QRectF shown() const;               // what the view shows, in the scene
    void drawGraph();
    void showIfUseful();
    void lookThere(const QPointF& at);

    CanvasView& view_;
    QPixmap graph_;                     // null: to be drawn
    bool wanted_ = true;
    QRectF area_;                       // of the scene that it shows
};

}
