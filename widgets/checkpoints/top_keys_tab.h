// The greatest keys of a state: by the size of their values, or by how many of the kept epochs changed them. UI thread.
#pragma once
#include "widgets/checkpoints/epoch_tab.h"
#include "widgets/checkpoints/state_choice.h"

class QLabel;
class QTableWidget;

namespace streamwright {

class TopKeysTab : public EpochTab {
    Q_OBJECT

public:
    TopKeysTab(RunController& run, const EpochModel& epochs, QWidget* parent);

protected:
    void refresh() override;

private:
    void ask();
    void take(const std::vector<TopKey>& keys);

    StateChoice* state_;
    QComboBox* by_;
    QLabel* note_;
    QTableWidget* table_;
};

}
