#include "app/designer/actions.h"

#include "app/designer/main_window.h"

#include <QMenu>
#include <QMenuBar>
#include <QSettings>

namespace streamwright {

namespace {

const ActionSpec* specOf(std::string_view id)
{
    const auto specs = actionSpecs();
    const auto at = std::ranges::find(specs, id, &ActionSpec::id);
    return at == specs.end() ? nullptr : &*at;
}

QString settingOf(std::string_view id) { return QStringLiteral("keys/") + QString::fromUtf8(id.data(), static_cast<qsizetype>(id.size())); }

}

Actions::Actions(MainWindow& window) : QObject(&window), window_(window)
{
    for (const ActionSpec& spec : actionSpecs()) actions_.emplace(spec.id, make(spec));
}

Actions::~Actions() = default;

QAction* Actions::make(const ActionSpec& spec)
{
    auto* action = new QAction(tr(spec.text), this);
    action->setObjectName(QString::fromLatin1(spec.id));
    const QString own = QSettings().value(settingOf(spec.id)).toString();
    action->setShortcuts(QKeySequence::listFromString(own.isEmpty() ? QString::fromLatin1(spec.keys) : own, QKeySequence::PortableText));
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
    std::map<QString, QMenu*> menus;
    for (const ActionSpec& spec : actionSpecs()) {
        QMenu* menu = nullptr;
        QString path;
        for (const QString& part : QString::fromUtf8(spec.menu).split(QLatin1Char('/'), Qt::SkipEmptyParts)) {
            path += QLatin1Char('/') + part;
            QMenu*& known = menus[path];
            if (!known) known = menu ? menu->addMenu(tr(part.toUtf8().constData())) : bar.addMenu(tr(part.toUtf8().constData()));
            menu = known;
        }
        if (!menu) continue;
        if (spec.separated) menu->addSeparator();
        menu->addAction(actions_.at(spec.id));
    }
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

void Actions::rebind(std::string_view id, const QList<QKeySequence>& keys)
{
    const ActionSpec* spec = specOf(id);
    if (!spec) return;
    if (keys.isEmpty()) QSettings().remove(settingOf(id));
    else QSettings().setValue(settingOf(id), QKeySequence::listToString(keys, QKeySequence::PortableText));
    actions_.at(spec->id)->setShortcuts(keys.isEmpty() ? QKeySequence::listFromString(QString::fromLatin1(spec->keys), QKeySequence::PortableText) : keys);
}

std::optional<std::string> Actions::conflict(std::string_view id, const QList<QKeySequence>& keys) const
{
    for (const auto& [other, action] : actions_) {
        if (other == id) continue;
        for (const QKeySequence& key : action->shortcuts()) {
            if (keys.contains(key)) return other;
        }
    }
    return std::nullopt;
}

}
