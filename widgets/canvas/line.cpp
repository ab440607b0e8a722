#include "widgets/canvas/line.h"

#include <QFontMetricsF>

namespace streamwright {

void Line::paint(QPainter& painter, const QPointF& baseline, const QFont& font, double room, Qt::TextElideMode elide) const
{
    if (!std::exchange(done_, true)) {
        laid_ = FigureText(text_, font);
        if (laid_.width() > room) laid_ = FigureText(QFontMetricsF(font).elidedText(text_, elide, room), font);
    }
    laid_.paint(painter, baseline);
}

double Line::width(const QFont& font) const
{
    if (width_ < 0) width_ = FigureText(text_, font).width();
    return width_;
}

}
