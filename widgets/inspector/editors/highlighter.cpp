#include "widgets/inspector/editors/highlighter.h"

#include "engine/expression/lexer.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/theme_host.h"

#include <QRegularExpression>
#include <QSet>
#include <QTextDocument>

namespace streamwright {

namespace {

bool isKeyword(const QString& word)
{
    static const QSet<QString> keywords{"and", "as",   "asc", "between", "case", "cast", "desc",  "distinct", "else", "end",  "escape", "false", "filter", "first", "from",
                                        "in",  "is",   "like", "last",    "not",  "null", "nulls", "or",       "rlike", "then", "true",   "when",  "where"};
    return keywords.contains(word.toLower());
}

}

Highlighter::Highlighter(QTextDocument* document) : QSyntaxHighlighter(document)
{
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, &QSyntaxHighlighter::rehighlight);
}

// A text literal may go over several lines, so the whole text is cut into tokens, once per change.
void Highlighter::lookAgain()
{
    const QString text = document()->toPlainText();
    if (text == text_ && !spans_.empty()) return;
    text_ = text;
    spans_.clear();
    const std::string bytes = text.toStdString();
    const auto place = [&](size_t byte) { return static_cast<int>(QString::fromUtf8(bytes.data(), static_cast<qsizetype>(std::min(byte, bytes.size()))).size()); };
    syntax::Lexer lexer(bytes);
    for (syntax::Token token = lexer.next(); token.kind != syntax::TokenKind::End; token = lexer.next()) {
        const int from = place(token.from), to = place(token.to);
        switch (token.kind) {
        case syntax::TokenKind::Word:
            if (isKeyword(text.mid(from, to - from))) spans_.push_back({Span::Look::Keyword, from, to});
            else if (QStringView(text).mid(to).trimmed().startsWith('(')) spans_.push_back({Span::Look::Function, from, to});
            break;
        case syntax::TokenKind::Number:
        case syntax::TokenKind::Text:
        case syntax::TokenKind::RawText: spans_.push_back({Span::Look::Literal, from, to}); break;
        case syntax::TokenKind::Error: spans_.push_back({Span::Look::Wrong, from, to}); break;
        default: break;
        }
        if (token.kind == syntax::TokenKind::Error && token.to <= token.from) break;
    }
    static const QRegularExpression parameter("\\$\\{[^}]*\\}");
    for (auto found = parameter.globalMatch(text); found.hasNext();) {
        const auto match = found.next();
        spans_.push_back({Span::Look::Parameter, static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedEnd())});
    }
}

QTextCharFormat Highlighter::formatOf(Span::Look look) const
{
    const Theme& theme = Theme::current();
    QTextCharFormat format;
    switch (look) {
    case Span::Look::Function: format.setForeground(theme.secondary); break;
    case Span::Look::Keyword: format.setFontWeight(QFont::DemiBold); break;
    case Span::Look::Literal: format.setForeground(theme.accent); break;
    case Span::Look::Parameter:
        format.setForeground(theme.text);
        format.setFontItalic(true);
        break;
    case Span::Look::Wrong:
        format.setUnderlineStyle(QTextCharFormat::SpellCheckUnderline);
        format.setUnderlineColor(theme.error);
        break;
    }
    return format;
}

void Highlighter::highlightBlock(const QString& text)
{
    lookAgain();
    const int begin = currentBlock().position(), end = begin + static_cast<int>(text.size());
    int open = 0;
    for (const Span& span : spans_) {
        if (span.to > begin && span.from < end) setFormat(std::max(span.from, begin) - begin, std::min(span.to, end) - std::max(span.from, begin), formatOf(span.look));
        if (span.from < end && span.to > end) open = 1;
    }
    // Another state at the end of the line makes Qt look at the next one too.
    setCurrentBlockState(open);
}

}
