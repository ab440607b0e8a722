// Colours, measures, fonts and icons of the designer: the only place that names a colour. Dark, light, or as
// the desktop says. Widgets ask Theme::current() when they paint and repaint on ThemeHost::changed. UI thread.
#pragma once
#include "engine/base/ids.h"
#include "engine/pipeline/spec.h"

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QString>

class QPainter;

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
// Icons take their colours when they are painted: after a change of the theme they need a repaint only.
QIcon kindIcon(Group group);            // of a node kind, drawn by us, in the kind's colour
QIcon actionIcon(const QString& name);  // from the icon theme ("media-playback-start"), in the text's colour
// The same drawing straight into a painter, filling `area`.
void paintKindIcon(QPainter& painter, const QRectF& area, Group group, const QColor& color);

// Figures as a person reads them: three digits or so, and a unit. Beside them, in a tooltip, stands exactText().
QString countText(double count);        // "860", "12.4 k", "1.2 M"
QString rateText(double perSecond);     // "1.2 k rows/s"
QString bytesText(int64_t bytes);       // "212 kB", "4.1 MB"
QString durationText(int64_t nanos);    // "41 ms", "1.2 s", "3 min 20 s"
QString agoText(Timestamp then, Timestamp now);  // "0.4 s ago"
QString shareText(double share);        // "71 %"
QString exactText(int64_t count);       // "71,332"

}

#include "widgets/theme/theme_host.h"
