// A list of texts: names of columns, expressions, aggregates. A field per entry, and an empty one below to add
// another; Enter goes on to the next, Backspace in an empty field removes it, Alt+Up and Alt+Down move an entry.
#include "widgets/inspector/editors/code_edit.h"
#include "widgets/inspector/editors/makers.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QMenu>
#include <QToolButton>

namespace streamwright {

namespace {

class ListEditor : public FieldEditor {
    Q_DECLARE_TR_FUNCTIONS(streamwright::ListEditor)

public:
    ListEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent) : FieldEditor(spec, scope, parent), rows_(new QVBoxLayout(this))
    {
        rows_->setContentsMargins(0, 0, 0, 0);
        rows_->setSpacing(measure::kTiny);
        resize(1);
    }

    bool takes(const Json& value) const override
    {
        return value.isArray() && !value.items().empty() && std::all_of(value.items().begin(), value.items().end(), [](const Json& item) { return item.isString(); });
    }
    void setPlaceholder(const QString& text) override
    {
        placeholder_ = text;
        showPlaceholder();
    }
    QString expression() const override
    {
        if (spec().kind != FieldKind::Expressions) return {};
        const CodeEdit* at = current_ < edits_.size() ? edits_[current_] : edits_.front();
        return at->text();
    }

protected:
    void display(const std::optional<Json>& value) override
    {
        const std::vector<Json> items = value ? value->items() : std::vector<Json>();
        resize(items.size() + 1);
        for (size_t i = 0; i < items.size(); ++i) edits_[i]->setText(QString::fromStdString(items[i].asString()));
        edits_.back()->setText({});
        showPlaceholder();
    }

    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() != QEvent::KeyPress) return false;
        const auto* press = static_cast<QKeyEvent*>(event);
        if (press->modifiers() != Qt::AltModifier || (press->key() != Qt::Key_Up && press->key() != Qt::Key_Down)) return false;
        move(place(watched), press->key() == Qt::Key_Up ? -1 : 1);
        return true;
    }

