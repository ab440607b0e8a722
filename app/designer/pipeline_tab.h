// One pipeline in the window: its document, its run, its canvas and its side of every dock. UI thread.
#pragma once
#include "widgets/canvas/canvas_view.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QObject>
#include <QPointer>
#include <QWidget>

namespace streamwright {

class OwnProcess;
struct PublishedRun;
class SocketNotice;
class VerdictBar;

// Where the pipeline of a tab runs.
enum class Where : unsigned char { ThisWindow, OwnProcess, Elsewhere };

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
    SocketNotice& notice() { return *notice_; }

    // ---- where it runs; changed only while nothing runs, or what runs goes on without this tab
    Where where() const { return where_; }
    QString whereText() const;          // "This window", "Own process", "127.0.0.1:40211"
    void runHere();
    void runInOwnProcess();
    // Looks at a run elsewhere, through a session with it. A tab without a file is called after what runs there.
    void attach(const PublishedRun& run, std::unique_ptr<Session> session);
    void detach();                      // the run goes on
    // Of an own process: it goes on when this is closed, and can be attached to.
    void keepRunning();

    // What a start of the document as it is now would be asked for.
    StartRequest request(StartRequest::Mode mode, StartRequest::Begin begin) const;
    void start(StartRequest::Mode mode, StartRequest::Begin begin);
    // There is a checkpoint to go on from: to continue and to start fresh are two things then.
    bool hasCheckpoint() const;
    // Stops after the batch that runs, and begins again with `request`.
    void restart(StartRequest request);
    // The run that goes on was started from another document than the one on the canvas.
    bool isOutdated() const;
    // A process that was begun with a pipeline ends with it: elsewhere nothing is restarted.
    bool mayRestart() const { return run_.isRunning() && where_ != Where::Elsewhere; }
    QString title() const;
    // "Running", "Paused", … with figures, as the bar shows it.
    QString stateText() const;

Q_SIGNALS:
    void changed();                     // title, modified mark or state of the run

private:
    void runChanged();
    void runAt(Where where, std::unique_ptr<Session> session);

    const Catalog& catalog_;
    PipelineDocument document_;
    RunController run_;
    QPointer<QWidget> page_;            // the window's, once shown
    CanvasView* canvas_;
    VerdictBar* verdict_;
    SocketNotice* notice_;
    std::optional<StartRequest> next_;  // begun when the run that goes on has ended
    Where where_ = Where::ThisWindow;
    std::shared_ptr<OwnProcess> process_;
    QString attachedTo_;                // the address
    QString attachedName_;              // of what runs there
};

}
