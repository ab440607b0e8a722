#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QMenu>
#include <QPushButton>
#include <QTreeWidget>

namespace streamwright {

namespace {

// What the mouse does, and keys that no verb stands for.
const std::pair<const char*, const char*> kGestures[] = {
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Add a node"), QT_TRANSLATE_NOOP("ShortcutSheet", "Space, Tab or double click on the canvas; or drag from the palette")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Pan"), QT_TRANSLATE_NOOP("ShortcutSheet", "Middle drag, or Space and drag")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Zoom at the pointer"), QT_TRANSLATE_NOOP("ShortcutSheet", "Wheel")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Select"), QT_TRANSLATE_NOOP("ShortcutSheet", "Drag; Shift adds, Ctrl toggles")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Connect"), QT_TRANSLATE_NOOP("ShortcutSheet", "Drag from port to port, or click both; onto the empty canvas: what fits")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Cut wires"), QT_TRANSLATE_NOOP("ShortcutSheet", "Ctrl and right drag")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Copy a node"), QT_TRANSLATE_NOOP("ShortcutSheet", "Ctrl and drag it")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Look at the rows of a wire"), QT_TRANSLATE_NOOP("ShortcutSheet", "Ctrl+Shift and click it")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Bend a wire"), QT_TRANSLATE_NOOP("ShortcutSheet", "Double click it")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Walk along wires"), QT_TRANSLATE_NOOP("ShortcutSheet", "Arrow keys")},
    {QT_TRANSLATE_NOOP("ShortcutSheet", "Give up what is begun"), QT_TRANSLATE_NOOP("ShortcutSheet", "Esc")},
};

void addRow(QTreeWidgetItem* group, const QString& what, const QString& keys) { new QTreeWidgetItem(group, {what, keys}); }

void fill(QTreeWidget& tree, const Actions& actions)
{
    std::map<QString, QTreeWidgetItem*> groups;
    for (const ActionSpec& spec : actionSpecs()) {
        const QAction* action = actions.find(spec.id);
        if (action->shortcuts().isEmpty()) continue;
        const QMenu* shown = actions.menu(QString::fromUtf8(spec.menu).section(QLatin1Char('/'), 0, 0));
        const QString menu = shown ? plainText(shown->title()) : MainWindow::tr("On the canvas");
        QTreeWidgetItem*& group = groups[menu];
        if (!group) group = new QTreeWidgetItem(&tree, {menu});
        addRow(group, plainText(action->text()), QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText));
    }
    auto* mouse = new QTreeWidgetItem(&tree, {MainWindow::tr("With the mouse")});
    for (const auto& [what, how] : kGestures) addRow(mouse, QCoreApplication::translate("ShortcutSheet", what), QCoreApplication::translate("ShortcutSheet", how));
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
    const QPushButton* change = buttons->addButton(MainWindow::tr("Change keys…"), QDialogButtonBox::ActionRole);
    QObject::connect(change, &QPushButton::clicked, sheet, [sheet, &window] {
        sheet->close();
        showKeyDialog(window);
    });
    QObject::connect(buttons, &QDialogButtonBox::rejected, sheet, &QDialog::reject);
    layout->addWidget(tree);
    layout->addWidget(buttons);
    sheet->resize(640, 640);
    sheet->show();
}

}
