// The window: tabs of pipelines in the middle, docks around them that follow the tab, the bar above. It composes
// the rooms of widgets/ and decides nothing that a room could. UI thread.
#pragma once
#include "app/designer/actions.h"
#include "app/designer/docks.h"
#include "app/designer/pipeline_tab.h"

#include "widgets/document/recent_files.h"

#include <QMainWindow>
#include <QSettings>
#include <set>

class QStackedWidget;
class QTabBar;

namespace streamwright {

class RunBar;
class ZoomControl;
class StartPage;

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(const Catalog& catalog);
    ~MainWindow() override;

    // ---- tabs
    PipelineTab* tab() const;           // the one that is shown; null: the start page
    CanvasView* canvas() const { return tab() ? &tab()->canvas() : nullptr; }
    const std::vector<PipelineTab*>& tabs() const { return tabs_; }
    void newPipeline();
    // Shows the tab that has the file already, if there is one.
    void openFile(const std::filesystem::path& path);
    // As an untitled copy.
    PipelineTab* openExample(const std::filesystem::path& path);
    PipelineTab* openText(const std::string& text);
    void askToOpen();
    bool closeTab(PipelineTab* tab);    // false: the user wants to stay
    void recoverUntitled();             // what a crash left of pipelines without a file
    void showTab(int step);             // 1 the next, -1 the one before
    void showTab(PipelineTab& tab);

    // ---- the file of the tab
    void save();
    void saveAs();
    void revert();
    void exportPicture();

    // ---- the run of the tab
    void startRun(StartRequest::Mode mode, StartRequest::Begin begin);
    void restartWithChanges();
    void pauseOrResume();

    // ---- the window
    Docks& docks() { return *docks_; }
    const Actions& actions() const { return *actions_; }
    Actions& actions() { return *actions_; }
    const Catalog& catalog() const { return catalog_; }
    RecentFiles& recentFiles() { return recent_; }
    void cyclePanes(int step);
    // Whether the wheel scrolls the canvas, and zooms with Ctrl only; kept in the settings.
    bool wheelScrolls() const;
    void setWheelScrolls(bool scrolls);
    void resetLayout();
    void say(const QString& message, const QString& hint = {});

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void buildMiddle();
    void buildBar();
    void restoreLayout();
    PipelineTab* addTab(std::unique_ptr<PipelineTab> tab);
    void connectTab(PipelineTab& tab);
    void currentChanged();
    void refreshTabs();
    QString askForName(const PipelineDocument& document);
    void saveEnded(PipelineTab& tab, const QString& problem, const QString& hint);
    bool saveBeforeClosing(PipelineTab& tab);
    bool mayClose(PipelineTab& tab);
    bool mayStop(PipelineTab& tab);
    void fileChangedOnDisk(PipelineTab& tab);
    void offerRecovery(PipelineTab& tab);
    void recoverInto(PipelineTab& tab, const AbandonedJournal& journal);
    void tell(const Error& error);

    const Catalog& catalog_;
    QSettings settings_;
    RecentFiles recent_;
    std::vector<PipelineTab*> tabs_;
    std::set<const PipelineTab*> saveAgain_;    // once the save that is under way has ended
    Actions* actions_ = nullptr;
    Docks* docks_ = nullptr;
    RunBar* bar_ = nullptr;
    StartPage* start_ = nullptr;
    QTabBar* tabBar_ = nullptr;
    QStackedWidget* middle_ = nullptr;
    ZoomControl* zoom_ = nullptr;
};

}
