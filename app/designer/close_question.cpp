#include "app/designer/close_question.h"

#include "app/designer/pipeline_tab.h"
#include "widgets/theme/names.h"

#include <QAbstractButton>
#include <QEventLoop>
#include <QMessageBox>
#include <QPushButton>

namespace streamwright {

namespace {

struct Questions {
    Q_DECLARE_TR_FUNCTIONS(streamwright::Questions)
};

// The fate of every state, a line each.
QString fates(const std::vector<PlannedState>& states)
{
    QStringList lines;
    for (const PlannedState& state : states) {
        const QString reason = state.reason.empty() ? QString() : QStringLiteral(" (%1)").arg(engineText(state.reason));
        lines += QStringLiteral("%1: %2%3").arg(QString::fromStdString(state.node.name), QString::fromUtf8(stateFateName(state.fate).data()), reason);
    }
    return lines.isEmpty() ? Questions::tr("No node keeps state.") : lines.join(QLatin1Char('\n'));
}

}

SaveAnswer askToSave(QWidget* parent, const QString& name)
{
    QMessageBox box(QMessageBox::Warning, Questions::tr("Save changes?"), Questions::tr("%1 has changes that are not saved.").arg(name), QMessageBox::NoButton, parent);
    box.setInformativeText(Questions::tr("Without saving they are lost."));
    const auto* save = box.addButton(Questions::tr("Save"), QMessageBox::AcceptRole);
    const auto* discard = box.addButton(Questions::tr("Don't save"), QMessageBox::DestructiveRole);
    box.setEscapeButton(box.addButton(Questions::tr("Cancel"), QMessageBox::RejectRole));
    box.exec();
    if (box.clickedButton() == save) return SaveAnswer::Save;
    return box.clickedButton() == discard ? SaveAnswer::Discard : SaveAnswer::Cancel;
}

bool askToStop(QWidget* parent, PipelineTab& tab)
{
    const bool own = tab.where() == Where::OwnProcess;
    const QString text = own ? Questions::tr("%1 is running in a process of its own.") : Questions::tr("%1 is running in this window.");
    QMessageBox box(QMessageBox::Question, Questions::tr("Stop the run?"), text.arg(tab.title()), QMessageBox::NoButton, parent);
    const QString stops = Questions::tr("Stop ends it after the batch that runs: it commits, and can go on from there later.");
    box.setInformativeText(own ? stops + QLatin1Char(' ') + Questions::tr("Kept running, it is found again with Attach.") : stops);
    const auto* stop = box.addButton(Questions::tr("Stop"), QMessageBox::AcceptRole);
    const auto* keep = own ? box.addButton(Questions::tr("Keep running"), QMessageBox::ActionRole) : nullptr;
    box.setEscapeButton(box.addButton(Questions::tr("Cancel"), QMessageBox::RejectRole));
    box.exec();
    if (keep && box.clickedButton() == keep) {
        tab.keepRunning();
        return true;
    }
    if (box.clickedButton() != stop) return false;
    QEventLoop ended;
    const auto connection = QObject::connect(&tab.run(), &RunController::stateChanged, &ended, [&] {
        if (!tab.run().isRunning()) ended.quit();
    });
    tab.run().stop(StopHow::AfterBatch);
    if (tab.run().isRunning()) ended.exec();
    QObject::disconnect(connection);
    return true;
}

ChangedFile askAboutChangedFile(QWidget* parent, const PipelineDocument& document)
{
    QMessageBox box(QMessageBox::Question, Questions::tr("Changed by another program"), Questions::tr("Another program has written %1.").arg(document.displayName()), QMessageBox::NoButton, parent);
    box.setInformativeText(document.isModified() ? Questions::tr("You have changes of your own. Taking the other version can be undone.") : Questions::tr("Taking the other version can be undone."));
    const auto* theirs = box.addButton(Questions::tr("Take the other version"), QMessageBox::AcceptRole);
    const auto* both = box.addButton(Questions::tr("Keep both"), QMessageBox::ActionRole);
    box.setEscapeButton(box.addButton(Questions::tr("Keep mine"), QMessageBox::RejectRole));
    box.exec();
    if (box.clickedButton() == theirs) return ChangedFile::TakeTheirs;
    return box.clickedButton() == both ? ChangedFile::KeepBoth : ChangedFile::KeepOurs;
}

void askToRestart(QWidget* parent, PipelineTab& tab)
{
    const StartRequest request = tab.request(StartRequest::Mode::Run, StartRequest::Begin::Continue);
    const QPointer<PipelineTab> guard(&tab);
    tab.run().session().plan(request, tab.run().call(parent), [parent, guard, request](Result<PlanReport> plan) {
        if (!guard) return;
        QString text = plan ? fates(plan->states) : engineText(plan.error().message);
        if (plan && hasErrors(plan->diagnostics)) text = engineText(plan->diagnostics.front().message);
        QMessageBox box(QMessageBox::Question, Questions::tr("Restart with changes?"), Questions::tr("The run stops after its batch and begins again with the pipeline as it is now."), QMessageBox::NoButton, parent);
        box.setInformativeText(text);
        auto* restart = box.addButton(Questions::tr("Restart"), QMessageBox::AcceptRole);
        restart->setEnabled(plan && !hasErrors(plan->diagnostics));
        box.setEscapeButton(box.addButton(Questions::tr("Cancel"), QMessageBox::RejectRole));
        box.exec();
        if (box.clickedButton() != restart || !guard) return;
        guard->restart(request);
    });
}

RecoverAnswer askToRecover(QWidget* parent, const QString& name, size_t changes)
{
    QMessageBox box(QMessageBox::Question, Questions::tr("Bring back unsaved changes?"), Questions::tr("Streamwright ended before %n change(s) of %1 were saved.", nullptr, static_cast<int>(changes)).arg(name), QMessageBox::NoButton, parent);
    box.setInformativeText(Questions::tr("Bring them back to look at them: the file itself stays as it is until you save."));
    const auto* recover = box.addButton(Questions::tr("Bring back"), QMessageBox::AcceptRole);
    const auto* discard = box.addButton(Questions::tr("Throw away"), QMessageBox::DestructiveRole);
    box.setEscapeButton(box.addButton(Questions::tr("Later"), QMessageBox::RejectRole));
    box.exec();
    if (box.clickedButton() == recover) return RecoverAnswer::Recover;
    return box.clickedButton() == discard ? RecoverAnswer::Discard : RecoverAnswer::Later;
}

}
