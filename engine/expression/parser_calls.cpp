// Calls of functions, and those with words between their arguments.
#include "engine/expression/parser.h"

namespace streamwright::syntax {

namespace {

Node textLiteral(std::string text, size_t from)
{
    Node node;
    node.type = TypeKind::String;
    node.value = {std::move(text)};
    node.from = from;
    return node;
}

// Functions whose first argument may be a bare unit, as in timestampdiff(DAY, a, b).
bool takesUnit(std::string_view function, size_t arguments)
{
    if (arguments != 3) return false;
    constexpr std::string_view kFunctions[] = {"timestampadd", "timestampdiff", "dateadd", "date_add", "datediff", "date_diff"};
    return std::find(std::begin(kFunctions), std::end(kFunctions), function) != std::end(kFunctions);
}

}

Result<Node> Parser::call(std::string name, size_t from)
{
    if (name == "cast" || name == "try_cast") {
        auto node = cast(name == "try_cast");
        if (node) node->from = from;
        return node;
    }
    if (name == "extract") return extract(from);
    if (name == "trim") return trim(from);
    if (name == "position") return position(from);
    if (name == "overlay" || name == "substring" || name == "substr") return overlayOrSubstring(std::move(name), from);
    Node node;
    node.kind = NodeKind::Call;
    node.name = std::move(name);
    node.from = from;
    advance();
    return arguments(std::move(node));
}

// The parenthesis has been opened, arguments may already stand in the node.
Result<Node> Parser::arguments(Node node)
{
    if (!(node.children.empty() && isSymbol(")"))) {
        do {
            auto next = argument(node.name);
            if (!next) return next;
            node.children.push_back(std::move(*next));
        } while (acceptSymbol(","));
    }
    if (auto error = expectSymbol(")")) return *error;
    if (takesUnit(node.name, node.children.size()) && node.children[0].kind == NodeKind::Name) {
        node.children[0] = textLiteral(node.children[0].name, node.children[0].from);
    }
    return make(std::move(node));
}

Result<Node> Parser::argument(const std::string& function)
{
    if (auto found = lambda()) return std::move(*found);
    if (isSymbol("*") && function == "count") return mistakeAt(token_.from, "count(*) is an aggregate: it has no value for a single row", "use it in a node that groups, such as reduce_by_key");
    auto node = expression();
    if (node && function == "struct" && acceptWord("as")) {
        auto alias = identifier("a name after AS");
        if (!alias) return alias.error();
        node->alias = std::move(*alias);
    }
    return node;
}

// `x -> …` or `(a, x) -> …`, if one begins here.
std::optional<Result<Node>> Parser::lambda()
{
    const size_t from = token_.from;
    const auto isName = [&] { return token_.kind == TokenKind::Word || token_.kind == TokenKind::Quoted; };
    const auto name = [&] { return token_.kind == TokenKind::Quoted ? token_.text : std::string(token_.source); };
    Node node;
    node.kind = NodeKind::Lambda;
    node.from = from;
    bool found = false;
    if (isName()) {
        node.parameters.push_back(name());
        advance();
        found = isSymbol("->");
    } else if (isSymbol("(")) {
        do {
            advance();
            if (!isName()) break;
            node.parameters.push_back(name());
            advance();
        } while (isSymbol(","));
        if (isSymbol(")")) {
            advance();
            found = isSymbol("->") && !node.parameters.empty();
        }
    }
    if (!found) {
        seek(from);
        return std::nullopt;
    }
    advance();
    auto body = expression();
    if (!body) return body;
    node.children.push_back(std::move(*body));
    return make(std::move(node));
}

// EXTRACT(field FROM source) is date_part('field', source).
Result<Node> Parser::extract(size_t from)
{
    advance();
    std::vector<Node> children;
    children.push_back(textLiteral("", token_.from));
    if (token_.kind == TokenKind::Text) {
        children[0].value = {token_.text};
        advance();
    } else {
        auto field = identifier("a field such as YEAR");
        if (!field) return field.error();
        children[0].value = {*field};
    }
    if (!acceptSymbol(",")) {
        if (auto error = expectWord("FROM")) return *error;
    }
    auto source = expression();
    if (!source) return source;
    children.push_back(std::move(*source));
    if (auto error = expectSymbol(")")) return *error;
    return makeCall("extract", std::move(children), from);
}

// TRIM([BOTH | LEADING | TRAILING] [characters] FROM text), or a plain call.
Result<Node> Parser::trim(size_t from)
{
    advance();
    std::string function = "btrim";
    bool sided = true;
    if (acceptWord("leading")) {
        function = "ltrim";
    } else if (acceptWord("trailing")) {
        function = "rtrim";
    } else {
        sided = acceptWord("both");
    }
    std::vector<Node> children;
    if (sided && acceptWord("from")) {
        auto source = expression();
        if (!source) return source;
        children.push_back(std::move(*source));
    } else {
        auto first = expression();
        if (!first) return first;
        children.push_back(std::move(*first));
        if (acceptWord("from")) {
            auto source = expression();
            if (!source) return source;
            // ltrim and rtrim take the characters first, btrim last.
            children.insert(function == "btrim" ? children.begin() : children.end(), std::move(*source));
        } else if (sided) {
            return expected("FROM");
        } else {
            Node node;
            node.kind = NodeKind::Call;
            node.name = "trim";
            node.from = from;
            node.children = std::move(children);
            if (!acceptSymbol(",")) {
                if (auto error = expectSymbol(")")) return *error;
                return make(std::move(node));
            }
            return arguments(std::move(node));
        }
    }
    if (auto error = expectSymbol(")")) return *error;
    return makeCall(std::move(function), std::move(children), from);
}

// POSITION(a IN b), or a plain call.
Result<Node> Parser::position(size_t from)
{
    advance();
    Node node;
    node.kind = NodeKind::Call;
    node.name = "position";
    node.from = from;
    auto first = value(1);
    if (!first) return first;
    node.children.push_back(std::move(*first));
    if (!acceptWord("in")) {
        if (auto error = expectSymbol(",")) return expected("IN or \",\"");
    }
    return arguments(std::move(node));
}

// OVERLAY(text PLACING new FROM position [FOR length]), SUBSTRING(text FROM position [FOR length]), or plain calls.
Result<Node> Parser::overlayOrSubstring(std::string name, size_t from)
{
    advance();
    Node node;
    node.kind = NodeKind::Call;
    node.name = std::move(name);
    node.from = from;
    if (isSymbol(")")) return arguments(std::move(node));
    auto first = expression();
    if (!first) return first;
    node.children.push_back(std::move(*first));
    bool words = false;
    for (std::string_view keyword : {"placing", "from", "for"}) {
        if (keyword == "placing" && node.name != "overlay") continue;
        if (!acceptWord(keyword)) continue;
        words = true;
        auto next = expression();
        if (!next) return next;
        node.children.push_back(std::move(*next));
    }
    if (words || !acceptSymbol(",")) {
        if (auto error = expectSymbol(")")) return *error;
        return make(std::move(node));
    }
    return arguments(std::move(node));
}

}
