// The entries of a state at a moment as a table of any length: pages are asked for as they come into sight. UI
// thread.
#pragma once
#include "engine/control/session.h"

#include <QAbstractTableModel>
#include <map>
#include <set>

namespace streamwright {

class RunController;

class StateModel : public QAbstractTableModel {
    Q_OBJECT

public:
    explicit StateModel(RunController& run, QObject* parent = nullptr);

    // Another state, moment, search or order. `search.from` and `search.limit` are the model's own.
    void show(StateQuery query);
    void clear();
    const StateQuery& query() const { return query_; }
    int64_t matching() const { return matching_; }
    const StateInfo& info() const { return info_; }
    // The key of a row as the search wants it; empty while its page is not there yet.
    QString keyAt(int row) const;
    // False for a column that only tells entries apart.
    bool isShown(int column) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void shown();                       // the first page has come
    void failed(const QString& message);

private:
    void ask(int64_t page) const;
    void take(int64_t page, StatePage answer);
    const std::vector<Cell>* rowAt(int row) const;

    RunController& run_;
    StateQuery query_;
    StateInfo info_;
    Schema schema_;
    std::vector<size_t> keys_, shown_;
    int64_t matching_ = 0;
    uint64_t generation_ = 0;           // answers of an earlier query are dropped
    std::map<int64_t, std::vector<std::vector<Cell>>> pages_;
    mutable std::set<int64_t> asked_;
};

}
