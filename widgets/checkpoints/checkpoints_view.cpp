#include "widgets/checkpoints/checkpoints_view.h"

#include "widgets/checkpoints/changes_tab.h"
#include "widgets/checkpoints/inputs_tab.h"
#include "widgets/checkpoints/key_history.h"
#include "widgets/checkpoints/rewind_question.h"
#include "widgets/checkpoints/state_tab.h"
#include "widgets/checkpoints/top_keys_tab.h"
#include "widgets/theme/figures.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>

namespace streamwright {

namespace {

constexpr int kFollowMilliseconds = 1000;

}

CheckpointsView::CheckpointsView(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run), epochs_(new EpochModel(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(buildEpochs());
    split->addWidget(buildTabs());
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 3);
    layout->addWidget(split);
    follow_ = new QTimer(this);
    follow_->setSingleShot(true);
    follow_->setInterval(kFollowMilliseconds);
    connect(follow_, &QTimer::timeout, this, &CheckpointsView::refresh);
    // New epochs are looked for once a second at most, however many batches end in it.
    connect(&run_, &RunController::batchesChanged, this, [this] {
        if (isVisible() && !follow_->isActive()) follow_->start();
    });
    connect(&run_, &RunController::stateChanged, this, &CheckpointsView::refresh);
}

QWidget* CheckpointsView::buildEpochs()
{
    auto* part = new QWidget(this);
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 0, 0);
    empty_ = new QLabel(part);
    empty_->setWordWrap(true);
    empty_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    empty_->setContentsMargins(measure::kMedium, measure::kMedium, measure::kMedium, measure::kMedium);
    table_ = new QTableView(part);
    table_->setModel(epochs_);
    table_->setItemDelegate(new FigureDelegate(table_));
    dressTable(*table_, tr("Epochs"));
    rewind_ = new QPushButton(tr("Rewind…"), part);
    rewind_->setEnabled(false);
    layout->addWidget(empty_, 1);
    layout->addWidget(table_, 1);
    layout->addWidget(rewind_, 0, Qt::AlignLeft);
    connect(rewind_, &QPushButton::clicked, this, [this] {
        if (const EpochInfo* epoch = chosen()) askToRewind(this, run_, epoch->epoch, [this] { refresh(); });
    });
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &CheckpointsView::chooseEpoch);
    return part;
}

QWidget* CheckpointsView::buildTabs()
{
    tabs_ = new QTabWidget(this);
    tabs_->setDocumentMode(true);
    const std::pair<EpochTab*, QString> pages[] = {
        {new StateTab(run_, *epochs_, tabs_), tr("State")},
        {new ChangesTab(run_, *epochs_, tabs_), tr("Changes")},
        {new TopKeysTab(run_, *epochs_, tabs_), tr("Top keys")},
        {new InputsTab(run_, *epochs_, tabs_), tr("Inputs")},
    };
    for (const auto& [page, title] : pages) {
        tabs_->addTab(page, title);
        views_.push_back(page);
        connect(page, &EpochTab::keyRequested, this, [this](const StateQuery& state, const QString& key) { showKeyHistory(this, run_, state, key); });
    }
    return tabs_;
}

const EpochInfo* CheckpointsView::chosen() const { return epochs_->at(table_->currentIndex().row()); }

void CheckpointsView::refresh()
{
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
    table_->setVisible(!none);
    empty_->setText(!answer ? engineText(answer.error())
                            : tr("There is no epoch yet. Give the pipeline the setting `checkpoint` and run it: then every batch leaves one here."));
    const EpochInfo* before = chosen();
    const bool follows = !before || table_->currentIndex().row() == 0;
    const Epoch kept = before ? before->epoch : Epoch{};
    epochs_->setEpochs(none ? std::vector<EpochInfo>() : std::move(*answer));
    if (!none && !std::exchange(sized_, true)) fitColumns(*table_);
    if (!none) table_->setCurrentIndex(epochs_->index(follows ? 0 : std::max(0, epochs_->rowOf(kept)), 0));
    chooseEpoch();
}

void CheckpointsView::chooseEpoch()
{
    const EpochInfo* epoch = chosen();
    rewind_->setText(epoch ? tr("Rewind to epoch %1…").arg(exactText(epoch->epoch.value)) : tr("Rewind…"));
    const bool newest = table_->currentIndex().row() == 0;
    rewind_->setEnabled(epoch && !newest && !run_.isRunning());
    rewind_->setToolTip(run_.isRunning() ? tr("Stop the run first") : newest ? tr("The next run goes on after this one anyway") : QString());
    const Epoch now = epoch ? epoch->epoch : Epoch{};
    if (std::exchange(shown_, now) == now && now.value != 0) return;
    for (EpochTab* view : views_) view->setEpoch(now);
}

void CheckpointsView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

}
