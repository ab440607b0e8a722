#include "widgets/checkpoints/inputs_tab.h"

#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QTextBrowser>

namespace streamwright {

namespace {

QString escaped(const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); }

QString code(const std::string& text) { return QStringLiteral("<code>%1</code>").arg(text.empty() ? InputsTab::tr("the start") : escaped(text)); }

QString logOf(const EpochInput& input)
{
    QString text;
    for (const EpochInput::Segment& segment : input.segments) {
        text += QStringLiteral("<p>%1</p>").arg(InputsTab::tr("Receive log %1, bytes %2 to %3: %4 records").arg(escaped(segment.file), exactText(segment.from), exactText(segment.until), exactText(segment.records)));
    }
    if (!input.problem.empty()) text += QStringLiteral("<p style=\"color:%1\">%2</p>").arg(Theme::current().warning.name(), escaped(input.problem));
    if (input.first.empty()) return text;
    QStringList lines;
    for (const std::string& record : input.first) lines += escaped(record);
    text += QStringLiteral("<pre>%1</pre>").arg(lines.join(QLatin1Char('\n')));
    const auto more = input.records - static_cast<int64_t>(input.first.size());
    return more > 0 ? text + QStringLiteral("<p>%1</p>").arg(InputsTab::tr("… and %1 more").arg(exactText(more))) : text;
}

QString sectionOf(const EpochInput& input)
{
    const QString range = input.from ? InputsTab::tr("from %1 to %2").arg(code(*input.from), code(input.until)) : InputsTab::tr("to %1; where it stood before is not kept any more").arg(code(input.until));
    const bool nothing = input.from && *input.from == input.until;
    return QStringLiteral("<h4>%1</h4><p>%2</p>").arg(escaped(input.source.name), nothing ? InputsTab::tr("gave nothing; it stands at %1").arg(code(input.until)) : range) + logOf(input);
}

}

InputsTab::InputsTab(RunController& run, const EpochModel& epochs, QWidget* parent) : EpochTab(run, epochs, parent), page_(new QTextBrowser(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    page_->setFrameShape(QFrame::NoFrame);
    page_->setAccessibleName(tr("What the sources gave"));
    layout->addWidget(page_);
}

void InputsTab::refresh()
{
    if (epoch_.value == 0) return page_->clear();
    run_.session().inputs(moment(), run_.call(this), [this, epoch = epoch_](Result<std::vector<EpochInput>> answer) {
        if (epoch != epoch_) return;
        if (!answer) return page_->setPlainText(engineText(answer.error().message));
        QString page = QStringLiteral("<p>%1</p>").arg(tr("What the sources gave to epoch %1:").arg(exactText(epoch.value)));
        for (const EpochInput& input : *answer) page += sectionOf(input);
        page_->setHtml(page);
    });
}

}
