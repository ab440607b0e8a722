#include "widgets/batches/batch_model.h"

#include "widgets/theme/names.h"
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

// More of them say no more.
constexpr int64_t kMostWaiting = 5;

const std::array<BatchColumn, 10>& batchColumns()
{
    static const std::array<BatchColumn, 10> columns{{
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Batch"), "", [](const BatchProgress& b) { return exactText(b.number); }},
        {QT_TRANSLATE_NOOP("streamwright::BatchModel", "Status"), "", [](const BatchProgress&) { return BatchModel::tr("completed"); }},
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

std::vector<AheadBatch> aheadOf(const Snapshot& run)
{
    std::vector<AheadBatch> ahead;
    const int64_t last = run.last ? run.last->number : run.decided.value;
    const int64_t next = run.working > 0 ? run.working : last + 1;
    const QString message = engineText(run.message);
    if (run.state == RunState::Failed) return {{AheadBatch::Status::Failed, next, message}};
    if (run.state >= RunState::Finished) return {};
    for (int64_t i = std::min(run.behind, kMostWaiting); i > 0; --i) {
        const bool more = i == kMostWaiting && run.behind > kMostWaiting;
        ahead.push_back({AheadBatch::Status::Waiting, next + i, more ? BatchModel::tr("and %1 more").arg(exactText(run.behind - kMostWaiting)) : QString()});
    }
    if (run.working > 0) ahead.push_back({AheadBatch::Status::Running, run.working, message});
    return ahead;
}

void BatchModel::setAhead(std::vector<AheadBatch> ahead)
{
    if (ahead == ahead_) return;
    const auto before = aheadRows(), now = static_cast<int>(ahead.size());
    if (now > before) {
        beginInsertRows({}, 0, now - before - 1);
        ahead_ = std::move(ahead);
        endInsertRows();
    } else if (now < before) {
        beginRemoveRows({}, 0, before - now - 1);
        ahead_ = std::move(ahead);
        endRemoveRows();
    } else {
        ahead_ = std::move(ahead);
    }
    if (now > 0) Q_EMIT dataChanged(index(0, 0), index(now - 1, columnCount() - 1));
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
        beginInsertRows({}, aheadRows(), aheadRows() + added - 1);
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

int64_t BatchModel::numberAt(int row) const
{
    if (row < 0 || row >= rowCount()) return 0;
    return row < aheadRows() ? ahead_[static_cast<size_t>(row)].number : at(row).number;
}

int BatchModel::rowOf(int64_t number) const
{
    const auto found = std::ranges::lower_bound(batches_, number, {}, [](const auto& batch) { return batch->number; });
    if (found == batches_.end() || (*found)->number != number) return -1;
    return aheadRows() + static_cast<int>(batches_.end() - found) - 1;
}

int BatchModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : aheadRows() + static_cast<int>(batches_.size()); }

int BatchModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(batchColumns().size()); }

QVariant BatchModel::aheadData(const AheadBatch& batch, int column, int role) const
{
    const bool failed = batch.status == AheadBatch::Status::Failed;
    if (role == Qt::ForegroundRole) return failed ? Theme::current().error : Theme::current().secondary;
    if (role == Qt::ToolTipRole) return batch.note;
    if (role != Qt::DisplayRole) return {};
    if (column == 0) return exactText(batch.number);
    if (column == 1) return failed ? tr("failed") : batch.status == AheadBatch::Status::Running ? tr("running") : tr("waiting");
    return column == 2 ? batch.note : QVariant();
}

QVariant BatchModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (index.row() < aheadRows()) return aheadData(ahead_[static_cast<size_t>(index.row())], index.column(), role);
    const BatchProgress& batch = at(index.row());
    switch (role) {
    case Qt::DisplayRole: return batchColumns()[static_cast<size_t>(index.column())].text(batch);
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
