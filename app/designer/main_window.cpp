#include "app/designer/main_window.h"

#include "app/designer/close_question.h"
#include "app/designer/run_bar.h"
#include "app/designer/start_page.h"
#include "widgets/batches/batches_view.h"
#include "widgets/document/recent_files.h"
#include "widgets/monitor/verdict_bar.h"
#include "widgets/theme/theme.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QFileDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QScreen>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabBar>

namespace streamwright {

namespace {

constexpr int kMessageMilliseconds = 8000;
// Of a window's frame, which its size does not count.
constexpr int kTitleHeight = 32;

QString filter() { return MainWindow::tr("Pipelines (*.json);;All files (*)"); }

std::filesystem::path pathOf(const QString& text) { return std::filesystem::path(text.toStdString()); }

QString folderOf(const PipelineTab* tab) { return tab ? QString::fromStdString(tab->document().folder().string()) : QString(); }

}

MainWindow::MainWindow(const Catalog& catalog) : catalog_(catalog), recent_(settings_)
{
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    // Palette and inspector stand beside the lower docks, not above them.
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    setTabPosition(Qt::BottomDockWidgetArea, QTabWidget::North);
    const QSize screen = QApplication::primaryScreen()->availableSize();
    resize(std::min(1440, screen.width()), std::min(900, screen.height() - kTitleHeight));
    actions_ = new Actions(*this);
    buildMiddle();
    docks_ = new Docks(*this);
    buildBar();
    restoreLayout();
    currentChanged();
}

MainWindow::~MainWindow()
{
    while (!tabs_.empty()) {
        docks_->remove(*tabs_.back());
        delete tabs_.back();
        tabs_.pop_back();
    }
}

void MainWindow::buildMiddle()
{
    auto* middle = new QWidget(this);
    auto* layout = new QVBoxLayout(middle);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    tabBar_ = new QTabBar(middle);
    tabBar_->setTabsClosable(true);
    tabBar_->setDocumentMode(true);
    tabBar_->setExpanding(false);
    tabBar_->setAccessibleName(tr("Open pipelines"));
    middle_ = new QStackedWidget(middle);
    start_ = new StartPage(*this);
    middle_->addWidget(start_);
    layout->addWidget(tabBar_);
    layout->addWidget(middle_, 1);
    setCentralWidget(middle);
    connect(tabBar_, &QTabBar::currentChanged, this, &MainWindow::currentChanged);
    connect(tabBar_, &QTabBar::tabCloseRequested, this, [this](int at) { closeTab(tabs_[static_cast<size_t>(at)]); });
}

// Menus and the run's controls share a row.
void MainWindow::buildBar()
{
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* menus = new QMenuBar(row);
    menus->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Preferred);
    actions_->fill(*menus);
    for (QAction* menu : menus->actions()) {
        if (!menu->text().contains(QStringLiteral("View"))) continue;
        QMenu* docks = menu->menu()->addMenu(tr("&Docks"));
        for (const DockSpec& spec : dockSpecs()) docks->addAction(docks_->dock(spec.id)->toggleViewAction());
    }
    bar_ = new RunBar(*actions_, row);
    layout->addWidget(menus);
    layout->addStretch();
    layout->addWidget(bar_);
    setMenuWidget(row);
    statusBar()->setSizeGripEnabled(false);
}

void MainWindow::restoreLayout()
{
    restoreGeometry(settings_.value(QStringLiteral("window/geometry")).toByteArray());
    docks_->setLayout(settings_.value(QStringLiteral("window/layout")).toByteArray());
}

void MainWindow::resetLayout() { docks_->arrange(); }

// ---- tabs

PipelineTab* MainWindow::tab() const
{
    const int at = tabBar_ ? tabBar_->currentIndex() : -1;
    return at < 0 || static_cast<size_t>(at) >= tabs_.size() ? nullptr : tabs_[static_cast<size_t>(at)];
}

PipelineTab* MainWindow::addTab(std::unique_ptr<PipelineTab> owned)
{
    PipelineTab* added = owned.release();
    tabs_.push_back(added);
    middle_->addWidget(added->page());
    actions_->addTo(added->canvas());
    docks_->add(*added);
    connectTab(*added);
    tabBar_->setCurrentIndex(tabBar_->addTab(QString()));
    refreshTabs();
    currentChanged();
    // Once the docks have taken their room.
    QTimer::singleShot(0, &added->canvas(), [added] { added->canvas().fitAll(); });
    added->canvas().setFocus();
    return added;
}

