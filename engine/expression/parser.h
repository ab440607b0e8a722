// Reads expressions by precedence, as Spark's grammar has it. Private to this room.
#pragma once
#include "engine/expression/lexer.h"
#include "engine/expression/syntax.h"

namespace streamwright::syntax {

class Parser {
public:
    explicit Parser(std::string_view text) : lexer_(text) { advance(); }
    Result<Parsed> parse();

private:
    // From loosest to tightest: OR, AND, NOT, predicates, then the levels of `binaryLevel`.
    Result<Node> expression();
    Result<Node> disjunction();
    Result<Node> conjunction();
    Result<Node> negation();
    Result<Node> predicate();
    Result<Node> value(int level);
    Result<Node> unary();
    Result<Node> postfix(Node node);
    Result<Node> primary();

    Result<Node> likePredicate(Node left, bool negated, const std::string& function);
    Result<Node> inPredicate(Node left, bool negated);
    Result<Node> betweenPredicate(Node left, bool negated);
    Result<Node> isPredicate(Node left);

    Result<Node> word();
    Result<Node> number(bool negative);
    Result<Node> text();
    Result<Node> typedText(const std::string& keyword);
    Result<Node> parenthesis();
    Result<Node> cast(bool forgiving);
    Result<Node> castTo(Node operand, size_t from, bool forgiving, bool delimited);
    Result<Node> caseWhen();
    Result<Node> call(std::string name, size_t from);
    Result<Node> arguments(Node call);
    Result<Node> argument(const std::string& function);
    std::optional<Result<Node>> lambda();
    Result<Node> extract(size_t from);
    Result<Node> trim(size_t from);
    Result<Node> position(size_t from);
    Result<Node> overlayOrSubstring(std::string name, size_t from);

    void advance() { token_ = lexer_.next(); }
    void seek(size_t at)
    {
        lexer_.seek(at);
        advance();
    }
    bool isWord(std::string_view keyword) const;
    bool isSymbol(std::string_view symbol) const { return token_.kind == TokenKind::Symbol && token_.source == symbol; }
    bool acceptWord(std::string_view keyword);
    bool acceptSymbol(std::string_view symbol);
    // No value when the symbol or keyword is there, else the mistake.
    std::optional<Error> expectSymbol(std::string_view symbol);
    std::optional<Error> expectWord(std::string_view keyword);
    bool startsWithSelect() const;
    Error expected(std::string_view what) const;
    Error mistakeAt(size_t at, std::string message, std::string hint = {}) const;
    Result<std::string> identifier(std::string_view what);
    Result<Node> make(Node node);
    Result<Node> makeCall(std::string name, std::vector<Node> children, size_t from);
    Result<Node> negatedIf(bool negated, Node node);

    Lexer lexer_;
    Token token_;
    size_t end_ = 0;         // where the last consumed token ended
    int nesting_ = 0;
    int openCases_ = 0;      // END closes a CASE instead of naming a column
};

// What a word must not be to name a column where an expression begins.
bool isReserved(std::string_view word);
std::string lowerCase(std::string_view text);

}
