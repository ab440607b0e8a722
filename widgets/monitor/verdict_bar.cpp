#include "widgets/monitor/verdict_bar.h"

#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QLabel>

namespace streamwright {

VerdictBar::VerdictBar(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run), mark_(new QLabel(this)), text_(new QLabel(this)), link_(new QLabel(this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(measure::kMedium, measure::kTiny, measure::kMedium, measure::kTiny);
    layout->addWidget(mark_);
    layout->addWidget(text_, 1);
    layout->addWidget(link_);
    text_->setAccessibleDescription(tr("What sets the pace"));
    text_->setTextFormat(Qt::PlainText);
    text_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    connect(link_, &QLabel::linkActivated, this, &VerdictBar::follow);
    connect(&run_, &RunController::batchesChanged, this, &VerdictBar::refresh);
    connect(&run_, &RunController::snapshotChanged, this, [this] {
        if (reasonText() != reason_) refresh();
    });
    connect(&run_, &RunController::stateChanged, this, &VerdictBar::refresh);
    connect(&document_, &PipelineDocument::checkedChanged, this, &VerdictBar::refresh);
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, &VerdictBar::refresh);
    refresh();
}

void VerdictBar::refresh()
{
    reason_ = reasonText();
    problem_.reset();
    for (const Diagnostic& diagnostic : document_.checked()->diagnostics) {
        if (diagnostic.severity == Severity::Error && !problem_) problem_ = diagnostic;
    }
    if (problem_) sayProblem();
    else sayRun();
}

void VerdictBar::sayProblem()
{
    const QString node = QString::fromStdString(problem_->node);
    const QString message = engineText(problem_->message);
    say(node.isEmpty() ? tr("Next to mend: %1").arg(message) : tr("Next to mend: %1: %2").arg(node, message), Verdict::Level::Warning, node.isEmpty() ? QString() : tr("Show %1").arg(node));
}

// Why a run does nothing, though it goes on, or why it failed; empty: it does something.
QString VerdictBar::reasonText() const
{
    const SnapshotPtr& run = run_.snapshot().run;
    return run && (run_.isRunning() || run->state == RunState::Failed) ? engineText(run->message) : QString();
}

void VerdictBar::sayRun()
{
    if (!reason_.isEmpty()) {
        verdict_ = {};
        // Why it failed begins with the name of a node.
        return say(run_.isRunning() ? reason_.left(1).toUpper() + reason_.mid(1) : reason_, Verdict::Level::Warning, {});
    }
    const Settings& settings = document_.checked()->settings;
    verdict_ = verdictOf(run_.batches(), settings.trigger == Trigger::Interval ? settings.batchInterval : Duration{}, run_.snapshot().run ? run_.snapshot().run->behind : 0, document_);
    // Of runs that are over long since, only the monitor speaks.
    if (!run_.snapshot().run) verdict_ = {};
    if (verdict_.batch > 0) return say(verdict_.text, verdict_.level, tr("Show batch %1").arg(exactText(verdict_.batch)));
    if (document_.document().nodes.empty()) return say(tr("Drop a source from the list on the left, or press Space on the canvas."), Verdict::Level::Quiet, {});
    say(run_.isRunning() ? tr("Waiting for the first batch.") : tr("No mistakes. Run it with F5."), Verdict::Level::Quiet, {});
}

void VerdictBar::say(const QString& text, Verdict::Level level, const QString& link)
{
    const bool warns = level == Verdict::Level::Warning;
    const Theme& theme = Theme::current();
    const QColor color = warns ? theme.text : theme.secondary;
    QPalette palette = text_->palette();
    palette.setColor(QPalette::WindowText, color);
    text_->setPalette(palette);
    palette.setColor(QPalette::WindowText, theme.warning);
    mark_->setPalette(palette);
    mark_->setText(warns ? QStringLiteral("▲") : QString());
    mark_->setVisible(warns);
    if (text_->text() != text) text_->setText(text);
    text_->setToolTip(text);
    link_->setText(link.isEmpty() ? QString() : QStringLiteral("<a href=\"#\" style=\"color:%1;text-decoration:none\">%2</a>").arg(theme.accent.name(), link.toHtmlEscaped()));
}

void VerdictBar::follow()
{
    if (problem_) Q_EMIT problemRequested(QString::fromStdString(problem_->node), QString::fromStdString(problem_->field));
    else if (verdict_.batch > 0) Q_EMIT batchRequested(verdict_.batch);
}

}
