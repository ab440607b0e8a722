#include "widgets/data/profile_model.h"

#include "widgets/theme/theme.h"

#include <array>

namespace streamwright {

namespace {

// Beyond it the run estimates.
constexpr int64_t kExactly = 4096;

struct ProfileColumn {
    const char* title;
    QString (*text)(const ColumnProfile& column);
};

const std::array<ProfileColumn, 6>& profileColumns()
{
    static const std::array<ProfileColumn, 6> columns{{
        {QT_TRANSLATE_NOOP("streamwright::ProfileModel", "Column"), [](const ColumnProfile& c) { return QString::fromStdString(c.column); }},
        {QT_TRANSLATE_NOOP("streamwright::ProfileModel", "NULLs"), [](const ColumnProfile& c) { return QString::number(c.nulls); }},
        {QT_TRANSLATE_NOOP("streamwright::ProfileModel", "Distinct"), [](const ColumnProfile& c) { return c.distinct > kExactly ? QStringLiteral("≈ %1").arg(countText(static_cast<double>(c.distinct))) : QString::number(c.distinct); }},
        {QT_TRANSLATE_NOOP("streamwright::ProfileModel", "Least"), [](const ColumnProfile& c) { return QString::fromStdString(c.least); }},
        {QT_TRANSLATE_NOOP("streamwright::ProfileModel", "Greatest"), [](const ColumnProfile& c) { return QString::fromStdString(c.greatest); }},
        {QT_TRANSLATE_NOOP("streamwright::ProfileModel", "Longest"), [](const ColumnProfile& c) { return c.longest > 0 ? QString::number(c.longest) : QString(); }},
    }};
    return columns;
}

}

void ProfileModel::setProfile(std::vector<ColumnProfile> columns)
{
    beginResetModel();
    columns_ = std::move(columns);
    endResetModel();
}

int ProfileModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(columns_.size()); }

int ProfileModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(profileColumns().size()); }

QVariant ProfileModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    if (role == Qt::FontRole) return streamwright::font(TextRole::Code);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    return profileColumns()[static_cast<size_t>(index.column())].text(columns_[static_cast<size_t>(index.row())]);
}

QVariant ProfileModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    return tr(profileColumns()[static_cast<size_t>(section)].title);
}

}
