#include "engine/pipeline/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <unordered_set>

namespace streamwright {

namespace {

using ErrorCode = boost::json::error_code;
using Text = boost::json::string_view;

// Receives the parser's events and builds values; `line` is set by whoever feeds the lines.
struct Builder {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    struct Open {
        Json value;
        std::string key;
        int keyLine = 0;
        std::unordered_set<std::string> keys;
    };

    int line = 1;
    std::vector<Open> open;
    std::string text;        // parts of a string, key or number so far
    Json root;
    std::string problem;

    bool put(Json value, int at)
    {
        value.setLine(at);
        if (open.empty()) {
            root = std::move(value);
        } else if (Open& parent = open.back(); parent.value.isArray()) {
            parent.value.items().push_back(std::move(value));
        } else {
            // A member's line is that of its key.
            value.setLine(parent.keyLine);
            parent.value.members().emplace_back(std::move(parent.key), std::move(value));
        }
        return true;
    }
    bool begin(Json value)
    {
        value.setLine(line);
        open.push_back({std::move(value), {}, 0, {}});
        return true;
    }
    bool end()
    {
        Json value = std::move(open.back().value);
        open.pop_back();
        const int at = value.line();
        return put(std::move(value), at);
    }
    bool number(Text s)
    {
        std::string whole = std::exchange(text, {});
        whole.append(s.data(), s.size());
        return put(Json::number(std::move(whole)), line);
    }

    bool on_document_begin(ErrorCode&) { return true; }
    bool on_document_end(ErrorCode&) { return true; }
    bool on_array_begin(ErrorCode&) { return begin(Json::array()); }
    bool on_array_end(std::size_t, ErrorCode&) { return end(); }
    bool on_object_begin(ErrorCode&) { return begin(Json::object()); }
    bool on_object_end(std::size_t, ErrorCode&) { return end(); }
    bool on_string_part(Text s, std::size_t, ErrorCode&) { return text.append(s.data(), s.size()), true; }
    bool on_string(Text s, std::size_t, ErrorCode&)
    {
        text.append(s.data(), s.size());
        return put(Json::string(std::exchange(text, {})), line);
    }
    bool on_key_part(Text s, std::size_t, ErrorCode&) { return text.append(s.data(), s.size()), true; }
    bool on_key(Text s, std::size_t, ErrorCode& error)
    {
        text.append(s.data(), s.size());
        Open& parent = open.back();
        parent.key = std::exchange(text, {});
        parent.keyLine = line;
        if (parent.keys.insert(parent.key).second) return true;
        problem = "the member " + quoteJson(parent.key) + " stands twice in this object";
        error = boost::json::error::syntax;
        return false;
    }
    bool on_number_part(Text s, ErrorCode&) { return text.append(s.data(), s.size()), true; }
    bool on_int64(std::int64_t, Text s, ErrorCode&) { return number(s); }
    bool on_uint64(std::uint64_t, Text s, ErrorCode&) { return number(s); }
    bool on_double(double, Text s, ErrorCode&) { return number(s); }
    bool on_bool(bool value, ErrorCode&) { return put(Json::boolean(value), line); }
    bool on_null(ErrorCode&) { return put(Json(), line); }
    bool on_comment_part(Text, ErrorCode&) { return true; }
    bool on_comment(Text, ErrorCode&) { return true; }
};

bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Whether the first bytes are a character of UTF-8.
bool beginsWithCharacter(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    return length > 0 && length <= text.size() && std::ranges::all_of(text.substr(1, length - 1), isContinuation);
}

// What a person can do about it; the parser's own words are for programmers.
std::string explain(const ErrorCode& error, std::string_view rest)
{
    if (error == boost::json::error::too_deep) return "nested deeper than 200 levels";
    if (error == boost::json::error::incomplete) return "the text ends in the middle: a quote, bracket or brace is not closed";
    if (error == boost::json::error::extra_data) return "there is more text after the end of the JSON value";
    if (!rest.empty() && !beginsWithCharacter(rest)) return fmt::format("not UTF-8 text: there is a byte 0x{:02X}", static_cast<unsigned char>(rest.front()));
    size_t stop = std::min(rest.find_first_of("\r\n"), std::min<size_t>(rest.size(), 30));
    while (stop < rest.size() && isContinuation(rest[stop])) ++stop;
    const std::string near(rest.substr(0, stop));
    return "not JSON: " + error.message() + (near.empty() ? std::string(" at the end of the line") : " near " + quoteJson(near));
}

}

std::variant<Json, JsonProblem> readJson(std::string_view text)
{
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return JsonProblem{1, "there is nothing in it"};
    boost::json::parse_options options;
    options.max_depth = 200;
    boost::json::basic_parser<Builder> parser(options);
    Builder& builder = parser.handler();
    // The parser is fed line by line, so that every event's line is known.
    size_t from = 0;
    do {
        const size_t end = text.find('\n', from);
        const size_t until = end == std::string_view::npos ? text.size() : end + 1;
        const bool more = until < text.size();
        ErrorCode error;
        size_t used = parser.write_some(more, text.data() + from, until - from, error);
        if (!error && used < until - from) {
            // The value is complete: only blanks may follow.
            const size_t rest = text.find_first_not_of(" \t\r\n", from + used);
            if (rest == std::string_view::npos) return std::move(builder.root);
            builder.line += static_cast<int>(std::count(text.begin() + static_cast<long>(from + used), text.begin() + static_cast<long>(rest), '\n'));
            return JsonProblem{builder.line, explain(boost::json::error::extra_data, {})};
        }
        if (error) {
            const std::string_view rest = text.substr(from + used, until - from - used);
            return JsonProblem{builder.line, builder.problem.empty() ? explain(error, rest) : builder.problem};
        }
        from = until;
        ++builder.line;
    } while (from < text.size());
    return std::move(builder.root);
}

std::string quoteJson(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            else out += c;
        }
    }
    return out += '"';
}

