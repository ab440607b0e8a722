// Every verb of the designer, in one table: menus, the command palette, the shortcut sheet and rebinding derive
// from it. The canvas stands in the window and hears its keys too: a key belongs to one verb (a test refuses more).
// UI thread.
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
// "Save as…" of "Save &as…".
QString plainText(QString label);

class Actions : public QObject {
    Q_OBJECT

public:
    explicit Actions(MainWindow& window);
    ~Actions() override;

    void fill(QMenuBar& bar);
    QMenu* menu(const QString& path) const;     // "&View", as in the table; once filled
    QAction* find(std::string_view id) const;
    const std::map<std::string, QAction*, std::less<>>& all() const { return actions_; }
    // Adds the canvas's own actions to it, so that their keys work while it has the focus.
    void addTo(QWidget& canvas) const;
    // The canvas's context menu: its verbs that can be done now, in the order of the table.
    QMenu* menuFor(ActionSpec::Focus focus);
    // What can be done now: after each change of selection, document or run.
    void refresh();
    // The user's own keys, also none; kept in the settings. Refused is what conflict() names.
    bool rebind(std::string_view id, const QList<QKeySequence>& keys);
    // Those of the table again; false if another verb has one of them by now.
    bool resetKeys(std::string_view id);
    // What hears one of the keys already, or the beginning of one, for people: "Save", "the menu Edit"; empty: nothing.
    QString conflict(std::string_view id, const QList<QKeySequence>& keys) const;
    static QList<QKeySequence> tableKeys(const ActionSpec& spec);

Q_SIGNALS:
    void keysChanged();

private:
    QAction* make(const ActionSpec& spec);

    MainWindow& window_;
    std::map<std::string, QAction*, std::less<>> actions_;
    std::map<QString, QMenu*> menus_;
    std::unique_ptr<QMenu> context_;
};

}
