#include "widgets/inspector/editors/line_editor.h"

#include "widgets/theme/names.h"

namespace streamwright {

LineEditor::LineEditor(const FieldSpec& spec, const FieldScope& scope, CodeEdit::Lines lines, QWidget* parent) : FieldEditor(spec, scope, parent), edit_(new CodeEdit(spec, scope, lines, this))
{
    edit_->setAccessibleName(fieldTitle(spec.name));
    edit_->setAccessibleDescription(engineText(spec.help));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(edit_);
    setFocusProxy(edit_);
    connect(edit_, &CodeEdit::edited, this, [this] {
        const QString text = edit_->text();
        take(text.isEmpty() ? std::nullopt : std::optional<Json>(read(text)));
        Q_EMIT expressionChanged();
    });
    connect(edit_, &CodeEdit::left, this, &FieldEditor::left);
    connect(edit_, &CodeEdit::completionShown, this, &FieldEditor::helpWanted);
}

QString LineEditor::expression() const
{
    return spec().kind == FieldKind::Expression ? edit_->text() : QString();
}

}
