#include "widgets/checkpoints/epoch_model.h"

#include "widgets/theme/theme.h"

#include <QDateTime>

#include <array>

namespace streamwright {

namespace {

struct EpochColumn {
    const char* title;
    QString (*text)(const EpochInfo& epoch);
};

QString timeText(Timestamp time) { return QDateTime::fromMSecsSinceEpoch(time.millis()).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")); }

const std::array<EpochColumn, 6>& epochColumns()
{
    static const std::array<EpochColumn, 6> columns{{
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Epoch"), [](const EpochInfo& e) { return exactText(e.epoch.value); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Batch time"), [](const EpochInfo& e) { return timeText(e.batchTime); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Decided"), [](const EpochInfo& e) { return timeText(e.decidedAt); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Rows in"), [](const EpochInfo& e) { return exactText(e.rowsIn); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Changes"), [](const EpochInfo& e) { return bytesText(e.bytes); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Waits to be published"), [](const EpochInfo& e) { return e.pending.empty() ? QString() : exactText(static_cast<int64_t>(e.pending.size())); }},
    }};
    return columns;
}

}

void EpochModel::setEpochs(std::vector<EpochInfo> epochs)
{
    beginResetModel();
    epochs_ = std::move(epochs);
    endResetModel();
}

const EpochInfo* EpochModel::at(int row) const { return row < 0 || row >= rowCount() ? nullptr : &epochs_[epochs_.size() - 1 - static_cast<size_t>(row)]; }

int EpochModel::rowOf(Epoch epoch) const
{
    const auto found = std::ranges::lower_bound(epochs_, epoch, {}, &EpochInfo::epoch);
    return found == epochs_.end() || found->epoch != epoch ? -1 : static_cast<int>(epochs_.end() - found) - 1;
}

int EpochModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(epochs_.size()); }

int EpochModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(epochColumns().size()); }

QVariant EpochModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    if (role == Qt::DisplayRole) return epochColumns()[static_cast<size_t>(index.column())].text(*at(index.row()));
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    return {};
}

QVariant EpochModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::DisplayRole) return tr(epochColumns()[static_cast<size_t>(section)].title);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    return {};
}

}
