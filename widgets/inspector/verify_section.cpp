#include "widgets/inspector/verify_section.h"

#include "widgets/inspector/themed_label.h"
#include "widgets/theme/names.h"

namespace streamwright {

VerifySection::VerifySection(PipelineDocument& document, RunController& run, const NodeId& node, QWidget* parent) : QWidget(parent), document_(document), run_(&run), node_(node), lines_(new QVBoxLayout)
{
    button_.setText(tr("Verify"));
    button_.setToolTip(tr("Connects and reads or writes a probe, without running the pipeline"));
    connect(&button_, &QPushButton::clicked, this, [this] {
        if (asking_) cancel_.request();
        else start();
    });
    // A session that was let go answers no more.
    connect(&run, &RunController::sessionChanged, this, [this] {
        asking_ = false;
        button_.setText(tr("Verify"));
    });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(measure::kTiny);
    column->addWidget(&button_, 0, Qt::AlignLeft);
    lines_->setSpacing(2);
    column->addLayout(lines_);
}

void VerifySection::start()
{
    if (!run_) return;
    asking_ = true;
    button_.setText(tr("Cancel"));
    clearLines();
    StartRequest request;
    request.document = document_.document();
    request.folder = document_.folder();
    CallOptions call = run_->call(this, seconds(20));
    cancel_ = call.cancel;
    run_->session().verify(std::move(request), node_, std::move(call), [this](Result<std::vector<VerifyStep>> steps) { finish(steps); });
}

void VerifySection::finish(const Result<std::vector<VerifyStep>>& steps)
{
    asking_ = false;
    button_.setText(tr("Verify"));
    if (!steps) return addLine(false, engineText(steps.error().message));
    for (const VerifyStep& step : *steps) addLine(step.passed, step.message.empty() ? engineText(step.what) : engineText(step.what) + QStringLiteral(": ") + engineText(step.message));
    if (steps->empty()) addLine(true, tr("Nothing to verify: this node reaches nothing outside"));
}

void VerifySection::addLine(bool passed, const QString& text)
{
    auto* line = new ThemedLabel(TextRole::Secondary, passed ? ThemedLabel::Tone::Ok : ThemedLabel::Tone::Error, this);
    line->setWordWrap(true);
    line->setText((passed ? "✓ " : "✕ ") + text);
    line->setAccessibleName((passed ? tr("Passed") : tr("Failed")) + ": " + text);
    lines_->addWidget(line);
}

void VerifySection::clearLines()
{
    while (QLayoutItem* item = lines_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

}
