#include "widgets/dashboard/live_model.h"

#include "widgets/theme/theme.h"

namespace streamwright {

void LiveModel::setGrid(Grid grid)
{
    const bool sameShape = grid.schema == grid_.schema && grid.rows.size() == grid_.rows.size();
    if (!sameShape) beginResetModel();
    grid_ = std::move(grid);
    if (!sameShape) endResetModel();
    else if (rowCount() > 0 && columnCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

int LiveModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(grid_.rows.size()); }

int LiveModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(grid_.schema.size()); }

Qt::Alignment LiveModel::alignmentOf(int column) const { return Qt::AlignVCenter | (isNumeric(grid_.schema[static_cast<size_t>(column)].type.kind()) ? Qt::AlignRight : Qt::AlignLeft); }

QVariant LiveModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    const Cell& cell = grid_.rows[static_cast<size_t>(index.row())][static_cast<size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: return cell.null ? QStringLiteral("NULL") : QString::fromStdString(cell.text);
    case Qt::ForegroundRole: return cell.null ? QVariant(Theme::current().secondary) : QVariant();
    case Qt::FontRole: return streamwright::font(TextRole::Code);
    case Qt::TextAlignmentRole: return QVariant::fromValue(alignmentOf(index.column()));
    default: return {};
    }
}

QVariant LiveModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section >= columnCount()) return {};
    const Field& field = grid_.schema[static_cast<size_t>(section)];
    if (role == Qt::DisplayRole) return QString::fromStdString(field.name);
    if (role == Qt::ToolTipRole) return QStringLiteral("%1 %2").arg(QString::fromStdString(field.name), QString::fromStdString(field.type.toDdl()));
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(alignmentOf(section));
    return {};
}

}
