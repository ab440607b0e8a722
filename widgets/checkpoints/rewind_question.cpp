#include "widgets/checkpoints/rewind_question.h"

#include "widgets/session/run_controller.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

namespace streamwright {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("streamwright::RewindQuestion", text); }

QString linesOf(const RewindReport& report)
{
    QStringList lines;
    for (const auto& [title, part] : {std::pair{tr("Sources"), &report.sources}, std::pair{tr("Sinks"), &report.sinks}}) {
        if (!part->empty()) lines += title;
        for (const RewindReport::Line& line : *part) lines += QStringLiteral("%1 %2: %3").arg(line.loses ? QStringLiteral("▲") : QStringLiteral("·"), QString::fromStdString(line.node.name), QString::fromStdString(line.what));
        lines += QString();
    }
    lines += tr("The checkpoint as it is now is copied first, beside it: that is the way back.");
    return lines.join(QLatin1Char('\n'));
}

void rewind(QWidget* parent, RunController& run, Epoch epoch, const std::function<void()>& whenDone)
{
    run.session().rewind({.epoch = epoch, .dryRun = false}, run.call(parent, seconds(120)), [parent, epoch, whenDone](Result<RewindReport> done) {
        if (done) whenDone();
        const QString text = done ? tr("The checkpoint is back at epoch %1. What it was is in %2").arg(exactText(epoch.value), QString::fromStdString(done->copy.string())) : engineText(done.error().message);
        QMessageBox(done ? QMessageBox::Information : QMessageBox::Warning, tr("Rewind"), text, QMessageBox::Ok, parent).exec();
    });
}

void ask(QWidget* parent, RunController& run, const RewindReport& report, const std::function<void()>& whenDone)
{
    QMessageBox box(QMessageBox::Question, tr("Rewind?"), tr("What happens when the run goes on after epoch %1:").arg(exactText(report.epoch.value)), QMessageBox::NoButton, parent);
    box.setInformativeText(linesOf(report));
    QPushButton* go = box.addButton(tr("Rewind to epoch %1").arg(exactText(report.epoch.value)), QMessageBox::AcceptRole);
    QPushButton* cancel = box.addButton(tr("Cancel"), QMessageBox::RejectRole);
    box.setEscapeButton(cancel);
    box.setDefaultButton(report.canReadAgain ? go : cancel);
    box.exec();
    if (box.clickedButton() == go) rewind(parent, run, report.epoch, whenDone);
}

}

void askToRewind(QWidget* parent, RunController& run, Epoch epoch, const std::function<void()>& whenDone)
{
    run.session().rewind({.epoch = epoch, .dryRun = true}, run.call(parent), [parent, &run, whenDone](Result<RewindReport> report) {
        if (report) return ask(parent, run, *report, whenDone);
        QMessageBox(QMessageBox::Warning, tr("Rewind"), engineText(report.error().message), QMessageBox::Ok, parent).exec();
    });
}

}
