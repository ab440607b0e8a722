// One view of the epoch that is chosen in the checkpoint browser. It asks the Session when it can be seen. UI thread.
#pragma once
#include "widgets/checkpoints/epoch_model.h"
#include "widgets/session/run_controller.h"

#include <QTableView>
#include <QWidget>

namespace streamwright {

class EpochTab : public QWidget {
    Q_OBJECT

public:
    EpochTab(RunController& run, const EpochModel& epochs, QWidget* parent) : QWidget(parent), run_(run), epochs_(epochs) {}

    // Another epoch, or other epochs beside it; 0: there is none.
    void setEpoch(Epoch epoch)
    {
        epoch_ = epoch;
        if (isVisible()) refresh();
        else stale_ = true;
    }

Q_SIGNALS:
    void keyRequested(const streamwright::StateQuery& state, const QString& key);   // its history

protected:
    virtual void refresh() = 0;
    void showEvent(QShowEvent* event) override
    {
        QWidget::showEvent(event);
        if (std::exchange(stale_, false)) refresh();
    }
    Moment moment() const { return Moment::ofBatch(epoch_.value); }

    RunController& run_;
    const EpochModel& epochs_;
    Epoch epoch_;

private:
    bool stale_ = true;
};

// As all tables of the browser look.
void dressTable(QTableView& table, const QString& name);
// Columns as wide as what is in them, within reason. A figure stands beside its name, not at the far end.
void fitColumns(QTableView& table);

}
