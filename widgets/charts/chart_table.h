// The points of all charts of a board as a table: a row a key, a column a series. UI thread.
#pragma once
#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace streamwright {

class Chart;

class ChartTable : public QAbstractTableModel {
    Q_OBJECT

public:
    // Copies the points.
    explicit ChartTable(const std::vector<std::unique_ptr<Chart>>& charts);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QString asCsv() const;

private:
    QStringList titles_;
    std::vector<double> keys_;
    std::vector<std::vector<double>> columns_;  // by title, without the time
};

}
