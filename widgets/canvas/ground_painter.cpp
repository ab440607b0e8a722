#include "widgets/canvas/ground_painter.h"

#include "widgets/theme/theme.h"

#include <cmath>

namespace streamwright {

namespace {

constexpr double kLeastDotDistance = 14;    // pixels on the screen; under it every second dot is left out

QColor colorOf(const std::string& name)
{
    const Theme& theme = Theme::current();
    for (const Group group : {Group::Source, Group::Transform, Group::Window, Group::State, Group::Sink}) {
        if (groupName(group) == name) return theme.kind(group);
    }
    return theme.secondary;
}

QColor tinted(const QColor& color, double share)
{
    const QColor back = Theme::current().canvas;
    const auto part = [&](int a, int b) { return static_cast<int>(a * share + b * (1 - share)); };
    return {part(color.red(), back.red()), part(color.green(), back.green()), part(color.blue(), back.blue())};
}

}

void paintGrid(QPainter& painter, const QRectF& area, double scale)
{
    const Theme& theme = Theme::current();
    painter.fillRect(area, theme.canvas);
    double step = measure::kGrid;
    while (step * scale < kLeastDotDistance) step *= 2;
    QPolygonF dots;
    const double left = std::floor(area.left() / step) * step, top = std::floor(area.top() / step) * step;
    dots.reserve(static_cast<qsizetype>((area.width() / step + 2) * (area.height() / step + 2)));
    for (double y = top; y <= area.bottom(); y += step) {
        for (double x = left; x <= area.right(); x += step) dots.append({x, y});
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    QPen pen(theme.dark ? theme.grid.lighter(125) : theme.grid.darker(106), 2);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.drawPoints(dots);
}

void paintFrame(QPainter& painter, const FrameBox& frame, bool selected, double scale)
{
    const Theme& theme = Theme::current();
    const QColor color = colorOf(frame.color);
    painter.setRenderHint(QPainter::Antialiasing, scale >= 0.25);
    painter.setPen(QPen(selected ? theme.accent : tinted(color, 0.35), selected ? 2 : 1));
    painter.setBrush(tinted(color, 0.07));
    painter.drawRoundedRect(frame.rect, 10, 10);
    // The title can be read from afar: it grows as the frame shrinks.
    QFont face = font(TextRole::Secondary);
    face.setPixelSize(static_cast<int>(std::clamp(11 / scale, 11.0, 44.0)));
    painter.setFont(face);
    painter.setPen(theme.secondary);
    const QRectF title = frame.rect.adjusted(14, 4, -14, 0);
    painter.drawText(QRectF(title.left(), title.top(), title.width(), std::max<double>(20, face.pixelSize() * 1.6)), Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(frame.title, Qt::ElideRight, static_cast<int>(title.width())));
}

void paintNote(QPainter& painter, const NoteBox& note, bool selected, double scale)
{
    const Theme& theme = Theme::current();
    painter.setRenderHint(QPainter::Antialiasing, scale >= 0.25);
    painter.setPen(QPen(selected ? theme.accent : theme.separator, selected ? 2 : 1));
    painter.setBrush(tinted(theme.warning, theme.dark ? 0.10 : 0.08));
    painter.drawRoundedRect(note.rect, 4, 4);
    if (scale < 0.25) return;
    painter.setFont(font(TextRole::Body));
    painter.setPen(theme.text);
    painter.drawText(note.rect.adjusted(10, 8, -10, -8), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, note.text);
}

}
