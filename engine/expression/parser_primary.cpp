#include "engine/columns/schema.h"
#include "engine/expression/parser.h"

#include <charconv>

namespace streamwright::syntax {

namespace {

Node literal(Type type, Value value, size_t from)
{
    Node node;
    node.type = std::move(type);
    node.value = std::move(value);
    node.from = from;
    return node;
}

Node textLiteral(std::string text, size_t from) { return literal(TypeKind::String, {std::move(text)}, from); }

}

Result<Node> Parser::primary()
{
    switch (token_.kind) {
        case TokenKind::Number: return number(false);
        case TokenKind::Text:
        case TokenKind::RawText: return text();
        case TokenKind::Quoted: {
            Node node;
            node.kind = NodeKind::Name;
            node.quoted = true;
            node.name = token_.text;
            node.from = token_.from;
            end_ = token_.to;
            advance();
            return make(std::move(node));
        }
        case TokenKind::Word: return word();
        case TokenKind::Symbol:
            if (isSymbol("(")) return parenthesis();
            break;
        case TokenKind::End:
        case TokenKind::Error: break;
    }
    return expected("an expression");
}

Result<Node> Parser::postfix(Node node)
{
    while (true) {
        const size_t from = node.from;
        Node next;
        next.from = from;
        if (acceptSymbol(".")) {
            auto name = identifier("a field name after \".\"");
            if (!name) return name.error();
            next.kind = NodeKind::Field;
            next.name = std::move(*name);
            next.children.push_back(std::move(node));
        } else if (acceptSymbol("[")) {
            auto index = expression();
            if (!index) return index;
            if (auto error = expectSymbol("]")) return *error;
            next.kind = NodeKind::Element;
            next.children.push_back(std::move(node));
            next.children.push_back(std::move(*index));
        } else if (isSymbol("::")) {
            auto converted = castTo(std::move(node), from, false, false);
            if (!converted) return converted;
            node = std::move(*converted);
            continue;
        } else {
            return node;
        }
        auto made = make(std::move(next));
        if (!made) return made;
        node = std::move(*made);
    }
}

Result<Node> Parser::number(bool negative)
{
    const size_t from = token_.from;
    const std::string_view source = token_.source;
    const size_t digitsEnd = source.find_first_not_of("0123456789");
    const std::string digits = (negative ? "-" : "") + std::string(source.substr(0, digitsEnd));
    const std::string rest = digitsEnd == std::string_view::npos ? "" : lowerCase(source.substr(digitsEnd));
    const std::string shown(source);
    end_ = token_.to;
    advance();

    if (rest.empty() || rest == "l") {
        int64_t number = 0;
        const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (failure != std::errc() || end != digits.data() + digits.size()) {
            return mistakeAt(from, "the number does not fit BIGINT: " + shown, "write " + shown + "D for a DOUBLE");
        }
        const bool fitsInt = number >= INT32_MIN && number <= INT32_MAX;
        return make(literal(rest.empty() && fitsInt ? TypeKind::Int : TypeKind::BigInt, {number}, from));
    }
    if (rest == "y" || rest == "s" || (rest.size() >= 2 && rest.substr(rest.size() - 2) == "bd")) {
        return mistakeAt(from, "the type of the number is not supported yet: " + shown, "use INT (1), BIGINT (1L) or DOUBLE (1.5D)");
    }
    const char suffix = rest.back();
    std::string plain = (negative ? "-" : "") + std::string(source);
    if (suffix == 'd' || suffix == 'f') plain.pop_back();
    // std::from_chars reads what strtod reads, but never the machine's decimal comma.
    double number = 0;
    const auto [end, failure] = std::from_chars(plain.data(), plain.data() + plain.size(), number);
    if (end != plain.data() + plain.size()) return mistakeAt(from, "not a number: " + shown, "write names that start with a digit in backquotes");
    if (failure == std::errc::result_out_of_range) return mistakeAt(from, "the number is out of range: " + shown);
    if (suffix == 'f') {
        float single = 0;
        std::from_chars(plain.data(), plain.data() + plain.size(), single);
        return make(literal(TypeKind::Float, {static_cast<double>(single)}, from));
    }
    return make(literal(TypeKind::Double, {number}, from));
}

Result<Node> Parser::text()
{
    const size_t from = token_.from;
    std::string value;
    // Strings that stand side by side are one string.
    while (token_.kind == TokenKind::Text || token_.kind == TokenKind::RawText) {
        value += token_.text;
        end_ = token_.to;
        advance();
    }
    return make(textLiteral(std::move(value), from));
}

// DATE'…', TIMESTAMP'…' and X'…'; the keyword has been read.
Result<Node> Parser::typedText(const std::string& keyword)
{
    const size_t from = token_.from;
    auto inside = text();
    if (!inside) return inside;
    const std::string& value = std::get<std::string>(inside->value.data);
    if (keyword == "x") {
        std::string digits = value.size() % 2 == 1 ? "0" + value : value;
        std::string bytes;
        for (size_t i = 0; i < digits.size(); i += 2) {
            unsigned byte = 0;
            const auto [end, failure] = std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
            if (failure != std::errc() || end != digits.data() + i + 2) return mistakeAt(from, "X'…' takes hexadecimal digits, but got '" + value + "'");
            bytes += static_cast<char>(byte);
        }
        return make(literal(TypeKind::Binary, {std::move(bytes)}, from));
    }
    Node node;
    node.kind = NodeKind::Cast;
    node.type = keyword == "date" ? TypeKind::Date : TypeKind::Timestamp;
    node.name = keyword;
    node.from = from;
    node.children.push_back(std::move(*inside));
    return make(std::move(node));
}

Result<Node> Parser::word()
{
    const size_t from = token_.from;
    const std::string source(token_.source);
    const std::string lower = lowerCase(source);
    const size_t after = token_.to;
    if (lower == "end" && openCases_ > 0) return expected("an expression");
    if (isReserved(lower)) {
        // The operators LIKE and RLIKE are functions too.
        const bool named = lower == "like" || lower == "ilike" || lower == "rlike" || lower == "regexp";
        const size_t open = lexer_.text().find_first_not_of(" \t\r\n", after);
        if (!named || open == std::string_view::npos || lexer_.text()[open] != '(') return expected("an expression");
    }
    end_ = after;
    advance();
    if (lower == "null") return make(literal(TypeKind::Void, {}, from));
    if (lower == "true" || lower == "false") return make(literal(TypeKind::Boolean, {lower == "true"}, from));
    if (lower == "case" && !isSymbol(".")) return caseWhen();
    const bool beforeText = token_.kind == TokenKind::Text || token_.kind == TokenKind::RawText;
    if (beforeText && (lower == "date" || lower == "timestamp" || lower == "timestamp_ltz" || lower == "x")) return typedText(lower);
    if (beforeText && (lower == "timestamp_ntz" || lower == "time" || lower == "interval")) {
        return mistakeAt(from, "the type " + lower + " is not supported yet", "use TIMESTAMP'…' or DATE'…'");
    }
    if (lower == "interval" && (token_.kind == TokenKind::Number || isSymbol("-") || isSymbol("+"))) {
        return mistakeAt(from, "the type interval is not supported yet", "use timestampadd(SECOND, n, time) or date_add(date, days)");
    }
    if (isSymbol("(")) return call(lower, from);
    Node node;
    node.kind = NodeKind::Name;
    node.name = source;
    node.from = from;
    return make(std::move(node));
}

Result<Node> Parser::parenthesis()
{
    const size_t from = token_.from;
    advance();
    auto first = expression();
    if (!first) return first;
    if (!isSymbol(",")) {
        if (auto error = expectSymbol(")")) return *error;
        first->parenthesised = true;
        first->from = from;
        first->to = end_;
        return first;
    }
    Node row;
    row.kind = NodeKind::Row;
    row.from = from;
    row.children.push_back(std::move(*first));
    while (acceptSymbol(",")) {
        auto next = expression();
        if (!next) return next;
        row.children.push_back(std::move(*next));
    }
    if (auto error = expectSymbol(")")) return *error;
    return make(std::move(row));
}

Result<Node> Parser::caseWhen()
{
    Node node;
    node.kind = NodeKind::Case;
    node.from = end_ - 4;
    ++openCases_;
    if (!isWord("when")) {
        auto operand = expression();
        if (!operand) return operand;
        node.hasOperand = true;
        node.children.push_back(std::move(*operand));
    }
    while (acceptWord("when")) {
        auto condition = expression();
        if (!condition) return condition;
        if (auto error = expectWord("THEN")) return *error;
        auto result = expression();
        if (!result) return result;
        node.children.push_back(std::move(*condition));
        node.children.push_back(std::move(*result));
    }
    if (node.children.size() < 2) return expected("WHEN");
    if (acceptWord("else")) {
        auto otherwise = expression();
        if (!otherwise) return otherwise;
        node.hasElse = true;
        node.children.push_back(std::move(*otherwise));
    }
    --openCases_;
    if (auto error = expectWord("END")) return *error;
    return make(std::move(node));
}

// `CAST(` or `TRY_CAST(` has been read up to the parenthesis.
Result<Node> Parser::cast(bool forgiving)
{
    const size_t from = token_.from;
    advance();
    auto operand = expression();
    if (!operand) return operand;
    if (!isWord("as")) return expected("AS and a type");
    auto node = castTo(std::move(*operand), from, forgiving, true);
    if (!node) return node;
    if (auto error = expectSymbol(")")) return *error;
    node->to = end_;
    return node;
}

// The current token is AS or `::`; the type stands behind it. Types are no tokens (`>>` closes two), so
// its bytes are found first: a word, then what stands in <…> or (…).
Result<Node> Parser::castTo(Node operand, size_t from, bool forgiving, bool delimited)
{
    const std::string_view all = lexer_.text();
    const size_t begin = token_.to;
    size_t at = begin;
    const auto skip = [&](auto matches) {
        while (at < all.size() && matches(all[at])) ++at;
    };
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    if (delimited) {
        int depth = 0;
        for (; at < all.size() && !(depth == 0 && all[at] == ')'); ++at) {
            if (all[at] == '(') ++depth;
            if (all[at] == ')') --depth;
        }
    } else {
        skip(blank);
        const size_t word = at;
        skip([](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
        const size_t afterWord = at;
        skip(blank);
        constexpr std::string_view kNested[] = {"array", "struct", "map", "decimal", "char", "varchar"};
        const bool nested = std::find(std::begin(kNested), std::end(kNested), lowerCase(all.substr(word, afterWord - word))) != std::end(kNested);
        if (nested && at < all.size() && (all[at] == '<' || all[at] == '(')) {
            int depth = 0;
            do {
                if (all[at] == '<' || all[at] == '(') ++depth;
                if (all[at] == '>' || all[at] == ')') --depth;
                ++at;
            } while (at < all.size() && depth > 0);
        } else {
            at = afterWord;
        }
    }
    auto type = parseType(all.substr(begin, at - begin));
    if (!type) return mistakeAt(begin, type.error().message, type.error().hint);
    end_ = at;
    seek(at);
    Node node;
    node.kind = NodeKind::Cast;
    node.from = from;
    node.type = std::move(*type);
    node.forgiving = forgiving;
    node.children.push_back(std::move(operand));
    return make(std::move(node));
}

}
