// Colours an expression by the tokens of the engine's own lexer.
#pragma once
#include <QSyntaxHighlighter>
#include <vector>

namespace streamwright {

class Highlighter : public QSyntaxHighlighter {
    Q_OBJECT

public:
    explicit Highlighter(QTextDocument* document);

protected:
    void highlightBlock(const QString& text) override;

private:
    // A token with a look of its own; places count UTF-16 units of the whole text.
    struct Span {
        enum class Look : unsigned char { Function, Keyword, Literal, Parameter, Wrong } look;
        int from = 0;
        int to = 0;
    };
    void lookAgain();
    QTextCharFormat formatOf(Span::Look look) const;

    QString text_;
    std::vector<Span> spans_;
};

}
