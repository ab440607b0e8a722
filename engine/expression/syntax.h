// The tree of an expression as written, before names and types are known. Private to this room.
#pragma once
#include "engine/columns/type.h"
#include "engine/columns/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace streamwright::syntax {

// Deeper trees are a mistake: no text may overflow the stack.
inline constexpr int kMaxDepth = 200;

enum class NodeKind : unsigned char {
    Literal,   // type, value
    Name,      // name: a column or a variable of a lambda
    Field,     // children[0].name
    Element,   // children[0][children[1]]
    Call,      // name is the function in lower case or the operator's sign: `+`, `and`, `between`, `is null`
    Cast,      // children[0] to `type`; `forgiving` for try_cast
    Case,      // [operand,] condition, value, …, [otherwise]; see hasOperand and hasElse
    Lambda,    // parameters -> children[0]
    Row,       // (a, b): a struct
};

struct Node {
    NodeKind kind = NodeKind::Literal;
    std::string name;
    std::vector<Node> children;
    Type type;
    Value value;
    std::vector<std::string> parameters;
    std::string alias;          // after AS, inside struct(…)
    bool quoted = false;        // Name in backquotes
    bool forgiving = false;
    bool hasOperand = false;
    bool hasElse = false;
    bool parenthesised = false;
    int depth = 1;
    size_t from = 0;            // bytes of the text it was read from
    size_t to = 0;
};

// `expression [AS name]`. `alias` stays empty when there is none.
struct Parsed {
    Node root;
    std::string alias;
    std::string text;           // the expression without its alias
};

Result<Parsed> parse(std::string_view text);

}
