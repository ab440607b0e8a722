#include "widgets/checkpoints/checkpoints_view.h"

#include "widgets/checkpoints/epoch_model.h"
#include "widgets/checkpoints/rewind_question.h"
#include "widgets/checkpoints/state_model.h"
#include "widgets/theme/figures.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QTableWidget>
#include <QTabWidget>
#include <QTextBrowser>

namespace streamwright {

namespace {

constexpr int kTypingMilliseconds = 200, kFollowMilliseconds = 1000;
constexpr int64_t kShownChanges = 1000;

void dress(QTableView& table, const QString& name)
{
    table.setAccessibleName(name);
    table.setShowGrid(false);
    table.setFrameShape(QFrame::NoFrame);
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setWordWrap(false);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(22);
    table.horizontalHeader()->setHighlightSections(false);
    table.horizontalHeader()->setStretchLastSection(true);
}

QString stateText(const StateInfo& state)
{
    const QString node = QString::fromStdString(state.identity.node.name);
    return state.identity.name.empty() || state.identity.name == "state" ? node : QStringLiteral("%1.%2").arg(node, QString::fromStdString(state.identity.name));
}

}

CheckpointsView::CheckpointsView(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run), epochs_(new EpochModel(this)), entries_(new StateModel(run, this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(buildEpochs());
    tabs_ = new QTabWidget(split);
    tabs_->setDocumentMode(true);
    tabs_->addTab(buildState(), tr("State"));
    tabs_->addTab(buildChanges(), tr("Changes"));
    tabs_->addTab(sources_ = new QTextBrowser(tabs_), tr("Sources"));
    sources_->setFrameShape(QFrame::NoFrame);
    split->addWidget(tabs_);
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 3);
    layout->addWidget(split);

    typed_ = new QTimer(this);
    typed_->setSingleShot(true);
    typed_->setInterval(kTypingMilliseconds);
    connect(typed_, &QTimer::timeout, this, &CheckpointsView::showState);
    connect(search_, &QLineEdit::textChanged, typed_, qOverload<>(&QTimer::start));
    follow_ = new QTimer(this);
    follow_->setSingleShot(true);
    follow_->setInterval(kFollowMilliseconds);
    connect(follow_, &QTimer::timeout, this, &CheckpointsView::refresh);
    // New epochs are looked for once a second at most, however many batches end in it.
    connect(&run_, &RunController::batchesChanged, this, [this] {
        if (isVisible() && !follow_->isActive()) follow_->start();
    });
    connect(&run_, &RunController::stateChanged, this, &CheckpointsView::refresh);
    connect(tabs_, &QTabWidget::currentChanged, this, [this](int at) { at == 0 ? showState() : at == 1 ? showChanges() : showSources(); });
}

QWidget* CheckpointsView::buildEpochs()
{
    auto* part = new QWidget(this);
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 0, 0);
    empty_ = new QLabel(part);
    empty_->setWordWrap(true);
    empty_->setContentsMargins(measure::kMedium, measure::kMedium, measure::kMedium, measure::kMedium);
    epochTable_ = new QTableView(part);
    epochTable_->setModel(epochs_);
    epochTable_->setItemDelegate(new FigureDelegate(epochTable_));
    dress(*epochTable_, tr("Epochs"));
    rewind_ = new QPushButton(tr("Rewind…"), part);
    layout->addWidget(empty_);
    layout->addWidget(epochTable_, 1);
    layout->addWidget(rewind_, 0, Qt::AlignLeft);
    connect(rewind_, &QPushButton::clicked, this, &CheckpointsView::askToRewind);
    connect(epochTable_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        const EpochInfo* epoch = chosen();
        rewind_->setText(epoch ? tr("Rewind to epoch %1…").arg(exactText(epoch->epoch.value)) : tr("Rewind…"));
        rewind_->setEnabled(epoch && !run_.isRunning());
        askStates();
        showChanges();
        showSources();
    });
    return part;
}

