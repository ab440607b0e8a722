// One field of a form: title, type or unit, editor, what `${name}` stands for, the result of an expression, and
// what is wrong. UI thread only.
#pragma once
#include "widgets/inspector/editors/field_editor.h"
#include "widgets/inspector/expression_preview.h"
#include "widgets/inspector/subject.h"

#include <QBoxLayout>
#include <QToolButton>

namespace streamwright {

class FieldRow : public QWidget {
    Q_OBJECT

public:
    // The subject must outlive it.
    FieldRow(const FieldSpec& spec, Subject& subject, QWidget* parent);
    ~FieldRow() override;

    const FieldSpec& spec() const { return spec_; }
    FieldEditor& editor() { return *editor_; }
    bool hasProblem() const { return hasProblem_; }
    // Shows what the document holds now.
    void refresh();
    // Shows what check() says now.
    void refreshChecked();
    void focusEditor();
    void write(const std::optional<Json>& value);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;

Q_SIGNALS:
    void helpWanted(const QString& title, const QString& help);

private:
    QWidget* buildHeader();
    void showMenu();
    void useEditorFor(const std::optional<Json>& value);
    void adopt(FieldEditor* editor);
    QString placeholder(bool differs) const;
    void showResolved(const std::optional<Json>& value);
    void showCaption();
    QString captionText() const;
    void showProblems();

    FieldSpec spec_;
    Subject& subject_;
    QVBoxLayout* column_;
    QWidget* header_ = nullptr;
    ThemedLabel* caption_ = nullptr;
    QToolButton* menu_ = nullptr;
    FieldEditor* editor_ = nullptr;
    bool asText_ = false;               // editor_ shows JSON text, since the kind's own cannot
    ThemedLabel* resolved_ = nullptr;
    ExpressionPreview* preview_ = nullptr;
    QWidget* problems_ = nullptr;
    bool hasProblem_ = false;
};

}
