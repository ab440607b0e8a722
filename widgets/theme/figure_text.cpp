#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QLocale>
#include <array>
#include <cmath>

namespace streamwright {

namespace {

struct Figures {
    Q_DECLARE_TR_FUNCTIONS(Figures)
};

struct Scaled {
    QString number;
    size_t step = 0;                    // thousands taken out
};

// Three digits or so: 860, 1.2, 12.4, 124. The next step is taken as soon as it would be written so.
Scaled scaled(double value, size_t most)
{
    Scaled result;
    double rest = std::abs(value);
    while (rest >= 999.5 && result.step < most) rest /= 1000, ++result.step;
    const bool fraction = result.step > 0 && rest < 99.95;
    result.number = QLocale().toString(std::copysign(rest, value), 'f', fraction ? 1 : 0);
    return result;
}

QString withUnit(const QString& number, const QString& unit) { return unit.isEmpty() ? number : number + QChar(0x00A0) + unit; }

// 3, 3.2, 41: a digit behind the point where there is only one before it, and it says something.
QString oneDigit(double value)
{
    const bool whole = std::abs(value - std::round(value)) < 0.05;
    return QLocale().toString(value, 'f', value < 9.95 && !whole ? 1 : 0);
}

QString seconds(double value)
{
    const auto whole = static_cast<int64_t>(value);
    if (value < 60) return Figures::tr("%1 s").arg(oneDigit(value));
    if (whole < 3600) return Figures::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    if (whole < 86400) return Figures::tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60);
    return Figures::tr("%1 d %2 h").arg(whole / 86400).arg(whole / 3600 % 24);
}

}

QString countText(double count)
{
    static constexpr std::array<const char*, 5> units = {"", "k", "M", "G", "T"};
    const Scaled value = scaled(count, units.size() - 1);
    return withUnit(value.number, QString::fromLatin1(units[value.step]));
}

QString rateText(double perSecond)
{
    if (perSecond > 0 && perSecond < 9.95) return Figures::tr("%1 rows/s").arg(QLocale().toString(perSecond, 'g', 2));
    return Figures::tr("%1 rows/s").arg(countText(perSecond));
}

QString bytesText(int64_t bytes)
{
    static constexpr std::array<const char*, 6> units = {"B", "kB", "MB", "GB", "TB", "PB"};
    const Scaled value = scaled(static_cast<double>(bytes), units.size() - 1);
    return withUnit(value.number, QString::fromLatin1(units[value.step]));
}

QString durationText(int64_t nanos)
{
    const double value = static_cast<double>(nanos) / 1e9;
    if (nanos <= 0) return Figures::tr("%1 ms").arg(0);
    if (value < 0.000'9995) return Figures::tr("%1 µs").arg(oneDigit(value * 1e6));
    if (value < 0.9995) return Figures::tr("%1 ms").arg(oneDigit(value * 1e3));
    return seconds(value);
}

QString agoText(Timestamp then, Timestamp now)
{
    const double value = std::max(0.0, (now - then).seconds());
    if (value < 60) return Figures::tr("%1 s ago").arg(oneDigit(value));
    const auto whole = static_cast<int>(value);
    if (whole < 3600) return Figures::tr("%1 min ago").arg(whole / 60);
    if (whole < 86400) return Figures::tr("%1 h ago").arg(whole / 3600);
    return Figures::tr("%n day(s) ago", nullptr, whole / 86400);
}

QString shareText(double share) { return Figures::tr("%1 %").arg(QLocale().toString(std::round(share * 100), 'f', 0)); }

QString exactText(int64_t count) { return QLocale().toString(static_cast<qlonglong>(count)); }

}
