// The window's files: opened, saved, dropped on it, closed, and what crashes and other programs leave.
#include "app/designer/close_question.h"
#include "app/designer/main_window.h"

#include <QDragEnterEvent>
#include <QEventLoop>
#include <QFileDialog>
#include <QMimeData>
#include <QStatusBar>
#include <QTabBar>

namespace streamwright {

namespace {

constexpr int kMessageMilliseconds = 8000;

QString filter() { return MainWindow::tr("Pipelines (*.json);;All files (*)"); }

std::filesystem::path pathOf(const QString& text) { return std::filesystem::path(text.toStdString()); }

QString folderOf(const PipelineTab* tab) { return tab ? QString::fromStdString(tab->document().folder().string()) : QString(); }

}

void MainWindow::openFile(const std::filesystem::path& path)
{
    std::error_code ignored;
    for (size_t i = 0; i < tabs_.size(); ++i) {
        if (std::filesystem::equivalent(tabs_[i]->document().path(), path, ignored)) return tabBar_->setCurrentIndex(static_cast<int>(i));
    }
    auto opened = std::make_unique<PipelineTab>(catalog_, this);
    if (auto done = opened->document().open(path); !done) return tell(done.error());
    recent_.add(path);
    PipelineTab* shown = addTab(std::move(opened));
    offerRecovery(*shown);
    if (hasErrors(shown->document().checkNow()->diagnostics)) docks_->open("problems");
}

PipelineTab* MainWindow::openExample(const std::filesystem::path& path)
{
    auto opened = std::make_unique<PipelineTab>(catalog_, this);
    if (auto done = opened->document().openAsUntitled(path); !done) {
        tell(done.error());
        return nullptr;
    }
    PipelineTab* shown = addTab(std::move(opened));
    startRun(StartRequest::Mode::Run, StartRequest::Begin::Continue);
    return shown;
}

void MainWindow::askToOpen()
{
    const QStringList files = QFileDialog::getOpenFileNames(this, tr("Open a pipeline"), folderOf(tab()), filter());
    for (const QString& file : files) openFile(pathOf(file));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) openFile(pathOf(url.toLocalFile()));
    }
}

// ---- the file of the tab

// Answers by saveEnded().
void MainWindow::save()
{
    PipelineDocument& document = tab()->document();
    // What is pressed while an earlier save is under way waits for its end.
    if (document.isSaving()) return saveAgain_.insert(tab()), void();
    if (document.path().empty()) saveAs();
    else document.startSave();
}

void MainWindow::saveAs()
{
    const QString file = askForName(tab()->document());
    if (!file.isEmpty()) tab()->document().startSaveAs(pathOf(file));
}

// Empty: the user wants no file.
QString MainWindow::askForName(const PipelineDocument& document)
{
    const QString suggested = QString::fromStdString(document.path().string());
    const QString file = QFileDialog::getSaveFileName(this, tr("Save the pipeline as"), suggested.isEmpty() ? QStringLiteral("pipeline.json") : suggested, filter());
    return file.isEmpty() || QFileInfo(file).fileName().contains(QLatin1Char('.')) ? file : file + QStringLiteral(".json");
}

void MainWindow::saveEnded(PipelineTab& saved, const QString& problem, const QString& hint)
{
    const PipelineDocument& document = saved.document();
    const bool again = saveAgain_.erase(&saved) > 0;
    if (!problem.isEmpty()) return say(tr("%1 is not saved: %2").arg(document.displayName(), problem), hint);
    recent_.add(document.path());
    statusBar()->showMessage(tr("%1 · saved").arg(document.displayName()), kMessageMilliseconds);
    if (again && document.isModified()) saved.document().startSave();
}

void MainWindow::revert()
{
    if (auto done = tab()->document().revert(); !done) tell(done.error());
}

void MainWindow::exportPicture()
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Save a picture of the canvas"), QStringLiteral("pipeline.svg"), tr("SVG (*.svg);;PNG (*.png)"));
    if (file.isEmpty()) return;
    if (auto done = canvas()->exportPicture(file); !done) tell(done.error());
}

void MainWindow::fileChangedOnDisk(PipelineTab& changed)
{
    PipelineDocument& document = changed.document();
    switch (askAboutChangedFile(this, document)) {
    case ChangedFile::TakeTheirs:
        if (auto done = document.takeTheirs(); !done) tell(done.error());
        break;
    case ChangedFile::KeepBoth:
        if (auto kept = document.startKeepingBoth(); !kept) tell(kept.error());
        else say(tr("Yours goes on as %1").arg(QString::fromStdString(kept->string())));
        break;
    case ChangedFile::KeepOurs: document.keepOurs(); break;
    }
}

// Of the tab's own file, or what untitled pipelines left.
void MainWindow::offerRecovery(PipelineTab& opened)
{
    const std::vector<AbandonedJournal> found = opened.document().recoverableChanges();
    if (!found.empty()) recoverInto(opened, found.front());
}

void MainWindow::recoverUntitled()
{
    for (const AbandonedJournal& journal : abandonedJournals()) {
        if (!journal.file.empty()) continue;
        switch (askToRecover(this, tr("an untitled pipeline"), journal.changes)) {
        case RecoverAnswer::Recover:
            newPipeline();
            if (auto done = tab()->document().recover(journal); !done) tell(done.error());
            break;
        case RecoverAnswer::Discard: (void)discardJournal(journal); break;
        case RecoverAnswer::Later: break;
        }
    }
}

void MainWindow::recoverInto(PipelineTab& opened, const AbandonedJournal& journal)
{
    PipelineDocument& document = opened.document();
    switch (askToRecover(this, document.displayName(), journal.changes)) {
    case RecoverAnswer::Recover:
        if (auto done = document.recover(journal); !done) tell(done.error());
        break;
    case RecoverAnswer::Discard: (void)document.discard(journal); break;
    case RecoverAnswer::Later: break;
    }
}

bool MainWindow::mayClose(PipelineTab& closed)
{
    if (!closed.document().isModified()) return true;
    tabBar_->setCurrentIndex(static_cast<int>(std::ranges::find(tabs_, &closed) - tabs_.begin()));
    switch (askToSave(this, closed.document().displayName())) {
    case SaveAnswer::Save: return saveBeforeClosing(closed);
    case SaveAnswer::Discard: return true;
    case SaveAnswer::Cancel: return false;
    }
    return false;
}

// The window goes on painting while the disk is waited for; keys and clicks come later.
bool MainWindow::saveBeforeClosing(PipelineTab& closed)
{
    PipelineDocument& document = closed.document();
    saveAgain_.erase(&closed);
    const QString file = document.path().empty() ? askForName(document) : QString::fromStdString(document.path().string());
    if (file.isEmpty()) return false;
    QEventLoop disk;
    connect(&document, &PipelineDocument::saveEnded, &disk, &QEventLoop::quit);
    if (document.isSaving()) disk.exec(QEventLoop::ExcludeUserInputEvents);
    // What could not be saved was told, and stays open.
    bool saved = false;
    connect(&document, &PipelineDocument::saveEnded, &disk, [&](const QString& problem) { saved = problem.isEmpty(); });
    document.startSaveAs(pathOf(file));
    if (document.isSaving()) disk.exec(QEventLoop::ExcludeUserInputEvents);
    return saved;
}

}
