// get_json_object: a value out of JSON text by a path, with the ways that Spark has from Hive: `[*]` of one match
// is that match alone, strings lose their quotes only at the end of a path without `[*]`.
#include "engine/expression/functions/families.h"
#include "engine/expression/json_text.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"

namespace streamwright {

namespace {

struct Step {
    enum class Kind : unsigned char { Member, Index, EveryElement, EveryMember } kind = Kind::Member;
    std::string name;
    uint64_t index = 0;
};
using Path = std::span<const Step>;

// `$`, `.name`, `['name']`, `[0]`, `[*]`; blanks between the parts do not count. Empty when it is no path.
class PathReader {
public:
    explicit PathReader(std::string_view text) : text_(text) {}

    std::optional<std::vector<Step>> read()
    {
        if (!accept("$")) return std::nullopt;
        std::vector<Step> steps;
        while (!atEnd()) {
            auto step = next();
            if (!step) return std::nullopt;
            steps.push_back(std::move(*step));
        }
        return steps;
    }

private:
    std::optional<Step> next()
    {
        if (accept(".*") || accept("['*']")) return Step{Step::Kind::EveryMember, {}, 0};
        if (accept(".")) return named(".[", {});
        if (accept("['")) return named("'?", "']");
        if (!accept("[")) return std::nullopt;
        Step step{Step::Kind::EveryElement, {}, 0};
        if (!accept("*")) {
            step.kind = Step::Kind::Index;
            skipBlanks();
            const size_t from = at_;
            for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
                if (__builtin_mul_overflow(step.index, 10u, &step.index)) return std::nullopt;
                step.index += static_cast<uint64_t>(text_[at_] - '0');
            }
            if (at_ == from) return std::nullopt;
        }
        return accept("]") ? std::optional(step) : std::nullopt;
    }

    std::optional<Step> named(std::string_view stops, std::string_view close)
    {
        skipBlanks();
        const size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
        Step step{Step::Kind::Member, std::string(text_.substr(at_, end - at_)), 0};
        at_ = end;
        if (step.name.empty() || (!close.empty() && !accept(close))) return std::nullopt;
        return step;
    }

    void skipBlanks()
    {
        while (at_ < text_.size() && (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) ++at_;
    }
    bool atEnd()
    {
        skipBlanks();
        return at_ == text_.size();
    }
    bool accept(std::string_view symbol)
    {
        skipBlanks();
        if (text_.substr(at_, symbol.size()) != symbol) return false;
        at_ += symbol.size();
        return true;
    }

    std::string_view text_;
    size_t at_ = 0;
};

// How matches are written: a single string bare; as JSON; as JSON with arrays merged into the one around.
enum class Style : unsigned char { Bare, Json, Flat };

class Matcher {
public:
    explicit Matcher(const JsonText& text) : text_(text) {}

    // Appends what the path finds in the node, and tells whether there was anything.
    bool match(uint32_t node, Path path, Style style, std::string& out)
    {
        const JsonKind kind = text_[node].kind;
        if (path.empty()) return leaf(node, kind, style, out);
        const Step& step = path.front();
        const Path rest = path.subspan(1);
        if (kind == JsonKind::Object && step.kind == Step::Kind::Member) return member(node, step.name, rest, style, out);
        if (kind != JsonKind::Array) return false;
        if (step.kind == Step::Kind::Index) return element(node, step.index, rest, style, out);
        if (step.kind != Step::Kind::EveryElement) return false;
        const bool twice = !rest.empty() && rest.front().kind == Step::Kind::EveryElement;
        if (twice) return list(node, rest.subspan(1), Style::Flat, out) > 0;
        if (style == Style::Json) return list(node, rest, Style::Json, out) > 0;
        return unwrapped(node, rest, style == Style::Bare ? Style::Json : Style::Flat, out);
    }

private:
    bool leaf(uint32_t node, JsonKind kind, Style style, std::string& out)
    {
        if (kind == JsonKind::Array && style == Style::Flat) {
            bool any = false;
            for (uint32_t child = node + 1; child < text_[node].next; child = text_[child].next) any = match(child, {}, style, out) || any;
            return any;
        }
        if (kind == JsonKind::String && style == Style::Bare) {
            out += text_.string(node, space_);
            return true;
        }
        separate(out);
        text_.appendCopy(node, out);
        return true;
    }

    // The first member of the name that is not null and has a match.
    bool member(uint32_t node, const std::string& name, Path rest, Style style, std::string& out)
    {
        for (uint32_t key = node + 1; key < text_[node].next; key = text_[key + 1].next) {
            if (text_.string(key, space_) != name || text_[key + 1].kind == JsonKind::Null) continue;
            if (match(key + 1, rest, style, out)) return true;
        }
        return false;
    }

    bool element(uint32_t node, uint64_t index, Path rest, Style style, std::string& out)
    {
        if (!rest.empty() && rest.front().kind == Step::Kind::EveryElement) style = Style::Json;
        uint32_t child = node + 1;
        for (; child < text_[node].next && index > 0; --index) child = text_[child].next;
        return child < text_[node].next && match(child, rest, style, out);
    }

    // All matches as an array; how many elements had one.
    size_t list(uint32_t node, Path rest, Style style, std::string& out)
    {
        separate(out);
        out += '[';
        size_t matches = 0;
        for (uint32_t child = node + 1; child < text_[node].next; child = text_[child].next) matches += match(child, rest, style, out) ? 1 : 0;
        out += ']';
        return matches;
    }

    // As list, but a single match stands alone and none leaves nothing.
    bool unwrapped(uint32_t node, Path rest, Style style, std::string& out)
    {
        std::string all;
        const size_t matches = list(node, rest, style, all);
        if (matches == 0) return false;
        separate(out);
        if (matches == 1) out.append(all, 1, all.size() - 2);
        else out += all;
        return true;
    }

    static void separate(std::string& out)
    {
        if (!out.empty() && out.back() != '[') out += ',';
    }

    const JsonText& text_;
    std::string space_;
};

ColumnPtr getJsonObject(const Call& call)
{
    JsonText json;
    std::string written, result;
    std::optional<std::vector<Step>> path;
    bool known = false;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[1], row);
        if (!known || text != written) {
            written = text;
            path = PathReader(text).read();
            known = true;
        }
        result.clear();
        if (!path || !json.read(textAt(*call.arguments[0], row), {.controls = true}) || json.empty()) return out.pushNull();
        if (Matcher(json).match(0, *path, Style::Bare, result)) out.pushText(result);
        else out.pushNull();
    });
}

}

void addJsonPaths(std::vector<Function>& all)
{
    const Type text = TypeKind::String;
    all.push_back({.name = "get_json_object", .family = "json", .usage = "get_json_object(json, path)", .help = "The value at a path such as $.a.b[0], $['a b'] or $.list[*].name: a text without its quotes, anything else as JSON. NULL when it is not there, null, or the JSON is broken.", .example = {"get_json_object('{\"a\": {\"b\": [1, 2]}}', '$.a.b[1]')", "\"2\""}, .resolve = takes("get_json_object", {text, text}, text), .evaluate = getJsonObject});
}

}
