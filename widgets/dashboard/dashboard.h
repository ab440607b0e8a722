// What the live sinks of the pipeline (sink.chart, sink.table) show, side by side, at the moment of all docks. UI
// thread.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QWidget>

class QGridLayout;
class QLabel;
class QScrollArea;

namespace streamwright {

class LiveTile;

class Dashboard : public QWidget {
    Q_OBJECT

public:
    Dashboard(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void build();
    void arrange();
    void refresh();
    void ask(LiveTile& tile);

    PipelineDocument& document_;
    RunController& run_;
    QScrollArea* scroll_ = nullptr;
    QWidget* board_ = nullptr;
    QGridLayout* grid_ = nullptr;
    QLabel* empty_ = nullptr;
    std::vector<LiveTile*> tiles_;
    QTimer* slow_ = nullptr;            // at most 4 times a second
    int asking_ = 0;                    // tiles whose answer is on its way
};

}
