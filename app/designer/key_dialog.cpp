#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTreeWidget>

namespace streamwright {

namespace {

constexpr int kIdRole = Qt::UserRole;

// The verbs of the table with their keys; the selected one takes another key, none, or those of the table.
class KeyDialog : public QDialog {
public:
    explicit KeyDialog(MainWindow& window) : QDialog(&window), actions_(window.actions())
    {
        setWindowTitle(MainWindow::tr("Change keys"));
        setObjectName(QStringLiteral("keyDialog"));
        auto* layout = new QVBoxLayout(this);
        layout->addWidget(search_ = new QLineEdit(this));
        search_->setPlaceholderText(MainWindow::tr("A part of a command's name, or a key"));
        search_->setAccessibleName(MainWindow::tr("Search commands"));
        layout->addWidget(verbs_ = new QTreeWidget(this));
        buildVerbs();
        layout->addLayout(buildKey());
        layout->addWidget(problem_ = new QLabel(this));
        problem_->setWordWrap(true);
        problem_->setAccessibleDescription(MainWindow::tr("Why a key was refused"));
        layout->addWidget(buildButtons());
        connect(search_, &QLineEdit::textChanged, this, [this] { filter(); });
        connect(&actions_, &Actions::keysChanged, this, [this] { refresh(); });
        resize(640, 560);
        select();
    }

private:
    void buildVerbs()
    {
        verbs_->setHeaderLabels({MainWindow::tr("Command"), MainWindow::tr("Keys"), MainWindow::tr("Menu")});
        verbs_->setRootIsDecorated(false);
        verbs_->setAccessibleName(MainWindow::tr("Commands"));
        for (const ActionSpec& spec : actionSpecs()) {
            const QMenu* menu = actions_.menu(QString::fromUtf8(spec.menu));
            auto* item = new QTreeWidgetItem(verbs_, {plainText(actions_.find(spec.id)->text()), {}, menu ? plainText(menu->title()) : QString()});
            item->setData(0, kIdRole, QString::fromLatin1(spec.id));
        }
        refresh();
        verbs_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
        verbs_->setCurrentItem(verbs_->topLevelItem(0));
        connect(verbs_, &QTreeWidget::currentItemChanged, this, [this] { select(); });
    }

    QLayout* buildKey()
    {
        auto* row = new QHBoxLayout;
        row->addWidget(key_ = new QKeySequenceEdit(this), 1);
        key_->setAccessibleName(MainWindow::tr("New key"));
        row->addWidget(set_ = button(MainWindow::tr("Use this key"), [this] { setKeys({key_->keySequence()}); }));
        row->addWidget(add_ = button(MainWindow::tr("Add it"), [this] { setKeys(keys() + QList{key_->keySequence()}); }));
        row->addWidget(none_ = button(MainWindow::tr("No key"), [this] { setKeys({}); }));
        row->addWidget(button(MainWindow::tr("As it was"), [this] { reset(id()); }));
        connect(key_, &QKeySequenceEdit::keySequenceChanged, this, [this] { tellConflict(); });
        return row;
    }

    QDialogButtonBox* buildButtons()
    {
        auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
        buttons->addButton(button(MainWindow::tr("All as they were"), [this] { resetAll(); }), QDialogButtonBox::ResetRole);
        connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
        // Enter in the key's field is a key.
        for (QAbstractButton* one : buttons->buttons()) static_cast<QPushButton*>(one)->setAutoDefault(false);
        return buttons;
    }

    template <class F>
    QPushButton* button(const QString& text, F react)
    {
        auto* made = new QPushButton(text, this);
        made->setAutoDefault(false);
        connect(made, &QPushButton::clicked, this, react);
        return made;
    }

    std::string id() const { return verbs_->currentItem() ? verbs_->currentItem()->data(0, kIdRole).toString().toStdString() : std::string(); }
    QList<QKeySequence> keys() const { return actions_.find(id())->shortcuts(); }

    void refresh()
    {
        for (int i = 0; i < verbs_->topLevelItemCount(); ++i) {
            QTreeWidgetItem* item = verbs_->topLevelItem(i);
            item->setText(1, QKeySequence::listToString(actions_.find(item->data(0, kIdRole).toString().toStdString())->shortcuts(), QKeySequence::NativeText));
        }
    }

    void filter()
    {
        for (int i = 0; i < verbs_->topLevelItemCount(); ++i) {
            QTreeWidgetItem* item = verbs_->topLevelItem(i);
            item->setHidden(!item->text(0).contains(search_->text(), Qt::CaseInsensitive) && !item->text(1).contains(search_->text(), Qt::CaseInsensitive));
        }
    }

    void select()
    {
        key_->clear();
        tellConflict();
    }

    // Of what stands in the field.
    void tellConflict()
    {
        const bool any = verbs_->currentItem() && !key_->keySequence().isEmpty();
        const QString taken = any ? actions_.conflict(id(), {key_->keySequence()}) : QString();
        problem_->setText(taken.isEmpty() ? QString() : MainWindow::tr("%1 belongs to %2: choose another key, or take it away there first").arg(key_->keySequence().toString(QKeySequence::NativeText), taken));
        set_->setEnabled(any && taken.isEmpty());
        add_->setEnabled(any && taken.isEmpty());
        none_->setEnabled(verbs_->currentItem() && !keys().isEmpty());
    }

    void setKeys(const QList<QKeySequence>& keys)
    {
        if (verbs_->currentItem() && actions_.rebind(id(), keys)) select();
    }

    void reset(const std::string& verb)
    {
        if (verb.empty() || actions_.resetKeys(verb)) return select();
        const auto spec = std::ranges::find(actionSpecs(), verb, &ActionSpec::id);
        problem_->setText(MainWindow::tr("Its key belongs to %1 now: take it away there first").arg(actions_.conflict(verb, Actions::tableKeys(*spec))));
    }

    // A key may stand in the way of another verb's until that one has its own again: round after round.
    void resetAll()
    {
        bool waits = true, moved = true;
        while (waits && moved) {
            waits = moved = false;
            for (const ActionSpec& spec : actionSpecs()) {
                if (actions_.find(spec.id)->shortcuts() == Actions::tableKeys(spec)) continue;
                (actions_.resetKeys(spec.id) ? moved : waits) = true;
            }
        }
        // Two verbs that hold each other's keys: both let go first.
        if (waits) {
            for (const ActionSpec& spec : actionSpecs()) {
                if (actions_.find(spec.id)->shortcuts() != Actions::tableKeys(spec)) actions_.rebind(spec.id, {});
            }
            for (const ActionSpec& spec : actionSpecs()) actions_.resetKeys(spec.id);
        }
        select();
    }

    Actions& actions_;
    QLineEdit* search_;
    QTreeWidget* verbs_;
    QKeySequenceEdit* key_ = nullptr;
    QPushButton* set_ = nullptr;
    QPushButton* add_ = nullptr;
    QPushButton* none_ = nullptr;
    QLabel* problem_;
};

}

void showKeyDialog(MainWindow& window)
{
    auto* dialog = new KeyDialog(window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

}
