// Paints nodes. What many nodes share (body, stripe, icon, rule) is a pixmap made once for each look and scale;
// texts and live figures are painted over it, so that a tick makes nothing anew. UI thread.
#pragma once
#include "widgets/canvas/live.h"

#include <QPixmap>

namespace streamwright {

// How much is shown at a scale.
enum class Detail : unsigned char { Flat, Titles, Full };
Detail detailAt(double scale);

// How a node is marked besides what it is and what it does.
struct NodeMarks {
    bool selected = false;
    bool focused = false;               // of the keyboard
    bool hovered = false;
    bool dropTarget = false;
};

class NodePainter {
public:
    // `crisp`: through pixmaps, for screens; else as lines and fills, for pictures in SVG.
    enum class Way : unsigned char { Screen, Picture };
    explicit NodePainter(Way way = Way::Screen) : way_(way) {}

    // `scale`: device-independent pixels for a unit of the scene.
    void paint(QPainter& painter, const NodeBox& box, const NodeLive& live, NodeMarks marks, double scale);
    void paintFlat(QPainter& painter, const NodeBox& box, const NodeLive& live, NodeMarks marks, double scale) const;
    void forget();                      // after a change of the theme

private:
    void paintBody(QPainter& painter, const NodeBox& box, NodeMarks marks, Detail detail, double scale);

    Way way_;
    std::map<QString, QPixmap> bodies_;
    double bodiesScale_ = 0;
};

// The dot, triangle or cross of a status, around `middle`.
void paintStatus(QPainter& painter, const QPointF& middle, NodeStatus status);
QColor statusColor(NodeStatus status);

}
