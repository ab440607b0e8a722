// Cuts an expression into tokens, on demand. Also used to colour text in editors.
#pragma once
#include "engine/base/result.h"

#include <string>
#include <string_view>

namespace streamwright::syntax {

enum class TokenKind : unsigned char {
    End,
    Word,       // identifier or keyword
    Quoted,     // `identifier`
    Number,     // digits, with fraction, exponent and suffix
    Text,       // '…' or "…", unescaped
    RawText,    // r'…'
    Symbol,     // operator or punctuation
    Error,      // `text` says what is wrong
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::string_view source;   // as written
    std::string text;          // Quoted, Text, RawText: the value; Error: what is wrong
    size_t from = 0;
    size_t to = 0;
};

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}
    Token next();
    size_t position() const { return at_; }
    void seek(size_t at) { at_ = at; }
    std::string_view text() const { return text_; }

private:
    bool skipBlanks();
    Token word();
    Token number();
    Token quoted();
    Token string(bool raw);
    Token symbol();
    Token finish(TokenKind kind, size_t from, std::string value = {});

    std::string_view text_;
    size_t at_ = 0;
};

// Spark's escapes of a string literal's inside: \n, \t, \uXXXX, \101, … ; `\%` and `\_` stay as they are.
std::string unescape(std::string_view text);
void appendUtf8(uint32_t codePoint, std::string& out);
// `3:14` for a byte of the text; columns count characters.
std::string lineAndColumn(std::string_view text, size_t at);

}
