#include "widgets/palette/palette_model.h"

#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QMimeData>

namespace streamwright {

PaletteModel::PaletteModel(const Catalog& catalog, QObject* parent) : QAbstractListModel(parent), catalog_(catalog)
{
    setSearch({});
}

bool PaletteModel::fits(const NodeSpec& spec) const
{
    const QString text = typeTitle(spec.type) + ' ' + QString::fromStdString(spec.type) + ' ' + engineText(spec.summary);
    const QStringList words = search_.split(' ', Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

void PaletteModel::setSearch(const QString& search)
{
    beginResetModel();
    search_ = search.trimmed();
    rows_.clear();
    for (const Group group : {Group::Source, Group::Transform, Group::Window, Group::State, Group::Sink}) {
        const size_t title = rows_.size();
        rows_.push_back({group});
        for (const NodeType& type : catalog_.types()) {
            if (type.spec.group == group && fits(type.spec)) rows_.push_back({group, &type.spec});
        }
        if (rows_.size() == title + 1) rows_.pop_back();
    }
    endResetModel();
}

int PaletteModel::bestRow() const
{
    int best = -1, bestRank = 3;
    for (size_t row = 0; row < rows_.size(); ++row) {
        if (!rows_[row].spec) continue;
        const QString title = typeTitle(rows_[row].spec->type);
        const int rank = title.startsWith(search_, Qt::CaseInsensitive) ? 0 : title.contains(search_, Qt::CaseInsensitive) ? 1 : 2;
        if (rank < bestRank) best = static_cast<int>(row), bestRank = rank;
    }
    return best;
}

int PaletteModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

QVariant PaletteModel::data(const QModelIndex& index, int role) const
{
    const Row& row = rows_[static_cast<size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return row.spec ? typeTitle(row.spec->type) : groupTitle(row.group);
    case Qt::ToolTipRole: return row.spec ? typeTitle(row.spec->type) + '\n' + engineText(row.spec->summary) : QString();
    case Qt::AccessibleDescriptionRole: return row.spec ? engineText(row.spec->summary) : QString();
    case Qt::DecorationRole: return row.spec ? QVariant(kindIcon(row.group)) : QVariant();
    case TypeRole: return row.spec ? QString::fromStdString(row.spec->type) : QString();
    case GroupRole: return static_cast<int>(row.group);
    default: return {};
    }
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex& index) const
{
    if (!index.isValid() || !rows_[static_cast<size_t>(index.row())].spec) return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

QMimeData* PaletteModel::mimeData(const QModelIndexList& indexes) const
{
    if (indexes.isEmpty()) return nullptr;
    auto* data = new QMimeData;  // the drag owns it
    data->setData(kNodeTypeMime, indexes.front().data(TypeRole).toString().toUtf8());
    data->setText(indexes.front().data(TypeRole).toString());
    return data;
}

}
