// A text edited where it stands. Enter and losing the focus keep it, Esc does not; Shift+Enter begins a line.
#pragma once
#include <QPlainTextEdit>
#include <functional>

namespace streamwright {

class InlineEditor : public QPlainTextEdit {
    Q_OBJECT

public:
    InlineEditor(const QString& text, std::function<void(const QString&)> done, QWidget* parent);
    void open();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void finish(bool keep);
    QString before_;
    std::function<void(const QString&)> done_;
    bool over_ = false;
};

}
