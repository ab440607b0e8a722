// One pipeline in the window: its document, its run, its canvas and its side of every dock. UI thread.
#pragma once
#include "widgets/canvas/canvas_view.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QObject>
#include <QPointer>
#include <QWidget>

namespace streamwright {

class VerdictBar;

class PipelineTab : public QObject {
    Q_OBJECT

public:
    PipelineTab(const Catalog& catalog, QObject* parent);
    ~PipelineTab() override;

    PipelineDocument& document() { return document_; }
    const PipelineDocument& document() const { return document_; }
    RunController& run() { return run_; }
    const RunController& run() const { return run_; }
    CanvasView& canvas() { return *canvas_; }
    QWidget* page() { return page_; }   // the canvas and the sentence under it
    VerdictBar& verdict() { return *verdict_; }

    // What a start of the document as it is now would be asked for.
    StartRequest request(StartRequest::Mode mode, StartRequest::Begin begin) const;
    void start(StartRequest::Mode mode, StartRequest::Begin begin);
    // Stops after the batch that runs, and begins again with `request`.
    void restart(StartRequest request);
    // The run that goes on was started from another document than the one on the canvas.
    bool isOutdated() const;
    // "Running", "Paused", … with figures, as the bar shows it.
    QString stateText() const;

Q_SIGNALS:
    void changed();                     // title, modified mark or state of the run

private:
    void runChanged();

    PipelineDocument document_;
    RunController run_;
    QPointer<QWidget> page_;            // the window's, once shown
    CanvasView* canvas_;
    VerdictBar* verdict_;
    std::optional<StartRequest> next_;  // begun when the run that goes on has ended
};

}
