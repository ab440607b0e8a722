// Which theme the application wears, and the one place that changes it. UI thread.
#pragma once
#include <QObject>
#include <QPalette>

class QDBusMessage;
class QDBusVariant;

namespace streamwright {

struct Theme;

class ThemeHost : public QObject {
    Q_OBJECT

public:
    enum class Choice : unsigned char { System, Light, Dark };
    static ThemeHost& instance();

    Choice choice() const { return choice_; }
    // Sets palette, style and font of the application. System follows the desktop portal while it says
    // something, else the lightness of the palette that the desktop came with.
    void choose(Choice choice);
    bool isDark() const { return dark_; }

    // Nothing eases or slides: the preference, or the desktop's own setting.
    bool reducedMotion() const { return preferReducedMotion_ || !desktopAnimates_; }
    void setPreferReducedMotion(bool reduced) { preferReducedMotion_ = reduced; }

    static QPalette paletteOf(const Theme& theme);

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void settingChanged(const QString& area, const QString& key, const QDBusVariant& value);

private:
    ThemeHost();
    void follow();
    void ask(const QString& area, const QString& key);
    void wear(bool dark);

    Choice choice_ = Choice::System;
    bool dark_ = false;
    bool worn_ = false;                 // palette and style were set once
    bool following_ = false;            // the portal is asked and listened to
    bool preferReducedMotion_ = false;
    bool desktopAnimates_ = true;
    bool desktopPaletteDark_ = false;
    uint portalScheme_ = 0;             // 0 no preference, 1 dark, 2 light
};

}
