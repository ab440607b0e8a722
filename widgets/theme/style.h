// Fusion in the theme's colours: fields, lists, counters and check boxes with a border that can be seen (3:1), flat
// buttons, the accent for the default button, slim scroll bars, a focus ring in the text's colour. Set by ThemeHost;
// nobody else needs it.
#pragma once
#include <QProxyStyle>

namespace streamwright {

// A tool button with this property is painted in the accent, as the default button of a dialog.
inline constexpr const char* kAccentProperty = "accent";

class Style : public QProxyStyle {
    Q_OBJECT

public:
    Style();
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const override;
};

}
