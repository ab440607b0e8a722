#include "widgets/log/log_view.h"

#include "widgets/log/log_model.h"
#include "widgets/session/run_controller.h"
#include "widgets/theme/theme.h"

#include <QClipboard>
#include <QHeaderView>
#include <QLineEdit>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QToolButton>

namespace streamwright {

LogView::LogView(RunController& run, QWidget* parent) : QWidget(parent), run_(run), model_(new LogModel(this)), filtered_(new QSortFilterProxyModel(this))
{
    filtered_->setSourceModel(model_);
    filtered_->setFilterKeyColumn(-1);
    filtered_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    table_ = new QTableView(this);
    table_->setModel(filtered_);
    table_->setAccessibleName(tr("Log of the run"));
    table_->setShowGrid(false);
    table_->setFrameShape(QFrame::NoFrame);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(22);
    table_->horizontalHeader()->hide();
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->setColumnWidth(LogModel::Time, 100);
    table_->setColumnWidth(LogModel::Level, 90);
    layout->addWidget(table_, 1);
    connect(&run_, &RunController::logChanged, this, &LogView::refresh);
    refresh();
}

QWidget* LogView::buildBar()
{
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(measure::kSmall, measure::kTiny, measure::kSmall, measure::kTiny);
    filter_ = new QLineEdit(bar);
    filter_->setAccessibleName(tr("Filter of the log"));
    filter_->setPlaceholderText(tr("Filter, for example a node's name"));
    filter_->setClearButtonEnabled(true);
    connect(filter_, &QLineEdit::textChanged, filtered_, &QSortFilterProxyModel::setFilterFixedString);
    auto* copy = new QToolButton(bar);
    copy->setText(tr("Copy"));
    copy->setToolTip(tr("Copy the lines that are shown"));
    copy->setAutoRaise(true);
    connect(copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(asText()); });
    layout->addWidget(filter_, 1);
    layout->addWidget(copy);
    return bar;
}

QString LogView::asText() const
{
    QString text;
    for (int row = 0; row < filtered_->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < LogModel::Columns; ++column) cells += filtered_->index(row, column).data().toString();
        text += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
    }
    return text;
}

void LogView::refresh()
{
    const QScrollBar* bar = table_->verticalScrollBar();
    const bool atEnd = bar->value() >= bar->maximum();
    model_->setLines(run_.log());
    if (atEnd) table_->scrollToBottom();
}

}
