#include "widgets/batches/batch_model.h"

#include "widgets/theme/theme.h"

#include <QDateTime>

#include <array>

namespace streamwright {

namespace {

struct BatchColumn {
    const char* title;
    const char* help;
    QString (*text)(const BatchProgress& batch);
};

QString timeText(Timestamp time) { return QDateTime::fromMSecsSinceEpoch(time.millis()).toString(QStringLiteral("HH:mm:ss.zzz")); }

const std::array<BatchColumn, 9>& batchColumns()
{
    static const std::array<BatchColumn, 9> columns{{
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Batch"), "", [](const BatchProgress& b) { return exactText(b.number); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Batch time"), QT_TRANSLATE_NOOP("streamwright::BatchModel", "The tick that it belongs to"), [](const BatchProgress& b) { return timeText(b.batchTime); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Rows in"), "", [](const BatchProgress& b) { return exactText(b.rowsIn); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Rows out"), QT_TRANSLATE_NOOP("streamwright::BatchModel", "Into all sinks"), [](const BatchProgress& b) { return exactText(b.rowsOut); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Rejected"), "", [](const BatchProgress& b) { return b.rejected > 0 ? exactText(b.rejected) : QString(); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Scheduling delay"), "", [](const BatchProgress& b) { return durationText(b.time.wait); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Processing time"), "", [](const BatchProgress& b) { return durationText(b.time.total); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Attempts"), QT_TRANSLATE_NOOP("streamwright::BatchModel", "More than one: it was rolled back and tried again"), [](const BatchProgress& b) { return b.attempts > 1 ? exactText(b.attempts) : QString(); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Checkpoint"), "", [](const BatchProgress& b) { return b.decided ? BatchModel::tr("epoch %1").arg(exactText(b.number)) : BatchModel::tr("nothing to write"); }},
    }};
    return columns;
}

}

// The run goes on at the end; old ones leave. The view keeps its place and its selection.
void BatchModel::setBatches(Batches batches)
{
    const int64_t last = batches_.empty() ? 0 : batches_.back()->number;
    const bool follows = !batches_.empty() && !batches.empty() && batches.back()->number >= last && batches.front()->number <= last;
    if (!follows) {
        beginResetModel();
        batches_ = std::move(batches);
        return endResetModel();
    }
    const auto fresh = std::ranges::upper_bound(batches, last, {}, [](const auto& batch) { return batch->number; });
    const auto added = static_cast<int>(batches.end() - fresh);
    if (added > 0) {
        beginInsertRows({}, 0, added - 1);
        batches_.insert(batches_.end(), fresh, batches.end());
        endInsertRows();
    }
    const int64_t first = batches.front()->number;
    const auto kept = std::ranges::lower_bound(batches_, first, {}, [](const auto& batch) { return batch->number; });
    const auto gone = static_cast<int>(kept - batches_.begin());
    if (gone == 0) return;
    const int rows = rowCount();
    beginRemoveRows({}, rows - gone, rows - 1);
    batches_.erase(batches_.begin(), kept);
    endRemoveRows();
}

int64_t BatchModel::numberAt(int row) const { return row < 0 || row >= rowCount() ? 0 : at(row).number; }

int BatchModel::rowOf(int64_t number) const
{
    const auto found = std::ranges::lower_bound(batches_, number, {}, [](const auto& batch) { return batch->number; });
    if (found == batches_.end() || (*found)->number != number) return -1;
    return static_cast<int>(batches_.end() - found) - 1;
}

int BatchModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(batches_.size()); }

int BatchModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(batchColumns().size()); }

QVariant BatchModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    const BatchProgress& batch = at(index.row());
    switch (role) {
    case Qt::DisplayRole: return batchColumns()[static_cast<size_t>(index.column())].text(batch);
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    case Qt::ForegroundRole: return batch.attempts > 1 || batch.rejected > 0 ? QVariant(Theme::current().warning) : QVariant();
    default: return {};
    }
}

QVariant BatchModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    const BatchColumn& column = batchColumns()[static_cast<size_t>(section)];
    if (role == Qt::DisplayRole) return tr(column.title);
    if (role == Qt::ToolTipRole) return tr(column.help);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    return {};
}

}
