#include "widgets/theme/severity_icon.h"

#include "widgets/theme/theme.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

namespace streamwright {

namespace {

constexpr double kSide = 16;

void paintWarning(QPainter& painter)
{
    QPainterPath triangle;
    triangle.moveTo(8, 1.8);
    triangle.lineTo(15, 14);
    triangle.lineTo(1, 14);
    triangle.closeSubpath();
    painter.setPen(QPen(Theme::current().warning, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(triangle);
    painter.setPen(QPen(Theme::current().warning, 1.6, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(8, 6.4), QPointF(8, 9.6));
    painter.drawPoint(QPointF(8, 12));
}

void paintError(QPainter& painter)
{
    painter.setPen(QPen(Theme::current().error, 1.4));
    painter.drawEllipse(QPointF(8, 8), 6.6, 6.6);
    painter.setPen(QPen(Theme::current().error, 1.6, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(5.6, 5.6), QPointF(10.4, 10.4));
    painter.drawLine(QPointF(10.4, 5.6), QPointF(5.6, 10.4));
}

// Paints in the theme of the moment, at the size that is asked for.
class SeverityEngine : public QIconEngine {
public:
    explicit SeverityEngine(Severity severity) : severity_(severity) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode, QIcon::State) override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->translate(rect.topLeft());
        painter->scale(rect.width() / kSide, rect.height() / kSide);
        painter->setBrush(Qt::NoBrush);
        if (severity_ == Severity::Warning) paintWarning(*painter);
        else paintError(*painter);
        painter->restore();
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect({}, size), mode, state);
        return pixmap;
    }

    QIconEngine* clone() const override { return new SeverityEngine(severity_); }

private:
    Severity severity_;
};

}

QIcon severityIcon(Severity severity)
{
    return QIcon(new SeverityEngine(severity));  // the icon owns its engine
}

}
