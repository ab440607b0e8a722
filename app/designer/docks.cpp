#include "app/designer/docks.h"

#include "app/designer/main_window.h"
#include "widgets/batches/batches_view.h"
#include "widgets/checkpoints/checkpoints_view.h"
#include "widgets/dashboard/dashboard.h"
#include "widgets/data/data_view.h"
#include "widgets/inspector/inspector.h"
#include "widgets/log/log_view.h"
#include "widgets/monitor/monitor.h"
#include "widgets/palette/palette.h"
#include "widgets/problems/problems.h"

#include <QDockWidget>
#include <QStackedWidget>
#include <QUndoView>
#include <algorithm>

namespace streamwright {

namespace {

constexpr int kPaletteWidth = 216, kInspectorWidth = 300, kNarrowInspectorWidth = 288;
constexpr int kLowerHeight = 320, kShortLowerHeight = 240;
constexpr int kLeastWidth = 160, kLeastHeight = 96;
constexpr int kSmallWindow = 800;
// Of what saveState writes: a layout of another version is not read.
constexpr int kLayoutVersion = 3;

QWidget* makePalette(MainWindow& window, PipelineTab& tab)
{
    auto* palette = new Palette(window.catalog());
    QObject::connect(palette, &Palette::addRequested, &tab.canvas(), [&tab](const QString& type) { tab.canvas().addNode(type.toStdString(), tab.canvas().middle()); });
    return palette;
}

QWidget* makeInspector(MainWindow&, PipelineTab& tab)
{
    auto* inspector = new Inspector();
    inspector->setDocument(&tab.document(), &tab.run());
    return inspector;
}

QWidget* makeData(MainWindow& window, PipelineTab& tab)
{
    auto* view = new DataView(tab.document(), tab.run());
    QObject::connect(&tab.canvas(), &CanvasView::tapRequested, view, [&window, view](const NodeId& node, const QString& port) {
        window.docks().open("data");
        view->open(node, port.toStdString());
    });
    QObject::connect(view, &DataView::announced, &window, [&window](const QString& sentence) { window.say(sentence); });
    return view;
}

QWidget* makeProblems(MainWindow& window, PipelineTab& tab)
{
    auto* view = new Problems();
    view->setDocument(&tab.document());
    QObject::connect(view, &Problems::countsChanged, &window, [&window, &tab](int errors, int warnings) {
        if (window.tab() == &tab) window.docks().setTitle("problems", errors + warnings > 0 ? Docks::tr("Problems %1").arg(errors + warnings) : Docks::tr("Problems"));
    });
    return view;
}

QWidget* makeMonitor(MainWindow& window, PipelineTab& tab)
{
    auto* monitor = new Monitor(tab.document(), tab.run());
    QObject::connect(monitor, &Monitor::batchRequested, &tab, [&window, &tab](int64_t number) {
        if (auto* batches = qobject_cast<BatchesView*>(window.docks().widget("batches", tab))) batches->open(number);
    });
    return monitor;
}

QWidget* makeBatches(MainWindow&, PipelineTab& tab) { return new BatchesView(tab.document(), tab.run()); }

QWidget* makeCheckpoints(MainWindow&, PipelineTab& tab) { return new CheckpointsView(tab.document(), tab.run()); }

QWidget* makeDashboard(MainWindow&, PipelineTab& tab) { return new Dashboard(tab.document(), tab.run()); }

QWidget* makeLog(MainWindow&, PipelineTab& tab) { return new LogView(tab.run()); }

QWidget* makeHistory(MainWindow&, PipelineTab& tab)
{
    auto* view = new QUndoView(&tab.document().undoStack());
    view->setEmptyLabel(Docks::tr("As it was opened"));
    view->setAccessibleName(Docks::tr("Undo history"));
    view->setFrameShape(QFrame::NoFrame);
    return view;
}

const DockSpec kDocks[] = {
    {"palette", QT_TRANSLATE_NOOP("Docks", "Nodes"), Qt::LeftDockWidgetArea, makePalette},
    {"inspector", QT_TRANSLATE_NOOP("Docks", "Inspector"), Qt::RightDockWidgetArea, makeInspector},
    {"monitor", QT_TRANSLATE_NOOP("Docks", "Monitor"), Qt::BottomDockWidgetArea, makeMonitor},
    {"batches", QT_TRANSLATE_NOOP("Docks", "Batches"), Qt::BottomDockWidgetArea, makeBatches},
    {"data", QT_TRANSLATE_NOOP("Docks", "Data"), Qt::BottomDockWidgetArea, makeData},
    {"dashboard", QT_TRANSLATE_NOOP("Docks", "Dashboard"), Qt::BottomDockWidgetArea, makeDashboard},
    {"problems", QT_TRANSLATE_NOOP("Docks", "Problems"), Qt::BottomDockWidgetArea, makeProblems},
    {"checkpoints", QT_TRANSLATE_NOOP("Docks", "Checkpoints"), Qt::BottomDockWidgetArea, makeCheckpoints},
    {"log", QT_TRANSLATE_NOOP("Docks", "Log"), Qt::BottomDockWidgetArea, makeLog},
    {"history", QT_TRANSLATE_NOOP("Docks", "History"), Qt::BottomDockWidgetArea, makeHistory},
};

}

std::span<const DockSpec> dockSpecs() { return kDocks; }

Docks::Docks(MainWindow& window) : QObject(&window), window_(window)
{
    for (const DockSpec& spec : dockSpecs()) {
        Dock dock;
        dock.dock = new QDockWidget(QCoreApplication::translate("Docks", spec.title), &window);
        dock.dock->setObjectName(QString::fromLatin1(spec.id));
        dock.stack = new QStackedWidget(dock.dock);
        // What a dock holds never makes the window grow.
        dock.stack->setMinimumSize(kLeastWidth, kLeastHeight);
        dock.dock->setWidget(dock.stack);
        window.addDockWidget(spec.area, dock.dock);
        dock.dock->hide();
        docks_.emplace(spec.id, dock);
    }
    hidden_ = true;
}

void Docks::add(PipelineTab& tab)
{
    for (const DockSpec& spec : dockSpecs()) {
        Dock& dock = docks_.at(spec.id);
        QWidget* widget = spec.make(window_, tab);
        dock.stack->addWidget(widget);
        dock.widgets[&tab] = widget;
    }
}

void Docks::remove(PipelineTab& tab)
{
    for (auto& [id, dock] : docks_) {
        const auto at = dock.widgets.find(&tab);
        if (at == dock.widgets.end()) continue;
        delete at->second;
        dock.widgets.erase(at);
    }
}

void Docks::show(PipelineTab* tab)
{
    if (!tab) return hideAll();
    for (auto& [id, dock] : docks_) dock.stack->setCurrentWidget(dock.widgets.at(tab));
    bringBack();
}

void Docks::hideAll()
{
    if (std::exchange(hidden_, true)) return;
    layout_ = window_.saveState(kLayoutVersion);
    for (auto& [id, dock] : docks_) dock.dock->hide();
}

// Docks take sizes only in a window that is there.
void Docks::bringBack()
{
    if (!hidden_) return;
    if (!window_.isVisible()) return QTimer::singleShot(0, this, &Docks::bringBack);
    hidden_ = false;
    if (layout_.isEmpty() || !window_.restoreState(layout_, kLayoutVersion)) arrange();
}

QByteArray Docks::layout() const { return hidden_ ? layout_ : window_.saveState(kLayoutVersion); }

void Docks::open(std::string_view id)
{
    QDockWidget* opened = dock(id);
    opened->show();
    opened->raise();
    QWidget* focus = docks_.find(id)->second.stack->currentWidget();
    if (focus) focus->setFocus(Qt::OtherFocusReason);
}

bool Docks::isOpen(std::string_view id) const { return dock(id)->isVisible(); }

void Docks::setTitle(std::string_view id, const QString& title) { dock(id)->setWindowTitle(title); }

QDockWidget* Docks::dock(std::string_view id) const { return docks_.find(id)->second.dock; }

QWidget* Docks::widget(std::string_view id, const PipelineTab& tab) const
{
    const auto& widgets = docks_.find(id)->second.widgets;
    const auto at = widgets.find(&tab);
    return at == widgets.end() ? nullptr : at->second;
}

void Docks::arrange()
{
    QDockWidget* firstBelow = nullptr;
    for (const DockSpec& spec : dockSpecs()) {
        QDockWidget* one = dock(spec.id);
        one->setFloating(false);
        window_.addDockWidget(spec.area, one);
        one->show();
        if (spec.area != Qt::BottomDockWidgetArea) continue;
        if (firstBelow) window_.tabifyDockWidget(firstBelow, one);
        else firstBelow = one;
    }
    firstBelow->raise();
    const bool small = window_.height() < kSmallWindow;
    window_.resizeDocks({dock("palette"), dock("inspector")}, {kPaletteWidth, small ? kNarrowInspectorWidth : kInspectorWidth}, Qt::Horizontal);
    window_.resizeDocks({firstBelow}, {small ? kShortLowerHeight : std::max(kLowerHeight, window_.height() * 3 / 10)}, Qt::Vertical);
}

}
