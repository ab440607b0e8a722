// Every verb of the designer, in one table: menus, the command palette, the shortcut sheet and rebinding derive
// from it. A key may stand once in the window and once more in the canvas, nowhere twice (a test refuses it). UI
// thread.
#pragma once
#include <QAction>
#include <QKeySequence>
#include <QObject>
#include <map>
#include <memory>
#include <span>

class QMenu;
class QMenuBar;

namespace streamwright {

class MainWindow;

struct ActionSpec {
    // Where the keyboard must be for its keys.
    enum class Focus : unsigned char { Window, Canvas };

    const char* id;                     // "edit.undo"; settings keep it
    const char* menu;                   // "&Edit"; a submenu after a slash: "&Edit/Align"
    const char* text;                   // "&Undo"
    const char* keys;                   // "Ctrl+Y; Ctrl+Shift+Z" (portable text); empty if none
    Focus focus = Focus::Window;
    void (*run)(MainWindow& window) = nullptr;
    bool (*enabled)(const MainWindow& window) = nullptr;    // null: always
    bool (*checked)(const MainWindow& window) = nullptr;    // null: cannot be checked
    bool separated = false;             // a line above it in the menu
};
std::span<const ActionSpec> actionSpecs();

class Actions : public QObject {
    Q_OBJECT

public:
    explicit Actions(MainWindow& window);
    ~Actions() override;

    void fill(QMenuBar& bar);
    QAction* find(std::string_view id) const;
    const std::map<std::string, QAction*, std::less<>>& all() const { return actions_; }
    // Adds the canvas's own actions to it, so that their keys work while it has the focus.
    void addTo(QWidget& canvas) const;
    // The canvas's context menu: its verbs that can be done now, in the order of the table.
    QMenu* menuFor(ActionSpec::Focus focus);
    // What can be done now: after each change of selection, document or run.
    void refresh();
    // The user's own keys; empty: those of the table. Kept in the settings.
    void rebind(std::string_view id, const QList<QKeySequence>& keys);
    // The id that uses one of the keys in the same or a wider focus, if any.
    std::optional<std::string> conflict(std::string_view id, const QList<QKeySequence>& keys) const;

private:
    QAction* make(const ActionSpec& spec);

    MainWindow& window_;
    std::map<std::string, QAction*, std::less<>> actions_;
    std::unique_ptr<QMenu> context_;
};

}
