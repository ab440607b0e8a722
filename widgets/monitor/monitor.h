// The monitor: rates, latency, throughput, state and memory over time, linked; below, where the time of the batch at
// the moment went. What lies before the present run comes from the checkpoint's history; another run can be laid
// over it. A click on a point shows that batch everywhere. Redraws when a batch ended and it can be seen, at most
// 10 times a second. UI thread.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/monitor/monitor_charts.h"
#include "widgets/monitor/track.h"

#include <QComboBox>
#include <QScrollArea>

class QLabel;
class QToolButton;

namespace streamwright {

class WaterfallBar;

class Monitor : public QWidget {
    Q_OBJECT

public:
    Monitor(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

    ChartBoard& board() { return *board_; }
    // Lays a recorded run over the newest one, lined up by their starts; none takes it away.
    void compareWith(std::optional<RecordedRun> run, KeyKind kind = KeyKind::Elapsed);

Q_SIGNALS:
    void batchRequested(int64_t number);    // its page

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildBar();
    QToolButton* buildSaveMenu(QWidget* bar);
    QLabel* buildEmpty();
    void sayEmpty();
    void buildBoard();
    void browse();
    void refresh();
    void fill();
    void fillChart(size_t chart, std::span<const BatchSummary> points, const std::vector<double>& keys, const std::vector<double>& otherKeys);
    void setLevel(size_t chart);
    MonitorNodes nodesNow() const;
    void showMoment();
    void momentAt(double key);
    void askWhatToCompare();
    void showCompareMenu(const std::vector<RecordedRun>& runs);
    void showChartMenu(size_t chart, const QPoint& at);
    void exportAs(const QString& kind, std::optional<size_t> chart = {});
    void showTable(std::optional<size_t> chart = {});
    std::span<const BatchSummary> shownPoints() const;

    PipelineDocument& document_;
    RunController& run_;
    Track* track_;
    std::vector<MonitorChart> charts_;
    MonitorNodes nodes_;
    QScrollArea* scroll_ = nullptr;
    ChartBoard* board_ = nullptr;
    WaterfallBar* waterfall_ = nullptr;
    QLabel* empty_ = nullptr;               // instead of charts without a point
    QComboBox* span_ = nullptr;
    QToolButton* compare_ = nullptr;
    KeyKind kind_ = KeyKind::Time;
    std::optional<std::filesystem::path> browsed_;
};

}
