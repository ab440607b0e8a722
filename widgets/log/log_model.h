// The log lines of a run as a table. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QAbstractTableModel>

namespace streamwright {

class LogModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    enum Column { Time, Level, Text, Columns };
    void setLines(const std::vector<LogLine>& lines);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : Columns; }
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<LogLine> lines_;
};

}
