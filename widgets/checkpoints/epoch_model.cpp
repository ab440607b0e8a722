#include "widgets/checkpoints/epoch_model.h"

#include "widgets/theme/theme.h"

#include <QDateTime>

#include <array>

namespace streamwright {

namespace {

struct EpochColumn {
    const char* title;
    QString (*text)(const EpochInfo& epoch);
    QString (*help)(const EpochInfo& epoch) = nullptr;
};

QString timeText(Timestamp time) { return QDateTime::fromMSecsSinceEpoch(time.millis()).toString(QStringLiteral("HH:mm:ss.zzz")); }
QString dateText(Timestamp time) { return QDateTime::fromMSecsSinceEpoch(time.millis()).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")); }

// From the tick until it was safe; a virtual clock has its own time.
QString tookText(const EpochInfo& epoch)
{
    constexpr Duration kLonger = seconds(86'400);
    const Duration took = epoch.decidedAt - epoch.batchTime;
    return took < Duration{} || took > kLonger ? QString() : durationText(took.micros * 1000);
}

int64_t changedRows(const EpochInfo& epoch)
{
    int64_t sum = 0;
    for (const auto& [node, rows] : epoch.changed) sum += rows;
    return sum;
}

QString changedByNode(const EpochInfo& epoch)
{
    QStringList lines;
    for (const auto& [node, rows] : epoch.changed) lines += EpochModel::tr("%1: %2 keys changed").arg(QString::fromStdString(node.name), exactText(rows));
    return lines.join(QLatin1Char('\n'));
}

const std::array<EpochColumn, 7>& epochColumns()
{
    static const std::array<EpochColumn, 7> columns{{
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Epoch"), [](const EpochInfo& e) { return exactText(e.epoch.value); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Batch time"), [](const EpochInfo& e) { return timeText(e.batchTime); }, [](const EpochInfo& e) { return dateText(e.batchTime); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Took"), tookText, [](const EpochInfo& e) { return EpochModel::tr("From its tick until it was safe, at %1").arg(dateText(e.decidedAt)); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Rows in"), [](const EpochInfo& e) { return exactText(e.rowsIn); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Keys changed"), [](const EpochInfo& e) { return exactText(changedRows(e)); }, changedByNode},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Size"), [](const EpochInfo& e) { return bytesText(e.bytes); }},
        {QT_TRANSLATE_NOOP("streamwright::EpochModel", "Unpublished"), [](const EpochInfo& e) { return e.pending.empty() ? QString() : exactText(static_cast<int64_t>(e.pending.size())); }},
    }};
    return columns;
}

}

// The run goes on at the end, and the oldest leave; the view keeps its place.
void EpochModel::setEpochs(std::vector<EpochInfo> epochs)
{
    const auto same = [](const EpochInfo& a, const EpochInfo& b) { return a.epoch == b.epoch && a.decidedAt == b.decidedAt; };
    const auto overlap = epochs.empty() ? epochs_.end() : std::ranges::find_if(epochs_, [&](const EpochInfo& one) { return same(one, epochs.front()); });
    const auto kept = epochs_.end() - overlap;
    const bool follows = kept > 0 && static_cast<size_t>(kept) <= epochs.size() && std::equal(overlap, epochs_.end(), epochs.begin(), same);
    if (!follows) {
        beginResetModel();
        epochs_ = std::move(epochs);
        return endResetModel();
    }
    if (const auto gone = static_cast<int>(overlap - epochs_.begin()); gone > 0) {
        beginRemoveRows({}, rowCount() - gone, rowCount() - 1);
        epochs_.erase(epochs_.begin(), overlap);
        endRemoveRows();
    }
    const auto added = static_cast<int>(epochs.size() - epochs_.size());
    if (added > 0) beginInsertRows({}, 0, added - 1);
    epochs_ = std::move(epochs);
    if (added > 0) endInsertRows();
    // What waited to be published may be out.
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
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
    const EpochColumn& column = epochColumns()[static_cast<size_t>(index.column())];
    if (role == Qt::DisplayRole) return column.text(*at(index.row()));
    if (role == Qt::ToolTipRole && column.help) return column.help(*at(index.row()));
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
