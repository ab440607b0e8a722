#include "widgets/charts/chart_table.h"

#include "widgets/charts/chart.h"

#include <cmath>
#include <map>

namespace streamwright {

ChartTable::ChartTable(const std::vector<std::unique_ptr<Chart>>& charts)
{
    titles_ += tr("Time");
    std::map<double, size_t> rows;
    for (const auto& chart : charts) {
        for (const double key : chart->keys()) rows.emplace(key, 0);
    }
    for (auto& [key, row] : rows) {
        row = keys_.size();
        keys_.push_back(key);
    }
    for (const auto& chart : charts) {
        for (size_t s = 0; s < chart->values().size(); ++s) {
            const ChartSpec& spec = chart->spec();
            titles_ += spec.series.size() == 1 ? QStringLiteral("%1, %2").arg(spec.title, spec.unit) : QStringLiteral("%1: %2, %3").arg(spec.title, spec.series[s].name, spec.unit);
            auto& column = columns_.emplace_back(keys_.size(), std::nan(""));
            for (size_t i = 0; i < chart->keys().size(); ++i) column[rows.at(chart->keys()[i])] = chart->values()[s][i];
        }
    }
}

int ChartTable::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(keys_.size()); }

int ChartTable::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(titles_.size()); }

QVariant ChartTable::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || role != Qt::DisplayRole) return {};
    const auto row = static_cast<size_t>(index.row());
    if (index.column() == 0) return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(keys_[row] * 1000)).toString(Qt::ISODateWithMs);
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
    for (int c = 0; c < titles_.size(); ++c) text += (c > 0 ? QStringLiteral(",\"%1\"") : QStringLiteral("\"%1\"")).arg(titles_[c]);
    text += QLatin1Char('\n');
    for (int row = 0; row < rowCount(); ++row) {
        for (int c = 0; c < columnCount(); ++c) text += (c > 0 ? QStringLiteral(",") : QString()) + data(index(row, c), Qt::DisplayRole).toString();
        text += QLatin1Char('\n');
    }
    return text;
}

}
