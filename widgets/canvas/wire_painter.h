// Paints wires: cubic with a width by rate and a pill that says it; straight and thin from afar. UI thread.
#pragma once
#include "widgets/canvas/live.h"

namespace streamwright {

struct WireMarks {
    bool selected = false;
    bool hovered = false;
    bool faded = false;                 // an end of it does not run
};

// How well wires are drawn, by how much of them there is: Qt's raster engine takes ten times as long for a wide
// smooth curve as for a thin one.
enum class WireQuality : unsigned char { Wide, Thin, Rough };
// `length`: of all wires to be drawn, in pixels.
WireQuality qualityFor(double length);

class WirePainter {
public:
    void paint(QPainter& painter, const Wire& wire, const WireLive& live, WireMarks marks, double scale, WireQuality quality = WireQuality::Wide) const;
    // If it lies in `exposed`.
    void paintPill(QPainter& painter, const Wire& wire, const WireLive& live, double scale, const QRectF& exposed) const;
    // From afar: collected by colour and drawn at once.
    void addFlat(const Wire& wire, const WireLive& live, WireMarks marks);
    void paintFlat(QPainter& painter);

private:
    std::map<QRgb, QList<QLineF>> flat_;
};

// While it is drawn: from a port to the pointer.
void paintLooseWire(QPainter& painter, const QPointF& from, const QPointF& to, const QColor& color);

}
