#include "engine/expression/aggregate_text.h"

#include "engine/columns/schema.h"

namespace streamwright {

namespace {

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool isWordPart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::string_view trim(std::string_view text)
{
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

// Walks over the text; what stands in quotes or parentheses is one piece.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    size_t at() const { return at_; }
    std::string_view text() const { return text_; }
    bool atEnd()
    {
        skipSpace();
        return at_ == text_.size();
    }
    std::string_view rest() { return text_.substr(at_); }
    std::string_view peekWord()
    {
        skipSpace();
        size_t end = at_;
        while (end < text_.size() && isWordPart(text_[end])) ++end;
        return text_.substr(at_, end - at_);
    }
    bool acceptWord(std::string_view word)
    {
        if (!sameName(peekWord(), word)) return false;
        at_ += word.size();
        return true;
    }
    // What stands between the parenthesis here and its partner.
    Result<std::string_view> parenthesised()
    {
        skipSpace();
        if (at_ == text_.size() || text_[at_] != '(') return mistake("expected \"(\" at " + where());
        const size_t from = at_ + 1;
        int depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\'' || c == '"' || c == '`') {
                if (!skipQuoted(c)) return mistake(fmt::format("a quote {} is not closed in {}", c, text_));
                continue;
            }
            if (c == '(' || c == '[') ++depth;
            if (c == ')' || c == ']') --depth;
            ++at_;
            if (depth == 0) return text_.substr(from, at_ - 1 - from);
        }
        return mistake(fmt::format("a parenthesis is not closed in {}", text_));
    }
    // The text cut at commas.
    Result<std::vector<std::string>> pieces()
    {
        std::vector<std::string> parts;
        size_t from = 0;
        int depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\'' || c == '"' || c == '`') {
                skipQuoted(c);
                continue;
            }
            if (c == '(' || c == '[') ++depth;
            if (c == ')' || c == ']') --depth;
            if (c == ',' && depth == 0) {
                parts.emplace_back(trim(text_.substr(from, at_ - from)));
                from = at_ + 1;
            }
            ++at_;
        }
        parts.emplace_back(trim(text_.substr(from)));
        return parts;
    }
    // A plain or backquoted name.
    std::optional<std::string> name()
    {
        skipSpace();
        if (at_ < text_.size() && text_[at_] == '`') {
            const size_t from = at_ + 1;
            if (!skipQuoted('`')) return std::nullopt;
            return std::string(text_.substr(from, at_ - 1 - from));
        }
        const std::string_view word = peekWord();
        if (word.empty()) return std::nullopt;
        at_ += word.size();
        return std::string(word);
    }
    std::string where() { return at_ >= text_.size() ? "the end of " + std::string(text_) : fmt::format("\"{}\" in {}", text_.substr(at_), text_); }

private:
    void skipSpace()
    {
        while (at_ < text_.size() && isSpace(text_[at_])) ++at_;
    }
    bool skipQuoted(char quote)
    {
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\' && quote != '`') ++at_;
            else if (text_[at_] == quote) return ++at_, true;
        }
        at_ = text_.size();
        return false;
    }

    std::string_view text_;
    size_t at_ = 0;
};

Result<void> readArguments(std::string_view inside, AggregateText& call)
{
    Reader reader(inside);
    call.distinct = reader.acceptWord("DISTINCT");
    const std::string_view list = trim(reader.rest());
    if (list == "*") {
        call.star = true;
    } else if (!list.empty()) {
        auto pieces = Reader(list).pieces();
        if (!pieces) return pieces.error();
        call.arguments = std::move(*pieces);
    }
    for (const std::string& argument : call.arguments) {
        if (argument.empty()) return mistake(fmt::format("an argument is missing in {}({})", call.function, inside));
    }
    return {};
}

// `(WORD [WORD] rest)`: the rest.
Result<std::string> clause(Reader& reader, std::string_view first, std::string_view second)
{
    auto inside = reader.parenthesised();
    if (!inside) return inside.error();
    Reader within(*inside);
    if (!within.acceptWord(first) || (!second.empty() && !within.acceptWord(second))) {
        return mistake(fmt::format("expected ({}{}{} …), but got ({})", first, second.empty() ? "" : " ", second, *inside));
    }
    return std::string(trim(within.rest()));
}

Result<void> readClauses(Reader& reader, AggregateText& call)
{
    const auto into = [](std::optional<std::string>& place, Result<std::string> text) -> Result<void> {
        if (!text) return text.error();
        place = std::move(*text);
        return {};
    };
    for (;;) {
        Result<void> read;
        if (reader.acceptWord("IGNORE")) {
            call.ignoreNulls = true;
            if (!reader.acceptWord("NULLS")) return mistake("expected NULLS after IGNORE at " + reader.where());
        } else if (reader.acceptWord("RESPECT")) {
            if (!reader.acceptWord("NULLS")) return mistake("expected NULLS after RESPECT at " + reader.where());
        } else if (reader.acceptWord("WITHIN")) {
            if (!reader.acceptWord("GROUP")) return mistake("expected GROUP after WITHIN at " + reader.where());
            read = into(call.orderBy, clause(reader, "ORDER", "BY"));
        } else if (reader.acceptWord("FILTER")) {
            read = into(call.filter, clause(reader, "WHERE", ""));
        } else {
            return {};
        }
        if (!read) return read;
    }
}

}

Result<AggregateText> readAggregate(std::string_view text)
{
    const std::string_view whole = trim(text);
    Reader reader(whole);
    AggregateText call;
    const auto function = reader.name();
    if (!function || reader.atEnd() || reader.rest().front() != '(') {
        return mistake(fmt::format("\"{}\" is not an aggregate", whole), "write a call, for example count(*) AS n or sum(amount) AS total");
    }
    for (const char c : *function) call.function += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    auto inside = reader.parenthesised();
    if (!inside) return inside.error();
    if (auto read = readArguments(*inside, call); !read) return read.error();
    if (auto read = readClauses(reader, call); !read) return read.error();
    call.call = trim(whole.substr(0, reader.at()));
    if (reader.atEnd()) return call;
    const bool as = reader.acceptWord("AS");
    call.alias = reader.name();
    if (!call.alias && as) return mistake("expected a name after AS at " + reader.where());
    if (!call.alias || !reader.atEnd()) {
        return mistake(fmt::format("\"{}\" does not belong behind the aggregate {}", reader.rest(), call.call), "an aggregate stands alone; compute with its result in a select behind it");
    }
    return call;
}

}
