#include "widgets/canvas/inline_editor.h"

#include "widgets/theme/theme.h"

#include <QKeyEvent>

namespace streamwright {

InlineEditor::InlineEditor(const QString& text, std::function<void(const QString&)> done, QWidget* parent) : QPlainTextEdit(text, parent), before_(text), done_(std::move(done))
{
    setFont(streamwright::font(TextRole::Body));
    setTabChangesFocus(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    document()->setDocumentMargin(3);
    setAccessibleName(tr("Title"));
}

void InlineEditor::open()
{
    show();
    raise();
    setFocus(Qt::OtherFocusReason);
    selectAll();
}

void InlineEditor::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) return finish(false);
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !event->modifiers().testFlag(Qt::ShiftModifier)) return finish(true);
    QPlainTextEdit::keyPressEvent(event);
}

void InlineEditor::focusOutEvent(QFocusEvent* event)
{
    QPlainTextEdit::focusOutEvent(event);
    // A menu of its own or another window comes back.
    if (event->reason() != Qt::PopupFocusReason && event->reason() != Qt::ActiveWindowFocusReason) finish(true);
}

void InlineEditor::finish(bool keep)
{
    if (std::exchange(over_, true)) return;
    if (keep && toPlainText() != before_) done_(toPlainText());
    if (hasFocus() && parentWidget()) parentWidget()->setFocus(Qt::OtherFocusReason);
    deleteLater();
}

}
