#include "engine/expression/parser.h"

#include "engine/columns/schema.h"

namespace streamwright::syntax {

namespace {

// How tight a binary operator binds; 0 when the token is none.
int binaryLevel(const Token& token)
{
    if (token.kind == TokenKind::Word) return sameName(token.source, "div") ? 7 : 0;
    if (token.kind != TokenKind::Symbol) return 0;
    const std::string_view s = token.source;
    if (s == "=" || s == "==" || s == "<=>" || s == "<>" || s == "!=" || s == "<" || s == "<=" || s == ">" || s == ">=") return 1;
    if (s == "|") return 2;
    if (s == "^") return 3;
    if (s == "&") return 4;
    if (s == "<<" || s == ">>" || s == ">>>") return 5;
    if (s == "+" || s == "-" || s == "||") return 6;
    if (s == "*" || s == "/" || s == "%") return 7;
    return 0;
}

std::string operatorName(const Token& token)
{
    if (token.source == "==") return "=";
    if (token.source == "<>") return "!=";
    return lowerCase(token.source);
}

// Counts nesting for as long as it lives.
class Deeper {
public:
    explicit Deeper(int& depth) : depth_(++depth) {}
    ~Deeper() { --depth_; }

private:
    int& depth_;
};

// Chains of these are one node with many children, so that long lists are not deep trees.
bool isChain(std::string_view name) { return name == "and" || name == "or" || name == "||"; }

}

std::string lowerCase(std::string_view text)
{
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

bool isReserved(std::string_view word)
{
    constexpr std::string_view kReserved[] = {"and", "or", "not", "in", "like", "ilike", "rlike", "regexp", "between", "is", "then", "when", "else", "from", "as", "div", "escape"};
    return std::any_of(std::begin(kReserved), std::end(kReserved), [&](std::string_view r) { return sameName(r, word); });
}

bool Parser::isWord(std::string_view keyword) const { return token_.kind == TokenKind::Word && sameName(token_.source, keyword); }

bool Parser::acceptWord(std::string_view keyword)
{
    if (!isWord(keyword)) return false;
    end_ = token_.to;
    advance();
    return true;
}

bool Parser::acceptSymbol(std::string_view symbol)
{
    if (!isSymbol(symbol)) return false;
    end_ = token_.to;
    advance();
    return true;
}

Error Parser::mistakeAt(size_t at, std::string message, std::string hint) const
{
    return mistake("at " + lineAndColumn(lexer_.text(), at) + ": " + std::move(message), std::move(hint));
}

Error Parser::expected(std::string_view what) const
{
    if (token_.kind == TokenKind::Error) return mistakeAt(token_.from, token_.text);
    const std::string_view next = token_.source;
    std::string hint;
    if (next == "&") hint = "write AND between conditions";
    else if (next == "[") hint = "write a list as array(1, 2)";
    else if (next == "->") hint = "a lambda stands only in functions such as transform, filter, exists and aggregate";
    else if (next == "!") hint = "write NOT before a condition";
    else if (isWord("over")) hint = "functions over other rows do not exist: use a window node, sort, or update_state_by_key";
    else if (isWord("from") || startsWithSelect()) hint = "write only the expression, without SELECT and FROM";
    const std::string found = token_.kind == TokenKind::End ? "the end" : "\"" + std::string(token_.source.substr(0, 40)) + "\"";
    return mistakeAt(token_.from, "expected " + std::string(what) + ", but found " + found, std::move(hint));
}

bool Parser::startsWithSelect() const
{
    Lexer lexer(lexer_.text());
    return sameName(lexer.next().source, "select");
}

std::optional<Error> Parser::expectSymbol(std::string_view symbol)
{
    if (acceptSymbol(symbol)) return std::nullopt;
    return expected("\"" + std::string(symbol) + "\"");
}

std::optional<Error> Parser::expectWord(std::string_view keyword)
{
    if (acceptWord(keyword)) return std::nullopt;
    return expected(keyword);
}

Result<std::string> Parser::identifier(std::string_view what)
{
    std::string name;
    if (token_.kind == TokenKind::Quoted) {
        name = token_.text;
    } else if (token_.kind == TokenKind::Word) {
        name = token_.source;
    } else {
        return expected(what);
    }
    end_ = token_.to;
    advance();
    return name;
}

Result<Node> Parser::make(Node node)
{
    node.to = end_;
    for (const Node& child : node.children) node.depth = std::max(node.depth, child.depth + 1);
    if (node.depth > kMaxDepth) return mistakeAt(node.from, "the expression is nested more than " + std::to_string(kMaxDepth) + " deep", "split it over several columns");
    return node;
}

Result<Node> Parser::makeCall(std::string name, std::vector<Node> children, size_t from)
{
    Node node;
    node.kind = NodeKind::Call;
    node.name = std::move(name);
    node.children = std::move(children);
    node.from = from;
    return make(std::move(node));
}

Result<Node> Parser::negatedIf(bool negated, Node node)
{
    if (!negated) return node;
    const size_t from = node.from;
    std::vector<Node> children;
    children.push_back(std::move(node));
    return makeCall("not", std::move(children), from);
}

Result<Parsed> Parser::parse()
{
    Parsed parsed;
    if (token_.kind == TokenKind::End) return mistake("the expression is empty", "write for example: amount * 2 AS doubled");
    auto root = expression();
    if (!root) return root.error();
    parsed.text = std::string(lexer_.text().substr(root->from, end_ - root->from));
    parsed.root = std::move(*root);
    if (acceptWord("as")) {
        auto name = identifier("a name after AS");
        if (!name) return name.error();
        parsed.alias = std::move(*name);
    }
    if (token_.kind != TokenKind::End) return expected(parsed.alias.empty() ? "an operator, AS or the end" : "the end");
    return parsed;
}

Result<Node> Parser::expression()
{
    const Deeper deeper(nesting_);
    if (nesting_ > kMaxDepth) return mistakeAt(token_.from, "the expression is nested more than " + std::to_string(kMaxDepth) + " deep", "split it over several columns");
    return disjunction();
}

Result<Node> Parser::disjunction()
{
    auto left = conjunction();
    if (!left || !isWord("or")) return left;
    const size_t from = left->from;
    std::vector<Node> terms;
    terms.push_back(std::move(*left));
    while (acceptWord("or")) {
        auto right = conjunction();
        if (!right) return right;
        terms.push_back(std::move(*right));
    }
    return makeCall("or", std::move(terms), from);
}

Result<Node> Parser::conjunction()
{
    auto left = negation();
    if (!left || !isWord("and")) return left;
    const size_t from = left->from;
    std::vector<Node> terms;
    terms.push_back(std::move(*left));
    while (acceptWord("and")) {
        auto right = negation();
        if (!right) return right;
        terms.push_back(std::move(*right));
    }
    return makeCall("and", std::move(terms), from);
}

Result<Node> Parser::negation()
{
    const size_t from = token_.from;
    if (!isWord("not") && !isSymbol("!")) return predicate();
    const Deeper deeper(nesting_);
    if (nesting_ > kMaxDepth) return mistakeAt(from, "the expression is nested more than " + std::to_string(kMaxDepth) + " deep");
    advance();
    auto operand = negation();
    if (!operand) return operand;
    std::vector<Node> children;
    children.push_back(std::move(*operand));
    return makeCall("not", std::move(children), from);
}

Result<Node> Parser::predicate()
{
    auto left = value(1);
    if (!left) return left;
    if (isWord("is")) return isPredicate(std::move(*left));
    const size_t before = token_.from;
    const bool negated = acceptWord("not");
    if (isWord("between")) return betweenPredicate(std::move(*left), negated);
    if (isWord("in")) return inPredicate(std::move(*left), negated);
    if (isWord("like")) return likePredicate(std::move(*left), negated, "like");
    if (isWord("ilike")) return likePredicate(std::move(*left), negated, "ilike");
    if (isWord("rlike") || isWord("regexp")) return likePredicate(std::move(*left), negated, "rlike");
    if (negated) {
        if (token_.kind != TokenKind::End) return expected("BETWEEN, IN, LIKE or RLIKE after NOT");
        seek(before);
        return expected("an operator");
    }
    return left;
}

Result<Node> Parser::isPredicate(Node left)
{
    const size_t from = left.from;
    advance();
    const bool negated = acceptWord("not");
    std::vector<Node> children;
    children.push_back(std::move(left));
    std::string name;
    if (acceptWord("null") || acceptWord("unknown")) {
        name = "is null";
    } else if (acceptWord("true")) {
        name = "is true";
    } else if (acceptWord("false")) {
        name = "is false";
    } else if (acceptWord("distinct")) {
        if (auto error = expectWord("FROM")) return *error;
        auto right = value(2);
        if (!right) return right;
        children.push_back(std::move(*right));
        auto same = makeCall("<=>", std::move(children), from);
        return same ? negatedIf(!negated, std::move(*same)) : same;
    } else {
        return expected("NULL, TRUE, FALSE or DISTINCT FROM after IS");
    }
    auto node = makeCall(std::move(name), std::move(children), from);
    return node ? negatedIf(negated, std::move(*node)) : node;
}

Result<Node> Parser::betweenPredicate(Node left, bool negated)
{
    const size_t from = left.from;
    advance();
    auto low = value(1);
    if (!low) return low;
    if (auto error = expectWord("AND")) return *error;
    auto high = value(1);
    if (!high) return high;
    std::vector<Node> children;
    children.push_back(std::move(left));
    children.push_back(std::move(*low));
    children.push_back(std::move(*high));
    auto node = makeCall("between", std::move(children), from);
    return node ? negatedIf(negated, std::move(*node)) : node;
}

Result<Node> Parser::inPredicate(Node left, bool negated)
{
    const size_t from = left.from;
    advance();
    if (auto error = expectSymbol("(")) return *error;
    std::vector<Node> children;
    children.push_back(std::move(left));
    do {
        auto item = expression();
        if (!item) return item;
        children.push_back(std::move(*item));
    } while (acceptSymbol(","));
    if (auto error = expectSymbol(")")) return *error;
    auto node = makeCall("in", std::move(children), from);
    return node ? negatedIf(negated, std::move(*node)) : node;
}

Result<Node> Parser::likePredicate(Node left, bool negated, const std::string& function)
{
    const size_t from = left.from;
    advance();
    std::vector<Node> children;
    children.push_back(std::move(left));
    const bool any = function != "rlike" && (isWord("any") || isWord("some"));
    const bool all = function != "rlike" && isWord("all");
    if (any || all) {
        advance();
        if (auto error = expectSymbol("(")) return *error;
        do {
            auto pattern = expression();
            if (!pattern) return pattern;
            children.push_back(std::move(*pattern));
        } while (acceptSymbol(","));
        if (auto error = expectSymbol(")")) return *error;
        // NOT LIKE ANY (…) asks for a pattern that does not match, so the negation stands inside.
        return makeCall(std::string(negated ? "not " : "") + function + (any ? " any" : " all"), std::move(children), from);
    }
    auto pattern = value(1);
    if (!pattern) return pattern;
    children.push_back(std::move(*pattern));
    if (function != "rlike" && acceptWord("escape")) {
        if (token_.kind != TokenKind::Text && token_.kind != TokenKind::RawText) return expected("the escape character as a string");
        auto escape = text();
        if (!escape) return escape;
        children.push_back(std::move(*escape));
    }
    auto node = makeCall(function, std::move(children), from);
    return node ? negatedIf(negated, std::move(*node)) : node;
}

Result<Node> Parser::value(int level)
{
    auto left = unary();
    if (!left) return left;
    while (true) {
        const int found = binaryLevel(token_);
        if (found == 0 || found < level) return left;
        std::string name = operatorName(token_);
        advance();
        auto right = value(found + 1);
        if (!right) return right;
        if (isChain(name) && left->kind == NodeKind::Call && left->name == name && !left->parenthesised) {
            left->children.push_back(std::move(*right));
            left = make(std::move(*left));
        } else {
            const size_t from = left->from;
            std::vector<Node> children;
            children.push_back(std::move(*left));
            children.push_back(std::move(*right));
            left = makeCall(std::move(name), std::move(children), from);
        }
        if (!left) return left;
    }
}

Result<Node> Parser::unary()
{
    const size_t from = token_.from;
    const bool minus = isSymbol("-");
    if (!minus && !isSymbol("+") && !isSymbol("~")) {
        auto node = primary();
        return node ? postfix(std::move(*node)) : node;
    }
    const std::string name = minus ? "negative" : isSymbol("+") ? "positive" : "~";
    const Deeper deeper(nesting_);
    if (nesting_ > kMaxDepth) return mistakeAt(from, "the expression is nested more than " + std::to_string(kMaxDepth) + " deep");
    advance();
    // The sign belongs to a number, so that -9223372036854775808 can be written.
    if (minus && token_.kind == TokenKind::Number) {
        auto node = number(true);
        if (!node) return node;
        node->from = from;
        return postfix(std::move(*node));
    }
    auto operand = unary();
    if (!operand) return operand;
    std::vector<Node> children;
    children.push_back(std::move(*operand));
    return makeCall(name, std::move(children), from);
}

Result<Parsed> parse(std::string_view text) { return Parser(text).parse(); }

}
