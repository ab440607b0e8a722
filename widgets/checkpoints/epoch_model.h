// The epochs of a checkpoint as a table, newest first. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QAbstractTableModel>

namespace streamwright {

class EpochModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setEpochs(std::vector<EpochInfo> epochs);      // ascending
    const EpochInfo* at(int row) const;                 // null if there is no such row
    int rowOf(Epoch epoch) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<EpochInfo> epochs_;
};

}
