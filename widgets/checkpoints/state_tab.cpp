#include "widgets/checkpoints/state_tab.h"

#include "widgets/theme/figures.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QFileDialog>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>

namespace streamwright {

namespace {

constexpr int kTypingMilliseconds = 200;
constexpr int kWidestColumn = 360, kNarrowestColumn = 120;

}

void dressTable(QTableView& table, const QString& name)
{
    table.setAccessibleName(name);
    table.setShowGrid(false);
    table.setFrameShape(QFrame::NoFrame);
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setWordWrap(false);
    table.setTextElideMode(Qt::ElideMiddle);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(22);
    table.horizontalHeader()->setHighlightSections(false);
    table.horizontalHeader()->setStretchLastSection(false);
}

void fitColumns(QTableView& table)
{
    table.resizeColumnsToContents();
    for (int column = 0; column < table.model()->columnCount(); ++column) table.setColumnWidth(column, std::min(kWidestColumn, table.columnWidth(column) + measure::kMedium));
}

StateTab::StateTab(RunController& run, const EpochModel& epochs, QWidget* parent) : EpochTab(run, epochs, parent), entries_(new StateModel(run, this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, measure::kTiny, 0, 0);
    layout->addWidget(buildBar());
    buildTable();
    layout->addWidget(table_, 1);
    typed_ = new QTimer(this);
    typed_->setSingleShot(true);
    typed_->setInterval(kTypingMilliseconds);
    connect(typed_, &QTimer::timeout, this, &StateTab::showState);
    connect(search_, &QLineEdit::textChanged, typed_, qOverload<>(&QTimer::start));
    connect(state_, &QComboBox::currentIndexChanged, this, &StateTab::showState);
    connect(entries_, &StateModel::shown, this, [this] {
        showColumns();
        const auto all = entries_->info().rows;
        count_->setText(entries_->matching() == all ? tr("%1 keys").arg(exactText(all)) : tr("%1 of %2 keys").arg(exactText(entries_->matching()), exactText(all)));
    });
    connect(entries_, &StateModel::failed, count_, &QLabel::setText);
}

QWidget* StateTab::buildBar()
{
    auto* part = new QWidget(this);
    auto* bar = new QHBoxLayout(part);
    bar->setContentsMargins(measure::kSmall, 0, measure::kSmall, 0);
    state_ = new StateChoice(part);
    search_ = new QLineEdit(part);
    search_->setPlaceholderText(tr("Find a key"));
    search_->setAccessibleName(tr("Find a key"));
    search_->setClearButtonEnabled(true);
    count_ = new QLabel(part);
    auto* save = new QToolButton(part);
    save->setText(tr("Export"));
    save->setToolButtonStyle(Qt::ToolButtonTextOnly);
    save->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(save);
    menu->addAction(tr("What is found, as CSV…"), this, [this] { askWhereTo(ExportQuery::Format::Csv, false); });
    menu->addAction(tr("What is found, as SQLite…"), this, [this] { askWhereTo(ExportQuery::Format::Sqlite, false); });
    menu->addAction(tr("Every state of the epoch, as SQLite…"), this, [this] { askWhereTo(ExportQuery::Format::Sqlite, true); });
    save->setMenu(menu);
    bar->addWidget(state_);
    bar->addWidget(search_, 1);
    bar->addWidget(count_);
    bar->addWidget(save);
    return part;
}

void StateTab::buildTable()
{
    table_ = new QTableView(this);
    table_->setModel(entries_);
    dressTable(*table_, tr("Entries of the state"));
    table_->setSortingEnabled(true);
    table_->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(table_, &QTableView::customContextMenuRequested, this, &StateTab::showMenu);
    connect(table_, &QTableView::doubleClicked, this, [this](const QModelIndex& index) { askForHistory(index.row()); });
}

void StateTab::refresh()
{
    if (epoch_.value == 0) {
        state_->setStates({});
        entries_->clear();
        return count_->clear();
    }
    run_.session().states(moment(), run_.call(this), [this, epoch = epoch_](Result<std::vector<StateInfo>> answer) {
        if (epoch != epoch_) return;
        if (!answer) return count_->setText(engineText(answer.error().message));
        state_->setStates(*answer);
        if (!answer->empty()) return showState();
        entries_->clear();
        count_->setText(tr("No node keeps state"));
    });
}

void StateTab::showState()
{
    if (state_->isEmpty() || epoch_.value == 0) return;
    StateQuery query = entries_->query();
    if (query.node != state_->node() || query.state != state_->state()) query = {};
    query.node = state_->node();
    query.state = state_->state();
    query.moment = moment();
    query.search = {.key = search_->text().trimmed().toStdString(), .match = EntrySearch::Match::Contains};
    entries_->show(std::move(query));
}

// Columns that only tell entries apart are of no use to a person.
void StateTab::showColumns()
{
    for (int column = 0; column < entries_->columnCount(); ++column) {
        const bool hidden = !entries_->isShown(column);
        if (table_->isColumnHidden(column) == hidden) continue;
        table_->setColumnHidden(column, hidden);
    }
    if (sizedFor_ == state_->currentText()) return;
    sizedFor_ = state_->currentText();
    fitColumns(*table_);
    for (int column = 0; column < entries_->columnCount(); ++column) table_->setColumnWidth(column, std::max(table_->columnWidth(column), kNarrowestColumn));
}

void StateTab::askForHistory(int row)
{
    const QString key = entries_->keyAt(row);
    if (!key.isEmpty()) Q_EMIT keyRequested(entries_->query(), key);
}

void StateTab::showMenu(const QPoint& at)
{
    const int row = table_->rowAt(at.y());
    const QString key = entries_->keyAt(row);
    if (key.isEmpty()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("History of %1").arg(key), this, [this, row] { askForHistory(row); });
    menu->popup(table_->viewport()->mapToGlobal(at));
}

void StateTab::askWhereTo(ExportQuery::Format format, bool everyState)
{
    if (epoch_.value == 0 || state_->isEmpty()) return;
    const bool csv = format == ExportQuery::Format::Csv;
    const QString name = QStringLiteral("%1-%2.%3").arg(everyState ? tr("states") : QString::fromStdString(state_->node().name)).arg(epoch_.value).arg(csv ? QStringLiteral("csv") : QStringLiteral("sqlite"));
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the state"), name, csv ? tr("CSV (*.csv)") : tr("SQLite (*.sqlite *.db)"));
    if (!path.isEmpty()) exportTo(path, format, everyState);
}

void StateTab::exportTo(const QString& path, ExportQuery::Format format, bool everyState)
{
    ExportQuery query{.format = format, .moment = moment(), .file = path.toStdString()};
    if (!everyState) {
        query.node = state_->node();
        query.state = state_->state();
        query.search = {.key = search_->text().trimmed().toStdString(), .match = EntrySearch::Match::Contains};
    }
    count_->setText(tr("Exporting…"));
    run_.session().exportStates(std::move(query), run_.call(this, seconds(600)), [this, path](Result<std::vector<ExportedTable>> done) {
        int64_t rows = 0;
        if (done) {
            for (const ExportedTable& table : *done) rows += table.rows;
        }
        count_->setText(done ? tr("%1 keys written to %2").arg(exactText(rows), path) : engineText(done.error().message));
        count_->setToolTip(count_->text());
    });
}

}
