#include "widgets/charts/chart_table.h"

#include "widgets/charts/chart.h"

#include <cmath>

namespace streamwright {

ChartTable::ChartTable(const std::vector<const Chart*>& charts, KeyKind kind) : kind_(kind)
{
    titles_ += kind == KeyKind::Time ? tr("Time") : kind == KeyKind::Elapsed ? tr("Seconds since the start") : kind == KeyKind::Number ? tr("Batch of the run") : tr("x");
    for (const Chart* chart : charts) {
        for (const auto* keys : {&chart->keys(), &chart->overlayKeys()}) {
            for (const double key : *keys) rows_.emplace(key, 0);
        }
    }
    for (auto& [key, row] : rows_) {
        row = keys_.size();
        keys_.push_back(key);
    }
    for (const Chart* chart : charts) {
        addColumns(*chart, chart->keys(), chart->values(), {});
        if (!chart->overlayKeys().empty()) addColumns(*chart, chart->overlayKeys(), chart->overlayValues(), tr(" (other run)"));
    }
}

void ChartTable::addColumns(const Chart& chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values, const QString& suffix)
{
    const ChartSpec& spec = chart.spec();
    for (size_t s = 0; s < values.size(); ++s) {
        QString title = spec.series.size() == 1 ? spec.title : QStringLiteral("%1: %2").arg(spec.title, spec.series[s].name);
        if (!spec.unit.isEmpty()) title += QStringLiteral(", ") + spec.unit;
        titles_ += title + suffix;
        auto& column = columns_.emplace_back(keys_.size(), std::nan(""));
        for (size_t i = 0; i < keys.size(); ++i) column[rows_.at(keys[i])] = values[s][i];
    }
}

int ChartTable::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(keys_.size()); }

int ChartTable::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(titles_.size()); }

QVariant ChartTable::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || role != Qt::DisplayRole) return {};
    const auto row = static_cast<size_t>(index.row());
    if (index.column() == 0) return kind_ == KeyKind::Time ? QVariant(QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(keys_[row] * 1000)).toString(Qt::ISODateWithMs)) : QVariant(keys_[row]);
    const double value = columns_[static_cast<size_t>(index.column()) - 1][row];
    return std::isnan(value) ? QVariant() : QVariant(value);
}

QVariant ChartTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal && role == Qt::DisplayRole ? QVariant(titles_[section]) : QVariant();
}

QString ChartTable::asCsv() const
{
    QString text;
    for (int c = 0; c < titles_.size(); ++c) text += (c > 0 ? QStringLiteral(",\"%1\"") : QStringLiteral("\"%1\"")).arg(QString(titles_[c]).replace(QLatin1Char('"'), QStringLiteral("\"\"")));
    text += QLatin1Char('\n');
    for (int row = 0; row < rowCount(); ++row) {
        for (int c = 0; c < columnCount(); ++c) text += (c > 0 ? QStringLiteral(",") : QString()) + data(index(row, c), Qt::DisplayRole).toString();
        text += QLatin1Char('\n');
    }
    return text;
}

}
