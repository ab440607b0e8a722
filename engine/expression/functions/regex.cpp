// LIKE and regular expressions. split is in split.cpp.
#include "engine/expression/regex.h"

#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/like.h"
#include "engine/expression/signature.h"
#include "engine/expression/utf8.h"

namespace streamwright {

namespace {

constexpr std::string_view kTooHard = "the regular expression needs too many steps for this text";

// The regular expression of argument `index` in every row; null where it is wrong, with the error added.
class RowRegex {
public:
    RowRegex(const Call& call, size_t index) : call_(call), index_(index) {}

    Regex* at(size_t row)
    {
        checkStopNow(row);
        const auto& regex = cache_.get(textAt(*call_.arguments[index_], row));
        if (regex) return regex->get();
        call_.errors.add(row, regex.error().message);
        return nullptr;
    }

private:
    void checkStopNow(size_t row)
    {
        if (row % 1024 == 0) checkStop(call_);
    }

    const Call& call_;
    size_t index_;
    RegexCache cache_;
};

ColumnPtr regexMatches(const Call& call)
{
    RowRegex regexes(call, 1);
    return mapChecked<uint8_t, StringRef>(call, [&](size_t row, const StringRef& text) -> std::optional<uint8_t> {
        Regex* regex = regexes.at(row);
        if (!regex) return std::nullopt;
        const auto outcome = regex->find(text.view(), 0);
        if (outcome != Regex::Outcome::TooHard) return outcome == Regex::Outcome::Found;
        call.errors.add(row, std::string(kTooHard));
        return std::nullopt;
    });
}

// The group that argument 2 asks for, 1 without it; nothing when the expression has no such group.
std::optional<size_t> wantedGroup(const Call& call, const Regex& regex, size_t row, std::string_view name)
{
    const int64_t group = call.arguments.size() > 2 ? call.arguments[2]->value<int32_t>(row) : 1;
    if (group >= 0 && group <= static_cast<int64_t>(regex.groupCount())) return static_cast<size_t>(group);
    call.errors.add(row, fmt::format("{} group must be 0 to {}, but is {}", name, regex.groupCount(), group));
    return std::nullopt;
}

ColumnPtr regexExtract(const Call& call)
{
    RowRegex regexes(call, 1);
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        Regex* regex = regexes.at(row);
        const auto group = regex ? wantedGroup(call, *regex, row, "regexp_extract") : std::nullopt;
        if (!group) return out.pushNull();
        const std::string_view text = textAt(*call.arguments[0], row);
        switch (regex->find(text, 0)) {
            case Regex::Outcome::Found: return out.pushText(regex->group(text, *group));
            case Regex::Outcome::NotFound: return out.pushText("");
            case Regex::Outcome::TooHard: return fail(call, row, out, std::string(kTooHard));
        }
    });
}

ColumnPtr regexExtractAll(const Call& call)
{
    RowRegex regexes(call, 1);
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        Regex* regex = regexes.at(row);
        const auto group = regex ? wantedGroup(call, *regex, row, "regexp_extract_all") : std::nullopt;
        if (!group) return out.pushNull();
        const std::string_view text = textAt(*call.arguments[0], row);
        const bool done = eachMatch(*regex, text, 0, [&](size_t, size_t) {
            out.element().pushText(regex->group(text, *group));
            return true;
        });
        out.closeRow();
        if (!done) call.errors.add(row, std::string(kTooHard));
    });
}

// Java's replacement text: $1, ${name}, and \ before a character that stands for itself. False when a group is unknown.
bool appendReplacement(std::string_view replacement, const Regex& regex, std::string_view text, std::string& out, std::string& reason)
{
    for (size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        if (c != '\\' && c != '$') {
            out += c;
            continue;
        }
        if (++i == replacement.size()) {
            reason = fmt::format("replacement must not end with {}", c);
            return false;
        }
        if (c == '\\') {
            out += replacement[i];
            continue;
        }
        size_t group = 0;
        if (replacement[i] == '{') {
            const size_t close = replacement.find('}', i);
            const std::string name(replacement.substr(i + 1, close == std::string_view::npos ? close : close - i - 1));
            group = regex.groupNumber(name);
            if (group == 0 || close == std::string_view::npos) {
                reason = fmt::format("replacement names an unknown group: {}", name);
                return false;
            }
            i = close;
        } else {
            if (replacement[i] < '0' || replacement[i] > '9') {
                reason = fmt::format("replacement needs a group's number after $; write \\$ for the character: {}", replacement);
                return false;
            }
            group = static_cast<size_t>(replacement[i] - '0');
            // More digits belong to the number as long as there is such a group.
            while (i + 1 < replacement.size() && replacement[i + 1] >= '0' && replacement[i + 1] <= '9') {
                const size_t longer = group * 10 + static_cast<size_t>(replacement[i + 1] - '0');
                if (longer > regex.groupCount()) break;
                group = longer;
                ++i;
            }
            if (group > regex.groupCount()) {
                reason = fmt::format("replacement names group {}, but the regular expression has {}", group, regex.groupCount());
                return false;
            }
        }
        out += regex.group(text, group);
    }
    return true;
}

