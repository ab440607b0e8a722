// The docks around the canvas, from one table: a widget of each for every tab, the shown tab's on top. UI thread.
#pragma once
#include <QByteArray>
#include <QObject>
#include <map>
#include <span>
#include <string>

class QDockWidget;
class QMainWindow;
class QStackedWidget;
class QWidget;

namespace streamwright {

class PipelineTab;
class MainWindow;

struct DockSpec {
    const char* id;                     // "monitor"; the layout is saved by it
    const char* title;                  // "Monitor"
    Qt::DockWidgetArea area;
    QWidget* (*make)(MainWindow& window, PipelineTab& tab);
};
std::span<const DockSpec> dockSpecs();

class Docks : public QObject {
    Q_OBJECT

public:
    explicit Docks(MainWindow& window);

    void add(PipelineTab& tab);
    void remove(PipelineTab& tab);
    void show(PipelineTab* tab);        // null: docks are hidden
    // The arrangement, also while docks are hidden; restored with the next tab that is shown.
    QByteArray layout() const;
    void setLayout(const QByteArray& layout) { layout_ = layout; }
    // Opens a dock, brings it to the front, gives it the focus.
    void open(std::string_view id);
    bool isOpen(std::string_view id) const;
    void setTitle(std::string_view id, const QString& title);
    QWidget* widget(std::string_view id, const PipelineTab& tab) const;
    QDockWidget* dock(std::string_view id) const;
    // As on the first start, for the window's size.
    void arrange();

private:
    struct Dock {
        QDockWidget* dock = nullptr;
        QStackedWidget* stack = nullptr;
        std::map<const PipelineTab*, QWidget*> widgets;
    };
    void hideAll();
    void bringBack();

    MainWindow& window_;
    std::map<std::string, Dock, std::less<>> docks_;
    QByteArray layout_;                 // while hidden; empty: as on the first start
    bool hidden_ = false;
};

}
