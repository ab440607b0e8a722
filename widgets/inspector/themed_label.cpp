#include "widgets/inspector/themed_label.h"

#include "widgets/theme/theme_host.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QTextLayout>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace streamwright {

namespace {

constexpr int kNarrowest = 48;

// Lines of this width, broken between words where that can be; how high they are.
int layOut(QTextLayout& layout, int width)
{
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    qreal height = 0;
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(std::max(1, width));
        line.setPosition({0, height});
        height += line.height();
    }
    layout.endLayout();
    return static_cast<int>(std::ceil(height));
}

QString inLines(QString text) { return text.replace(QLatin1Char('\n'), QChar::LineSeparator); }

}

ThemedLabel::ThemedLabel(TextRole role, Tone tone, QWidget* parent) : QLabel(parent), role_(role), tone_(tone)
{
    // What files and messages say is shown as it is, never read as HTML.
    setTextFormat(Qt::PlainText);
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, &ThemedLabel::dress);
    dress();
}

void ThemedLabel::setTone(Tone tone)
{
    tone_ = tone;
    dress();
}

void ThemedLabel::setBold(bool bold)
{
    bold_ = bold;
    dress();
}

void ThemedLabel::setCaption()
{
    caption_ = true;
    dress();
}

void ThemedLabel::setElided()
{
    elided_ = true;
    updateGeometry();
}

QSize ThemedLabel::minimumSizeHint() const
{
    const QSize whole = QLabel::minimumSizeHint();
    if (elided_) return {0, whole.height()};
    return breaks() ? QSize(std::min(whole.width(), kNarrowest), fontMetrics().height()) : whole;
}

int ThemedLabel::heightForWidth(int width) const
{
    if (!breaks()) return QLabel::heightForWidth(width);
    const QMargins edge = contentsMargins() + QMargins(margin(), margin(), margin(), margin());
    QTextLayout layout(inLines(text()), font(), this);
    return layOut(layout, width - edge.left() - edge.right()) + edge.top() + edge.bottom();
}

QString ThemedLabel::shownText() const { return fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width()); }

bool ThemedLabel::event(QEvent* event)
{
    if (!elided_ || event->type() != QEvent::ToolTip || shownText() == text()) return QLabel::event(event);
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), text(), this);
    return true;
}

void ThemedLabel::paintEvent(QPaintEvent* event)
{
    if (!elided_ && !breaks()) return QLabel::paintEvent(event);
    QPainter painter(this);
    if (breaks()) {
        const QRect room = contentsRect().adjusted(margin(), margin(), -margin(), -margin());
        QTextLayout layout(inLines(text()), font(), this);
        layOut(layout, room.width());
        painter.setPen(palette().color(foregroundRole()));
        return layout.draw(&painter, room.topLeft());
    }
    style()->drawItemText(&painter, contentsRect(), static_cast<int>(alignment()) | Qt::TextSingleLine, palette(), isEnabled(), shownText(), foregroundRole());
}

void ThemedLabel::dress()
{
    const Theme& theme = Theme::current();
    const auto color = [&] {
        switch (tone_) {
        case Tone::Secondary: return theme.secondary;
        case Tone::Ok: return theme.ok;
        case Tone::Warning: return theme.warning;
        case Tone::Error: return theme.error;
        default: return theme.text;
        }
    };
    QPalette colors = palette();
    colors.setColor(QPalette::WindowText, color());
    setPalette(colors);
    QFont face = streamwright::font(role_);
    if (bold_ || caption_) face.setWeight(QFont::DemiBold);
    if (caption_) {
        face.setCapitalization(QFont::AllUppercase);
        face.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
    }
    setFont(face);
}

ThemedLabel* sectionTitle(const QString& text, QWidget* parent)
{
    auto* label = new ThemedLabel(TextRole::Secondary, ThemedLabel::Tone::Secondary, parent);
    label->setCaption();
    label->setText(text);
    return label;
}

}
