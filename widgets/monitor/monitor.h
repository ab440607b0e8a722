// The monitor: rates, latency, state, throughput and memory over time, linked; below, where the time of the batch
// at the moment went. A click on a point shows that batch everywhere. Redraws when a batch ended and it can be
// seen, at most 10 times a second. UI thread.
#pragma once
#include "widgets/charts/chart_board.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QComboBox>
#include <QScrollArea>

namespace streamwright {

class WaterfallBar;

class Monitor : public QWidget {
    Q_OBJECT

public:
    Monitor(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

    ChartBoard& board() { return *board_; }

Q_SIGNALS:
    void batchRequested(int64_t number);    // its page

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildBar();
    QLabel* buildEmpty();
    void buildBoard();
    void refresh();
    void fillRates();
    void fillLatency();
    void fillNodes();
    void fillMemory();
    void showMoment();
    void momentAt(double key);
    void exportAs(const QString& kind);
    void showTable();
    std::vector<NodeId> nodesNow(bool withState) const;

    PipelineDocument& document_;
    RunController& run_;
    QScrollArea* scroll_ = nullptr;
    ChartBoard* board_ = nullptr;
    WaterfallBar* waterfall_ = nullptr;
    QLabel* empty_ = nullptr;               // instead of charts without a point
    QComboBox* span_ = nullptr;
    std::vector<NodeId> nodes_, stateful_;  // that the board has lines for
    std::vector<double> keys_;              // of the batches, seconds since the epoch
};

}
