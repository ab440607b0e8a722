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

bool isAccent(const QStyleOption* option, const QWidget* widget)
{
    return isDefaultButton(option) || (widget && has(option, QStyle::State_Enabled) && widget->property(kAccentProperty).toBool());
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

void paintButton(const QStyleOption* option, QPainter* painter, bool accent)
{
    const Theme& theme = Theme::current();
    QColor fill = accent ? theme.accent : theme.raised;
    if (has(option, QStyle::State_Sunken) || has(option, QStyle::State_On)) fill = accent ? theme.accent.darker(115) : theme.selection;
    else if (has(option, QStyle::State_MouseOver) && has(option, QStyle::State_Enabled)) fill = theme.dark ? fill.lighter(112) : fill.darker(104);
    const bool focus = has(option, QStyle::State_HasFocus) && has(option, QStyle::State_KeyboardFocusChange);
    paintBox(painter, option->rect, fill, focus ? theme.text : accent ? theme.accent : theme.separator, focus ? 2 : 1);
}

void paintFocusRing(const QStyleOption* option, QPainter* painter)
{
    paintBox(painter, option->rect, Qt::transparent, Theme::current().text, 2);
}

constexpr int kFieldHeight = 28, kFieldPadding = 6, kButtonPadding = 6, kLineHeight = 22, kScrollBar = 10, kShortestSlider = 28;

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

// Of a tab: plain until the pointer is over it.
void paintTabClose(const QStyleOption* option, QPainter* painter)
{
    const Theme& theme = Theme::current();
    const bool hovered = has(option, QStyle::State_MouseOver) && has(option, QStyle::State_Enabled);
    if (hovered) paintBox(painter, option->rect, theme.selection, theme.selection);
    const QRectF cross = QRectF(option->rect.center() - QPointF(3.5, 3.5), QSizeF(8, 8));
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(hovered ? theme.text : theme.secondary, 1.5, Qt::SolidLine, Qt::RoundCap));
    painter->drawLine(cross.topLeft(), cross.bottomRight());
    painter->drawLine(cross.topRight(), cross.bottomLeft());
    painter->restore();
}

// Menus stand in a row with the run's controls: no line under them alone.
void paintMenuBarItem(const QStyleOptionMenuItem& item, const QStyle& style, QPainter* painter)
{
    const Theme& theme = Theme::current();
    const bool open = has(&item, QStyle::State_Selected) && has(&item, QStyle::State_Sunken);
    painter->fillRect(item.rect, open ? theme.selection : theme.dock);
    const int mnemonics = style.styleHint(QStyle::SH_UnderlineShortcut, &item) ? Qt::TextShowMnemonic : Qt::TextHideMnemonic;
    style.drawItemText(painter, item.rect, Qt::AlignCenter | Qt::TextSingleLine | mnemonics, item.palette, has(&item, QStyle::State_Enabled), item.text, QPalette::WindowText);
}

// A small angle that points up or down.
void paintChevron(QPainter* painter, const QRect& area, bool down, const QColor& color)
{
    const QPointF middle = QRectF(area).center();
    const qreal width = std::min({4.0, area.width() / 2.0, area.height() / 1.0}), height = (down ? 1 : -1) * width / 2;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(QPolygonF({middle + QPointF(-width, -height), middle + QPointF(0, height), middle + QPointF(width, -height)}));
    painter->restore();
}

// A check box's square: its edge is seen in every theme, and it is filled once it is checked.
void paintCheckBox(const QStyleOption* option, QPainter* painter)
{
    const Theme& theme = Theme::current();
    const bool enabled = has(option, QStyle::State_Enabled), checked = has(option, QStyle::State_On), partly = has(option, QStyle::State_NoChange);
    const bool filled = enabled && (checked || partly);
    const bool pointed = enabled && has(option, QStyle::State_MouseOver);
    const QRectF square = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(filled ? theme.accent : !enabled ? theme.separator : pointed ? theme.text : theme.border);
    painter->setBrush(filled ? theme.accent : option->palette.color(QPalette::Base));
    painter->drawRoundedRect(square, 3, 3);
    painter->setPen(QPen(enabled ? theme.onAccent : theme.disabled, 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    const auto at = [&](qreal x, qreal y) { return square.topLeft() + QPointF(x * square.width(), y * square.height()); };
    if (partly) painter->drawLine(at(0.27, 0.5), at(0.73, 0.5));
    else if (checked) painter->drawPolyline(QPolygonF({at(0.24, 0.52), at(0.43, 0.71), at(0.77, 0.31)}));
    painter->restore();
}

QColor arrowColor(const QStyleOption* option) { return has(option, QStyle::State_Enabled) ? Theme::current().secondary : Theme::current().disabled; }

void paintComboBox(const QStyleOptionComboBox& box, const QRect& arrow, QPainter* painter)
{
    if (box.frame) paintField(&box, painter, true);
    paintChevron(painter, arrow, true, arrowColor(&box));
}

void paintSpinBox(const QStyleOptionSpinBox& box, const QRect& up, const QRect& down, QPainter* painter)
{
    if (box.frame) paintField(&box, painter, true);
    if (box.buttonSymbols == QAbstractSpinBox::NoButtons) return;
    paintChevron(painter, up, false, box.stepEnabled.testFlag(QAbstractSpinBox::StepUpEnabled) ? arrowColor(&box) : Theme::current().disabled);
    paintChevron(painter, down, true, box.stepEnabled.testFlag(QAbstractSpinBox::StepDownEnabled) ? arrowColor(&box) : Theme::current().disabled);
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
        case PE_PanelButtonCommand: return paintButton(option, painter, isAccent(option, widget));
        case PE_FrameFocusRect: return paintFocusRing(option, painter);
        case PE_IndicatorCheckBox: return paintCheckBox(option, painter);
        case PE_IndicatorTabClose: return paintTabClose(option, painter);
        default: break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option); element == CE_MenuBarItem && item) return paintMenuBarItem(*item, *this, painter);
    if (element == CE_MenuBarEmptyArea) return painter->fillRect(option->rect, Theme::current().dock);
    if (const auto* tool = qstyleoption_cast<const QStyleOptionToolButton*>(option); element == CE_ToolButtonLabel && tool && isAccent(option, widget)) {
        QStyleOptionToolButton label(*tool);
        label.palette.setColor(QPalette::ButtonText, Theme::current().onAccent);
        label.icon = QIcon(label.icon.pixmap(label.iconSize, widget->devicePixelRatio(), QIcon::Selected));
        return QProxyStyle::drawControl(element, &label, painter, widget);
    }
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
    if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option); control == CC_ComboBox && box) {
        return paintComboBox(*box, subControlRect(control, option, SC_ComboBoxArrow, widget), painter);
    }
    if (const auto* box = qstyleoption_cast<const QStyleOptionSpinBox*>(option); control == CC_SpinBox && box) {
        return paintSpinBox(*box, subControlRect(control, option, SC_SpinBoxUp, widget), subControlRect(control, option, SC_SpinBoxDown, widget), painter);
    }
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

// Fields and buttons are 28 high, lines of lists 22.
QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const
{
    const QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
    if (type == CT_ItemViewItem) return size.expandedTo({0, kLineHeight});
    if (type == CT_PushButton) return (size + QSize(2 * kButtonPadding, 0)).expandedTo({0, kFieldHeight});
    const bool field = type == CT_LineEdit || type == CT_ComboBox || type == CT_SpinBox;
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
