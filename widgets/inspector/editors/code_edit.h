// The text field of all editors: grows with its lines, completes words and `${`, colours expressions. It has no
// undo of its own: the document's is the one that counts. UI thread only.
#pragma once
#include "widgets/inspector/editors/completions.h"

#include <QCompleter>
#include <QPlainTextEdit>
#include <QStandardItemModel>

namespace streamwright {

class CodeEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    enum class Lines : unsigned char { One, Many };
    CodeEdit(const FieldSpec& field, const FieldScope& scope, Lines lines, QWidget* parent);

    QString text() const { return toPlainText(); }
    // Tells nothing; the cursor stays as near as it can.
    void setText(const QString& text);
    // What an empty field says.
    void setHint(const QString& hint);
    const QString& hint() const { return hint_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {60, sizeHint().height()}; }

Q_SIGNALS:
    void edited();                      // by a person
    void entered();
    void left();                        // entered: the focus came; left: it went, not into the own popup
    void accepted();                    // Enter, where there is one line only
    void stepped(int by);               // Up (1) or Down (-1) with one line
    void eraseWhenEmpty();              // Backspace in an empty field
    void completionShown(const QString& title, const QString& help);     // empty: no longer

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void insertFromMimeData(const QMimeData* source) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    enum class Ask : unsigned char { AsTyped, Anyhow };
    QString wordBeforeCursor() const;
    void complete(Ask ask);
    void fillCompletions(const std::vector<Completion>& all, const QString& word);
    bool isCompleting() const;
    void hideCompletions();
    void insertCompletion(const QModelIndex& index);
    bool handOn(QKeyEvent* event);
    void fitHeight();
    void paintField();

    FieldSpec field_;
    const FieldScope& scope_;
    Lines lines_;
    QStandardItemModel completions_;
    QCompleter completer_;
    QString hint_;
    bool setting_ = false;
    bool completing_ = false;
};

}
