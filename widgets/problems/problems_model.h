// What check() found, a row each: errors first, else as in the document. UI thread only.
#pragma once
#include "engine/base/diagnostic.h"

#include <QAbstractTableModel>

namespace streamwright {

class ProblemsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Message, Where, Hint, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;

    void setDiagnostics(Diagnostics diagnostics);
    const Diagnostic& at(int row) const { return diagnostics_[static_cast<size_t>(row)]; }
    int count(Severity severity) const;
    // For the clipboard: "error: counts.keys: keys is empty (name a column)".
    QString textOf(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(diagnostics_.size()); }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : ColumnCount; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    Diagnostics diagnostics_;
};

}
