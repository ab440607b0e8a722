// The batches of a run as a table, newest first. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QAbstractTableModel>

namespace streamwright {

class BatchModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setBatches(Batches batches);
    int64_t numberAt(int row) const;
    int rowOf(int64_t number) const;    // -1: it is not there

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const BatchProgress& at(int row) const { return *batches_[batches_.size() - 1 - static_cast<size_t>(row)]; }

    Batches batches_;                   // oldest first
};

}
