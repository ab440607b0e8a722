#include "widgets/log/log_model.h"

#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QDateTime>

namespace streamwright {

// New lines are added at the end, old ones leave at the front: the view keeps its place.
void LogModel::setLines(const std::vector<LogLine>& lines)
{
    const int64_t first = lines.empty() ? 0 : lines.front().number;
    const int64_t last = lines_.empty() ? 0 : lines_.back().number;
    if (lines.empty() || (!lines_.empty() && lines.back().number < last)) {
        beginResetModel();
        lines_ = lines;
        endResetModel();
        return;
    }
    const auto gone = std::ranges::lower_bound(lines_, first, {}, &LogLine::number) - lines_.begin();
    if (gone > 0) {
        beginRemoveRows({}, 0, static_cast<int>(gone) - 1);
        lines_.erase(lines_.begin(), lines_.begin() + gone);
        endRemoveRows();
    }
    const auto fresh = std::ranges::upper_bound(lines, last, {}, &LogLine::number);
    if (fresh == lines.end()) return;
    beginInsertRows({}, static_cast<int>(lines_.size()), static_cast<int>(lines_.size() + static_cast<size_t>(lines.end() - fresh)) - 1);
    lines_.insert(lines_.end(), fresh, lines.end());
    endInsertRows();
}

int LogModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(lines_.size()); }

QVariant LogModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    const LogLine& line = lines_[static_cast<size_t>(index.row())];
    const Theme& theme = Theme::current();
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole) {
        switch (index.column()) {
        case Time: return QDateTime::fromMSecsSinceEpoch(line.at.millis()).toString(QStringLiteral("HH:mm:ss.zzz"));
        case Level: return line.level == LogLevel::Error ? tr("✕ error") : line.level == LogLevel::Warning ? tr("▲ warning") : tr("info");
        default: return engineText(line.text);
        }
    }
    if (role == Qt::FontRole) return streamwright::font(index.column() == Text ? TextRole::Body : TextRole::Secondary);
    if (role != Qt::ForegroundRole) return {};
    if (index.column() == Level && line.level != LogLevel::Info) return line.level == LogLevel::Error ? theme.error : theme.warning;
    return index.column() == Text ? theme.text : theme.secondary;
}

}