namespace {

bool isScalar(const Json& json)
{
    return !json.isArray() && !json.isObject();
}

void appendLine(const Json& json, std::string& out)
{
    switch (json.kind()) {
    case Json::Kind::Null: out += "null"; break;
    case Json::Kind::Boolean: out += json.asBoolean() ? "true" : "false"; break;
    case Json::Kind::Number: out += json.numberText(); break;
    case Json::Kind::String: out += quoteJson(json.asString()); break;
    case Json::Kind::Array:
        out += '[';
        for (size_t i = 0; i < json.items().size(); ++i) {
            if (i > 0) out += ", ";
            appendLine(json.items()[i], out);
        }
        out += ']';
        break;
    case Json::Kind::Object:
        out += '{';
        for (size_t i = 0; i < json.members().size(); ++i) {
            if (i > 0) out += ", ";
            out += quoteJson(json.members()[i].first) + ": ";
            appendLine(json.members()[i].second, out);
        }
        out += '}';
        break;
    }
}

void appendLines(const Json& json, size_t depth, bool itemsOnLines, std::string& out)
{
    const std::string indent((depth + 1) * 2, ' ');
    const std::string close = "\n" + std::string(depth * 2, ' ');
    if (json.isObject() && !json.members().empty()) {
        out += '{';
        for (size_t i = 0; i < json.members().size(); ++i) {
            const auto& [key, value] = json.members()[i];
            out += (i > 0 ? ",\n" : "\n") + indent + quoteJson(key) + ": ";
            appendLines(value, depth + 1, depth == 0 && key == "edges", out);
        }
        out += close + '}';
    } else if (json.isArray() && !json.items().empty() && (itemsOnLines || !std::all_of(json.items().begin(), json.items().end(), isScalar))) {
        out += '[';
        for (size_t i = 0; i < json.items().size(); ++i) {
            out += (i > 0 ? ",\n" : "\n") + indent;
            appendLines(json.items()[i], depth + 1, false, out);
        }
        out += close + ']';
    } else {
        appendLine(json, out);
    }
}

}

std::string printJson(const Json& json)
{
    std::string out;
    appendLines(json, 0, false, out);
    return out += '\n';
}

std::string printJsonLine(const Json& json)
{
    std::string out;
    appendLine(json, out);
    return out;
}

}
