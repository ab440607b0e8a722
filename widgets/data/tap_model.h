// The rows of a tap as a table: one page at a time, cells as a person reads them. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QAbstractTableModel>

namespace streamwright {

class TapModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setPage(TapPage page);
    const TapPage& page() const { return page_; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QVariant shown(const Cell& cell) const;
    QVariant hint(const Cell& cell) const;

    TapPage page_;
};

}
