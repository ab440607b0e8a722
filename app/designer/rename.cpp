#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"
#include "engine/pipeline/document_json.h"

#include <QInputDialog>

namespace streamwright {

namespace {

QString whatItCosts(const PipelineTab& tab, const NodeId& node)
{
    const NodeType* type = tab.document().typeOf(node);
    if (type && type->spec.stateful) return MainWindow::tr("The name identifies the node's kept state and history. The old name is remembered in `was`, so that the state is carried over.");
    return MainWindow::tr("The name identifies the node's history. What people read is the title (F2), which can be anything.");
}

}

void showRename(MainWindow& window)
{
    PipelineTab& tab = *window.tab();
    const auto node = tab.document().selection().only();
    if (!node) return window.say(MainWindow::tr("Select one node to rename it"));
    bool accepted = false;
    const QString name = QInputDialog::getText(&window, MainWindow::tr("Rename %1").arg(QString::fromStdString(node->name)), whatItCosts(tab, *node), QLineEdit::Normal, QString::fromStdString(node->name), &accepted);
    if (!accepted || name.toStdString() == node->name) return;
    const NodeId wanted{name.toStdString()};
    if (!isNodeName(wanted.name)) return window.say(MainWindow::tr("A name begins with a small letter and has small letters, digits and _ only"));
    if (tab.document().node(wanted)) return window.say(MainWindow::tr("There is a node called %1 already").arg(name));
    tab.document().apply(renameNode(tab.document().document(), *node, wanted), MainWindow::tr("Rename %1 to %2").arg(QString::fromStdString(node->name), name));
    tab.document().selection().setNodes({wanted});
}

}
