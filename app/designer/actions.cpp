#include "app/designer/actions.h"

#include "app/designer/main_window.h"

#include <QMenu>
#include <QMenuBar>
#include <QSettings>

namespace streamwright {

QString plainText(QString label) { return label.remove(QLatin1Char('&')); }

namespace {

const ActionSpec* specOf(std::string_view id)
{
    const auto specs = actionSpecs();
    const auto at = std::ranges::find(specs, id, &ActionSpec::id);
    return at == specs.end() ? nullptr : &*at;
}

// As long as one may still become the other, neither is heard alone.
bool clash(const QKeySequence& a, const QKeySequence& b) { return !a.isEmpty() && !b.isEmpty() && (a.matches(b) != QKeySequence::NoMatch || b.matches(a) != QKeySequence::NoMatch); }

QList<QKeySequence> keysOf(const QString& text)
{
    // Of an empty text Qt makes a list of one empty key.
    return text.isEmpty() ? QList<QKeySequence>() : QKeySequence::listFromString(text, QKeySequence::PortableText);
}

QString translated(const char* text) { return QCoreApplication::translate("Actions", text); }

QString settingOf(std::string_view id) { return QStringLiteral("keys/") + QString::fromUtf8(id.data(), static_cast<qsizetype>(id.size())); }

}

Actions::Actions(MainWindow& window) : QObject(&window), window_(window)
{
    for (const ActionSpec& spec : actionSpecs()) actions_.emplace(spec.id, make(spec));
}

Actions::~Actions() = default;

QAction* Actions::make(const ActionSpec& spec)
{
    auto* action = new QAction(translated(spec.text), this);
    action->setObjectName(QString::fromLatin1(spec.id));
    const QVariant own = QSettings().value(settingOf(spec.id));
    action->setShortcuts(own.isValid() ? keysOf(own.toString()) : tableKeys(spec));
    action->setShortcutContext(spec.focus == ActionSpec::Focus::Window ? Qt::WindowShortcut : Qt::WidgetWithChildrenShortcut);
    action->setCheckable(spec.checked != nullptr);
    connect(action, &QAction::triggered, this, [this, &spec] {
        spec.run(window_);
        refresh();
    });
    if (spec.focus == ActionSpec::Focus::Window) window_.addAction(action);
    return action;
}

// Menus in the order in which the table first names them.
void Actions::fill(QMenuBar& bar)
{
    for (const ActionSpec& spec : actionSpecs()) {
        QMenu* menu = nullptr;
        QString path;
        for (const QString& part : QString::fromUtf8(spec.menu).split(QLatin1Char('/'), Qt::SkipEmptyParts)) {
            path += (path.isEmpty() ? QString() : QStringLiteral("/")) + part;
            QMenu*& known = menus_[path];
            const QString title = translated(part.toUtf8().constData());
            if (!known) known = menu ? menu->addMenu(title) : bar.addMenu(title);
            menu = known;
        }
        if (!menu) continue;
        if (spec.separated) menu->addSeparator();
        menu->addAction(actions_.at(spec.id));
    }
}

QMenu* Actions::menu(const QString& path) const
{
    const auto at = menus_.find(path);
    return at == menus_.end() ? nullptr : at->second;
}

QAction* Actions::find(std::string_view id) const
{
    const auto at = actions_.find(id);
    return at == actions_.end() ? nullptr : at->second;
}

void Actions::addTo(QWidget& canvas) const
{
    for (const ActionSpec& spec : actionSpecs()) {
        if (spec.focus == ActionSpec::Focus::Canvas) canvas.addAction(actions_.at(spec.id));
    }
}

QMenu* Actions::menuFor(ActionSpec::Focus focus)
{
    refresh();
    context_ = std::make_unique<QMenu>();
    QString last;
    for (const ActionSpec& spec : actionSpecs()) {
        QAction* action = actions_.at(spec.id);
        const QString menu = QString::fromUtf8(spec.menu);
        if (spec.focus != focus || menu.isEmpty() || !action->isEnabled()) continue;
        if (!last.isEmpty() && menu.section(QLatin1Char('/'), 0, 0) != last) context_->addSeparator();
        last = menu.section(QLatin1Char('/'), 0, 0);
        if (!menu.contains(QLatin1Char('/'))) context_->addAction(action);
    }
    return context_.get();
}

void Actions::refresh()
{
    for (const ActionSpec& spec : actionSpecs()) {
        QAction* action = actions_.at(spec.id);
        if (spec.enabled) action->setEnabled(spec.enabled(window_));
        if (spec.checked) action->setChecked(spec.checked(window_));
    }
}

QList<QKeySequence> Actions::tableKeys(const ActionSpec& spec) { return keysOf(QString::fromLatin1(spec.keys)); }

bool Actions::rebind(std::string_view id, const QList<QKeySequence>& keys)
{
    if (!specOf(id) || !conflict(id, keys).isEmpty()) return false;
    // An empty text is the wish for no key.
    QSettings().setValue(settingOf(id), QKeySequence::listToString(keys, QKeySequence::PortableText));
    find(id)->setShortcuts(keys);
    Q_EMIT keysChanged();
    return true;
}

bool Actions::resetKeys(std::string_view id)
{
    const ActionSpec* spec = specOf(id);
    if (!spec || !conflict(id, tableKeys(*spec)).isEmpty()) return false;
    QSettings().remove(settingOf(id));
    find(id)->setShortcuts(tableKeys(*spec));
    Q_EMIT keysChanged();
    return true;
}

QString Actions::conflict(std::string_view id, const QList<QKeySequence>& keys) const
{
    for (const QKeySequence& key : keys) {
        for (const auto& [other, action] : actions_) {
            const QList<QKeySequence> taken = action->shortcuts();
            if (other != id && std::ranges::any_of(taken, [&](const QKeySequence& one) { return clash(one, key); })) return plainText(action->text());
        }
        for (const auto& [path, menu] : menus_) {
            if (!path.contains(QLatin1Char('/')) && clash(QKeySequence::mnemonic(menu->title()), key)) return tr("the menu %1").arg(plainText(menu->title()));
        }
    }
    return {};
}

}
