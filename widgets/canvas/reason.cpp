#include "widgets/canvas/reason.h"

#include "widgets/theme/theme.h"

#include <QPainter>

namespace streamwright {

void paintReason(QPainter& painter, const QPointF& pointer, double scale, const QString& reason, const QColor& color)
{
    const Theme& theme = Theme::current();
    painter.save();
    painter.translate(pointer);
    // The same size at every zoom.
    painter.scale(1 / scale, 1 / scale);
    painter.setFont(font(TextRole::Body));
    const QRectF words = painter.fontMetrics().boundingRect(QRect(0, 0, 320, 200), Qt::TextWordWrap, reason);
    const QRectF box(18, 14, words.width() + 20, words.height() + 12);
    painter.setPen(QPen(color, 1));
    painter.setBrush(theme.raised);
    painter.drawRoundedRect(box, measure::kFieldRadius, measure::kFieldRadius);
    painter.setPen(theme.text);
    painter.drawText(box.adjusted(10, 6, -10, -6), Qt::TextWordWrap, reason);
    painter.restore();
}

}