QWidget* CheckpointsView::buildState()
{
    auto* part = new QWidget(this);
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, measure::kTiny, 0, 0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(measure::kSmall, 0, measure::kSmall, 0);
    state_ = new QComboBox(part);
    state_->setAccessibleName(tr("State"));
    state_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    search_ = new QLineEdit(part);
    search_->setPlaceholderText(tr("Find a key"));
    search_->setAccessibleName(tr("Find a key"));
    search_->setClearButtonEnabled(true);
    count_ = new QLabel(part);
    auto* save = new QPushButton(tr("Export…"), part);
    bar->addWidget(state_);
    bar->addWidget(search_, 1);
    bar->addWidget(count_);
    bar->addWidget(save);
    layout->addLayout(bar);
    entryTable_ = new QTableView(part);
    entryTable_->setModel(entries_);
    dress(*entryTable_, tr("Entries of the state"));
    entryTable_->setSortingEnabled(true);
    entryTable_->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    entryTable_->setContextMenuPolicy(Qt::CustomContextMenu);
    layout->addWidget(entryTable_, 1);
    connect(state_, &QComboBox::currentIndexChanged, this, &CheckpointsView::showState);
    connect(save, &QPushButton::clicked, this, &CheckpointsView::exportState);
    connect(entries_, &StateModel::shown, this, [this] { count_->setText(tr("%1 of %2 keys").arg(exactText(entries_->matching()), exactText(entries_->info().rows))); });
    connect(entries_, &StateModel::failed, count_, &QLabel::setText);
    connect(entryTable_, &QTableView::customContextMenuRequested, this, [this](const QPoint& at) {
        const QString key = entries_->keyAt(entryTable_->rowAt(at.y()));
        if (key.isEmpty()) return;
        QMenu menu;
        menu.addAction(tr("History of %1").arg(key), this, [this, key] { showKeyHistory(key); });
        menu.exec(entryTable_->viewport()->mapToGlobal(at));
    });
    return part;
}

QWidget* CheckpointsView::buildChanges()
{
    auto* part = new QWidget(this);
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, measure::kTiny, 0, 0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(measure::kSmall, 0, measure::kSmall, 0);
    bar->addWidget(new QLabel(tr("Compared with"), part));
    against_ = new QComboBox(part);
    against_->setAccessibleName(tr("Compared with"));
    bar->addWidget(against_);
    bar->addStretch();
    layout->addLayout(bar);
    changes_ = new QTableWidget(part);
    changes_->setColumnCount(5);
    changes_->setHorizontalHeaderLabels({tr("State"), tr("Key"), tr("Change"), tr("Before"), tr("After")});
    dress(*changes_, tr("Changes between epochs"));
    layout->addWidget(changes_, 1);
    connect(against_, &QComboBox::activated, this, &CheckpointsView::showChanges);
    return part;
}

const EpochInfo* CheckpointsView::chosen() const { return epochs_->at(epochTable_->currentIndex().row()); }

Moment CheckpointsView::moment() const { return chosen() ? Moment::ofBatch(chosen()->epoch.value) : Moment::live(); }

void CheckpointsView::refresh()
{
    rewind_->setEnabled(chosen() && !run_.isRunning());
    if (!isVisible() || asking_) return;
    asking_ = true;
    // While nothing runs, it is the checkpoint that the document names.
    if (!run_.isRunning()) run_.session().browse({.document = document_.document(), .folder = document_.folder()});
    run_.session().epochs(run_.call(this), [this](Result<std::vector<EpochInfo>> answer) {
        asking_ = false;
        takeEpochs(std::move(answer));
    });
}

// The newest stays chosen while the run goes on; another stays where it is.
void CheckpointsView::takeEpochs(Result<std::vector<EpochInfo>> answer)
{
    const bool none = !answer || answer->empty();
    empty_->setVisible(none);
    epochTable_->setVisible(!none);
    empty_->setText(!answer ? QString::fromStdString(answer.error().message) : tr("There is no epoch yet. Give the pipeline the setting `checkpoint` and run it: then every batch leaves one here."));
    if (none) {
        epochs_->setEpochs({});
        return entries_->clear();
    }
    const EpochInfo* before = chosen();
    const bool follows = !before || epochTable_->currentIndex().row() == 0;
    const Epoch kept = before ? before->epoch : Epoch{};
    against_->clear();
    for (auto epoch = answer->rbegin(); epoch != answer->rend(); ++epoch) against_->addItem(tr("epoch %1").arg(exactText(epoch->epoch.value)), static_cast<qlonglong>(epoch->epoch.value));
    against_->setCurrentIndex(against_->count() > 1 ? 1 : 0);
    epochs_->setEpochs(std::move(*answer));
    const int row = follows ? 0 : std::max(0, epochs_->rowOf(kept));
    epochTable_->setCurrentIndex(epochs_->index(row, 0));
}

