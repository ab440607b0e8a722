// Colours, measures, fonts and icons of the designer: the only place that names a colour. Dark, light, or as
// the desktop says. Widgets ask Theme::current() when they paint and repaint on ThemeHost::changed. UI thread.
#pragma once
#include "engine/base/ids.h"
#include "engine/pipeline/spec.h"

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPalette>

namespace streamwright {

struct Theme {
    bool dark = true;
    QColor canvas, grid;                // behind the graph, its dots
    QColor dock, raised;                // docks and bars; what stands on them, node bodies
    QColor separator, border;           // lines between areas; borders of fields (3:1)
    QColor text, secondary, disabled;
    QColor accent, onAccent, selection; // text on accent; fill of selected rows
    QColor ok, warning, error;
    QColor source, transform, window, state, sink;

    QColor kind(Group group) const;
    static const Theme& current();
    static const Theme& darkTheme();
    static const Theme& lightTheme();
};

// Logical pixels.
namespace measure {
inline constexpr int kGrid = 24;
inline constexpr int kTiny = 4, kSmall = 8, kMedium = 12, kLarge = 16;
inline constexpr int kNodeRadius = 8, kFieldRadius = 6;
inline constexpr int kNodeWidth = 208, kNodeHeight = 84, kKindStripe = 4;
}

enum class TextRole : unsigned char { Title, Body, Secondary, Code };
QFont font(TextRole role);
QIcon kindIcon(Group group);            // of a node kind, drawn by us, in the kind's colour
QIcon actionIcon(const QString& name);  // from the icon theme, in the text's colour

// "12.4 k", "4.1 MB", "41 ms", "0.4 s ago": figures as a person reads them.
QString countText(double count);
QString rateText(double perSecond);     // "1.2 k rows/s"
QString bytesText(int64_t bytes);
QString durationText(int64_t nanos);
QString agoText(Timestamp then, Timestamp now);

class ThemeHost : public QObject {
    Q_OBJECT

public:
    enum class Choice : unsigned char { System, Light, Dark };
    static ThemeHost& instance();
    Choice choice() const { return choice_; }
    void choose(Choice choice);         // sets palette, style and fonts of the application
    bool reducedMotion() const;

Q_SIGNALS:
    void changed();

private:
    ThemeHost();
    void follow();
    Choice choice_ = Choice::System;
};

}