void MainWindow::connectTab(PipelineTab& tab)
{
    connect(&tab, &PipelineTab::changed, this, &MainWindow::refreshTabs);
    connect(&tab.document(), &PipelineDocument::selectionChanged, this, [this] { actions_->refresh(); });
    connect(&tab.document(), &PipelineDocument::edited, this, [this] { actions_->refresh(); });
    connect(&tab.document(), &PipelineDocument::changedOnDisk, this, [this, &tab] { fileChangedOnDisk(tab); });
    connect(&tab.document().selection(), &Selection::revealed, this, [this] { docks_->open("inspector"); });
    connect(&tab.verdict(), &VerdictBar::batchRequested, this, [this, &tab](int64_t number) {
        docks_->open("batches");
        if (auto* batches = qobject_cast<BatchesView*>(docks_->widget("batches", tab))) batches->open(number);
    });
    connect(&tab.canvas(), &CanvasView::announced, this, [this](const QString& sentence) { say(sentence); });
    connect(&tab.canvas(), &CanvasView::nodeActivated, this, [this] { docks_->open("inspector"); });
    connect(&tab.canvas(), &CanvasView::contextMenuRequested, this, [this](const QPoint& at) { actions_->menuFor(ActionSpec::Focus::Canvas)->popup(at); });
    connect(&tab.document(), &PipelineDocument::refused, this, [this](const QString& message, const QString& hint) { say(message, hint); });
    connect(&tab.document(), &PipelineDocument::journalFailed, this, [this](const QString& message) { say(message); });
    connect(&tab.run(), &RunController::failed, this, [this](const QString& message, const QString& hint) { say(message, hint); });
}

void MainWindow::newPipeline() { addTab(std::make_unique<PipelineTab>(catalog_, this)); }

PipelineTab* MainWindow::openText(const std::string& text)
{
    auto opened = std::make_unique<PipelineTab>(catalog_, this);
    opened->document().openText(text);
    return addTab(std::move(opened));
}

void MainWindow::showTab(PipelineTab& shown) { tabBar_->setCurrentIndex(static_cast<int>(std::ranges::find(tabs_, &shown) - tabs_.begin())); }

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
    return addTab(std::move(opened));
}

void MainWindow::askToOpen()
{
    const QStringList files = QFileDialog::getOpenFileNames(this, tr("Open a pipeline"), folderOf(tab()), filter());
    for (const QString& file : files) openFile(pathOf(file));
}

bool MainWindow::closeTab(PipelineTab* closed)
{
    if (!closed || !mayStop(*closed) || !mayClose(*closed)) return false;
    const auto at = std::ranges::find(tabs_, closed) - tabs_.begin();
    docks_->remove(*closed);
    tabs_.erase(tabs_.begin() + at);
    {
        const QSignalBlocker quiet(tabBar_);
        tabBar_->removeTab(static_cast<int>(at));
    }
    delete closed;
    currentChanged();
    return true;
}

void MainWindow::showTab(int step)
{
    const int count = tabBar_->count();
    if (count > 0) tabBar_->setCurrentIndex((tabBar_->currentIndex() + step + count) % count);
}

void MainWindow::currentChanged()
{
    PipelineTab* shown = tab();
    tabBar_->setVisible(!tabs_.empty());
    middle_->setCurrentWidget(shown ? shown->page() : start_);
    docks_->show(shown);
    bar_->show(shown);
    bar_->setVisible(shown);
    if (shown) shown->canvas().setFocus();
    refreshTabs();
}

void MainWindow::refreshTabs()
{
    for (size_t i = 0; i < tabs_.size(); ++i) {
        const PipelineDocument& document = tabs_[i]->document();
        tabBar_->setTabText(static_cast<int>(i), tabs_[i]->title() + (document.isModified() ? QStringLiteral(" •") : QString()));
        tabBar_->setTabToolTip(static_cast<int>(i), QString::fromStdString(document.path().string()));
    }
    const PipelineTab* shown = tab();
    setWindowTitle(shown ? tr("%1[*] – Streamwright").arg(shown->title()) : tr("Streamwright"));
    setWindowModified(shown && shown->document().isModified());
    actions_->refresh();
}