ColumnPtr regexReplace(const Call& call)
{
    RowRegex regexes(call, 1);
    std::string result, reason;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        Regex* regex = regexes.at(row);
        if (!regex) return out.pushNull();
        const std::string_view text = textAt(*call.arguments[0], row), replacement = textAt(*call.arguments[2], row);
        const int32_t position = call.arguments.size() > 3 ? call.arguments[3]->value<int32_t>(row) : 1;
        if (position < 1) return fail(call, row, out, fmt::format("regexp_replace position must be at least 1, but is {}", position));
        const size_t from = position == 1 ? 0 : byteOfCharacter(text, static_cast<size_t>(position - 1));
        if (position > 1 && from >= text.size()) return out.pushText(text);
        result.clear();
        reason.clear();
        size_t copied = 0;
        const bool done = eachMatch(*regex, text, from, [&](size_t begin, size_t end) {
            result += text.substr(copied, begin - copied);
            copied = end;
            return appendReplacement(replacement, *regex, text, result, reason);
        });
        if (!done || !reason.empty()) return fail(call, row, out, done ? reason : std::string(kTooHard));
        result += text.substr(copied);
        out.pushText(result);
    });
}

ColumnPtr regexCount(const Call& call)
{
    RowRegex regexes(call, 1);
    return mapChecked<int32_t, StringRef>(call, [&](size_t row, const StringRef& text) -> std::optional<int32_t> {
        Regex* regex = regexes.at(row);
        if (!regex) return std::nullopt;
        int32_t count = 0;
        if (eachMatch(*regex, text.view(), 0, [&](size_t, size_t) { return ++count != 0; })) return count;
        call.errors.add(row, std::string(kTooHard));
        return std::nullopt;
    });
}

ColumnPtr regexSubstring(const Call& call)
{
    RowRegex regexes(call, 1);
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        Regex* regex = regexes.at(row);
        if (!regex) return out.pushNull();
        const std::string_view text = textAt(*call.arguments[0], row);
        switch (regex->find(text, 0)) {
            case Regex::Outcome::Found: return out.pushText(regex->group(text, 0));
            case Regex::Outcome::NotFound: return out.pushNull();
            case Regex::Outcome::TooHard: return fail(call, row, out, std::string(kTooHard));
        }
    });
}

ColumnPtr regexPosition(const Call& call)
{
    RowRegex regexes(call, 1);
    return mapChecked<int32_t, StringRef>(call, [&](size_t row, const StringRef& text) -> std::optional<int32_t> {
        Regex* regex = regexes.at(row);
        if (!regex) return std::nullopt;
        switch (regex->find(text.view(), 0)) {
            case Regex::Outcome::Found: return static_cast<int32_t>(characterCount(text.view().substr(0, regex->begin()))) + 1;
            case Regex::Outcome::NotFound: return 0;
            case Regex::Outcome::TooHard: call.errors.add(row, std::string(kTooHard));
        }
        return std::nullopt;
    });
}

// LIKE with a pattern that is the same in all rows is prepared once.
ColumnPtr like(const Call& call)
{
    std::string lastPattern, lastEscape;
    std::optional<Result<LikePattern>> prepared;
    return mapChecked<uint8_t, StringRef>(call, [&](size_t row, const StringRef& text) -> std::optional<uint8_t> {
        const std::string_view pattern = textAt(*call.arguments[1], row);
        const std::string_view escape = call.arguments.size() > 2 ? textAt(*call.arguments[2], row) : std::string_view("\\");
        if (!prepared || pattern != lastPattern || escape != lastEscape) {
            prepared = LikePattern::parse(pattern, escape);
            lastPattern = pattern;
            lastEscape = escape;
        }
        if (prepared->has_value()) return prepared->value().matches(text.view());
        call.errors.add(row, prepared->error().message);
        return std::nullopt;
    });
}

// ILIKE compares lower-case texts, as Spark does.
ColumnPtr ilike(const Call& call)
{
    std::vector<ColumnPtr> lower;
    for (size_t i = 0; i < 2; ++i) {
        const Type text = TypeKind::String;
        const Call inner{.arguments = call.arguments.subspan(i, 1), .rows = call.rows, .result = text, .context = call.context, .errors = call.errors, .nulls = call.nulls};
        lower.push_back(lowerText(inner));
    }
    lower.insert(lower.end(), call.arguments.begin() + 2, call.arguments.end());
    return like({.arguments = lower, .rows = call.rows, .result = call.result, .context = call.context, .errors = call.errors, .nulls = call.nulls, .constant = call.constant});
}

std::optional<Error> mistakeInRegex(std::string_view pattern, std::span<const ArgumentType>)
{
    const auto compiled = Regex::compile(pattern);
    return compiled ? std::nullopt : std::optional(compiled.error());
}

