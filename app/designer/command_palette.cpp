#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"
#include "widgets/theme/theme.h"

#include <QDialog>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPainter>

namespace streamwright {

namespace {

constexpr int kWidth = 520, kHeight = 380;

class CommandPalette : public QDialog {
public:
    // Not a popup: those are missing in the accessibility tree.
    explicit CommandPalette(MainWindow& window) : QDialog(&window, Qt::Dialog | Qt::FramelessWindowHint), window_(window)
    {
        setAccessibleName(MainWindow::tr("Command palette"));
        auto* layout = new QVBoxLayout(this);
        layout->addWidget(search_ = new QLineEdit(this));
        layout->addWidget(list_ = new QListWidget(this));
        search_->setPlaceholderText(MainWindow::tr("A part of a command's name"));
        search_->setAccessibleName(MainWindow::tr("Search commands"));
        search_->installEventFilter(this);
        list_->setFrameShape(QFrame::NoFrame);
        connect(search_, &QLineEdit::textChanged, this, [this] { fill(); });
        connect(search_, &QLineEdit::returnPressed, this, [this] { run(list_->currentItem()); });
        connect(list_, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { run(item); });
        resize(kWidth, kHeight);
        move(window.geometry().center().x() - kWidth / 2, window.geometry().top() + 80);
        fill();
    }

protected:
    // Without the frame of a window it would lie on the canvas as white on white.
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setPen(Theme::current().border);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
    void changeEvent(QEvent* event) override
    {
        QDialog::changeEvent(event);
        if (event->type() == QEvent::ActivationChange && isVisible() && !isActiveWindow()) reject();
    }
    // Up and down move in the list while the letters go to the field.
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() != QEvent::KeyPress) return QDialog::eventFilter(watched, event);
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key != Qt::Key_Up && key != Qt::Key_Down) return QDialog::eventFilter(watched, event);
        const int step = key == Qt::Key_Down ? 1 : -1;
        if (list_->count() > 0) list_->setCurrentRow((list_->currentRow() + step + list_->count()) % list_->count());
        return true;
    }

private:
    void fill()
    {
        list_->clear();
        const QStringList words = search_->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
        for (const ActionSpec& spec : actionSpecs()) {
            QAction* action = window_.actions().find(spec.id);
            const QMenu* menu = window_.actions().menu(QString::fromUtf8(spec.menu));
            const QString text = menu ? QStringLiteral("%1: %2").arg(plainText(menu->title()), plainText(action->text())) : plainText(action->text());
            if (!std::ranges::all_of(words, [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); })) continue;
            const QString key = action->shortcut().toString(QKeySequence::NativeText);
            auto* item = new QListWidgetItem(key.isEmpty() ? text : QStringLiteral("%1    %2").arg(text, key), list_);
            item->setData(Qt::UserRole, QString::fromLatin1(spec.id));
            if (!action->isEnabled()) item->setFlags(Qt::NoItemFlags);
        }
        if (list_->count() == 0) (new QListWidgetItem(MainWindow::tr("No command has this in its name"), list_))->setFlags(Qt::NoItemFlags);
        list_->setCurrentRow(0);
    }
    void run(const QListWidgetItem* item)
    {
        if (!item || !(item->flags() & Qt::ItemIsEnabled)) return;
        QAction* action = window_.actions().find(item->data(Qt::UserRole).toString().toStdString());
        accept();
        action->trigger();
    }

    MainWindow& window_;
    QLineEdit* search_;
    QListWidget* list_;
};

}

void showCommandPalette(MainWindow& window)
{
    auto* palette = new CommandPalette(window);
    palette->setAttribute(Qt::WA_DeleteOnClose);
    palette->show();
    palette->findChild<QLineEdit*>()->setFocus();
}

}
