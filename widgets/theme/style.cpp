#include "widgets/theme/style.h"

#include "widgets/theme/theme.h"

#include <QStyleFactory>
#include <QStyleOption>
#include <algorithm>

namespace streamwright {

namespace {

bool has(const QStyleOption* option, QStyle::StateFlag flag) { return option->state.testFlag(flag); }

bool isDefaultButton(const QStyleOption* option)
{
    const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
    return button && button->features.testFlag(QStyleOptionButton::DefaultButton) && has(option, QStyle::State_Enabled);
}

void paintBox(QPainter* painter, const QRect& area, const QColor& fill, const QColor& edge, qreal width = 1)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(edge, width));
    painter->setBrush(fill);
    const qreal inset = width / 2;
    painter->drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), measure::kFieldRadius, measure::kFieldRadius);
    painter->restore();
}

void paintField(const QStyleOption* option, QPainter* painter, bool fill)
{
    const Theme& theme = Theme::current();
    const bool focus = has(option, QStyle::State_HasFocus) && has(option, QStyle::State_Enabled);
    const QColor edge = focus ? theme.text : has(option, QStyle::State_Enabled) ? theme.border : theme.separator;
    paintBox(painter, option->rect, fill ? option->palette.color(QPalette::Base) : QColor(Qt::transparent), edge, focus ? 2 : 1);
}

void paintButton(const QStyleOption* option, QPainter* painter)
{
    const Theme& theme = Theme::current();
    QColor fill = isDefaultButton(option) ? theme.accent : theme.raised;
    if (has(option, QStyle::State_Sunken) || has(option, QStyle::State_On)) fill = isDefaultButton(option) ? theme.accent.darker(115) : theme.selection;
    else if (has(option, QStyle::State_MouseOver) && has(option, QStyle::State_Enabled)) fill = theme.dark ? fill.lighter(112) : fill.darker(104);
    const bool focus = has(option, QStyle::State_HasFocus) && has(option, QStyle::State_KeyboardFocusChange);
    paintBox(painter, option->rect, fill, focus ? theme.text : isDefaultButton(option) ? theme.accent : theme.separator, focus ? 2 : 1);
}

void paintFocusRing(const QStyleOption* option, QPainter* painter)
{
    paintBox(painter, option->rect, Qt::transparent, Theme::current().text, 2);
}

constexpr int kFieldHeight = 28, kFieldPadding = 6, kScrollBar = 10, kShortestSlider = 28;

// Where the slider stands in its groove: all of the bar, without arrows.
QRect sliderRect(const QStyleOptionSlider& bar)
{
    const bool across = bar.orientation == Qt::Horizontal;
    const int length = across ? bar.rect.width() : bar.rect.height();
    const int64_t range = int64_t{bar.maximum} - bar.minimum;
    if (range <= 0) return bar.rect;
    const int slider = std::clamp(static_cast<int>(int64_t{bar.pageStep} * length / (range + bar.pageStep)), std::min(kShortestSlider, length), length);
    const int start = QStyle::sliderPositionFromValue(bar.minimum, bar.maximum, bar.sliderPosition, length - slider, bar.upsideDown);
    return across ? QRect(bar.rect.left() + start, bar.rect.top(), slider, bar.rect.height()) : QRect(bar.rect.left(), bar.rect.top() + start, bar.rect.width(), slider);
}

void paintScrollBar(const QStyleOptionSlider& bar, QPainter* painter)
{
    const Theme& theme = Theme::current();
    if (bar.maximum <= bar.minimum) return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(has(&bar, QStyle::State_MouseOver) || has(&bar, QStyle::State_Sunken) ? theme.secondary : theme.border);
    painter->drawRoundedRect(QRectF(sliderRect(bar)).adjusted(2, 2, -2, -2), 3, 3);
    painter->restore();
}

}

Style::Style() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    switch (element) {
        case PE_PanelLineEdit: {
            const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
            // Without a frame it is part of a spin box or an editable combo box, which has its own.
            if (frame && frame->lineWidth > 0) return paintField(option, painter, true);
            break;
        }
        case PE_FrameLineEdit: return paintField(option, painter, false);
        case PE_PanelButtonCommand: return paintButton(option, painter);
        case PE_FrameFocusRect: return paintFocusRing(option, painter);
        default: break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
    if (element != CE_PushButtonLabel || !button || !isDefaultButton(option)) return QProxyStyle::drawControl(element, option, painter, widget);
    QStyleOptionButton label(*button);
    label.palette.setColor(QPalette::ButtonText, Theme::current().onAccent);
    QProxyStyle::drawControl(element, &label, painter, widget);
}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const
{
    const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (control == CC_ScrollBar && bar) return paintScrollBar(*bar, painter);
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const
{
    const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (control != CC_ScrollBar || !bar) return QProxyStyle::subControlRect(control, option, part, widget);
    const QRect slider = sliderRect(*bar);
    const bool across = bar->orientation == Qt::Horizontal;
    switch (part) {
        case SC_ScrollBarSlider: return slider;
        case SC_ScrollBarGroove: return bar->rect;
        case SC_ScrollBarSubPage: return across ? QRect(bar->rect.topLeft(), slider.bottomLeft()) : QRect(bar->rect.topLeft(), slider.topRight());
        case SC_ScrollBarAddPage: return across ? QRect(slider.topRight(), bar->rect.bottomRight()) : QRect(slider.bottomLeft(), bar->rect.bottomRight());
        default: return {};
    }
}

// Words do not touch the round border.
QRect Style::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    const QRect area = QProxyStyle::subElementRect(element, option, widget);
    const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
    const bool field = element == SE_LineEditContents && frame && frame->lineWidth > 0;
    return field ? area.adjusted(kFieldPadding, 0, -kFieldPadding, 0) : area;
}

// Fields and buttons are 28 high.
QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const
{
    const QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
    const bool field = type == CT_LineEdit || type == CT_ComboBox || type == CT_SpinBox || type == CT_PushButton;
    return field ? size.expandedTo({0, kFieldHeight}) : size;
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    return metric == PM_ScrollBarExtent ? kScrollBar : QProxyStyle::pixelMetric(metric, option, widget);
}

int Style::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const
{
    if (hint == SH_Widget_Animation_Duration && ThemeHost::instance().reducedMotion()) return 0;
    if (hint == SH_DialogButtonBox_ButtonsHaveIcons) return 0;
    return QProxyStyle::styleHint(hint, option, widget, data);
}

}
