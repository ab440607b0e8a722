#include "app/designer/actions.h"
#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"
#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

using Focus = ActionSpec::Focus;
using Line = CanvasView::Line;
using Way = CanvasView::Direction;
using Mode = StartRequest::Mode;
using Begin = StartRequest::Begin;

bool hasTab(const MainWindow& w) { return w.tab() != nullptr; }
bool hasSelection(const MainWindow& w) { return w.tab() && !w.tab()->document().selection().items().empty(); }
bool hasNodes(const MainWindow& w) { return w.tab() && !w.tab()->document().selection().nodes().empty(); }
bool canUndo(const MainWindow& w) { return w.tab() && w.tab()->document().undoStack().canUndo(); }
bool canRedo(const MainWindow& w) { return w.tab() && w.tab()->document().undoStack().canRedo(); }
bool isIdle(const MainWindow& w) { return w.tab() && !w.tab()->run().isRunning(); }
bool isRunning(const MainWindow& w) { return w.tab() && w.tab()->run().isRunning(); }
bool mayRestart(const MainWindow& w) { return w.tab() && w.tab()->mayRestart(); }
bool isAttached(const MainWindow& w) { return w.tab() && w.tab()->where() == Where::Elsewhere; }
template <Where Place>
bool runsAt(const MainWindow& w)
{
    return w.tab() && w.tab()->where() == Place;
}
bool hasFile(const MainWindow& w) { return w.tab() && !w.tab()->document().path().empty(); }
template <int N>
void tap(MainWindow& w)
{
    w.canvas()->tap(N);
}
template <CanvasView::Line Side>
void align(MainWindow& w)
{
    w.canvas()->align(Side);
}
template <CanvasView::Direction Way>
void walk(MainWindow& w)
{
    w.canvas()->walk(Way);
}
constexpr double kPixel = 1, kStep = measure::kGrid;
template <CanvasView::Direction Way, bool Grid>
void nudge(MainWindow& w)
{
    w.canvas()->nudge(Way, Grid ? kStep : kPixel);
}

