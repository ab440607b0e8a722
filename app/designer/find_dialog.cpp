#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"
#include "widgets/document/find.h"

#include <QDialog>
#include <QLineEdit>
#include <QTreeWidget>

namespace streamwright {

namespace {

// Names, options and values that hold the text; choosing one shows it on the canvas and in the inspector.
class FindDialog : public QDialog {
public:
    explicit FindDialog(MainWindow& window) : QDialog(&window), window_(window)
    {
        setWindowTitle(MainWindow::tr("Find in the pipeline"));
        auto* layout = new QVBoxLayout(this);
        layout->addWidget(wanted_ = new QLineEdit(this));
        layout->addWidget(hits_ = new QTreeWidget(this));
        wanted_->setPlaceholderText(MainWindow::tr("A part of a name, an option or a value"));
        wanted_->setAccessibleName(MainWindow::tr("Find"));
        hits_->setHeaderLabels({MainWindow::tr("Node"), MainWindow::tr("Field"), MainWindow::tr("Text")});
        hits_->setRootIsDecorated(false);
        hits_->setAccessibleName(MainWindow::tr("Found"));
        connect(wanted_, &QLineEdit::textChanged, this, [this] { fill(); });
        connect(wanted_, &QLineEdit::returnPressed, this, [this] { showHit(hits_->topLevelItem(0)); });
        connect(hits_, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) { showHit(item); });
        connect(hits_, &QTreeWidget::itemClicked, this, [this](QTreeWidgetItem* item) { showHit(item); });
        resize(560, 360);
    }

private:
    void fill()
    {
        hits_->clear();
        if (!window_.tab() || wanted_->text().isEmpty()) return;
        for (const FoundText& found : streamwright::find(window_.tab()->document().document(), wanted_->text())) {
            auto* item = new QTreeWidgetItem(hits_, {QString::fromStdString(found.id), found.field, found.text});
            item->setData(0, Qt::UserRole, static_cast<int>(found.place));
        }
    }
    void showHit(const QTreeWidgetItem* item)
    {
        if (!item || !window_.tab()) return;
        const NodeId node{item->text(0).toStdString()};
        if (static_cast<FoundText::Place>(item->data(0, Qt::UserRole).toInt()) != FoundText::Place::Node) return;
        window_.canvas()->reveal(node);
        if (!item->text(1).isEmpty()) window_.tab()->document().selection().reveal(node, item->text(1));
    }

    MainWindow& window_;
    QLineEdit* wanted_;
    QTreeWidget* hits_;
};

}

void showFind(MainWindow& window)
{
    auto* dialog = new FindDialog(window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

}
