// The points of all charts of a board as a table: a row a key, a column a series. UI thread.
#pragma once
#include "widgets/charts/chart_board.h"

#include <QAbstractTableModel>

#include <map>
#include <vector>

namespace streamwright {

class Chart;

class ChartTable : public QAbstractTableModel {
    Q_OBJECT

public:
    // Copies the points.
    ChartTable(const std::vector<const Chart*>& charts, KeyKind kind);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QString asCsv() const;

private:
    void addColumns(const Chart& chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values, const QString& suffix);

    KeyKind kind_;
    std::map<double, size_t> rows_;     // by key
    QStringList titles_;
    std::vector<double> keys_;
    std::vector<std::vector<double>> columns_;  // by title, without the time
};

}
