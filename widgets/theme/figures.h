// Live figures that do not jitter: every digit stands in a cell as wide as the widest digit, since Qt 6.4
// cannot ask a font for tabular digits. UI thread.
#pragma once
#include <QFont>
#include <QGlyphRun>
#include <QStyledItemDelegate>

namespace streamwright {

// A line of text laid out once and painted often. Text that the font lacks glyphs for is painted plainly.
class FigureText {
public:
    FigureText() = default;
    FigureText(const QString& text, const QFont& font);

    const QString& text() const { return text_; }
    qreal width() const { return width_; }
    // In the pen of the painter, from `baseline` to the right.
    void paint(QPainter& painter, const QPointF& baseline) const;

private:
    QString text_;
    QFont font_;
    QGlyphRun run_;                     // empty: painted plainly
    qreal width_ = 0;
};

// Into `area`, elided at the right where it does not fit.
void paintFigure(QPainter& painter, const QRectF& area, Qt::Alignment alignment, const QString& text, const QFont& font);

// The same for the cells of tables.
class FigureDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    // Cells of digits are wider than the text as the font would set it.
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}
