// What the columns of a tap hold, a row a column: NULLs, distinct values, the least and the greatest. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QAbstractTableModel>

namespace streamwright {

class ProfileModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setProfile(std::vector<ColumnProfile> columns);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<ColumnProfile> columns_;
};

}