// ---- the file of the tab

bool MainWindow::writeTo(const std::filesystem::path& path)
{
    PipelineDocument& document = tab()->document();
    const auto saved = path == document.path() ? document.save() : document.saveAs(path);
    if (!saved) {
        tell(saved.error());
        return false;
    }
    recent_.add(document.path());
    statusBar()->showMessage(tr("%1 · saved").arg(document.displayName()), kMessageMilliseconds);
    return true;
}

bool MainWindow::save()
{
    if (tab()->document().path().empty()) return saveAs();
    return writeTo(tab()->document().path());
}

bool MainWindow::saveAs()
{
    const QString suggested = QString::fromStdString(tab()->document().path().string());
    QString file = QFileDialog::getSaveFileName(this, tr("Save the pipeline as"), suggested.isEmpty() ? QStringLiteral("pipeline.json") : suggested, filter());
    if (file.isEmpty()) return false;
    if (!file.contains(QLatin1Char('.'))) file += QStringLiteral(".json");
    return writeTo(pathOf(file));
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
        if (auto kept = document.keepBoth(); !kept) tell(kept.error());
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

// ---- the run of the tab

void MainWindow::startRun(StartRequest::Mode mode, StartRequest::Begin begin)
{
    const auto checked = tab()->document().checkNow();
    if (hasErrors(checked->diagnostics)) {
        docks_->open("problems");
        return say(tr("The pipeline has mistakes: mend them first"));
    }
    tab()->start(mode, begin);
}

void MainWindow::restartWithChanges() { askToRestart(this, *tab()); }

void MainWindow::pauseOrResume()
{
    if (tab()->run().isPaused()) tab()->run().resume();
    else tab()->run().pause();
}

// ---- the window

bool MainWindow::mayClose(PipelineTab& closed)
{
    if (!closed.document().isModified()) return true;
    tabBar_->setCurrentIndex(static_cast<int>(std::ranges::find(tabs_, &closed) - tabs_.begin()));
    switch (askToSave(this, closed.document().displayName())) {
    case SaveAnswer::Save: return save();
    case SaveAnswer::Discard: return true;
    case SaveAnswer::Cancel: return false;
    }
    return false;
}

// What runs elsewhere goes on without us.
bool MainWindow::mayStop(PipelineTab& closed) { return !closed.run().isRunning() || closed.where() == Where::Elsewhere || askToStop(this, closed); }

void MainWindow::closeEvent(QCloseEvent* event)
{
    for (PipelineTab* one : std::vector(tabs_)) {
        if (!mayStop(*one) || !mayClose(*one)) return event->ignore();
    }
    settings_.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings_.setValue(QStringLiteral("window/layout"), docks_->layout());
    event->accept();
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

// The canvas, then every dock that is shown, in the order of the table.
void MainWindow::cyclePanes(int step)
{
    std::vector<QWidget*> panes{tab() ? &tab()->canvas() : middle_->currentWidget()};
    for (const DockSpec& spec : dockSpecs()) {
        QDockWidget* dock = docks_->dock(spec.id);
        if (tab() && dock->isVisible() && !dock->visibleRegion().isEmpty()) panes.push_back(docks_->widget(spec.id, *tab()));
    }
    const auto has = [](QWidget* pane) { return pane == QApplication::focusWidget() || pane->isAncestorOf(QApplication::focusWidget()); };
    const auto at = std::ranges::find_if(panes, has);
    const auto count = static_cast<int>(panes.size());
    const int from = at == panes.end() ? 0 : static_cast<int>(at - panes.begin());
    QWidget* next = panes[static_cast<size_t>((from + step + count) % count)];
    next->setFocus(Qt::TabFocusReason);
    if (!has(next)) {
        // The pane itself takes no focus: its first part that does.
        for (QWidget* part : next->findChildren<QWidget*>()) {
            if (part->isVisibleTo(next) && part->isEnabled() && (part->focusPolicy() & Qt::TabFocus)) return part->setFocus(Qt::TabFocusReason);
        }
    }
}

void MainWindow::tell(const Error& error) { say(QString::fromStdString(error.message), QString::fromStdString(error.hint)); }

void MainWindow::say(const QString& message, const QString& hint)
{
    statusBar()->showMessage(hint.isEmpty() ? message : tr("%1: %2").arg(message, hint));
}

}
