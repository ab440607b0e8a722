// The table of batches and, beside it, the page of the one that is chosen: what it read, what each node did, what
// was written. Choosing one makes it the moment of all docks. UI thread.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QWidget>

class QTableView;
class QTextBrowser;

namespace streamwright {

class BatchModel;

class BatchesView : public QWidget {
    Q_OBJECT

public:
    BatchesView(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

    // Chooses a batch and shows its page.
    void open(int64_t number);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void buildTable();
    void refresh();
    void showAhead();
    void choose(int row);
    void showPage();

    PipelineDocument& document_;
    RunController& run_;
    BatchModel* model_;
    QTableView* table_ = nullptr;
    QTextBrowser* page_ = nullptr;
    bool sized_ = false;                // the columns have the width of what is in them
};

// The page of a batch as rich text.
QString batchPage(const BatchProgress& batch, const PipelineDocument& document);

}
