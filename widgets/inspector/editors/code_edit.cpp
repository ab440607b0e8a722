#include "widgets/inspector/editors/code_edit.h"

#include "widgets/inspector/editors/highlighter.h"
#include "widgets/theme/theme.h"

#include <QAbstractItemView>
#include <QKeyEvent>
#include <QMimeData>
#include <QRegularExpression>
#include <QScrollBar>
#include <QStyleOptionFrame>
#include <QTextBlock>

namespace streamwright {

namespace {

constexpr int kInset = 4, kMostLines = 10, kMostCompletions = 40;
constexpr int kHelpRole = Qt::UserRole + 1, kInsertRole = Qt::UserRole + 2;

bool hasCode(FieldKind kind)
{
    return kind == FieldKind::Expression || kind == FieldKind::Expressions || kind == FieldKind::Ordering || kind == FieldKind::Aggregates;
}

}

CodeEdit::CodeEdit(const FieldSpec& field, const FieldScope& scope, Lines lines, QWidget* parent) : QPlainTextEdit(parent), field_(field), scope_(scope), lines_(lines)
{
    setUndoRedoEnabled(false);
    setTabChangesFocus(true);
    setFont(streamwright::font(TextRole::Code));
    setLineWrapMode(lines == Lines::One ? NoWrap : WidgetWidth);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFrameShape(NoFrame);
    setViewportMargins(kInset, 2, kInset, 2);
    viewport()->setAutoFillBackground(false);
    document()->setDocumentMargin(4);
    if (hasCode(field.kind)) new Highlighter(document());
    completer_.setModel(&completions_);
    completer_.setWidget(this);
    completer_.setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    connect(&completer_, qOverload<const QModelIndex&>(&QCompleter::activated), this, &CodeEdit::insertCompletion);
    connect(&completer_, qOverload<const QModelIndex&>(&QCompleter::highlighted), this,
            [this](const QModelIndex& index) { Q_EMIT completionShown(index.data(Qt::DisplayRole).toString(), index.data(kHelpRole).toString()); });
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        fitHeight();
        if (!setting_) Q_EMIT edited();
    });
    fitHeight();
}

void CodeEdit::setText(const QString& text)
{
    if (text == toPlainText()) return;
    setting_ = true;
    const int at = textCursor().position();
    setPlainText(text);
    QTextCursor cursor = textCursor();
    cursor.setPosition(std::min(at, static_cast<int>(text.size())));
    setTextCursor(cursor);
    setting_ = false;
}

QSize CodeEdit::sizeHint() const
{
    int shown = 0;
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) shown += std::max(1, block.layout() ? block.layout()->lineCount() : 1);
    const int rows = std::clamp(shown, 1, kMostLines);
    const int margin = static_cast<int>(document()->documentMargin());
    return {160, rows * QFontMetrics(font()).lineSpacing() + 2 * (margin + 2)};
}

void CodeEdit::fitHeight()
{
    const int wanted = sizeHint().height();
    setVerticalScrollBarPolicy(blockCount() > kMostLines ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    if (height() != wanted || minimumHeight() != wanted) setFixedHeight(wanted);
}

void CodeEdit::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    // The lines have been broken anew.
    if (event->size().width() != event->oldSize().width()) fitHeight();
}

// `${na`, or the name that is being typed; empty where neither stands.
QString CodeEdit::wordBeforeCursor() const
{
    const QString before = toPlainText().left(textCursor().position());
    static const QRegularExpression parameter("\\$\\{\\w*$"), word("[\\p{L}_][\\w]*$"), zone("[\\w/+-]+$");
    if (const auto match = parameter.match(before); match.hasMatch()) return match.captured();
    return (field_.kind == FieldKind::TimeZone ? zone : word).match(before).captured();
}

void CodeEdit::complete(Ask ask)
{
    const QString word = wordBeforeCursor();
    const bool parameter = word.startsWith("${");
    if (word.isEmpty() && ask == Ask::AsTyped) return hideCompletions();
    fillCompletions(parameter ? parameterCompletions(scope_) : wordCompletions(field_, scope_), word);
    const bool exact = completions_.rowCount() == 1 && completions_.item(0)->data(kInsertRole).toString() == word;
    if (completions_.rowCount() == 0 || (exact && ask == Ask::AsTyped)) return hideCompletions();
    QRect place = cursorRect().translated(viewport()->pos());
    place.setBottom(height() - 1);
    place.setWidth(std::max(240, completer_.popup()->sizeHintForColumn(0) + completer_.popup()->verticalScrollBar()->sizeHint().width() + 16));
    completing_ = true;
    completer_.complete(place);
    completer_.popup()->setCurrentIndex(completions_.index(0, 0));
}

// The popup is made when it is first asked for: most fields never do.
bool CodeEdit::isCompleting() const
{
    return completing_ && completer_.popup()->isVisible();
}

void CodeEdit::hideCompletions()
{
    if (!completing_) return;
    completing_ = false;
    completer_.popup()->hide();
    Q_EMIT completionShown({}, {});
}

