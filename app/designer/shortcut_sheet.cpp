#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QTreeWidget>

namespace streamwright {

namespace {

// What the mouse does, and keys that no verb stands for.
const std::pair<const char*, const char*> kGestures[] = {
    {QT_TR_NOOP("Add a node"), QT_TR_NOOP("Space, Tab or double click on the canvas; or drag from the palette")},
    {QT_TR_NOOP("Pan"), QT_TR_NOOP("Middle drag, or Space and drag")},
    {QT_TR_NOOP("Zoom at the pointer"), QT_TR_NOOP("Wheel")},
    {QT_TR_NOOP("Select"), QT_TR_NOOP("Drag; Shift adds, Ctrl toggles")},
    {QT_TR_NOOP("Connect"), QT_TR_NOOP("Drag from port to port, or click both; onto the empty canvas: what fits")},
    {QT_TR_NOOP("Cut wires"), QT_TR_NOOP("Ctrl and right drag")},
    {QT_TR_NOOP("Copy a node"), QT_TR_NOOP("Ctrl and drag it")},
    {QT_TR_NOOP("Look at the rows of a wire"), QT_TR_NOOP("Ctrl+Shift and click it")},
    {QT_TR_NOOP("Bend a wire"), QT_TR_NOOP("Double click it")},
    {QT_TR_NOOP("Walk along wires"), QT_TR_NOOP("Arrow keys")},
    {QT_TR_NOOP("Give up what is begun"), QT_TR_NOOP("Esc")},
};

void addRow(QTreeWidgetItem* group, const QString& what, const QString& keys) { new QTreeWidgetItem(group, {what, keys}); }

void fill(QTreeWidget& tree, const Actions& actions)
{
    std::map<QString, QTreeWidgetItem*> groups;
    for (const ActionSpec& spec : actionSpecs()) {
        const QAction* action = actions.find(spec.id);
        if (action->shortcuts().isEmpty()) continue;
        const QString menu = QString::fromUtf8(spec.menu).section(QLatin1Char('/'), 0, 0).remove(QLatin1Char('&'));
        QTreeWidgetItem*& group = groups[menu];
        if (!group) group = new QTreeWidgetItem(&tree, {menu});
        addRow(group, action->text().remove(QLatin1Char('&')), QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText));
    }
    auto* mouse = new QTreeWidgetItem(&tree, {MainWindow::tr("On the canvas")});
    for (const auto& [what, how] : kGestures) addRow(mouse, MainWindow::tr(what), MainWindow::tr(how));
    tree.expandAll();
}

}

void showShortcutSheet(MainWindow& window)
{
    auto* sheet = new QDialog(&window);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->setWindowTitle(MainWindow::tr("Keys"));
    auto* layout = new QVBoxLayout(sheet);
    auto* tree = new QTreeWidget(sheet);
    tree->setColumnCount(2);
    tree->setHeaderHidden(true);
    tree->setRootIsDecorated(false);
    tree->setAccessibleName(MainWindow::tr("Keys"));
    fill(*tree, window.actions());
    tree->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, sheet);
    QObject::connect(buttons, &QDialogButtonBox::rejected, sheet, &QDialog::reject);
    layout->addWidget(tree);
    layout->addWidget(buttons);
    sheet->resize(640, 640);
    sheet->show();
}

}
