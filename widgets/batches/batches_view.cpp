#include "widgets/batches/batches_view.h"

#include "widgets/batches/batch_model.h"
#include "widgets/theme/figures.h"
#include "widgets/theme/theme.h"

#include <QHeaderView>
#include <QSplitter>
#include <QTableView>
#include <QTextBrowser>

namespace streamwright {

BatchesView::BatchesView(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run), model_(new BatchModel(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* split = new QSplitter(Qt::Horizontal, this);
    buildTable();
    split->addWidget(table_);
    page_ = new QTextBrowser(split);
    page_->setFrameShape(QFrame::NoFrame);
    page_->setAccessibleName(tr("Page of the batch"));
    split->addWidget(page_);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    layout->addWidget(split);
    connect(&run_, &RunController::batchesChanged, this, &BatchesView::refresh);
    connect(&run_, &RunController::snapshotChanged, this, &BatchesView::showAhead);
    connect(&run_, &RunController::momentChanged, this, &BatchesView::showPage);
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, &BatchesView::showPage);
    showPage();
}

void BatchesView::buildTable()
{
    table_ = new QTableView(this);
    table_->setModel(model_);
    table_->setItemDelegate(new FigureDelegate(table_));
    table_->setAccessibleName(tr("Batches"));
    table_->setShowGrid(false);
    table_->setFrameShape(QFrame::NoFrame);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(22);
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setStretchLastSection(true);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        if (index.isValid() && table_->hasFocus()) choose(index.row());
    });
    connect(table_, &QTableView::clicked, this, [this](const QModelIndex& index) { choose(index.row()); });
}

// One that has not ended has no page yet.
void BatchesView::choose(int row)
{
    if (const int64_t number = model_->numberAt(row); model_->rowOf(number) == row) run_.setMoment(Moment::ofBatch(number));
}

void BatchesView::showAhead()
{
    if (isVisible()) model_->setAhead(run_.snapshot().run ? aheadOf(*run_.snapshot().run) : std::vector<AheadBatch>());
}

void BatchesView::open(int64_t number)
{
    refresh();
    const int row = model_->rowOf(number);
    if (row >= 0) table_->setCurrentIndex(model_->index(row, 0));
    run_.setMoment(Moment::ofBatch(number));
}

void BatchesView::refresh()
{
    if (!isVisible()) return;
    model_->setBatches(run_.batches());
    showAhead();
    if (model_->rowCount() > 0 && !std::exchange(sized_, true)) table_->resizeColumnsToContents();
    if (run_.moment().isLive()) showPage();
}

void BatchesView::showPage()
{
    if (!isVisible()) return;
    const Moment moment = run_.moment();
    const auto batch = run_.batchOf(moment);
    if (!batch && !moment.isLive()) return page_->setHtml(tr("<p>Batch %1: only the summary of its time is kept. Every batch is kept for an hour.</p>").arg(exactText(*moment.batch)));
    if (!batch) return page_->setHtml(tr("<p>Run the pipeline (F5): each batch is listed here, with what it read and where its time went.</p>"));
    page_->setHtml(batchPage(*batch, document_));
}

void BatchesView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (!run_.snapshot().run) run_.browse({.document = document_.document(), .folder = document_.folder()});
    refresh();
    showPage();
}

}
