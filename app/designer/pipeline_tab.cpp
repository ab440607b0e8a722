#include "app/designer/pipeline_tab.h"

#include "app/designer/socket_notice.h"
#include "engine/control/local_session.h"
#include "engine/remote/own_process.h"
#include "engine/remote/published_run.h"
#include "widgets/monitor/verdict_bar.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

namespace streamwright {

PipelineTab::PipelineTab(const Catalog& catalog, QObject* parent) : QObject(parent), catalog_(catalog), document_(catalog), run_(localSession(catalog)), page_(new QWidget), canvas_(new CanvasView(document_, run_)), verdict_(new VerdictBar(document_, run_)), notice_(new SocketNotice(document_, run_))
{
    auto* layout = new QVBoxLayout(page_);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(notice_);
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

QString PipelineTab::whereText() const
{
    switch (where_) {
    case Where::ThisWindow: return tr("This window");
    case Where::OwnProcess: return tr("Own process");
    case Where::Elsewhere: return attachedTo_;
    }
    return {};
}

void PipelineTab::runAt(Where where, std::unique_ptr<Session> session)
{
    next_.reset();
    where_ = where;
    if (where != Where::OwnProcess) process_.reset();
    if (where != Where::Elsewhere) attachedTo_.clear();
    run_.setSession(std::move(session));
    Q_EMIT changed();
}

void PipelineTab::runHere() { runAt(Where::ThisWindow, localSession(catalog_)); }

// The headless program stands beside this one.
void PipelineTab::runInOwnProcess()
{
    process_ = std::make_shared<OwnProcess>((QCoreApplication::applicationDirPath() + QStringLiteral("/streamwright")).toStdString());
    runAt(Where::OwnProcess, remoteSession(process_));
}

void PipelineTab::attach(const PublishedRun& run, std::unique_ptr<Session> session)
{
    attachedTo_ = QString::fromStdString(run.address);
    attachedName_ = QString::fromStdString(run.name);
    runAt(Where::Elsewhere, std::move(session));
}

void PipelineTab::detach() { runHere(); }

void PipelineTab::keepRunning()
{
    if (process_) process_->keep();
}

QString PipelineTab::title() const
{
    const bool ours = !document_.path().empty() || attachedName_.isEmpty();
    return ours ? document_.displayName() : attachedName_;
}

StartRequest PipelineTab::request(StartRequest::Mode mode, StartRequest::Begin begin) const
{
    StartRequest request;
    request.document = document_.document();
    request.folder = document_.folder();
    request.mode = mode;
    request.begin = begin;
    return request;
}

bool PipelineTab::hasCheckpoint() const
{
    const auto& checkpoint = document_.checked()->settings.checkpoint;
    std::error_code ignored;
    return checkpoint && std::filesystem::exists(*checkpoint, ignored);
}

void PipelineTab::start(StartRequest::Mode mode, StartRequest::Begin begin) { run_.start(request(mode, begin)); }

void PipelineTab::restart(StartRequest request)
{
    if (where_ == Where::Elsewhere) return;
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
    if (!run_.lost().isEmpty()) return run_.lost();
    const SnapshotPtr run = run_.snapshot().run;
    if (!run) return run_.isRunning() ? tr("Starting") : tr("Not running");
    const QString rows = run->last ? tr(" · batch %1 · %2 in").arg(exactText(run->last->number), rateText(run->last->inputRowsPerSecond)) : QString();
    switch (run->state) {
    case RunState::Starting: return tr("Starting");
    case RunState::Recovering: return tr("Recovering");
    case RunState::Running: return tr("Running") + rows;
    case RunState::Paused: return tr("Paused") + (run->last ? tr(" after batch %1").arg(exactText(run->last->number)) : QString());
    case RunState::Waiting: return engineText(run->message);
    case RunState::Stopping: return tr("Stopping after this batch");
    case RunState::Finished: return tr("Ended after %1 batches").arg(exactText(run->batches));
    case RunState::Stopped: return tr("Stopped after batch %1").arg(exactText(run->last ? run->last->number : 0));
    case RunState::Failed: return tr("Failed: %1").arg(engineText(run->message));
    }
    return {};
}

}
