#include "app/designer/actions.h"
#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"
#include "app/designer/preferences.h"
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
template <ThemeHost::Choice Choice>
void chooseTheme(MainWindow&)
{
    Preferences::setTheme(Choice);
}
template <ThemeHost::Choice Choice>
bool isTheme(const MainWindow&)
{
    return ThemeHost::instance().choice() == Choice;
}
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

// Submenus, whose names stand in the paths below.
[[maybe_unused]] const char* const kSubmenus[] = {QT_TRANSLATE_NOOP("Actions", "&Look at the rows of"), QT_TRANSLATE_NOOP("Actions", "&Align"), QT_TRANSLATE_NOOP("Actions", "&Where it runs"), QT_TRANSLATE_NOOP("Actions", "&Theme")};

const ActionSpec kActions[] = {
    {"file.new", QT_TRANSLATE_NOOP("Actions", "&File"), QT_TRANSLATE_NOOP("Actions", "&New"), "Ctrl+N", Focus::Window, [](MainWindow& w) { w.newPipeline(); }},
    {"file.open", "&File", QT_TRANSLATE_NOOP("Actions", "&Open…"), "Ctrl+O", Focus::Window, [](MainWindow& w) { w.askToOpen(); }},
    {"file.save", "&File", QT_TRANSLATE_NOOP("Actions", "&Save"), "Ctrl+S", Focus::Window, [](MainWindow& w) { w.save(); }, hasTab, nullptr, true},
    {"file.save_as", "&File", QT_TRANSLATE_NOOP("Actions", "Save &as…"), "Ctrl+Shift+S", Focus::Window, [](MainWindow& w) { w.saveAs(); }, hasTab},
    {"file.revert", "&File", QT_TRANSLATE_NOOP("Actions", "&Revert to the saved file"), "", Focus::Window, [](MainWindow& w) { w.revert(); }, hasFile},
    {"file.picture", "&File", QT_TRANSLATE_NOOP("Actions", "&Picture of the canvas…"), "", Focus::Window, [](MainWindow& w) { w.exportPicture(); }, hasTab, nullptr, true},
    {"file.close", "&File", QT_TRANSLATE_NOOP("Actions", "&Close"), "Ctrl+W", Focus::Window, [](MainWindow& w) { w.closeTab(w.tab()); }, hasTab, nullptr, true},
    {"file.quit", "&File", QT_TRANSLATE_NOOP("Actions", "&Quit"), "Ctrl+Q", Focus::Window, [](MainWindow& w) { w.close(); }},

    {"edit.undo", QT_TRANSLATE_NOOP("Actions", "&Edit"), QT_TRANSLATE_NOOP("Actions", "&Undo"), "Ctrl+Z", Focus::Window, [](MainWindow& w) { w.tab()->document().undoStack().undo(); }, canUndo},
    {"edit.redo", "&Edit", QT_TRANSLATE_NOOP("Actions", "&Redo"), "Ctrl+Y; Ctrl+Shift+Z", Focus::Window, [](MainWindow& w) { w.tab()->document().undoStack().redo(); }, canRedo},
    {"edit.cut", "&Edit", QT_TRANSLATE_NOOP("Actions", "Cu&t"), "Ctrl+X", Focus::Canvas, [](MainWindow& w) { w.canvas()->cut(); }, hasNodes, nullptr, true},
    {"edit.copy", "&Edit", QT_TRANSLATE_NOOP("Actions", "&Copy"), "Ctrl+C", Focus::Canvas, [](MainWindow& w) { w.canvas()->copy(); }, hasNodes},
    {"edit.paste", "&Edit", QT_TRANSLATE_NOOP("Actions", "&Paste"), "Ctrl+V", Focus::Canvas, [](MainWindow& w) { w.canvas()->paste(); }, hasTab},
    {"edit.duplicate", "&Edit", QT_TRANSLATE_NOOP("Actions", "&Duplicate"), "Ctrl+D", Focus::Canvas, [](MainWindow& w) { w.canvas()->duplicate(); }, hasNodes},
    {"edit.duplicate_inputs", "&Edit", QT_TRANSLATE_NOOP("Actions", "Duplicate with &inputs"), "Ctrl+Shift+D", Focus::Canvas, [](MainWindow& w) { w.canvas()->duplicateWithInputs(); }, hasNodes},
    {"edit.delete", "&Edit", QT_TRANSLATE_NOOP("Actions", "De&lete"), "Del; Backspace", Focus::Canvas, [](MainWindow& w) { w.canvas()->deleteSelection(); }, hasSelection},
    {"edit.heal", "&Edit", QT_TRANSLATE_NOOP("Actions", "Delete and &heal"), "Ctrl+Del", Focus::Canvas, [](MainWindow& w) { w.canvas()->deleteAndHeal(); }, hasNodes},
    {"edit.select_all", "&Edit", QT_TRANSLATE_NOOP("Actions", "Select &all"), "Ctrl+A", Focus::Canvas, [](MainWindow& w) { w.canvas()->selectAll(); }, hasTab, nullptr, true},
    {"edit.select_upstream", "&Edit", QT_TRANSLATE_NOOP("Actions", "Select what feeds it"), "Alt+Shift+Left", Focus::Canvas, [](MainWindow& w) { w.canvas()->selectUpstream(); }, hasNodes},
    {"edit.select_downstream", "&Edit", QT_TRANSLATE_NOOP("Actions", "Select what it feeds"), "Alt+Shift+Right", Focus::Canvas, [](MainWindow& w) { w.canvas()->selectDownstream(); }, hasNodes},
    {"walk.left", "", QT_TRANSLATE_NOOP("Actions", "Go left"), "Left", Focus::Canvas, walk<Way::Left>, hasTab},
    {"walk.right", "", QT_TRANSLATE_NOOP("Actions", "Go right"), "Right", Focus::Canvas, walk<Way::Right>, hasTab},
    {"walk.up", "", QT_TRANSLATE_NOOP("Actions", "Go up"), "Up", Focus::Canvas, walk<Way::Up>, hasTab},
    {"walk.down", "", QT_TRANSLATE_NOOP("Actions", "Go down"), "Down", Focus::Canvas, walk<Way::Down>, hasTab},
    {"edit.find", "&Edit", QT_TRANSLATE_NOOP("Actions", "&Find…"), "Ctrl+F", Focus::Window, [](MainWindow& w) { showFind(w); }, hasTab, nullptr, true},

    {"node.add", QT_TRANSLATE_NOOP("Actions", "&Node"), QT_TRANSLATE_NOOP("Actions", "&Add…"), "Shift+A", Focus::Canvas, [](MainWindow& w) { w.canvas()->openSearch(); }, hasTab},
    {"node.follow", "&Node", QT_TRANSLATE_NOOP("Actions", "Add what &follows…"), "Ctrl+Space", Focus::Canvas, [](MainWindow& w) { w.canvas()->openSearchForSelection(); }, hasNodes},
    {"node.title", "&Node", QT_TRANSLATE_NOOP("Actions", "Edit &title"), "F2", Focus::Canvas, [](MainWindow& w) { w.canvas()->editTitle(); }, hasNodes},
    {"node.rename", "&Node", QT_TRANSLATE_NOOP("Actions", "Re&name…"), "Shift+F2", Focus::Canvas, [](MainWindow& w) { showRename(w); }, hasNodes},
    {"node.type", "&Node", QT_TRANSLATE_NOOP("Actions", "Change t&ype…"), "Shift+S", Focus::Canvas, [](MainWindow& w) { w.canvas()->openSwapSearch(); }, hasNodes},
    {"node.bypass", "&Node", QT_TRANSLATE_NOOP("Actions", "&Bypass"), "M", Focus::Canvas, [](MainWindow& w) { w.canvas()->toggleBypassed(); }, hasNodes, nullptr, true},
    {"node.disable", "&Node", QT_TRANSLATE_NOOP("Actions", "&Disable"), "D", Focus::Canvas, [](MainWindow& w) { w.canvas()->toggleDisabled(); }, hasNodes},
    {"node.connect", "&Node", QT_TRANSLATE_NOOP("Actions", "&Connect the selected"), "Ctrl+L", Focus::Canvas, [](MainWindow& w) { w.canvas()->autoConnect(); }, hasNodes, nullptr, true},
    {"node.disconnect", "&Node", QT_TRANSLATE_NOOP("Actions", "Disc&onnect"), "Ctrl+Shift+L", Focus::Canvas, [](MainWindow& w) { w.canvas()->disconnectSelection(); }, hasNodes},
    {"node.tap1", "&Node/&Look at the rows of", QT_TRANSLATE_NOOP("Actions", "output &1"), "Shift+1", Focus::Canvas, tap<1>, hasNodes},
    {"node.tap2", "&Node/&Look at the rows of", QT_TRANSLATE_NOOP("Actions", "output &2"), "Shift+2", Focus::Canvas, tap<2>, hasNodes},
    {"node.tap3", "&Node/&Look at the rows of", QT_TRANSLATE_NOOP("Actions", "output &3"), "Shift+3", Focus::Canvas, tap<3>, hasNodes},

    {"arrange.layout", QT_TRANSLATE_NOOP("Actions", "Arran&ge"), QT_TRANSLATE_NOOP("Actions", "&Lay out"), "Ctrl+Shift+A", Focus::Canvas, [](MainWindow& w) { w.canvas()->layOut(); }, hasTab},
    {"arrange.cancel", "Arran&ge", QT_TRANSLATE_NOOP("Actions", "&Give up laying out"), "", Focus::Window, [](MainWindow& w) { w.canvas()->cancelLayout(); }, [](const MainWindow& w) { return w.tab() && w.canvas()->isLayingOut(); }},
    {"arrange.straighten", "Arran&ge", QT_TRANSLATE_NOOP("Actions", "&Straighten"), "Q", Focus::Canvas, [](MainWindow& w) { w.canvas()->straightenSelection(); }, hasSelection},
    {"nudge.left", "", QT_TRANSLATE_NOOP("Actions", "Move left"), "Ctrl+Left", Focus::Canvas, nudge<Way::Left, false>, hasNodes},
    {"nudge.right", "", QT_TRANSLATE_NOOP("Actions", "Move right"), "Ctrl+Right", Focus::Canvas, nudge<Way::Right, false>, hasNodes},
    {"nudge.up", "", QT_TRANSLATE_NOOP("Actions", "Move up"), "Ctrl+Up", Focus::Canvas, nudge<Way::Up, false>, hasNodes},
    {"nudge.down", "", QT_TRANSLATE_NOOP("Actions", "Move down"), "Ctrl+Down", Focus::Canvas, nudge<Way::Down, false>, hasNodes},
    {"step.left", "", QT_TRANSLATE_NOOP("Actions", "Move left by a grid step"), "Ctrl+Shift+Left", Focus::Canvas, nudge<Way::Left, true>, hasNodes},
    {"step.right", "", QT_TRANSLATE_NOOP("Actions", "Move right by a grid step"), "Ctrl+Shift+Right", Focus::Canvas, nudge<Way::Right, true>, hasNodes},
    {"step.up", "", QT_TRANSLATE_NOOP("Actions", "Move up by a grid step"), "Ctrl+Shift+Up", Focus::Canvas, nudge<Way::Up, true>, hasNodes},
    {"step.down", "", QT_TRANSLATE_NOOP("Actions", "Move down by a grid step"), "Ctrl+Shift+Down", Focus::Canvas, nudge<Way::Down, true>, hasNodes},
    {"arrange.left", "Arran&ge/&Align", QT_TRANSLATE_NOOP("Actions", "&Left edges"), "Alt+A, L", Focus::Canvas, align<Line::Left>, hasNodes},
    {"arrange.right", "Arran&ge/&Align", QT_TRANSLATE_NOOP("Actions", "&Right edges"), "Alt+A, R", Focus::Canvas, align<Line::Right>, hasNodes},
    {"arrange.top", "Arran&ge/&Align", QT_TRANSLATE_NOOP("Actions", "&Top edges"), "Alt+A, T", Focus::Canvas, align<Line::Top>, hasNodes},
    {"arrange.bottom", "Arran&ge/&Align", QT_TRANSLATE_NOOP("Actions", "&Bottom edges"), "Alt+A, B", Focus::Canvas, align<Line::Bottom>, hasNodes},
    {"arrange.across", "Arran&ge/&Align", QT_TRANSLATE_NOOP("Actions", "&Distribute across"), "Alt+A, H", Focus::Canvas, [](MainWindow& w) { w.canvas()->distribute(Qt::Horizontal); }, hasNodes},
    {"arrange.down", "Arran&ge/&Align", QT_TRANSLATE_NOOP("Actions", "Distribute do&wn"), "Alt+A, V", Focus::Canvas, [](MainWindow& w) { w.canvas()->distribute(Qt::Vertical); }, hasNodes},
    {"arrange.frame", "Arran&ge", QT_TRANSLATE_NOOP("Actions", "&Frame around the selected"), "C", Focus::Canvas, [](MainWindow& w) { w.canvas()->frameSelection(); }, hasTab, nullptr, true},
    {"arrange.note", "Arran&ge", QT_TRANSLATE_NOOP("Actions", "&Note"), "Ctrl+Shift+C", Focus::Canvas, [](MainWindow& w) { w.canvas()->addNote(); }, hasTab},

    {"view.zoom_in", QT_TRANSLATE_NOOP("Actions", "&View"), QT_TRANSLATE_NOOP("Actions", "Zoom &in"), "Ctrl+=; Ctrl++", Focus::Window, [](MainWindow& w) { w.canvas()->zoomIn(); }, hasTab},
    {"view.zoom_out", "&View", QT_TRANSLATE_NOOP("Actions", "Zoom &out"), "Ctrl+-", Focus::Window, [](MainWindow& w) { w.canvas()->zoomOut(); }, hasTab},
    {"view.zoom_100", "&View", QT_TRANSLATE_NOOP("Actions", "&100 %"), "Ctrl+0", Focus::Window, [](MainWindow& w) { w.canvas()->zoomTo(1.0); }, hasTab},
    {"view.fit", "&View", QT_TRANSLATE_NOOP("Actions", "&Fit all"), "Home; Ctrl+1", Focus::Canvas, [](MainWindow& w) { w.canvas()->fitAll(); }, hasTab},
    {"view.fit_selection", "&View", QT_TRANSLATE_NOOP("Actions", "Fit the &selected"), "F", Focus::Canvas, [](MainWindow& w) { w.canvas()->fitSelection(); }, hasSelection},
    {"view.minimap", "&View", QT_TRANSLATE_NOOP("Actions", "&Minimap"), "", Focus::Window, [](MainWindow& w) { w.canvas()->setMinimapVisible(!w.canvas()->isMinimapVisible()); }, hasTab, [](const MainWindow& w) { return w.tab() && w.canvas()->isMinimapVisible(); }},
    {"view.wheel", "&View", QT_TRANSLATE_NOOP("Actions", "The &wheel scrolls, with Ctrl it zooms"), "", Focus::Window, [](MainWindow& w) { w.setWheelScrolls(!w.wheelScrolls()); }, nullptr, [](const MainWindow& w) { return w.wheelScrolls(); }},
    {"view.theme_system", "&View/&Theme", QT_TRANSLATE_NOOP("Actions", "As the &desktop"), "", Focus::Window, &chooseTheme<ThemeHost::Choice::System>, nullptr, &isTheme<ThemeHost::Choice::System>},
    {"view.theme_light", "&View/&Theme", QT_TRANSLATE_NOOP("Actions", "&Light"), "", Focus::Window, &chooseTheme<ThemeHost::Choice::Light>, nullptr, &isTheme<ThemeHost::Choice::Light>},
    {"view.theme_dark", "&View/&Theme", QT_TRANSLATE_NOOP("Actions", "&Dark"), "", Focus::Window, &chooseTheme<ThemeHost::Choice::Dark>, nullptr, &isTheme<ThemeHost::Choice::Dark>},
    {"view.next_pane", "&View", QT_TRANSLATE_NOOP("Actions", "Next pane"), "F6", Focus::Window, [](MainWindow& w) { w.cyclePanes(1); }, nullptr, nullptr, true},
    {"view.previous_pane", "&View", QT_TRANSLATE_NOOP("Actions", "Previous pane"), "Shift+F6", Focus::Window, [](MainWindow& w) { w.cyclePanes(-1); }},
    {"view.next_tab", "&View", QT_TRANSLATE_NOOP("Actions", "Next pipeline"), "Ctrl+Tab", Focus::Window, [](MainWindow& w) { w.showTab(1); }},
    {"view.previous_tab", "&View", QT_TRANSLATE_NOOP("Actions", "Previous pipeline"), "Ctrl+Shift+Tab", Focus::Window, [](MainWindow& w) { w.showTab(-1); }},
    {"view.reset", "&View", QT_TRANSLATE_NOOP("Actions", "&Reset the layout"), "", Focus::Window, [](MainWindow& w) { w.resetLayout(); }, nullptr, nullptr, true},

    {"run.start", QT_TRANSLATE_NOOP("Actions", "&Run"), QT_TRANSLATE_NOOP("Actions", "&Run, or continue from the checkpoint"), "F5", Focus::Window, [](MainWindow& w) { w.startRun(Mode::Run, Begin::Continue); }, isIdle},
    {"run.fresh", "&Run", QT_TRANSLATE_NOOP("Actions", "Start &fresh: the checkpoint is set aside"), "", Focus::Window, [](MainWindow& w) { w.startRun(Mode::Run, Begin::Fresh); }, isIdle},
    {"run.preview", "&Run", QT_TRANSLATE_NOOP("Actions", "Pre&view: nothing is written"), "Ctrl+F5", Focus::Window, [](MainWindow& w) { w.startRun(Mode::Preview, Begin::Fresh); }, isIdle},
    {"run.restart", "&Run", QT_TRANSLATE_NOOP("Actions", "Restart with &changes…"), "Ctrl+Shift+F5", Focus::Window, [](MainWindow& w) { w.restartWithChanges(); }, mayRestart},
    {"run.pause", "&Run", QT_TRANSLATE_NOOP("Actions", "&Pause or go on"), "F8", Focus::Window, [](MainWindow& w) { w.pauseOrResume(); }, isRunning, nullptr, true},
    {"run.step", "&Run", QT_TRANSLATE_NOOP("Actions", "&One batch"), "F10", Focus::Window, [](MainWindow& w) { w.tab()->run().step(); }, [](const MainWindow& w) { return w.tab() && w.tab()->run().isPaused(); }},
    {"run.stop", "&Run", QT_TRANSLATE_NOOP("Actions", "&Stop after this batch"), "Shift+F5", Focus::Window, [](MainWindow& w) { w.tab()->run().stop(StopHow::AfterBatch); }, isRunning, nullptr, true},
    {"run.stop_now", "&Run", QT_TRANSLATE_NOOP("Actions", "Stop at o&nce"), "Ctrl+Alt+F5", Focus::Window, [](MainWindow& w) { w.tab()->run().stop(StopHow::AtOnce); }, isRunning},
    {"run.here", "&Run/&Where it runs", QT_TRANSLATE_NOOP("Actions", "&This window"), "", Focus::Window, [](MainWindow& w) { w.tab()->runHere(); }, isIdle, runsAt<Where::ThisWindow>, true},
    {"run.own", "&Run/&Where it runs", QT_TRANSLATE_NOOP("Actions", "&Own process"), "", Focus::Window, [](MainWindow& w) { w.tab()->runInOwnProcess(); }, isIdle, runsAt<Where::OwnProcess>},
    {"run.attach", "&Run", QT_TRANSLATE_NOOP("Actions", "&Attach to a run…"), "", Focus::Window, [](MainWindow& w) { showAttach(w); }},
    {"run.detach", "&Run", QT_TRANSLATE_NOOP("Actions", "&Detach: it goes on"), "", Focus::Window, [](MainWindow& w) { w.tab()->detach(); }, isAttached},

    {"tools.palette", QT_TRANSLATE_NOOP("Actions", "&Tools"), QT_TRANSLATE_NOOP("Actions", "&Command palette…"), "Ctrl+Shift+P", Focus::Window, showCommandPalette},
    {"tools.keys", "&Tools", QT_TRANSLATE_NOOP("Actions", "Change &keys…"), "", Focus::Window, [](MainWindow& w) { showKeyDialog(w); }},
    {"tools.preferences", "&Tools", QT_TRANSLATE_NOOP("Actions", "&Preferences…"), "Ctrl+,", Focus::Window, [](MainWindow& w) { showPreferences(w); }},

    {"help.keys", QT_TRANSLATE_NOOP("Actions", "&Help"), QT_TRANSLATE_NOOP("Actions", "&Keys"), "F1", Focus::Window, showShortcutSheet},
    {"help.report", "&Help", QT_TRANSLATE_NOOP("Actions", "Copy &report"), "", Focus::Window, copyReport},
    {"help.about", "&Help", QT_TRANSLATE_NOOP("Actions", "&About Streamwright"), "", Focus::Window, [](MainWindow& w) { showAbout(w); }},
};

}

std::span<const ActionSpec> actionSpecs() { return kActions; }

}
