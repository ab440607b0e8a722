#include "widgets/dashboard/live_curve.h"

#include "widgets/theme/theme.h"

#include <QDateTime>

#include <cmath>
#include <map>

namespace streamwright {

namespace {

const double kNothing = std::nan("");

double numberOf(const Cell& cell) { return cell.null ? kNothing : QByteArray::fromStdString(cell.text).toDouble(); }

// A time as its cell says it, in UTC.
double secondsOf(const Cell& cell)
{
    if (cell.null) return kNothing;
    QString text = QString::fromStdString(cell.text);
    double fraction = 0;
    if (const qsizetype dot = text.indexOf(QLatin1Char('.')); dot >= 0) {
        fraction = (QStringLiteral("0") + text.mid(dot)).toDouble();
        text.truncate(dot);
    }
    const bool day = text.size() <= 10;
    QDateTime time = QDateTime::fromString(text, day ? QStringLiteral("yyyy-MM-dd") : QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    time.setTimeSpec(Qt::UTC);
    return time.isValid() ? static_cast<double>(time.toSecsSinceEpoch()) + fraction : kNothing;
}

}

LiveCurve curveOf(const LivePage& page)
{
    LiveCurve curve;
    const Schema& schema = page.grid.schema;
    const auto x = schema.indexOf(page.layout.x);
    if (!x) return curve;
    const bool number = isNumeric(schema[*x].type.kind());
    curve.kind = number ? KeyKind::Value : KeyKind::Time;
    const auto by = page.layout.series.empty() ? std::nullopt : schema.indexOf(page.layout.series);
    std::map<QString, size_t> places;
    const auto placeOf = [&](const QString& name) -> std::optional<size_t> {
        const auto found = places.find(name);
        if (found != places.end()) return found->second;
        if (curve.series.size() == kMostSeries) return ++curve.more, places[name] = kMostSeries;
        curve.series.push_back(name);
        return places[name] = curve.series.size() - 1;
    };
    if (!by) {
        for (const std::string& name : page.layout.y) placeOf(QString::fromStdString(name));
    }
    std::map<double, std::vector<double>> points;
    for (const auto& row : page.grid.rows) {
        const double key = number ? numberOf(row[*x]) : secondsOf(row[*x]);
        if (!std::isfinite(key)) continue;
        for (const std::string& name : page.layout.y) {
            const auto y = schema.indexOf(name);
            const auto place = placeOf(by ? (row[*by].null ? QStringLiteral("NULL") : QString::fromStdString(row[*by].text)) : QString::fromStdString(name));
            if (!y || *place == kMostSeries) continue;
            auto& values = points[key];
            values.resize(kMostSeries, kNothing);
            values[*place] = numberOf(row[*y]);
        }
    }
    curve.values.resize(curve.series.size());
    for (const auto& [key, values] : points) {
        curve.keys.push_back(key);
        for (size_t s = 0; s < curve.series.size(); ++s) curve.values[s].push_back(values[s]);
    }
    return curve;
}

std::vector<BarList::Bar> barsOf(const LivePage& page)
{
    std::vector<BarList::Bar> bars;
    const auto x = page.grid.schema.indexOf(page.layout.x);
    const auto y = page.layout.y.empty() ? std::nullopt : page.grid.schema.indexOf(page.layout.y.front());
    if (!x || !y) return bars;
    for (const auto& row : page.grid.rows) {
        const double value = numberOf(row[*y]);
        bars.push_back({row[*x].null ? QStringLiteral("NULL") : QString::fromStdString(row[*x].text), value, std::isfinite(value) ? (std::abs(value) >= 10'000 ? countText(value) : QString::number(value, 'g', 5)) : QString()});
    }
    return bars;
}

}