std::optional<Error> mistakeInLike(std::string_view pattern, std::span<const ArgumentType> arguments)
{
    const auto escape = literalText(arguments, 2);
    if (arguments.size() > 2 && !escape) return std::nullopt;
    const auto parsed = LikePattern::parse(pattern, escape.value_or("\\"));
    return parsed ? std::nullopt : std::optional(parsed.error());
}

Function regexFunction(std::string name, std::vector<std::string> aliases, std::string usage, std::string help, FunctionExample example, Resolve resolve, ColumnPtr (*evaluate)(const Call&))
{
    resolve = withPattern(std::move(resolve), 1, name.ends_with("ilike") || name == "like" ? mistakeInLike : mistakeInRegex);
    return {.name = std::move(name), .aliases = std::move(aliases), .family = "regex", .usage = std::move(usage), .help = std::move(help), .example = std::move(example), .resolve = std::move(resolve), .evaluate = evaluate, .canFail = true};
}

// regexp_replace's position is refused at once when it is a literal below 1.
Result<Signature> resolveReplace(std::span<const ArgumentType> arguments)
{
    if (const auto position = literalInteger(arguments, 3); position && *position < 1) return mistake(fmt::format("regexp_replace position must be at least 1, but is {}", *position));
    return takes("regexp_replace", {TypeKind::String, TypeKind::String, TypeKind::String, TypeKind::Int}, TypeKind::String, 1)(arguments);
}

}

std::vector<Function> regexFunctions()
{
    const Type text = TypeKind::String;
    std::vector<Function> all;
    all.push_back(regexFunction("like", {}, "like(text, pattern[, escape])", "Whether the whole text fits the pattern: % stands for any text, _ for one character, \\ before them for themselves.", {"like('Spark', '_park')", "true"},
        takes("like", {text, text, text}, TypeKind::Boolean, 1), like));
    all.push_back(regexFunction("ilike", {}, "ilike(text, pattern[, escape])", "As like, upper and lower case being the same.", {"ilike('Spark', '_PARK')", "true"},
        takes("ilike", {text, text, text}, TypeKind::Boolean, 1), ilike));
    all.push_back(regexFunction("rlike", {"regexp", "regexp_like"}, "rlike(text, regex)", "Whether the regular expression matches somewhere in the text.", {"rlike('a.b', 'a\\\\.b')", "true"},
        takes("rlike", {text, text}, TypeKind::Boolean), regexMatches));
    all.push_back(regexFunction("regexp_extract", {}, "regexp_extract(text, regex[, group])", "The group of the first match, group 1 unless told otherwise; an empty text when nothing matches.",
        {"regexp_extract('100-200', '(\\\\d+)-(\\\\d+)', 1)", "\"100\""}, takes("regexp_extract", {text, text, TypeKind::Int}, text, 1), regexExtract));
    all.push_back(regexFunction("regexp_extract_all", {}, "regexp_extract_all(text, regex[, group])", "The group of every match, group 1 unless told otherwise.",
        {"regexp_extract_all('100-200, 300-400', '(\\\\d+)-(\\\\d+)', 1)", "[\"100\",\"300\"]"}, takes("regexp_extract_all", {text, text, TypeKind::Int}, Type::array(text), 1), regexExtractAll));
    all.push_back(regexFunction("regexp_replace", {}, "regexp_replace(text, regex, replacement[, position])", "Every match replaced; $1 in the replacement stands for a group. Matches before the position (from 1) stay.",
        {"regexp_replace('100-200', '(\\\\d+)', 'num')", "\"num-num\""}, resolveReplace, regexReplace));
    all.push_back(regexFunction("regexp_count", {}, "regexp_count(text, regex)", "How often the regular expression matches.", {"regexp_count('a1b22', '\\\\d+')", "2"}, takes("regexp_count", {text, text}, TypeKind::Int), regexCount));
    all.push_back(regexFunction("regexp_substr", {}, "regexp_substr(text, regex)", "The first match; NULL when there is none.", {"regexp_substr('a1b22', '\\\\d+')", "\"1\""}, takes("regexp_substr", {text, text}, text), regexSubstring));
    all.push_back(regexFunction("regexp_instr", {}, "regexp_instr(text, regex)", "Where the first match begins, counted from 1; 0 when there is none.", {"regexp_instr('ab12', '\\\\d+')", "3"},
        takes("regexp_instr", {text, text, TypeKind::Int}, TypeKind::Int, 1), regexPosition));
    all.push_back(regexFunction("split", {}, "split(text, regex[, limit])", "The pieces between the matches. With a positive limit at most so many, the last one holding the rest.",
        {"split('oneAtwoBthree', '[AB]')", "[\"one\",\"two\",\"three\"]"}, takes("split", {text, text, TypeKind::Int}, Type::array(text), 1), splitText));
    return all;
}

}