void CodeEdit::fillCompletions(const std::vector<Completion>& all, const QString& word)
{
    completions_.clear();
    const auto add = [&](auto fits) {
        for (const Completion& one : all) {
            if (completions_.rowCount() >= kMostCompletions) return;
            if (!fits(one.text)) continue;
            auto* item = new QStandardItem(one.detail.isEmpty() ? one.text : one.detail.startsWith(one.text + '(') ? one.detail : one.text + "  " + one.detail);
            item->setData(one.text, kInsertRole);
            item->setData(one.help, kHelpRole);
            item->setToolTip(one.help);
            completions_.appendRow(item);
        }
    };
    add([&](const QString& text) { return text.startsWith(word, Qt::CaseInsensitive); });
    if (word.size() < 2) return;
    add([&](const QString& text) { return !text.startsWith(word, Qt::CaseInsensitive) && text.contains(word, Qt::CaseInsensitive); });
}

void CodeEdit::insertCompletion(const QModelIndex& index)
{
    const QString text = index.data(kInsertRole).toString();
    const bool call = index.data(Qt::DisplayRole).toString().startsWith(text + '(');
    QTextCursor cursor = textCursor();
    cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor, static_cast<int>(wordBeforeCursor().size()));
    cursor.insertText(call ? text + "()" : text);
    if (call) cursor.movePosition(QTextCursor::Left);
    setTextCursor(cursor);
    hideCompletions();
}

bool CodeEdit::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        // Left to the window, whose undo is the document's.
        if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) return event->ignore(), false;
    }
    if (event->type() == QEvent::Paint) return paintField(), true;
    return QPlainTextEdit::event(event);
}

void CodeEdit::setHint(const QString& hint)
{
    hint_ = hint;
    viewport()->update();
}

// The hint on one line, cut where it has no room: the base class would break it.
void CodeEdit::paintEvent(QPaintEvent* event)
{
    QPlainTextEdit::paintEvent(event);
    if (hint_.isEmpty() || !document()->isEmpty()) return;
    QPainter painter(viewport());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    const int margin = static_cast<int>(document()->documentMargin());
    const QRect room = viewport()->rect().adjusted(margin, margin, -margin, 0);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignTop, fontMetrics().elidedText(hint_, Qt::ElideRight, room.width()));
}

// As the line edits of the style: rounded, and with its focus ring.
void CodeEdit::paintField()
{
    QStyleOptionFrame option;
    option.initFrom(this);
    option.lineWidth = 1;
    QPainter painter(this);
    style()->drawPrimitive(QStyle::PE_PanelLineEdit, &option, &painter, this);
}

// Keys that mean something to who holds this field, or to nobody here.
bool CodeEdit::handOn(QKeyEvent* event)
{
    const bool popup = isCompleting();
    const int key = event->key();
    if (popup && (key == Qt::Key_Enter || key == Qt::Key_Return || key == Qt::Key_Escape || key == Qt::Key_Tab || key == Qt::Key_Backtab)) return event->ignore(), true;
    if (event->matches(QKeySequence::Undo) || event->matches(QKeySequence::Redo) || key == Qt::Key_Escape) return event->ignore(), true;
    if (key == Qt::Key_Space && event->modifiers() == Qt::ControlModifier) return complete(Ask::Anyhow), true;
    if (key == Qt::Key_Backspace && document()->isEmpty()) return Q_EMIT eraseWhenEmpty(), true;
    const bool enter = key == Qt::Key_Enter || key == Qt::Key_Return;
    if (lines_ == Lines::Many) return false;
    if (enter && event->modifiers() != Qt::ShiftModifier) return Q_EMIT accepted(), true;
    if (!popup && event->modifiers() == Qt::NoModifier && blockCount() == 1 && (key == Qt::Key_Up || key == Qt::Key_Down)) return Q_EMIT stepped(key == Qt::Key_Up ? 1 : -1), true;
    return false;
}

void CodeEdit::keyPressEvent(QKeyEvent* event)
{
    if (handOn(event)) return;
    QPlainTextEdit::keyPressEvent(event);
    const QString typed = event->text();
    if (!typed.isEmpty() && (typed[0].isPrint() || event->key() == Qt::Key_Backspace)) complete(Ask::AsTyped);
}

void CodeEdit::focusInEvent(QFocusEvent* event)
{
    QPlainTextEdit::focusInEvent(event);
    update();
    if (event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason) selectAll();
    if (event->reason() != Qt::PopupFocusReason) Q_EMIT entered();
}

void CodeEdit::focusOutEvent(QFocusEvent* event)
{
    QPlainTextEdit::focusOutEvent(event);
    update();
    if (event->reason() == Qt::PopupFocusReason) return;
    QTextCursor cursor = textCursor();
    cursor.clearSelection();
    setTextCursor(cursor);
    Q_EMIT left();
}

void CodeEdit::hideEvent(QHideEvent* event)
{
    hideCompletions();
    QPlainTextEdit::hideEvent(event);
}

// Plain text, and line ends only where there may be lines.
void CodeEdit::insertFromMimeData(const QMimeData* source)
{
    QString text = source->text();
    if (lines_ == Lines::One) text = text.trimmed().replace(QRegularExpression("[\\r\\n]+"), " ");
    if (!text.isEmpty()) textCursor().insertText(text);
}

}
