// Contrast of every pair of colours that is used, and figures as a person reads them.
#include "widgets/theme/figures.h"
#include "widgets/theme/theme.h"

#include <QSignalSpy>
#include <QTest>
#include <cmath>

using namespace streamwright;

namespace {

// WCAG 2: relative luminance and the ratio of two.
double channel(double value) { return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4); }
double luminance(const QColor& color) { return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF()); }
double contrast(const QColor& a, const QColor& b)
{
    const double one = luminance(a), other = luminance(b);
    return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

struct Named {
    const char* name;
    QColor color;
};

std::vector<Named> grounds(const Theme& theme) { return {{"canvas", theme.canvas}, {"dock", theme.dock}, {"raised", theme.raised}}; }

std::vector<Named> texts(const Theme& theme)
{
    return {{"text", theme.text}, {"secondary", theme.secondary}, {"accent", theme.accent}, {"ok", theme.ok}, {"warning", theme.warning}, {"error", theme.error}};
}

std::vector<Named> marks(const Theme& theme)
{
    return {{"border", theme.border}, {"disabled", theme.disabled}, {"source", theme.source}, {"transform", theme.transform}, {"window", theme.window}, {"state", theme.state}, {"sink", theme.sink}};
}

}

class ThemeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }

    void everyPairCanBeRead_data()
    {
        QTest::addColumn<QColor>("front");
        QTest::addColumn<QColor>("ground");
        QTest::addColumn<double>("least");
        for (const Theme* theme : {&Theme::darkTheme(), &Theme::lightTheme()}) {
            const char* name = theme->dark ? "dark" : "light";
            for (const Named& ground : grounds(*theme)) {
                for (const Named& front : texts(*theme)) QTest::addRow("%s %s on %s", name, front.name, ground.name) << front.color << ground.color << 4.5;
                for (const Named& front : marks(*theme)) QTest::addRow("%s %s on %s", name, front.name, ground.name) << front.color << ground.color << 3.0;
            }
            QTest::addRow("%s text on selection", name) << theme->text << theme->selection << 4.5;
            QTest::addRow("%s text on accent", name) << theme->onAccent << theme->accent << 4.5;
            QTest::addRow("%s text on grid", name) << theme->text << theme->grid << 4.5;
        }
    }
    void everyPairCanBeRead()
    {
        QFETCH(QColor, front);
        QFETCH(QColor, ground);
        QFETCH(double, least);
        // Rounded as the ratio is told: two places.
        QVERIFY2(std::round(contrast(front, ground) * 100) / 100 >= least, qPrintable(QString::number(contrast(front, ground))));
    }

    void thePaletteTakesItsTextsFromTheTheme()
    {
        for (const Theme* theme : {&Theme::darkTheme(), &Theme::lightTheme()}) {
            const QPalette palette = ThemeHost::paletteOf(*theme);
            QVERIFY(contrast(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight)) >= 4.5);
            QVERIFY(contrast(palette.color(QPalette::PlaceholderText), palette.color(QPalette::Base)) >= 4.5);
            QVERIFY(contrast(palette.color(QPalette::Disabled, QPalette::Text), palette.color(QPalette::Disabled, QPalette::Base)) >= 3);
        }
    }

    void choosingChangesPaletteAndTellsIt()
    {
        ThemeHost& host = ThemeHost::instance();
        host.choose(ThemeHost::Choice::Light);
        QSignalSpy changed(&host, &ThemeHost::changed);
        host.choose(ThemeHost::Choice::Dark);
        QCOMPARE(changed.count(), 1);
        QVERIFY(Theme::current().dark);
        QCOMPARE(QApplication::palette().color(QPalette::Window), Theme::darkTheme().dock);
        host.choose(ThemeHost::Choice::Dark);
        QCOMPARE(changed.count(), 1);
    }

    void figuresAsAPersonReadsThem()
    {
        const auto plain = [](QString text) { return text.replace(QChar(0x00A0), QLatin1Char(' ')); };
        QCOMPARE(plain(countText(860)), QStringLiteral("860"));
        QCOMPARE(plain(countText(999.6)), QStringLiteral("1.0 k"));
        QCOMPARE(plain(countText(12'400)), QStringLiteral("12.4 k"));
        QCOMPARE(plain(countText(124'000)), QStringLiteral("124 k"));
        QCOMPARE(plain(rateText(1'200)), QStringLiteral("1.2 k rows/s"));
        QCOMPARE(plain(rateText(0.25)), QStringLiteral("0.25 rows/s"));
        QCOMPARE(plain(bytesText(4'100'000)), QStringLiteral("4.1 MB"));
        QCOMPARE(plain(durationText(41'000'000)), QStringLiteral("41 ms"));
        QCOMPARE(plain(durationText(3'200'000)), QStringLiteral("3.2 ms"));
        QCOMPARE(plain(durationText(3'000'000)), QStringLiteral("3 ms"));
        QCOMPARE(plain(durationText(200'000'000'000)), QStringLiteral("3 min 20 s"));
        QCOMPARE(plain(agoText({0}, {400'000})), QStringLiteral("0.4 s ago"));
        QCOMPARE(plain(shareText(0.71)), QStringLiteral("71 %"));
        QCOMPARE(exactText(71'332), QStringLiteral("71,332"));
    }

    void digitsStandInCellsOfOneWidth()
    {
        const QFont face = font(TextRole::Secondary);
        const qreal ones = FigureText(QStringLiteral("1,111 rows/s"), face).width();
        for (const char* text : {"2,222 rows/s", "8,888 rows/s", "4,071 rows/s"}) QCOMPARE(FigureText(QString::fromLatin1(text), face).width(), ones);
    }

    void iconsArePaintedInTheirColour()
    {
        ThemeHost::instance().choose(ThemeHost::Choice::Light);
        for (Group group : {Group::Source, Group::Transform, Group::Window, Group::State, Group::Sink}) {
            const QImage image = kindIcon(group).pixmap(36, 36).toImage();
            bool found = false;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) found |= image.pixelColor(x, y) == Theme::lightTheme().kind(group);
            }
            QVERIFY2(found, groupName(group).data());
        }
        const QImage image = actionIcon(QStringLiteral("media-playback-start")).pixmap(16, 16).toImage();
        QVERIFY(qAlpha(image.pixel(8, 8)) > 0);
    }
};

QTEST_MAIN(ThemeTest)
#include "theme_test.moc"
