#include "app/designer/pipeline_tab.h"

#include "engine/control/local_session.h"
#include "widgets/monitor/verdict_bar.h"
#include "widgets/theme/theme.h"

namespace streamwright {

PipelineTab::PipelineTab(const Catalog& catalog, QObject* parent) : QObject(parent), document_(catalog), run_(localSession(catalog)), page_(new QWidget), canvas_(new CanvasView(document_, run_)), verdict_(new VerdictBar(document_, run_))
{
    auto* layout = new QVBoxLayout(page_);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(canvas_, 1);
    layout->addWidget(verdict_);
    connect(verdict_, &VerdictBar::problemRequested, this, [this](const QString& node, const QString& field) {
        canvas_->reveal(NodeId{node.toStdString()});
        document_.selection().reveal(NodeId{node.toStdString()}, field);
    });
    connect(&document_, &PipelineDocument::fileChanged, this, &PipelineTab::changed);
    connect(&document_, &PipelineDocument::modifiedChanged, this, &PipelineTab::changed);
    connect(&document_, &PipelineDocument::checkedChanged, this, &PipelineTab::changed);
    connect(&run_, &RunController::stateChanged, this, &PipelineTab::runChanged);
}

PipelineTab::~PipelineTab() { delete page_; }

StartRequest PipelineTab::request(StartRequest::Mode mode, StartRequest::Begin begin) const
{
    StartRequest request;
    request.document = document_.document();
    request.folder = document_.folder();
    request.mode = mode;
    request.begin = begin;
    return request;
}

void PipelineTab::start(StartRequest::Mode mode, StartRequest::Begin begin) { run_.start(request(mode, begin)); }

void PipelineTab::restart(StartRequest request)
{
    next_ = std::move(request);
    if (run_.isRunning()) run_.stop(StopHow::AfterBatch);
    else runChanged();
}

void PipelineTab::runChanged()
{
    if (next_ && !run_.isRunning()) run_.start(*std::exchange(next_, std::nullopt));
    Q_EMIT changed();
}

bool PipelineTab::isOutdated() const { return run_.isRunning() && run_.snapshot().run && run_.snapshot().documentHash != document_.checked()->documentHash; }

QString PipelineTab::stateText() const
{
    const SnapshotPtr run = run_.snapshot().run;
    if (!run) return run_.isRunning() ? tr("Starting") : tr("Not running");
    const QString rows = run->last ? tr(" · batch %1 · %2 in").arg(exactText(run->last->number), rateText(run->last->inputRowsPerSecond)) : QString();
    switch (run->state) {
    case RunState::Starting: return tr("Starting");
    case RunState::Recovering: return tr("Recovering");
    case RunState::Running: return tr("Running") + rows;
    case RunState::Paused: return tr("Paused") + (run->last ? tr(" after batch %1").arg(exactText(run->last->number)) : QString());
    case RunState::Waiting: return QString::fromStdString(run->message);
    case RunState::Stopping: return tr("Stopping after this batch");
    case RunState::Finished: return tr("Ended after %1 batches").arg(exactText(run->batches));
    case RunState::Stopped: return tr("Stopped after batch %1").arg(exactText(run->last ? run->last->number : 0));
    case RunState::Failed: return tr("Failed: %1").arg(QString::fromStdString(run->message));
    }
    return {};
}

}
