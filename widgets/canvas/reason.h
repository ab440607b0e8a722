// A sentence at the pointer: why something cannot be done.
#pragma once
#include <QColor>
#include <QPointF>
#include <QString>

class QPainter;

namespace streamwright {

void paintReason(QPainter& painter, const QPointF& pointer, double scale, const QString& reason, const QColor& color);

}
