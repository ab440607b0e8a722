#include "engine/expression/lexer.h"

namespace streamwright::syntax {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool isWordByte(char c) { return isWordStart(c) || isDigit(c); }
bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

int hexDigit(char c)
{
    if (isDigit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The number of `digits` hexadecimal digits at `at`, or -1.
int64_t hexNumber(std::string_view text, size_t at, size_t digits)
{
    if (at + digits > text.size()) return -1;
    int64_t number = 0;
    for (size_t i = 0; i < digits; ++i) {
        const int digit = hexDigit(text[at + i]);
        if (digit < 0) return -1;
        number = number * 16 + digit;
    }
    return number;
}

// Longest first.
constexpr std::string_view kSymbols[] = {"<=>", ">>>", "->", "=>", "==", "!=", "<>", "<=", ">=", "||", "<<", ">>", "::",
                                         "+", "-", "*", "/", "%", "=", "<", ">", "!", "~", "&", "|", "^", "(", ")", "[", "]", ",", ".", ":"};

}

void appendUtf8(uint32_t c, std::string& out)
{
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | (c >> 6));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | (c >> 12));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (c >> 18));
        out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

std::string unescape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c == 'u' || c == 'U') {
            const size_t digits = c == 'u' ? 4 : 8;
            const int64_t code = hexNumber(text, i + 1, digits);
            if (code >= 0 && code <= 0x10FFFF) {
                // A surrogate pair written as two escapes is one character.
                const int64_t low = c == 'u' && code >= 0xD800 && code < 0xDC00 && text.substr(i + 5, 2) == "\\u" ? hexNumber(text, i + 7, 4) : -1;
                if (low >= 0xDC00 && low < 0xE000) {
                    appendUtf8(static_cast<uint32_t>(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), out);
                    i += 6;
                } else {
                    appendUtf8(static_cast<uint32_t>(code), out);
                }
                i += digits;
                continue;
            }
        }
        if ((c == '0' || c == '1') && i + 2 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '7' && text[i + 2] >= '0' && text[i + 2] <= '7') {
            appendUtf8(static_cast<uint32_t>((c - '0') * 64 + (text[i + 1] - '0') * 8 + (text[i + 2] - '0')), out);
            i += 2;
            continue;
        }
        switch (c) {
            case '0': out += '\0'; break;
            case 'b': out += '\b'; break;
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'Z': out += '\x1A'; break;
            case '%': out += "\\%"; break;
            case '_': out += "\\_"; break;
            default: out += c;
        }
    }
    return out;
}

std::string lineAndColumn(std::string_view text, size_t at)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at && i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++line;
            column = 1;
        } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            ++column;
        }
    }
    return std::to_string(line) + ":" + std::to_string(column);
}

Token Lexer::finish(TokenKind kind, size_t from, std::string value)
{
    return {kind, text_.substr(from, at_ - from), std::move(value), from, at_};
}

// False when a comment is not closed.
bool Lexer::skipBlanks()
{
    while (at_ < text_.size()) {
        if (isBlank(text_[at_])) {
            ++at_;
        } else if (text_.substr(at_, 2) == "--") {
            while (at_ < text_.size() && text_[at_] != '\n') ++at_;
        } else if (text_.substr(at_, 2) == "/*") {
            const size_t end = text_.find("*/", at_ + 2);
            if (end == std::string_view::npos) return false;
            at_ = end + 2;
        } else {
            break;
        }
    }
    return true;
}

Token Lexer::next()
{
    if (!skipBlanks()) {
        const size_t from = at_;
        at_ = text_.size();
        return finish(TokenKind::Error, from, "the comment is not closed: */ is missing");
    }
    if (at_ >= text_.size()) return finish(TokenKind::End, at_);
    const char c = text_[at_];
    const char following = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if ((c == 'r' || c == 'R') && (following == '\'' || following == '"')) return string(true);
    if (c == '\'' || c == '"') return string(false);
    if (c == '`') return quoted();
    if (isDigit(c) || (c == '.' && isDigit(following))) return number();
    if (isWordStart(c)) return word();
    return symbol();
}

Token Lexer::word()
{
    const size_t from = at_;
    while (at_ < text_.size() && isWordByte(text_[at_])) ++at_;
    return finish(TokenKind::Word, from);
}

Token Lexer::number()
{
    const size_t from = at_;
    while (at_ < text_.size() && isDigit(text_[at_])) ++at_;
    if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        while (at_ < text_.size() && isDigit(text_[at_])) ++at_;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        size_t end = at_ + 1;
        if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
        if (end < text_.size() && isDigit(text_[end])) {
            at_ = end;
            while (at_ < text_.size() && isDigit(text_[at_])) ++at_;
        }
    }
    // The suffix, and whatever clings to it: the parser judges it.
    while (at_ < text_.size() && isWordByte(text_[at_])) ++at_;
    return finish(TokenKind::Number, from);
}

Token Lexer::quoted()
{
    const size_t from = at_++;
    std::string name;
    while (at_ < text_.size()) {
        if (text_[at_] == '`') {
            if (at_ + 1 >= text_.size() || text_[at_ + 1] != '`') {
                ++at_;
                return finish(TokenKind::Quoted, from, std::move(name));
            }
            ++at_;
        }
        name += text_[at_++];
    }
    return finish(TokenKind::Error, from, "the quoted name is not closed: ` is missing");
}

Token Lexer::string(bool raw)
{
    const size_t from = at_;
    if (raw) ++at_;
    const char quote = text_[at_++];
    std::string inside;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == quote) {
            ++at_;
            if (raw || at_ >= text_.size() || text_[at_] != quote) return finish(raw ? TokenKind::RawText : TokenKind::Text, from, raw ? inside : unescape(inside));
            // A doubled quote stands for one; escaped, so that unescape leaves it alone.
            inside += '\\';
        } else if (c == '\\' && !raw && at_ + 1 < text_.size()) {
            inside += c;
            ++at_;
        }
        inside += text_[at_++];
    }
    return finish(TokenKind::Error, from, std::string("the string is not closed: ") + quote + " is missing");
}

Token Lexer::symbol()
{
    const size_t from = at_;
    for (std::string_view symbol : kSymbols) {
        if (text_.substr(at_, symbol.size()) == symbol) {
            at_ += symbol.size();
            return finish(TokenKind::Symbol, from);
        }
    }
    ++at_;
    const auto c = static_cast<unsigned char>(text_[from]);
    const std::string shown = c > 0x20 && c < 0x7F ? std::string("the character ") + text_[from] : "the byte " + std::to_string(c);
    const std::string_view hint = c == '?' ? ": write if(condition, then, else)" : c == '{' ? ": write struct(1 AS a)" : c == ';' ? ": write one expression" : c == '#' || c == '@' || c == '$' ? ": put names that hold it in `backquotes`" : "";
    return finish(TokenKind::Error, from, shown + " means nothing here" + std::string(hint));
}

}
