#include "widgets/checkpoints/state_choice.h"

namespace streamwright {

namespace {

QString textOf(const StateInfo& state)
{
    const QString node = QString::fromStdString(state.identity.node.name);
    return state.identity.name.empty() || state.identity.name == "state" ? node : QStringLiteral("%1.%2").arg(node, QString::fromStdString(state.identity.name));
}

}

StateChoice::StateChoice(QWidget* parent) : QComboBox(parent)
{
    setAccessibleName(tr("State"));
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
}

void StateChoice::setStates(const std::vector<StateInfo>& states)
{
    const QSignalBlocker quiet(this);
    const QString chosen = currentText();
    clear();
    for (const StateInfo& state : states) addItem(textOf(state), QStringList{QString::fromStdString(state.identity.node.name), QString::fromStdString(state.identity.name)});
    if (count() > 0) setCurrentIndex(std::max(0, findText(chosen)));
}

NodeId StateChoice::node() const
{
    const QStringList which = currentData().toStringList();
    return NodeId{which.value(0).toStdString()};
}

std::string StateChoice::state() const { return currentData().toStringList().value(1).toStdString(); }

}
