#include "widgets/checkpoints/state_model.h"

#include "widgets/session/run_controller.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

constexpr int64_t kPageRows = 256;
constexpr size_t kKeptPages = 64;

}

StateModel::StateModel(RunController& run, QObject* parent) : QAbstractTableModel(parent), run_(run) {}

void StateModel::show(StateQuery query)
{
    query_ = std::move(query);
    ++generation_;
    asked_.clear();
    ask(0);
}

void StateModel::clear()
{
    beginResetModel();
    ++generation_;
    query_ = {};
    schema_ = {};
    matching_ = 0;
    pages_.clear();
    asked_.clear();
    endResetModel();
}

void StateModel::ask(int64_t page) const
{
    if (!asked_.insert(page).second) return;
    StateQuery query = query_;
    query.search.from = page * kPageRows;
    query.search.limit = kPageRows;
    auto* self = const_cast<StateModel*>(this);
    run_.session().statePage(query, run_.call(self), [self, page, generation = generation_](Result<StatePage> answer) {
        if (generation != self->generation_) return;
        if (answer) self->take(page, std::move(*answer));
        else Q_EMIT self->failed(engineText(answer.error().message));
    });
}

void StateModel::take(int64_t page, StatePage answer)
{
    const bool another = page == 0 && (pages_.empty() || !(answer.grid.schema == schema_) || answer.matching != matching_);
    if (another) beginResetModel();
    // The pages of an earlier query have gone with its first page.
    if (page == 0) pages_.clear();
    if (pages_.size() >= kKeptPages) {
        asked_.erase(pages_.begin()->first);
        pages_.erase(pages_.begin());
    }
    info_ = answer.info;
    schema_ = answer.grid.schema;
    keys_ = answer.keys;
    shown_ = answer.shown;
    matching_ = answer.matching;
    pages_[page] = std::move(answer.grid.rows);
    if (another) endResetModel();
    else if (columnCount() > 0 && rowCount() > 0) Q_EMIT dataChanged(index(static_cast<int>(page * kPageRows), 0), index(static_cast<int>(std::min(matching_, (page + 1) * kPageRows)) - 1, columnCount() - 1));
    if (page == 0) Q_EMIT shown();
}

const std::vector<Cell>* StateModel::rowAt(int row) const
{
    const auto page = pages_.find(row / kPageRows);
    const auto at = static_cast<size_t>(row % kPageRows);
    return page == pages_.end() || at >= page->second.size() ? nullptr : &page->second[at];
}

QString StateModel::keyAt(int row) const
{
    const auto* cells = rowAt(row);
    if (!cells) return {};
    QStringList key;
    for (const size_t column : keys_) key += (*cells)[column].null ? QStringLiteral("NULL") : QString::fromStdString((*cells)[column].text);
    return key.join(QStringLiteral(", "));
}

bool StateModel::isShown(int column) const { return std::ranges::find(shown_, static_cast<size_t>(column)) != shown_.end(); }

int StateModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(matching_); }

int StateModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(schema_.size()); }

QVariant StateModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) return {};
    if (role == Qt::FontRole) return streamwright::font(TextRole::Code);
    const bool number = isNumeric(schema_[static_cast<size_t>(index.column())].type.kind());
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft)));
    const auto* cells = rowAt(index.row());
    if (!cells) {
        if (role == Qt::DisplayRole) ask(index.row() / kPageRows);
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("…")) : QVariant();
    }
    const Cell& cell = (*cells)[static_cast<size_t>(index.column())];
    if (role == Qt::ForegroundRole) return cell.null ? QVariant(Theme::current().secondary) : QVariant();
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    return cell.null ? QStringLiteral("NULL") : QString::fromStdString(cell.text);
}

QVariant StateModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || static_cast<size_t>(section) >= schema_.size()) return {};
    const Field& field = schema_[static_cast<size_t>(section)];
    if (role == Qt::DisplayRole) return QString::fromStdString(field.name);
    if (role == Qt::ToolTipRole) return QStringLiteral("%1 %2").arg(QString::fromStdString(field.name), QString::fromStdString(field.type.toDdl()));
    return {};
}

void StateModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || static_cast<size_t>(column) >= schema_.size()) return;
    StateQuery query = query_;
    query.sortBy = schema_[static_cast<size_t>(column)].name;
    query.descending = order == Qt::DescendingOrder;
    if (query.sortBy != query_.sortBy || query.descending != query_.descending) show(std::move(query));
}

}
