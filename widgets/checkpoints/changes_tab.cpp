#include "widgets/checkpoints/changes_tab.h"

#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTableWidget>

namespace streamwright {

namespace {

constexpr int64_t kShownChanges = 1000;
enum Column : int { State, Key, Change, Before, After, Columns };

// A person does not know an entry by where it is kept.
QString valueText(const std::string& json)
{
    if (json.empty()) return {};
    QJsonObject row = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    row.remove(QStringLiteral("partition"));
    row.remove(QStringLiteral("sequence"));
    return QString::fromUtf8(QJsonDocument(row).toJson(QJsonDocument::Compact));
}

}

ChangesTab::ChangesTab(RunController& run, const EpochModel& epochs, QWidget* parent) : EpochTab(run, epochs, parent), against_(new QComboBox(this)), count_(new QLabel(this)), table_(new QTableWidget(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, measure::kTiny, 0, 0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(measure::kSmall, 0, measure::kSmall, 0);
    auto* label = new QLabel(tr("Since"), this);
    against_->setAccessibleName(tr("Compared with"));
    bar->addWidget(label);
    bar->addWidget(against_);
    bar->addWidget(count_, 1);
    layout->addLayout(bar);
    table_->setColumnCount(Columns);
    table_->setHorizontalHeaderLabels({tr("State"), tr("Key"), tr("Change"), tr("Before"), tr("After")});
    dressTable(*table_, tr("Changes between epochs"));
    layout->addWidget(table_, 1);
    connect(against_, &QComboBox::activated, this, &ChangesTab::ask);
}

void ChangesTab::refresh()
{
    fillChoice();
    ask();
}

// The one before, unless another one was chosen that is still there.
void ChangesTab::fillChoice()
{
    const bool chosen = against_->currentIndex() > 0;
    const QVariant before = against_->currentData();
    against_->clear();
    against_->addItem(tr("the epoch before"), 0);
    for (int row = 0; row < epochs_.rowCount(); ++row) {
        const Epoch epoch = epochs_.at(row)->epoch;
        if (epoch != epoch_) against_->addItem(tr("epoch %1").arg(exactText(epoch.value)), static_cast<qlonglong>(epoch.value));
    }
    against_->setCurrentIndex(chosen ? std::max(0, against_->findData(before)) : 0);
}

void ChangesTab::ask()
{
    int64_t other = against_->currentData().toLongLong();
    if (other == 0) {
        const EpochInfo* before = epochs_.at(epochs_.rowOf(epoch_) + 1);
        other = before ? before->epoch.value : 0;
    }
    if (epoch_.value == 0 || other == 0) {
        table_->setRowCount(0);
        return count_->setText(epoch_.value == 0 ? QString() : tr("No earlier epoch is kept"));
    }
    const DiffQuery query{.from = Moment::ofBatch(std::min(other, epoch_.value)), .to = Moment::ofBatch(std::max(other, epoch_.value)), .most = kShownChanges};
    run_.session().diff(query, run_.call(this, seconds(60)), [this, epoch = epoch_](Result<std::vector<StateDifference>> answer) {
        if (epoch != epoch_) return;
        table_->setRowCount(0);
        if (answer) take(*answer);
        else count_->setText(engineText(answer.error().message));
    });
}

void ChangesTab::take(const std::vector<StateDifference>& differences)
{
    int64_t added = 0, changed = 0, removed = 0;
    for (const StateDifference& state : differences) {
        added += state.added;
        changed += state.changed;
        removed += state.removed;
        for (const EntryDifference& entry : state.entries) {
            const int row = table_->rowCount();
            table_->insertRow(row);
            const QString kind = entry.kind == Difference::Added ? tr("+ new") : entry.kind == Difference::Removed ? tr("− gone") : tr("changed");
            const QString texts[] = {QString::fromStdString(state.node.name), QString::fromStdString(entry.key), kind, valueText(entry.before), valueText(entry.after)};
            for (int column = 0; column < Columns; ++column) table_->setItem(row, column, new QTableWidgetItem(texts[column]));
        }
    }
    const QString sums = tr("%1 new, %2 changed, %3 gone").arg(exactText(added), exactText(changed), exactText(removed));
    const bool all = added + changed + removed <= table_->rowCount();
    count_->setText(all ? sums : tr("%1; the first %2 of a state are shown").arg(sums, exactText(kShownChanges)));
    fitColumns(*table_);
}

}
