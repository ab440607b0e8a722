// What the sources gave to the batches of the epoch: where they stood before and after, and, where a source keeps a
// receive log, its records. UI thread.
#pragma once
#include "widgets/checkpoints/epoch_tab.h"

class QTextBrowser;

namespace streamwright {

class InputsTab : public EpochTab {
    Q_OBJECT

public:
    InputsTab(RunController& run, const EpochModel& epochs, QWidget* parent);

protected:
    void refresh() override;

private:
    QTextBrowser* page_;
};

}
