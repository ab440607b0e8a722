#include "widgets/theme/theme.h"

#include "widgets/theme/theme_host.h"

namespace streamwright {

namespace {

QColor color(const char* name) { return QColor(QLatin1String(name)); }

Theme makeDark()
{
    Theme theme;
    theme.dark = true;
    theme.canvas = color("#14171C"), theme.grid = color("#1E232B");
    theme.dock = color("#1B1F26"), theme.raised = color("#232932");
    theme.separator = color("#313844"), theme.border = color("#6B7686");
    theme.text = color("#E6EAF0"), theme.secondary = color("#98A3B3"), theme.disabled = color("#7A8494");
    theme.accent = color("#5B93FF"), theme.onAccent = color("#14171C"), theme.selection = color("#2A3B5C");
    theme.ok = color("#3CCB7F"), theme.warning = color("#FDB022"), theme.error = color("#F97066");
    theme.source = color("#2ED3B7"), theme.transform = color("#A3B1C6"), theme.window = color("#A48AFB");
    theme.state = color("#B5D33D"), theme.sink = color("#F670C7");
    return theme;
}

Theme makeLight()
{
    Theme theme;
    theme.dark = false;
    theme.canvas = color("#F5F7FA"), theme.grid = color("#E6EAF0");
    theme.dock = color("#FFFFFF"), theme.raised = color("#FFFFFF");
    theme.separator = color("#D5DBE4"), theme.border = color("#7C8899");
    theme.text = color("#1B2430"), theme.secondary = color("#5B6675"), theme.disabled = color("#7C8899");
    theme.accent = color("#2563D9"), theme.onAccent = color("#FFFFFF"), theme.selection = color("#E1EBFF");
    theme.ok = color("#067647"), theme.warning = color("#B54708"), theme.error = color("#D92D20");
    theme.source = color("#0B7A6E"), theme.transform = color("#475467"), theme.window = color("#6938EF");
    theme.state = color("#4F7A0B"), theme.sink = color("#C11574");
    return theme;
}

}

QColor Theme::kind(Group group) const
{
    switch (group) {
        case Group::Source: return source;
        case Group::Transform: return transform;
        case Group::Window: return window;
        case Group::State: return state;
        case Group::Sink: return sink;
    }
    return transform;
}

const Theme& Theme::darkTheme()
{
    static const Theme theme = makeDark();
    return theme;
}

const Theme& Theme::lightTheme()
{
    static const Theme theme = makeLight();
    return theme;
}

const Theme& Theme::current() { return ThemeHost::instance().isDark() ? darkTheme() : lightTheme(); }

QFont font(TextRole role)
{
    QFont font;
    if (role == TextRole::Code) {
        font.setFamilies({QStringLiteral("DejaVu Sans Mono"), QStringLiteral("monospace")});
        font.setStyleHint(QFont::Monospace);
        font.setPixelSize(12);
    } else {
        font.setFamilies({QStringLiteral("Inter"), QStringLiteral("DejaVu Sans")});
        font.setPixelSize(role == TextRole::Title ? 13 : role == TextRole::Body ? 12 : 11);
        if (role == TextRole::Title) font.setWeight(QFont::DemiBold);
    }
    return font;
}

}
