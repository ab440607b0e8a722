#include "widgets/theme/theme_host.h"

#include "widgets/theme/style.h"
#include "widgets/theme/theme.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>

namespace streamwright {

namespace {

const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kSettings = QStringLiteral("org.freedesktop.portal.Settings");
const QString kAppearance = QStringLiteral("org.freedesktop.appearance");
const QString kColorScheme = QStringLiteral("color-scheme");
const QString kInterface = QStringLiteral("org.gnome.desktop.interface");
const QString kAnimations = QStringLiteral("enable-animations");

// Asking for the bus where there is none makes libdbus look for one, which may take seconds.
bool hasSessionBus()
{
    if (qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS")) return true;
    const QString folder = qEnvironmentVariable("XDG_RUNTIME_DIR");
    return !folder.isEmpty() && QFileInfo::exists(folder + QStringLiteral("/bus"));
}

// Portals answer with a variant in a variant.
QVariant unwrapped(QVariant value)
{
    while (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
    return value;
}

void setAll(QPalette& palette, QPalette::ColorRole role, const QColor& color, const QColor& disabled)
{
    palette.setColor(QPalette::Active, role, color);
    palette.setColor(QPalette::Inactive, role, color);
    palette.setColor(QPalette::Disabled, role, disabled);
}

}

ThemeHost& ThemeHost::instance()
{
    static ThemeHost host;
    return host;
}

ThemeHost::ThemeHost()
{
    const QPalette palette = QGuiApplication::palette();
    desktopPaletteDark_ = palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
    dark_ = desktopPaletteDark_;
}

void ThemeHost::choose(Choice choice)
{
    choice_ = choice;
    follow();
    if (choice == Choice::System) wear(portalScheme_ == 0 ? desktopPaletteDark_ : portalScheme_ == 1);
    else wear(choice == Choice::Dark);
}

void ThemeHost::follow()
{
    if (following_ || !hasSessionBus()) return;
    following_ = true;
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(kService, kPath, kSettings, QStringLiteral("SettingChanged"), this, SLOT(settingChanged(QString, QString, QDBusVariant)));
    ask(kAppearance, kColorScheme);
    ask(kInterface, kAnimations);
}

void ThemeHost::ask(const QString& area, const QString& key)
{
    QDBusMessage call = QDBusMessage::createMethodCall(kService, kPath, kSettings, QStringLiteral("Read"));
    call << area << key;
    auto* watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, area, key](QDBusPendingCallWatcher* done) {
        const QDBusPendingReply<QDBusVariant> reply = *done;
        if (!reply.isError()) settingChanged(area, key, reply.value());
        done->deleteLater();
    });
}

void ThemeHost::settingChanged(const QString& area, const QString& key, const QDBusVariant& value)
{
    const QVariant plain = unwrapped(value.variant());
    if (area == kInterface && key == kAnimations) desktopAnimates_ = plain.toBool();
    if (area != kAppearance || key != kColorScheme) return;
    portalScheme_ = plain.toUInt();
    if (choice_ == Choice::System) choose(Choice::System);
}

void ThemeHost::wear(bool dark)
{
    if (worn_ && dark == dark_) return;
    dark_ = dark;
    // The style is set once: setting it again polishes every widget anew.
    if (!worn_) {
        QApplication::setStyle(new Style);
        QApplication::setFont(font(TextRole::Body));
    }
    worn_ = true;
    QApplication::setPalette(paletteOf(Theme::current()));
    Q_EMIT changed();
}

QPalette ThemeHost::paletteOf(const Theme& theme)
{
    QPalette palette;
    setAll(palette, QPalette::Window, theme.dock, theme.dock);
    setAll(palette, QPalette::WindowText, theme.text, theme.disabled);
    setAll(palette, QPalette::Base, theme.dark ? theme.canvas : theme.raised, theme.dock);
    setAll(palette, QPalette::AlternateBase, theme.dark ? theme.dock : theme.canvas, theme.dock);
    setAll(palette, QPalette::Text, theme.text, theme.disabled);
    setAll(palette, QPalette::PlaceholderText, theme.secondary, theme.disabled);
    setAll(palette, QPalette::Button, theme.raised, theme.raised);
    setAll(palette, QPalette::ButtonText, theme.text, theme.disabled);
    setAll(palette, QPalette::BrightText, theme.error, theme.disabled);
    setAll(palette, QPalette::Highlight, theme.selection, theme.selection);
    setAll(palette, QPalette::HighlightedText, theme.text, theme.text);
    setAll(palette, QPalette::Link, theme.accent, theme.disabled);
    setAll(palette, QPalette::LinkVisited, theme.accent, theme.disabled);
    setAll(palette, QPalette::ToolTipBase, theme.raised, theme.raised);
    setAll(palette, QPalette::ToolTipText, theme.text, theme.text);
    setAll(palette, QPalette::Light, theme.separator, theme.separator);
    setAll(palette, QPalette::Midlight, theme.separator, theme.separator);
    setAll(palette, QPalette::Mid, theme.separator, theme.separator);
    setAll(palette, QPalette::Dark, theme.separator, theme.separator);
    setAll(palette, QPalette::Shadow, theme.separator, theme.separator);
    return palette;
}

}