const ActionSpec kActions[] = {
    {"file.new", QT_TR_NOOP("&File"), QT_TR_NOOP("&New"), "Ctrl+N", Focus::Window, [](MainWindow& w) { w.newPipeline(); }},
    {"file.open", "&File", QT_TR_NOOP("&Open…"), "Ctrl+O", Focus::Window, [](MainWindow& w) { w.askToOpen(); }},
    {"file.save", "&File", QT_TR_NOOP("&Save"), "Ctrl+S", Focus::Window, [](MainWindow& w) { w.save(); }, hasTab, nullptr, true},
    {"file.save_as", "&File", QT_TR_NOOP("Save &as…"), "Ctrl+Shift+S", Focus::Window, [](MainWindow& w) { w.saveAs(); }, hasTab},
    {"file.revert", "&File", QT_TR_NOOP("&Revert to the saved file"), "", Focus::Window, [](MainWindow& w) { w.revert(); }, hasFile},
    {"file.picture", "&File", QT_TR_NOOP("&Picture of the canvas…"), "", Focus::Window, [](MainWindow& w) { w.exportPicture(); }, hasTab, nullptr, true},
    {"file.close", "&File", QT_TR_NOOP("&Close"), "Ctrl+W", Focus::Window, [](MainWindow& w) { w.closeTab(w.tab()); }, hasTab, nullptr, true},
    {"file.quit", "&File", QT_TR_NOOP("&Quit"), "Ctrl+Q", Focus::Window, [](MainWindow& w) { w.close(); }},

    {"edit.undo", QT_TR_NOOP("&Edit"), QT_TR_NOOP("&Undo"), "Ctrl+Z", Focus::Window, [](MainWindow& w) { w.tab()->document().undoStack().undo(); }, canUndo},
    {"edit.redo", "&Edit", QT_TR_NOOP("&Redo"), "Ctrl+Y; Ctrl+Shift+Z", Focus::Window, [](MainWindow& w) { w.tab()->document().undoStack().redo(); }, canRedo},
    {"edit.cut", "&Edit", QT_TR_NOOP("Cu&t"), "Ctrl+X", Focus::Canvas, [](MainWindow& w) { w.canvas()->cut(); }, hasNodes, nullptr, true},
    {"edit.copy", "&Edit", QT_TR_NOOP("&Copy"), "Ctrl+C", Focus::Canvas, [](MainWindow& w) { w.canvas()->copy(); }, hasNodes},
    {"edit.paste", "&Edit", QT_TR_NOOP("&Paste"), "Ctrl+V", Focus::Canvas, [](MainWindow& w) { w.canvas()->paste(); }, hasTab},
    {"edit.duplicate", "&Edit", QT_TR_NOOP("&Duplicate"), "Ctrl+D", Focus::Canvas, [](MainWindow& w) { w.canvas()->duplicate(); }, hasNodes},
    {"edit.duplicate_inputs", "&Edit", QT_TR_NOOP("Duplicate with &inputs"), "Ctrl+Shift+D", Focus::Canvas, [](MainWindow& w) { w.canvas()->duplicateWithInputs(); }, hasNodes},
    {"edit.delete", "&Edit", QT_TR_NOOP("De&lete"), "Del; Backspace", Focus::Canvas, [](MainWindow& w) { w.canvas()->deleteSelection(); }, hasSelection},
    {"edit.heal", "&Edit", QT_TR_NOOP("Delete and &heal"), "Ctrl+Del", Focus::Canvas, [](MainWindow& w) { w.canvas()->deleteAndHeal(); }, hasNodes},
    {"edit.select_all", "&Edit", QT_TR_NOOP("Select &all"), "Ctrl+A", Focus::Canvas, [](MainWindow& w) { w.canvas()->selectAll(); }, hasTab, nullptr, true},
    {"edit.select_upstream", "&Edit", QT_TR_NOOP("Select what feeds it"), "Alt+Shift+Left", Focus::Canvas, [](MainWindow& w) { w.canvas()->selectUpstream(); }, hasNodes},
    {"edit.select_downstream", "&Edit", QT_TR_NOOP("Select what it feeds"), "Alt+Shift+Right", Focus::Canvas, [](MainWindow& w) { w.canvas()->selectDownstream(); }, hasNodes},
    {"walk.left", "", QT_TR_NOOP("Go left"), "Left", Focus::Canvas, walk<Way::Left>, hasTab},
    {"walk.right", "", QT_TR_NOOP("Go right"), "Right", Focus::Canvas, walk<Way::Right>, hasTab},
    {"walk.up", "", QT_TR_NOOP("Go up"), "Up", Focus::Canvas, walk<Way::Up>, hasTab},
    {"walk.down", "", QT_TR_NOOP("Go down"), "Down", Focus::Canvas, walk<Way::Down>, hasTab},
    {"edit.find", "&Edit", QT_TR_NOOP("&Find…"), "Ctrl+F", Focus::Window, [](MainWindow& w) { showFind(w); }, hasTab, nullptr, true},

    {"node.add", QT_TR_NOOP("&Node"), QT_TR_NOOP("&Add…"), "Shift+A", Focus::Canvas, [](MainWindow& w) { w.canvas()->openSearch(); }, hasTab},
    {"node.follow", "&Node", QT_TR_NOOP("Add what &follows…"), "Ctrl+Space", Focus::Canvas, [](MainWindow& w) { w.canvas()->openSearchForSelection(); }, hasNodes},
    {"node.title", "&Node", QT_TR_NOOP("Edit &title"), "F2", Focus::Canvas, [](MainWindow& w) { w.canvas()->editTitle(); }, hasNodes},
    {"node.rename", "&Node", QT_TR_NOOP("Re&name…"), "Shift+F2", Focus::Canvas, [](MainWindow& w) { showRename(w); }, hasNodes},
    {"node.type", "&Node", QT_TR_NOOP("Change t&ype…"), "Shift+S", Focus::Canvas, [](MainWindow& w) { w.canvas()->openSwapSearch(); }, hasNodes},
    {"node.bypass", "&Node", QT_TR_NOOP("&Bypass"), "M", Focus::Canvas, [](MainWindow& w) { w.canvas()->toggleBypassed(); }, hasNodes, nullptr, true},
    {"node.disable", "&Node", QT_TR_NOOP("&Disable"), "D", Focus::Canvas, [](MainWindow& w) { w.canvas()->toggleDisabled(); }, hasNodes},
    {"node.connect", "&Node", QT_TR_NOOP("&Connect the selected"), "Ctrl+L", Focus::Canvas, [](MainWindow& w) { w.canvas()->autoConnect(); }, hasNodes, nullptr, true},
    {"node.disconnect", "&Node", QT_TR_NOOP("Disc&onnect"), "Ctrl+Shift+L", Focus::Canvas, [](MainWindow& w) { w.canvas()->disconnectSelection(); }, hasNodes},
    {"node.tap1", "&Node/&Look at the rows of", QT_TR_NOOP("output &1"), "Shift+1", Focus::Canvas, tap<1>, hasNodes},
    {"node.tap2", "&Node/&Look at the rows of", QT_TR_NOOP("output &2"), "Shift+2", Focus::Canvas, tap<2>, hasNodes},
    {"node.tap3", "&Node/&Look at the rows of", QT_TR_NOOP("output &3"), "Shift+3", Focus::Canvas, tap<3>, hasNodes},

    {"arrange.layout", QT_TR_NOOP("&Arrange"), QT_TR_NOOP("&Lay out"), "Ctrl+Shift+A", Focus::Canvas, [](MainWindow& w) { w.canvas()->layOut(); }, hasTab},
    {"arrange.straighten", "&Arrange", QT_TR_NOOP("&Straighten"), "Q", Focus::Canvas, [](MainWindow& w) { w.canvas()->straightenSelection(); }, hasSelection},
    {"nudge.left", "", QT_TR_NOOP("Move left"), "Ctrl+Left", Focus::Canvas, nudge<Way::Left, false>, hasNodes},
    {"nudge.right", "", QT_TR_NOOP("Move right"), "Ctrl+Right", Focus::Canvas, nudge<Way::Right, false>, hasNodes},
    {"nudge.up", "", QT_TR_NOOP("Move up"), "Ctrl+Up", Focus::Canvas, nudge<Way::Up, false>, hasNodes},
    {"nudge.down", "", QT_TR_NOOP("Move down"), "Ctrl+Down", Focus::Canvas, nudge<Way::Down, false>, hasNodes},
    {"step.left", "", QT_TR_NOOP("Move left by a grid step"), "Ctrl+Shift+Left", Focus::Canvas, nudge<Way::Left, true>, hasNodes},
    {"step.right", "", QT_TR_NOOP("Move right by a grid step"), "Ctrl+Shift+Right", Focus::Canvas, nudge<Way::Right, true>, hasNodes},
    {"step.up", "", QT_TR_NOOP("Move up by a grid step"), "Ctrl+Shift+Up", Focus::Canvas, nudge<Way::Up, true>, hasNodes},
    {"step.down", "", QT_TR_NOOP("Move down by a grid step"), "Ctrl+Shift+Down", Focus::Canvas, nudge<Way::Down, true>, hasNodes},
    {"arrange.left", "&Arrange/&Align", QT_TR_NOOP("&Left edges"), "Alt+A, L", Focus::Canvas, align<Line::Left>, hasNodes},
    {"arrange.right", "&Arrange/&Align", QT_TR_NOOP("&Right edges"), "Alt+A, R", Focus::Canvas, align<Line::Right>, hasNodes},
    {"arrange.top", "&Arrange/&Align", QT_TR_NOOP("&Top edges"), "Alt+A, T", Focus::Canvas, align<Line::Top>, hasNodes},
    {"arrange.bottom", "&Arrange/&Align", QT_TR_NOOP("&Bottom edges"), "Alt+A, B", Focus::Canvas, align<Line::Bottom>, hasNodes},
    {"arrange.across", "&Arrange/&Align", QT_TR_NOOP("&Distribute across"), "Alt+A, H", Focus::Canvas, [](MainWindow& w) { w.canvas()->distribute(Qt::Horizontal); }, hasNodes},
    {"arrange.down", "&Arrange/&Align", QT_TR_NOOP("Distribute do&wn"), "Alt+A, V", Focus::Canvas, [](MainWindow& w) { w.canvas()->distribute(Qt::Vertical); }, hasNodes},
    {"arrange.frame", "&Arrange", QT_TR_NOOP("&Frame around the selected"), "C", Focus::Canvas, [](MainWindow& w) { w.canvas()->frameSelection(); }, hasTab, nullptr, true},
    {"arrange.note", "&Arrange", QT_TR_NOOP("&Note"), "Ctrl+Shift+C", Focus::Canvas, [](MainWindow& w) { w.canvas()->addNote(); }, hasTab},

    {"view.zoom_in", QT_TR_NOOP("&View"), QT_TR_NOOP("Zoom &in"), "Ctrl+=; Ctrl++", Focus::Window, [](MainWindow& w) { w.canvas()->zoomIn(); }, hasTab},
    {"view.zoom_out", "&View", QT_TR_NOOP("Zoom &out"), "Ctrl+-", Focus::Window, [](MainWindow& w) { w.canvas()->zoomOut(); }, hasTab},
    {"view.zoom_100", "&View", QT_TR_NOOP("&100 %"), "Ctrl+0", Focus::Window, [](MainWindow& w) { w.canvas()->zoomTo(1.0); }, hasTab},
    {"view.fit", "&View", QT_TR_NOOP("&Fit all"), "Home; Ctrl+1", Focus::Canvas, [](MainWindow& w) { w.canvas()->fitAll(); }, hasTab},
    {"view.fit_selection", "&View", QT_TR_NOOP("Fit the &selected"), "F", Focus::Canvas, [](MainWindow& w) { w.canvas()->fitSelection(); }, hasSelection},
    {"view.minimap", "&View", QT_TR_NOOP("&Minimap"), "", Focus::Window, [](MainWindow& w) { w.canvas()->setMinimapVisible(!w.canvas()->isMinimapVisible()); }, hasTab, [](const MainWindow& w) { return w.tab() && w.canvas()->isMinimapVisible(); }},
    {"view.next_pane", "&View", QT_TR_NOOP("Next pane"), "F6", Focus::Window, [](MainWindow& w) { w.cyclePanes(1); }, nullptr, nullptr, true},
    {"view.previous_pane", "&View", QT_TR_NOOP("Previous pane"), "Shift+F6", Focus::Window, [](MainWindow& w) { w.cyclePanes(-1); }},
    {"view.next_tab", "&View", QT_TR_NOOP("Next pipeline"), "Ctrl+Tab", Focus::Window, [](MainWindow& w) { w.showTab(1); }},
    {"view.previous_tab", "&View", QT_TR_NOOP("Previous pipeline"), "Ctrl+Shift+Tab", Focus::Window, [](MainWindow& w) { w.showTab(-1); }},
    {"view.reset", "&View", QT_TR_NOOP("&Reset the layout"), "", Focus::Window, [](MainWindow& w) { w.resetLayout(); }, nullptr, nullptr, true},

    {"run.start", QT_TR_NOOP("&Run"), QT_TR_NOOP("&Run"), "F5", Focus::Window, [](MainWindow& w) { w.startRun(Mode::Run, Begin::Continue); }, isIdle},
    {"run.fresh", "&Run", QT_TR_NOOP("Start &fresh"), "", Focus::Window, [](MainWindow& w) { w.startRun(Mode::Run, Begin::Fresh); }, isIdle},
    {"run.preview", "&Run", QT_TR_NOOP("Pre&view: nothing is written"), "Ctrl+F5", Focus::Window, [](MainWindow& w) { w.startRun(Mode::Preview, Begin::Fresh); }, isIdle},
    {"run.restart", "&Run", QT_TR_NOOP("Restart with &changes…"), "Ctrl+Shift+F5", Focus::Window, [](MainWindow& w) { w.restartWithChanges(); }, mayRestart},
    {"run.pause", "&Run", QT_TR_NOOP("&Pause or go on"), "F8", Focus::Window, [](MainWindow& w) { w.pauseOrResume(); }, isRunning, nullptr, true},
    {"run.step", "&Run", QT_TR_NOOP("&One batch"), "F10", Focus::Window, [](MainWindow& w) { w.tab()->run().step(); }, [](const MainWindow& w) { return w.tab() && w.tab()->run().isPaused(); }},
    {"run.stop", "&Run", QT_TR_NOOP("&Stop after this batch"), "Shift+F5", Focus::Window, [](MainWindow& w) { w.tab()->run().stop(StopHow::AfterBatch); }, isRunning, nullptr, true},
    {"run.stop_now", "&Run", QT_TR_NOOP("Stop at o&nce"), "Ctrl+Alt+F5", Focus::Window, [](MainWindow& w) { w.tab()->run().stop(StopHow::AtOnce); }, isRunning},
    {"run.here", "&Run/&Where it runs", QT_TR_NOOP("&This window"), "", Focus::Window, [](MainWindow& w) { w.tab()->runHere(); }, isIdle, runsAt<Where::ThisWindow>, true},
    {"run.own", "&Run/&Where it runs", QT_TR_NOOP("&Own process"), "", Focus::Window, [](MainWindow& w) { w.tab()->runInOwnProcess(); }, isIdle, runsAt<Where::OwnProcess>},
    {"run.attach", "&Run", QT_TR_NOOP("&Attach to a run…"), "", Focus::Window, [](MainWindow& w) { showAttach(w); }},
    {"run.detach", "&Run", QT_TR_NOOP("&Detach: it goes on"), "", Focus::Window, [](MainWindow& w) { w.tab()->detach(); }, isAttached},

    {"tools.palette", QT_TR_NOOP("&Tools"), QT_TR_NOOP("&Command palette…"), "Ctrl+Shift+P", Focus::Window, showCommandPalette},
    {"tools.preferences", "&Tools", QT_TR_NOOP("&Preferences…"), "Ctrl+,", Focus::Window, [](MainWindow& w) { showPreferences(w); }},

    {"help.keys", QT_TR_NOOP("&Help"), QT_TR_NOOP("&Keys"), "F1", Focus::Window, showShortcutSheet},
    {"help.report", "&Help", QT_TR_NOOP("Copy &report"), "", Focus::Window, copyReport},
    {"help.about", "&Help", QT_TR_NOOP("&About Streamwright"), "", Focus::Window, [](MainWindow& w) { showAbout(w); }},
};

}

std::span<const ActionSpec> actionSpecs() { return kActions; }

}
