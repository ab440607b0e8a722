#include "app/designer/main_window.h"

#include "app/designer/close_question.h"
#include "app/designer/run_bar.h"
#include "app/designer/start_page.h"
#include "widgets/batches/batches_view.h"
#include "widgets/canvas/zoom_control.h"
#include "widgets/document/recent_files.h"
#include "widgets/monitor/verdict_bar.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QMenuBar>
#include <QScreen>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabBar>

namespace streamwright {

namespace {

// Of a window's frame, which its size does not count.
constexpr int kTitleHeight = 32;
const QString kWheelScrolls = QStringLiteral("canvas/wheel_scrolls");

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
    QMenu* docks = actions_->menu(QStringLiteral("&View"))->addMenu(tr("&Docks"));
    for (const DockSpec& spec : dockSpecs()) docks->addAction(docks_->dock(spec.id)->toggleViewAction());
    bar_ = new RunBar(*actions_, row);
    layout->addWidget(menus);
    layout->addStretch();
    layout->addWidget(bar_);
    setMenuWidget(row);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->addPermanentWidget(zoom_ = new ZoomControl(this));
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
    added->canvas().setWheelScrolls(wheelScrolls());
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
    connect(&tab.canvas(), &CanvasView::announced, this, [this](const QString& sentence) {
        say(sentence);
        actions_->refresh();
    });
    connect(&tab.canvas(), &CanvasView::layoutFinished, this, [this] { actions_->refresh(); });
    connect(&tab.document(), &PipelineDocument::saveEnded, this, [this, &tab](const QString& problem, const QString& hint) { saveEnded(tab, problem, hint); });
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

bool MainWindow::closeTab(PipelineTab* closed)
{
    if (!closed || !mayStop(*closed) || !mayClose(*closed)) return false;
    const auto at = std::ranges::find(tabs_, closed) - tabs_.begin();
    saveAgain_.erase(closed);
    zoom_->setView(nullptr);
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
    zoom_->setView(canvas());
    zoom_->setVisible(shown);
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

bool MainWindow::wheelScrolls() const { return settings_.value(kWheelScrolls, false).toBool(); }

void MainWindow::setWheelScrolls(bool scrolls)
{
    settings_.setValue(kWheelScrolls, scrolls);
    for (PipelineTab* one : tabs_) one->canvas().setWheelScrolls(scrolls);
    actions_->refresh();
}

void MainWindow::tell(const Error& error) { say(engineText(error.message), engineText(error.hint)); }

void MainWindow::say(const QString& message, const QString& hint)
{
    statusBar()->showMessage(hint.isEmpty() ? message : tr("%1: %2").arg(message, hint));
}

}
