// One text field whose text is the value: base of the editors of text, numbers, expressions and JSON. UI thread only.
#pragma once
#include "widgets/inspector/editors/code_edit.h"
#include "widgets/inspector/editors/field_editor.h"

namespace streamwright {

class LineEditor : public FieldEditor {
    Q_OBJECT

public:
    LineEditor(const FieldSpec& spec, const FieldScope& scope, CodeEdit::Lines lines, QWidget* parent);
    bool takes(const Json& value) const override { return value.isString(); }
    void setPlaceholder(const QString& text) override { edit_->setHint(text); }
    QString expression() const override;

protected:
    void display(const std::optional<Json>& value) override { edit_->setText(value ? textOf(*value) : QString()); }
    // Each the inverse of the other, so that what is shown is what the document holds.
    virtual QString textOf(const Json& value) const { return QString::fromStdString(value.asString()); }
    virtual Json read(const QString& text) const { return Json::string(text.toStdString()); }
    CodeEdit* edit() { return edit_; }

private:
    CodeEdit* edit_;
};

}