void CheckpointsView::askStates()
{
    if (!chosen()) return;
    run_.session().states(moment(), run_.call(this), [this](Result<std::vector<StateInfo>> answer) {
        if (!answer) return count_->setText(QString::fromStdString(answer.error().message));
        const QString current = state_->currentText();
        {
            const QSignalBlocker quiet(state_);
            state_->clear();
            for (const StateInfo& state : *answer) state_->addItem(stateText(state), QStringList{QString::fromStdString(state.identity.node.name), QString::fromStdString(state.identity.name)});
            state_->setCurrentIndex(std::max(0, state_->findText(current)));
        }
        if (answer->empty()) {
            entries_->clear();
            return count_->setText(tr("No node keeps state"));
        }
        showState();
    });
}

void CheckpointsView::showState()
{
    const QStringList which = state_->currentData().toStringList();
    if (which.size() != 2 || !chosen() || tabs_->currentIndex() != 0) return;
    StateQuery query = entries_->query();
    const bool another = query.node.name != which[0].toStdString() || query.state != which[1].toStdString();
    if (another) query = {};
    query.node = NodeId{which[0].toStdString()};
    query.state = which[1].toStdString();
    query.moment = moment();
    query.search = {.key = search_->text().trimmed().toStdString(), .match = EntrySearch::Match::Contains};
    entries_->show(std::move(query));
}

void CheckpointsView::showChanges()
{
    if (!chosen() || tabs_->currentIndex() != 1 || against_->count() < 2) return;
    const DiffQuery query{.from = Moment::ofBatch(against_->currentData().toLongLong()), .to = moment(), .most = kShownChanges};
    run_.session().diff(query, run_.call(this), [this](Result<std::vector<StateDifference>> answer) {
        changes_->setRowCount(0);
        if (answer) takeChanges(*answer);
    });
}

void CheckpointsView::takeChanges(const std::vector<StateDifference>& differences)
{
    for (const StateDifference& state : differences) {
        for (const EntryDifference& entry : state.entries) {
            const int row = changes_->rowCount();
            changes_->insertRow(row);
            const QString kind = entry.kind == Difference::Added ? tr("+ new") : entry.kind == Difference::Removed ? tr("− gone") : tr("changed");
            const QString texts[] = {QString::fromStdString(state.node.name), QString::fromStdString(entry.key), kind, QString::fromStdString(entry.before), QString::fromStdString(entry.after)};
            for (int column = 0; column < 5; ++column) changes_->setItem(row, column, new QTableWidgetItem(texts[column]));
        }
    }
}

void CheckpointsView::showSources()
{
    const EpochInfo* epoch = chosen();
    if (!epoch || tabs_->currentIndex() != 2) return;
    QString page = QStringLiteral("<p>%1</p><table>").arg(tr("Where each source stood after epoch %1:").arg(exactText(epoch->epoch.value)));
    for (const auto& [node, offset] : epoch->offsets) {
        page += QStringLiteral("<tr><td style=\"padding-right:12px\">%1</td><td><code>%2</code></td></tr>").arg(QString::fromStdString(node.name).toHtmlEscaped(), QString::fromStdString(offset).toHtmlEscaped());
    }
    sources_->setHtml(page + QStringLiteral("</table>"));
}

void CheckpointsView::showKeyHistory(const QString& key) { streamwright::showKeyHistory(this, run_, *epochs_, entries_->query(), key); }

void CheckpointsView::askToRewind()
{
    if (const EpochInfo* epoch = chosen()) streamwright::askToRewind(this, run_, epoch->epoch);
}

// What the search leaves, all of it.
void CheckpointsView::exportState()
{
    if (!chosen() || entries_->rowCount() == 0) return;
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the state"), QStringLiteral("state.csv"), tr("CSV (*.csv)"));
    if (path.isEmpty()) return;
    StateQuery query = entries_->query();
    query.search.from = 0;
    query.search.limit = entries_->matching();
    run_.session().statePage(query, run_.call(this, seconds(120)), [this, path](Result<StatePage> page) {
        const QString problem = page ? writeCsv(page->grid, path) : QString::fromStdString(page.error().message);
        count_->setText(problem.isEmpty() ? tr("Written to %1").arg(path) : problem);
    });
}

void CheckpointsView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

}
