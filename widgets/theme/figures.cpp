#include "widgets/theme/figures.h"

#include <QFontMetricsF>
#include <QRawFont>

#include <cmath>

namespace streamwright {

namespace {

// What is asked of a font again and again.
struct Face {
    QRawFont raw;
    qreal digitCell = 0;
};

const Face& faceOf(const QFont& font)
{
    static std::map<QString, Face> faces;
    const auto [at, added] = faces.try_emplace(font.key());
    if (added) {
        at->second.raw = QRawFont::fromFont(font);
        const QFontMetricsF metrics(font);
        for (char digit = '0'; digit <= '9'; ++digit) at->second.digitCell = std::max(at->second.digitCell, metrics.horizontalAdvance(QLatin1Char(digit)));
    }
    return at->second;
}

bool isDigit(QChar character) { return character >= QLatin1Char('0') && character <= QLatin1Char('9'); }

}

FigureText::FigureText(const QString& text, const QFont& font) : text_(text), font_(font)
{
    const Face& face = faceOf(font);
    const QList<quint32> glyphs = face.raw.glyphIndexesForString(text);
    const QList<QPointF> advances = face.raw.advancesForGlyphIndexes(glyphs);
    // One glyph a character, and every one there: else the font is not the whole story.
    if (glyphs.size() != text.size() || glyphs.contains(0)) {
        width_ = QFontMetricsF(font).horizontalAdvance(text);
        return;
    }
    QList<QPointF> positions;
    for (qsizetype i = 0; i < glyphs.size(); ++i) {
        const qreal cell = isDigit(text[i]) ? face.digitCell : advances[i].x();
        positions.append({width_ + (cell - advances[i].x()) / 2, 0});
        width_ += cell;
    }
    run_.setRawFont(face.raw);
    run_.setGlyphIndexes(glyphs);
    run_.setPositions(positions);
}

void FigureText::paint(QPainter& painter, const QPointF& baseline) const
{
    if (!run_.isEmpty()) return painter.drawGlyphRun(baseline, run_);
    painter.setFont(font_);
    painter.drawText(baseline, text_);
}

void paintFigure(QPainter& painter, const QRectF& area, Qt::Alignment alignment, const QString& text, const QFont& font)
{
    FigureText figure(text, font);
    const QFontMetricsF metrics(font);
    if (figure.width() > area.width()) figure = FigureText(metrics.elidedText(text, Qt::ElideRight, area.width()), font);
    const qreal spare = area.width() - figure.width();
    const qreal x = alignment.testFlag(Qt::AlignRight) ? spare : alignment.testFlag(Qt::AlignHCenter) ? spare / 2 : 0;
    figure.paint(painter, {area.left() + x, area.top() + (area.height() + metrics.ascent() - metrics.descent()) / 2});
}

void FigureDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QString text = std::exchange(cell.text, QString());
    const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
    const QPalette::ColorGroup group = cell.state.testFlag(QStyle::State_Enabled) ? QPalette::Normal : QPalette::Disabled;
    painter->save();
    painter->setPen(cell.palette.color(group, cell.state.testFlag(QStyle::State_Selected) ? QPalette::HighlightedText : QPalette::Text));
    const int margin = style->pixelMetric(QStyle::PM_FocusFrameHMargin, nullptr, cell.widget) + 1;
    paintFigure(*painter, QRectF(cell.rect).adjusted(margin, 0, -margin, 0), cell.displayAlignment, text, cell.font);
    painter->restore();
}

QSize FigureDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
    const int margin = style->pixelMetric(QStyle::PM_FocusFrameHMargin, nullptr, cell.widget) + 1;
    const QSize plain = QStyledItemDelegate::sizeHint(option, index);
    return {std::max(plain.width(), static_cast<int>(std::ceil(FigureText(cell.text, cell.font).width())) + 2 * margin + 1), plain.height()};
}

}
