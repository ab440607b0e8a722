#include "widgets/data/tap_model.h"

#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

// More of one line is cut: the whole stands in the tooltip.
constexpr qsizetype kShownCharacters = 300;


}

void TapModel::setPage(TapPage page)
{
    const bool sameShape = page.grid.schema == page_.grid.schema && page.grid.rows.size() == page_.grid.rows.size();
    if (!sameShape) beginResetModel();
    page_ = std::move(page);
    if (!sameShape) endResetModel();
    else if (rowCount() > 0 && columnCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

int TapModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(page_.grid.rows.size()); }

int TapModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(page_.grid.schema.size()); }

QVariant TapModel::shown(const Cell& cell) const
{
    if (cell.null) return QStringLiteral("NULL");
    QString text = QString::fromStdString(cell.text);
    text.replace(QLatin1Char('\n'), QStringLiteral("⏎"));
    if (text.size() > kShownCharacters) text = text.left(kShownCharacters) + QStringLiteral("…");
    return text;
}

QVariant TapModel::hint(const Cell& cell) const
{
    if (cell.null) return tr("NULL: no value");
    if (cell.cutFrom > 0) return tr("%1\n… cut; the whole value has %2").arg(QString::fromStdString(cell.text), bytesText(cell.cutFrom));
    return QString::fromStdString(cell.text);
}

QVariant TapModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    const Cell& cell = page_.grid.rows[static_cast<size_t>(index.row())][static_cast<size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole: return shown(cell);
    case Qt::ToolTipRole: return hint(cell);
    case Qt::ForegroundRole: return cell.null ? QVariant(Theme::current().secondary) : QVariant();
    case Qt::FontRole: return streamwright::font(TextRole::Code);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (isNumeric(page_.grid.schema[static_cast<size_t>(index.column())].type.kind()) ? Qt::AlignRight : Qt::AlignLeft)));
    default: return {};
    }
}

QVariant TapModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (static_cast<size_t>(section) >= page_.grid.schema.size()) return {};
    const Field& field = page_.grid.schema[static_cast<size_t>(section)];
    const QString type = QString::fromStdString(field.type.toDdl());
    if (role == Qt::DisplayRole) return QString::fromStdString(field.name);
    if (role == Qt::ToolTipRole) return QStringLiteral("%1 %2").arg(QString::fromStdString(field.name), type);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (isNumeric(field.type.kind()) ? Qt::AlignRight : Qt::AlignLeft)));
    return {};
}

}
