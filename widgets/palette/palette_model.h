// The node types of a catalog under the titles of their groups, as far as they fit a search. UI thread only.
#pragma once
#include "engine/dataflow/catalog.h"

#include <QAbstractListModel>

namespace streamwright {

// What a drag from the palette carries: the name of a node type, UTF-8.
inline constexpr char kNodeTypeMime[] = "application/x-streamwright-node-type";

class PaletteModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role { TypeRole = Qt::UserRole, GroupRole };  // TypeRole: the type's name, empty for a title
    explicit PaletteModel(const Catalog& catalog, QObject* parent = nullptr);

    // Shows the types that have every word of `search` in their title, name or summary.
    void setSearch(const QString& search);
    // The row to add when Enter is pressed in the search field: of the type whose title fits best; -1: none.
    int bestRow() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QStringList mimeTypes() const override { return {kNodeTypeMime}; }
    QMimeData* mimeData(const QModelIndexList& indexes) const override;

private:
    struct Row {
        Group group;
        const NodeSpec* spec = nullptr;     // null: the title of the group
    };
    bool fits(const NodeSpec& spec) const;

    const Catalog& catalog_;
    QString search_;
    std::vector<Row> rows_;
};

}
