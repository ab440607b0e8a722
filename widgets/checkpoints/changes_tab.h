// What differs between the epoch and another one. UI thread.
#pragma once
#include "widgets/checkpoints/epoch_tab.h"

class QComboBox;
class QLabel;
class QTableWidget;

namespace streamwright {

class ChangesTab : public EpochTab {
    Q_OBJECT

public:
    ChangesTab(RunController& run, const EpochModel& epochs, QWidget* parent);

protected:
    void refresh() override;

private:
    void fillChoice();
    void ask();
    void take(const std::vector<StateDifference>& differences);

    QComboBox* against_;
    QLabel* count_;
    QTableWidget* table_;
};

}
