// The checkpoint of the tab: its epochs; of the one that is chosen the state, what changed, the greatest keys and
// what the sources gave; and going back. Asks the Session alone, also when nothing runs. UI thread.
#pragma once
#include "widgets/checkpoints/epoch_tab.h"
#include "widgets/document/pipeline_document.h"

class QLabel;
class QPushButton;
class QTabWidget;

namespace streamwright {

class CheckpointsView : public QWidget {
    Q_OBJECT

public:
    CheckpointsView(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

    void refresh();

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildEpochs();
    QWidget* buildTabs();
    void takeEpochs(Result<std::vector<EpochInfo>> answer);
    void chooseEpoch();
    const EpochInfo* chosen() const;

    PipelineDocument& document_;
    RunController& run_;
    EpochModel* epochs_;
    QTableView* table_ = nullptr;
    QLabel* empty_ = nullptr;
    QPushButton* rewind_ = nullptr;
    QTabWidget* tabs_ = nullptr;
    std::vector<EpochTab*> views_;      // the pages of tabs_
    QTimer* follow_ = nullptr;
    Epoch shown_;
    bool sized_ = false;                // the columns have the width of what is in them
    bool asking_ = false;
};

}
