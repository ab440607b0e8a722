#include "widgets/checkpoints/top_keys_tab.h"

#include "widgets/theme/figures.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QHeaderView>
#include <QTableWidget>

namespace streamwright {

TopKeysTab::TopKeysTab(RunController& run, const EpochModel& epochs, QWidget* parent)
    : EpochTab(run, epochs, parent), state_(new StateChoice(this)), by_(new QComboBox(this)), note_(new QLabel(this)), table_(new QTableWidget(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, measure::kTiny, 0, 0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(measure::kSmall, 0, measure::kSmall, 0);
    by_->setAccessibleName(tr("Greatest by"));
    by_->addItem(tr("By size"));
    by_->addItem(tr("By changes"));
    bar->addWidget(state_);
    bar->addWidget(by_);
    bar->addWidget(note_, 1);
    layout->addLayout(bar);
    table_->setColumnCount(3);
    table_->setHorizontalHeaderLabels({tr("Key"), tr("Size of its values"), tr("Changed in epochs")});
    dressTable(*table_, tr("Greatest keys"));
    table_->setItemDelegate(new FigureDelegate(table_));
    layout->addWidget(table_, 1);
    connect(state_, &QComboBox::currentIndexChanged, this, &TopKeysTab::ask);
    connect(by_, &QComboBox::activated, this, &TopKeysTab::ask);
    connect(table_, &QTableWidget::cellDoubleClicked, this, [this](int row) { Q_EMIT keyRequested({.node = state_->node(), .state = state_->state()}, table_->item(row, 0)->text()); });
}

void TopKeysTab::refresh()
{
    table_->setRowCount(0);
    if (epoch_.value == 0) return state_->setStates({});
    run_.session().states(moment(), run_.call(this), [this, epoch = epoch_](Result<std::vector<StateInfo>> answer) {
        if (epoch != epoch_ || !answer) return;
        state_->setStates(*answer);
        ask();
    });
}

void TopKeysTab::ask()
{
    if (state_->isEmpty()) return note_->setText(tr("No node keeps state"));
    const TopKeysQuery query{.node = state_->node(), .state = state_->state(), .moment = moment(), .search = {.by = by_->currentIndex() == 0 ? TopKeysSearch::By::Size : TopKeysSearch::By::Changes}};
    note_->setText(tr("Counting…"));
    run_.session().topKeys(query, run_.call(this, seconds(120)), [this, epoch = epoch_](Result<std::vector<TopKey>> answer) {
        if (epoch != epoch_) return;
        note_->setText(answer ? tr("A double click shows the history of a key") : engineText(answer.error().message));
        if (answer) take(*answer);
    });
}

void TopKeysTab::take(const std::vector<TopKey>& keys)
{
    table_->setRowCount(static_cast<int>(keys.size()));
    for (int row = 0; row < table_->rowCount(); ++row) {
        const TopKey& key = keys[static_cast<size_t>(row)];
        table_->setItem(row, 0, new QTableWidgetItem(QString::fromStdString(key.key)));
        for (const auto& [column, text] : {std::pair{1, bytesText(key.bytes)}, std::pair{2, exactText(key.changes)}}) {
            auto* item = new QTableWidgetItem(text);
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            table_->setItem(row, column, item);
        }
    }
    fitColumns(*table_);
}

}
