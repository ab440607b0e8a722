// The batches of a run as a table, newest first: those that wait or run, then those that ended. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QAbstractTableModel>

namespace streamwright {

// A batch that has not ended.
struct AheadBatch {
    enum class Status : unsigned char { Waiting, Running, Failed } status = Status::Waiting;
    int64_t number = 0;
    QString note;                       // what it waits for, why it failed
    bool operator==(const AheadBatch&) const = default;
};
// Those of a snapshot, newest first.
std::vector<AheadBatch> aheadOf(const Snapshot& run);

class BatchModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setBatches(Batches batches);
    void setAhead(std::vector<AheadBatch> ahead);
    int64_t numberAt(int row) const;
    int rowOf(int64_t number) const;    // of one that ended; -1: it is not there

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    int aheadRows() const { return static_cast<int>(ahead_.size()); }
    const BatchProgress& at(int row) const { return *batches_[batches_.size() - 1 - static_cast<size_t>(row - aheadRows())]; }
    QVariant aheadData(const AheadBatch& batch, int column, int role) const;

    std::vector<AheadBatch> ahead_;
    Batches batches_;                   // oldest first
};

}
