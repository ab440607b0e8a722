// A JSON value as it stands in a pipeline file: objects keep their order, numbers keep their text, and
// every value knows its line. Reading and printing: pipeline/json.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamwright {

class Json {
public:
    enum class Kind : unsigned char { Null, Boolean, Number, String, Array, Object };
    using Member = std::pair<std::string, Json>;

    Json() = default;
    static Json boolean(bool value);
    static Json number(std::string text);  // as written: 1, 1.50, 1e3
    static Json integer(int64_t value);
    static Json string(std::string value);
    static Json array(std::vector<Json> items = {});
    static Json object(std::vector<Member> members = {});

    Kind kind() const { return kind_; }
    bool isNull() const { return kind_ == Kind::Null; }
    bool isBoolean() const { return kind_ == Kind::Boolean; }
    bool isNumber() const { return kind_ == Kind::Number; }
    bool isString() const { return kind_ == Kind::String; }
    bool isArray() const { return kind_ == Kind::Array; }
    bool isObject() const { return kind_ == Kind::Object; }

    bool asBoolean() const { return text_ == "true"; }
    const std::string& asString() const { return text_; }      // of a String
    const std::string& numberText() const { return text_; }    // of a Number
    std::optional<int64_t> asInteger() const;                  // a Number without a fraction that fits
    std::optional<double> asDouble() const;                    // any Number

    const std::vector<Json>& items() const { return items_; }
    std::vector<Json>& items() { return items_; }
    const std::vector<Member>& members() const { return members_; }
    std::vector<Member>& members() { return members_; }
    const Json* find(std::string_view key) const;              // of an Object; null if absent
    Json* find(std::string_view key);
    void set(std::string key, Json value);                     // replaces in place or appends
    bool erase(std::string_view key);

    int line() const { return line_; }                         // 1-based; 0 if not from a file
    void setLine(int line) { line_ = line; }

    // "a boolean", "a number", … for messages.
    std::string_view describe() const;
    // Lines do not count.
    bool operator==(const Json& other) const;

private:
    Kind kind_ = Kind::Null;
    std::string text_;
    std::vector<Json> items_;
    std::vector<Member> members_;
    int line_ = 0;
};

}
