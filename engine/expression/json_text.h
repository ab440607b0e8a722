// JSON text as a list of its values, read in one pass by the rules of Jackson as Spark sets it up: quotes may be
// single, what follows the first value does not count, and text that is broken anywhere in it is no JSON at all.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

enum class JsonKind : unsigned char { Object, Array, String, Integer, Decimal, True, False, Null };

struct JsonNode {
    JsonKind kind = JsonKind::Null;
    bool escaped = false;       // of String: it holds escapes
    uint32_t from = 0;          // bytes of the text; of a String without its quotes
    uint32_t to = 0;
    uint32_t next = 0;          // the node behind this one and all that is in it
};

struct JsonDialect {
    bool controls = false;      // control characters may stand in strings
    bool nonNumeric = false;    // NaN, Infinity and INF are numbers
};

class JsonText {
public:
    // Nodes are in the order of the text; members of an object are a String and its value in turn. False when
    // the text is no JSON. Blank text is read, and has no node. The text must outlive its use here.
    bool read(std::string_view text, JsonDialect dialect);
    bool empty() const { return nodes_.empty(); }
    const JsonNode& operator[](uint32_t node) const { return nodes_[node]; }

    // The characters of a String, without copying when it has no escapes.
    std::string_view string(uint32_t node, std::string& space) const;
    std::string_view source(uint32_t node) const { return text_.substr(nodes_[node].from, nodes_[node].to - nodes_[node].from); }
    // An Integer or Decimal.
    double number(uint32_t node) const;
    // The value as Jackson writes it again: without blanks, numbers and escapes in their shortest form.
    void appendCopy(uint32_t node, std::string& out) const;

private:
    void skipBlanks();
    bool value();
    bool step();
    bool open(JsonKind kind);
    bool stringValue(char quote);
    bool escape();
    bool numberValue();
    bool nonNumericValue();
    bool word(std::string_view expected, JsonKind kind);

    std::string_view text_;
    JsonDialect dialect_;
    size_t at_ = 0;
    std::vector<JsonNode> nodes_;
    std::vector<uint32_t> open_;
};

// Quoted, with the escapes that Jackson writes.
void appendJsonText(std::string_view text, std::string& out);
// A double or float as Jackson writes it: what is not finite is quoted.
void appendJsonDouble(double value, std::string& out);
void appendJsonFloat(float value, std::string& out);

}