private:
    size_t place(const QObject* edit) const { return static_cast<size_t>(std::find(edits_.begin(), edits_.end(), edit) - edits_.begin()); }

    void resize(size_t count)
    {
        while (edits_.size() > count) {
            edits_.back()->disconnect(this);
            edits_.back()->parentWidget()->hide();
            edits_.back()->parentWidget()->deleteLater();
            edits_.pop_back();
        }
        while (edits_.size() < count) addRow();
        nameRows();
        setFocusProxy(edits_.front());
    }

    void addRow()
    {
        auto* row = new QWidget(this);
        auto* line = new QHBoxLayout(row);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(2);
        auto* edit = new CodeEdit(spec(), scope(), CodeEdit::Lines::One, row);
        edit->setLineWrapMode(QPlainTextEdit::WidgetWidth);
        edit->installEventFilter(this);
        line->addWidget(edit, 1);
        auto* button = new QToolButton(row);
        button->setFocusPolicy(Qt::NoFocus);
        button->setAutoRaise(true);
        button->setFixedSize(22, 28);
        line->addWidget(button, 0, Qt::AlignTop);
        edits_.push_back(edit);
        rows_->addWidget(row);
        follow(edit, button);
    }

    void follow(CodeEdit* edit, QToolButton* button)
    {
        connect(edit, &CodeEdit::edited, this, [this] { gather(); });
        connect(edit, &CodeEdit::left, this, &FieldEditor::left);
        connect(edit, &CodeEdit::completionShown, this, &FieldEditor::helpWanted);
        connect(edit, &CodeEdit::entered, this, [this, edit] {
            current_ = place(edit);
            Q_EMIT expressionChanged();
        });
        connect(edit, &CodeEdit::accepted, this, [this, edit] { focusRow(place(edit) + 1); });
        connect(edit, &CodeEdit::stepped, this, [this, edit](int by) { focusRow(by > 0 ? std::max<size_t>(place(edit), 1) - 1 : place(edit) + 1); });
        connect(edit, &CodeEdit::eraseWhenEmpty, this, [this, edit] { remove(place(edit)); });
        connect(button, &QToolButton::clicked, this, [this, edit, button] {
            if (edit == edits_.back()) pickColumn(button);
            else remove(place(edit));
        });
    }

    void focusRow(size_t row) { edits_[std::min(row, edits_.size() - 1)]->setFocus(Qt::TabFocusReason); }

    // The last row is the one to add by: its button offers the columns.
    void nameRows()
    {
        const bool picks = spec().kind != FieldKind::Texts;
        for (size_t i = 0; i < edits_.size(); ++i) {
            const bool last = i + 1 == edits_.size();
            auto* button = edits_[i]->parentWidget()->findChild<QToolButton*>();
            button->setText(last ? "▾" : "✕");
            button->setVisible(!last || picks);
            button->setToolTip(last ? tr("Pick a column") : tr("Remove"));
            button->setAccessibleName(last ? tr("Pick a column for %1").arg(fieldTitle(spec().name)) : tr("Remove entry %1").arg(i + 1));
            edits_[i]->setAccessibleName(last ? tr("%1, new entry").arg(fieldTitle(spec().name)) : tr("%1, entry %2").arg(fieldTitle(spec().name)).arg(i + 1));
            edits_[i]->setAccessibleDescription(engineText(spec().help));
        }
    }

    void showPlaceholder()
    {
        for (CodeEdit* edit : edits_) edit->setHint({});
        edits_.back()->setHint(edits_.size() == 1 && !placeholder_.isEmpty() ? placeholder_ : tr("Add"));
    }

    // The entries as they stand; the last row counts once something is in it.
    void gather()
    {
        if (!edits_.back()->text().isEmpty()) resize(edits_.size() + 1);
        std::vector<Json> items;
        for (size_t i = 0; i + 1 < edits_.size(); ++i) items.push_back(Json::string(edits_[i]->text().toStdString()));
        showPlaceholder();
        take(items.empty() ? std::nullopt : std::optional<Json>(Json::array(std::move(items))));
        Q_EMIT expressionChanged();
    }

    void remove(size_t row)
    {
        if (row + 1 >= edits_.size()) return focusRow(row > 0 ? row - 1 : 0);
        QWidget* gone = edits_[row]->parentWidget();
        const bool focused = edits_[row]->hasFocus();
        edits_[row]->disconnect(this);
        edits_.erase(edits_.begin() + static_cast<std::ptrdiff_t>(row));
        if (focused) focusRow(row > 0 ? row - 1 : 0);
        rows_->removeWidget(gone);
        gone->hide();
        gone->deleteLater();
        resize(edits_.size());
        gather();
    }

    void move(size_t row, int by)
    {
        const size_t other = row + static_cast<size_t>(by);
        if (row + 1 >= edits_.size() || other + 1 >= edits_.size()) return;
        const QString text = edits_[row]->text();
        edits_[row]->setText(edits_[other]->text());
        edits_[other]->setText(text);
        gather();
        focusRow(other);
    }

    void pickColumn(QToolButton* button)
    {
        QMenu menu;
        const Schema columns = scope().columns();
        for (const Field& column : columns.fields()) menu.addAction(QString::fromStdString(column.name + "  " + column.type.toDdl()))->setData(QString::fromStdString(column.name));
        if (menu.isEmpty()) menu.addAction(tr("No columns are known yet"))->setEnabled(false);
        const QAction* picked = menu.exec(button->mapToGlobal(QPoint(0, button->height())));
        if (!picked) return;
        edits_.back()->setText(picked->data().toString());
        gather();
        focusRow(edits_.size() - 1);
    }

    QVBoxLayout* rows_;
    std::vector<CodeEdit*> edits_;
    QString placeholder_;
    size_t current_ = 0;
};

}

FieldEditor* makeListEditor(const FieldSpec& spec, const FieldScope& scope, QWidget* parent)
{
    return new ListEditor(spec, scope, parent);
}

}
