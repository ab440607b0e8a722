#include "app/designer/run_bar.h"

#include "app/designer/actions.h"
#include "app/designer/pipeline_tab.h"
#include "widgets/theme/style.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

namespace streamwright {

// The state by colour and by shape: a dot while all is well, a triangle while it waits, a cross when it failed.
class StateDot : public QWidget {
public:
    explicit StateDot(QWidget* parent) : QWidget(parent) { setFixedSize(12, 12); }
    void show(const RunController* run)
    {
        run_ = run;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Theme& theme = Theme::current();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        if (!run_ || !run_->snapshot().run) return dot(painter, theme.disabled);
        switch (run_->state()) {
        case RunState::Failed: return cross(painter, theme.error);
        case RunState::Waiting: return triangle(painter, theme.warning);
        case RunState::Paused: return dot(painter, theme.warning);
        case RunState::Finished:
        case RunState::Stopped: return dot(painter, theme.secondary);
        default: return dot(painter, theme.ok);
        }
    }

private:
    static void dot(QPainter& painter, const QColor& color)
    {
        painter.setBrush(color);
        painter.drawEllipse(QRectF(1.5, 1.5, 9, 9));
    }
    static void triangle(QPainter& painter, const QColor& color)
    {
        painter.setBrush(color);
        painter.drawPolygon(QPolygonF({QPointF(6, 1), QPointF(11.5, 11), QPointF(0.5, 11)}));
    }
    static void cross(QPainter& painter, const QColor& color)
    {
        painter.setPen(QPen(color, 2));
        painter.drawLine(QPointF(2, 2), QPointF(10, 10));
        painter.drawLine(QPointF(10, 2), QPointF(2, 10));
    }

    const RunController* run_ = nullptr;
};

namespace {

constexpr int kStateWidth = 340;

// The action with a short text of its own; enabled as it.
QToolButton* buttonOf(QAction* action, const QString& icon, const QString& text, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setIcon(actionIcon(icon));
    button->setText(text);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setFocusPolicy(Qt::TabFocus);
    const auto follow = [button, action] {
        const QString what = plainText(action->text());
        const QString key = action->shortcut().toString(QKeySequence::NativeText);
        button->setToolTip(key.isEmpty() ? what : QStringLiteral("%1 (%2)").arg(what, key));
        button->setEnabled(action->isEnabled());
    };
    QObject::connect(button, &QToolButton::clicked, action, &QAction::trigger);
    QObject::connect(action, &QAction::changed, button, follow);
    follow();
    return button;
}

}

RunBar::RunBar(const Actions& actions, QWidget* parent) : QWidget(parent)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(measure::kSmall, measure::kTiny, measure::kSmall, measure::kTiny);
    layout->setSpacing(measure::kSmall);
    buildRun(actions);
    buildWhere(actions);
    buildState();
    show(nullptr);
}

void RunBar::buildRun(const Actions& actions)
{
    run_ = buttonOf(actions.find("run.start"), QStringLiteral("media-playback-start"), tr("Run"), this);
    run_->setPopupMode(QToolButton::MenuButtonPopup);
    run_->setProperty(kAccentProperty, true);
    auto* menu = new QMenu(run_);
    for (const char* id : {"run.start", "run.fresh", "run.preview"}) menu->addAction(actions.find(id));
    run_->setMenu(menu);
    fresh_ = buttonOf(actions.find("run.fresh"), QStringLiteral("media-playback-start"), tr("Start fresh"), this);
    stop_ = buttonOf(actions.find("run.stop"), QStringLiteral("media-playback-stop"), tr("Stop"), this);
    pause_ = buttonOf(actions.find("run.pause"), QStringLiteral("media-playback-pause"), tr("Pause"), this);
    step_ = buttonOf(actions.find("run.step"), QStringLiteral("media-skip-forward"), tr("Step"), this);
    restart_ = buttonOf(actions.find("run.restart"), QStringLiteral("view-refresh"), tr("Restart with changes"), this);
    for (QToolButton* button : {run_, fresh_, stop_, pause_, step_, restart_}) layout()->addWidget(button);
}

void RunBar::buildWhere(const Actions& actions)
{
    where_ = new QToolButton(this);
    where_->setToolButtonStyle(Qt::ToolButtonTextOnly);
    where_->setPopupMode(QToolButton::InstantPopup);
    where_->setFocusPolicy(Qt::TabFocus);
    where_->setToolTip(tr("Where it runs"));
    where_->setAccessibleDescription(tr("Where it runs"));
    auto* menu = new QMenu(where_);
    for (const char* id : {"run.here", "run.own", "run.attach", "run.detach"}) menu->addAction(actions.find(id));
    where_->setMenu(menu);
    layout()->addWidget(where_);
}

void RunBar::buildState()
{
    dot_ = new StateDot(this);
    state_ = new QLabel(this);
    state_->setAccessibleDescription(tr("State of the run"));
    state_->setTextFormat(Qt::PlainText);
    // The same for every text, so that no button moves while it is clicked.
    state_->setFixedWidth(kStateWidth);
    layout()->addWidget(dot_);
    layout()->addWidget(state_);
}

void RunBar::show(PipelineTab* tab)
{
    if (tab_) {
        tab_->disconnect(this);
        tab_->run().disconnect(this);
    }
    tab_ = tab;
    dot_->show(tab ? &tab->run() : nullptr);
    if (tab) {
        connect(tab, &PipelineTab::changed, this, &RunBar::refresh);
        connect(&tab->run(), &RunController::snapshotChanged, this, &RunBar::refresh);
    }
    refresh();
}

void RunBar::refresh()
{
    const bool running = tab_ && tab_->run().isRunning();
    const bool goesOn = !running && tab_ && tab_->hasCheckpoint();
    run_->setVisible(!running);
    run_->setText(goesOn ? tr("Continue") : tr("Run"));
    fresh_->setVisible(goesOn);
    stop_->setVisible(running);
    pause_->setText(tab_ && tab_->run().isPaused() ? tr("Go on") : tr("Pause"));
    restart_->setVisible(tab_ && tab_->isOutdated() && tab_->mayRestart());
    if (tab_) where_->setText(tab_->whereText());
    QString text = tab_ ? tab_->stateText() : QString();
    if (tab_ && tab_->isOutdated()) text = tr("Running an earlier version");
    if (running && tab_->run().snapshot().mode == StartRequest::Mode::Preview) text = tr("Preview · ") + text;
    if (running && !tab_->run().snapshot().controls) text += tr(" · another viewer controls it");
    const QString shown = state_->fontMetrics().elidedText(text, Qt::ElideRight, kStateWidth);
    if (state_->text() != shown) state_->setText(shown);
    state_->setToolTip(text);
    state_->setAccessibleName(text);
    dot_->update();
}

}
