#include "widgets/inspector/field_row.h"

#include "engine/expression/expression.h"
#include "widgets/inspector/editors/editors.h"
#include "widgets/inspector/problem_list.h"
#include "widgets/inspector/resolved_value.h"
#include "widgets/theme/names.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QShortcut>

namespace streamwright {

FieldRow::FieldRow(const FieldSpec& spec, Subject& subject, QWidget* parent) : QWidget(parent), spec_(spec), subject_(subject), column_(new QVBoxLayout(this))
{
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(measure::kTiny);
    header_ = buildHeader();
    column_->addWidget(header_);
    adopt(makeEditor(spec_, subject_, this));
    resolved_ = new ThemedLabel(TextRole::Code, ThemedLabel::Tone::Secondary, this);
    resolved_->setWordWrap(true);
    column_->addWidget(resolved_);
    preview_ = new ExpressionPreview(subject_, this);
    column_->addWidget(preview_);
    problems_ = new ProblemList(this);
    column_->addWidget(problems_);
    auto* shortcut = new QShortcut(QKeySequence(Qt::Key_F4), this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, &FieldRow::showMenu);
    refresh();
    refreshChecked();
}

QWidget* FieldRow::buildHeader()
{
    auto* header = new QWidget(this);
    auto* line = new QHBoxLayout(header);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(measure::kTiny);
    auto* title = new ThemedLabel(TextRole::Body, ThemedLabel::Tone::Text, header);
    title->setBold(true);
    title->setText(fieldTitle(spec_.name));
    title->setToolTip(engineText(spec_.help));
    caption_ = new ThemedLabel(TextRole::Secondary, ThemedLabel::Tone::Secondary, header);
    caption_->setElided();
    caption_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    menu_ = new QToolButton(header);
    menu_->setText("⋯");
    menu_->setAutoRaise(true);
    menu_->setFocusPolicy(Qt::NoFocus);
    menu_->setFixedSize(20, 16);
    menu_->setToolTip(tr("Parameter, example, default (F4)"));
    menu_->setAccessibleName(tr("More for %1").arg(fieldTitle(spec_.name)));
    connect(menu_, &QToolButton::clicked, this, &FieldRow::showMenu);
    line->addWidget(title);
    line->addWidget(caption_, 1);
    line->addWidget(menu_);
    return header;
}

// The editor outlives what stands here: leaving it as it goes must not reach back.
FieldRow::~FieldRow()
{
    if (editor_) editor_->disconnect(this);
}

void FieldRow::adopt(FieldEditor* editor)
{
    if (editor_) {
        const bool focused = editor_->isAncestorOf(QApplication::focusWidget());
        editor_->disconnect(this);
        delete column_->replaceWidget(editor_, editor);
        if (focused) editor->setFocus(Qt::OtherFocusReason);
        editor_->hide();
        editor_->deleteLater();
    } else {
        column_->addWidget(editor);
    }
    editor_ = editor;
    header_->setVisible(!editor->hasOwnTitle());
    setFocusProxy(editor);
    connect(editor, &FieldEditor::edited, this, [this] { write(editor_->value()); });
    connect(editor, &FieldEditor::left, this, [this] { subject_.document().endMerge(); });
    connect(editor, &FieldEditor::expressionChanged, this, [this] { preview_->show(editor_->expression()); });
    connect(editor, &FieldEditor::helpWanted, this, &FieldRow::helpWanted);
}

void FieldRow::write(const std::optional<Json>& value)
{
    subject_.write(spec_.name, value);
}

// A value that the kind's own editor cannot show, such as "${port}" of a check box, is shown as text until it can.
void FieldRow::useEditorFor(const std::optional<Json>& value)
{
    if (!asText_ && (!value || editor_->takes(*value))) return;
    if (!asText_) {
        asText_ = true;
        return adopt(makeJsonEditor(spec_, subject_, this));
    }
    FieldEditor* own = makeEditor(spec_, subject_, this);
    if (!value || own->takes(*value)) {
        asText_ = false;
        return adopt(own);
    }
    delete own;
}

QString FieldRow::placeholder(bool differs) const
{
    if (differs) return tr("Different values");
    if (!spec_.fallback.isNull()) return plainText(spec_.fallback);
    const Json& example = spec_.example.isArray() && !spec_.example.items().empty() ? spec_.example.items().front() : spec_.example;
    return example.isNull() ? QString() : tr("for example %1").arg(plainText(example));
}

void FieldRow::refresh()
{
    const auto value = subject_.value(spec_.name);
    useEditorFor(value);
    editor_->setPlaceholder(placeholder(subject_.differs(spec_.name)));
    editor_->show(value);
    showResolved(value);
    preview_->show(editor_->expression());
}

void FieldRow::refreshChecked()
{
    showCaption();
    showProblems();
    preview_->show(editor_->expression());
}

void FieldRow::showResolved(const std::optional<Json>& value)
{
    const QString text = value ? resolvedText(*value, subject_.parameters(), subject_.folder()) : QString();
    resolved_->setText(text.isEmpty() ? QString() : "= " + text);
    resolved_->setVisible(!text.isEmpty());
}

QString FieldRow::captionText() const
{
    if (!spec_.unit.empty()) return engineText(spec_.unit);
    if (spec_.least && spec_.most) return tr("%1 to %2").arg(QString::fromStdString(spec_.limitText(*spec_.least)), QString::fromStdString(spec_.limitText(*spec_.most)));
    const auto& value = editor_->value();
    const Json& shown = value ? *value : spec_.fallback;
    const Schema columns = subject_.columns();
    std::string text;
    if (shown.isString()) text = shown.asString();
    else if (shown.isArray() && shown.items().size() == 1) text = shown.items().front().asString();
    if (text.empty() || columns.size() == 0) return {};
    switch (spec_.kind) {
    case FieldKind::Expression:
    case FieldKind::Expressions:
    case FieldKind::Column:
    case FieldKind::Columns:
        if (auto compiled = compileExpression(text, columns)) return QString::fromStdString(compiled->type().toDdl());
        return {};
    default: return {};
    }
}

void FieldRow::showCaption()
{
    caption_->setText(captionText());
}

void FieldRow::showProblems()
{
    const Diagnostics found = subject_.problems(spec_.name);
    hasProblem_ = !found.empty();
    static_cast<ProblemList*>(problems_)->show(found);
    QString described = engineText(spec_.help);
    for (const Diagnostic& one : found) described += "\n" + engineText(one.message);
    if (QWidget* field = editor_->focusProxy()) field->setAccessibleDescription(described);
}

void FieldRow::focusEditor()
{
    editor_->setFocus(Qt::OtherFocusReason);
}

void FieldRow::contextMenuEvent(QContextMenuEvent* event)
{
    event->accept();
    showMenu();
}

void FieldRow::showMenu()
{
    QMenu menu(this);
    const Json parameters = subject_.parameters();
    for (const auto& [name, declared] : parameters.members()) {
        const QString inserted = "${" + QString::fromStdString(name) + '}';
        menu.addAction(tr("Use parameter %1").arg(QString::fromStdString(name)), this, [this, inserted] { write(Json::string(inserted.toStdString())); });
    }
    menu.addSeparator();
    if (!spec_.example.isNull()) menu.addAction(tr("Use the example"), this, [this] { write(spec_.example); });
    QAction* remove = menu.addAction(spec_.fallback.isNull() ? tr("Leave out") : tr("Use the default, %1").arg(plainText(spec_.fallback)), this, [this] { write(std::nullopt); });
    remove->setEnabled(subject_.value(spec_.name).has_value() || subject_.differs(spec_.name));
    const QWidget* below = header_->isVisible() ? static_cast<QWidget*>(menu_) : editor_;
    menu.exec(below->mapToGlobal(QPoint(0, below->height())));
    subject_.document().endMerge();
}

}
