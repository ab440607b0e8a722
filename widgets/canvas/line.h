// A line of text that is laid out when it is first painted, and elided to the room it has there.
#pragma once
#include "widgets/theme/figures.h"

namespace streamwright {

class Line {
public:
    Line() = default;
    explicit Line(QString text) : text_(std::move(text)) {}

    const QString& text() const { return text_; }
    bool isEmpty() const { return text_.isEmpty(); }
    // In the pen of the painter; the same font and room each time.
    void paint(QPainter& painter, const QPointF& baseline, const QFont& font, double room, Qt::TextElideMode elide) const;
    double width(const QFont& font) const;      // not elided; the same font each time

private:
    QString text_;
    mutable FigureText laid_;
    mutable bool done_ = false;
    mutable double width_ = -1;                 // below 0: not measured yet
};

}
