// Finding and replacing words in text, without regular expressions.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/text_search.h"
#include "engine/expression/utf8.h"

namespace streamwright {

namespace {

constexpr size_t kNowhere = std::string_view::npos;

// Two texts, or two binaries.
Resolve pairOfTexts(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const bool binary = arguments.size() == 2 && arguments[0].type.is(TypeKind::Binary) && arguments[1].type.is(TypeKind::Binary);
        const Type text = binary ? TypeKind::Binary : TypeKind::String;
        return takes(name, {text, text}, TypeKind::Boolean)(arguments);
    };
}

template <class F>
Function pairTest(std::string name, std::string usage, std::string help, FunctionExample example, F f)
{
    return {.name = name, .family = "text", .usage = std::move(usage), .help = std::move(help), .example = std::move(example), .resolve = pairOfTexts(name),
            .evaluate = [f](const Call& call) { return mapRows<uint8_t, StringRef, StringRef>(call, [f](const StringRef& a, const StringRef& b) { return f(a.view(), b.view()); }); }};
}

const char* endOf(const StringRef& text) { return text.data() + text.size(); }

// How many rows from `row` on stand one behind the other in the same bytes, at most a line end apart.
size_t rowsInOneText(const StringRef* rows, size_t row, size_t count)
{
    constexpr uintptr_t kLineEnd = 2;
    const auto address = [](const char* at) { return reinterpret_cast<uintptr_t>(at); };
    size_t end = row + 1;
    if (rows[row].isInline()) return 1;
    while (end < count && !rows[end].isInline() && address(rows[end].data()) - address(endOf(rows[end - 1])) <= kLineEnd) ++end;
    return end - row;
}

// Lines that were cut from one text are searched as that text: most hold nothing, and to begin anew in each of them costs
// more than to look. What is found must lie in one row.
void markRowsWith(std::string_view wanted, const StringRef* rows, size_t count, uint8_t* to)
{
    std::fill_n(to, count, uint8_t{0});
    for (size_t row = 0; row < count;) {
        const size_t end = row + rowsInOneText(rows, row, count);
        // An inline text lies in the row itself.
        const char* const begin = rows[row].data();
        const std::string_view whole(begin, static_cast<size_t>(endOf(rows[end - 1]) - begin));
        for (size_t place = findText(whole, wanted); place != kNowhere;) {
            const char* const found = begin + place;
            while (endOf(rows[row]) < found + wanted.size() && row + 1 < end && rows[row + 1].data() <= found) ++row;
            const bool within = found >= rows[row].data() && found + wanted.size() <= endOf(rows[row]);
            if (within) to[row] = 1;
            place = findText(whole, wanted, within ? static_cast<size_t>(endOf(rows[row]) - begin) : place + 1);
        }
        row = end;
    }
}

ColumnPtr contains(const Call& call)
{
    const StringRef* wanted = call.arguments[1]->values<StringRef>();
    if (call.rows == 0 || !call.constant[1] || wanted[0].size() == 0) return mapRows<uint8_t, StringRef, StringRef>(call, [](const StringRef& a, const StringRef& b) { return containsText(a.view(), b.view()); });
    FixedBuilder<uint8_t> out;
    markRowsWith(wanted[0].view(), call.arguments[0]->values<StringRef>(), call.rows, out.extend(call.rows));
    return columnFrom(call.result, out);
}

// The position of `wanted` from character `from` (1 for the first) on, 0 when it is nowhere.
int32_t positionOf(std::string_view text, std::string_view wanted, int64_t from)
{
    if (from < 1) return 0;
    const size_t start = from == 1 ? 0 : byteOfCharacter(text, static_cast<size_t>(from - 1));
    if (start == text.size() && from > 1 && static_cast<size_t>(from - 1) > characterCount(text)) return 0;
    const size_t place = findText(text, wanted, start);
    return place == kNowhere ? 0 : static_cast<int32_t>(characterCount(text.substr(0, place))) + 1;
}

ColumnPtr instr(const Call& call)
{
    return mapRows<int32_t, StringRef, StringRef>(call, [](const StringRef& text, const StringRef& wanted) { return positionOf(text.view(), wanted.view(), 1); });
}

// locate sees NULLs: without a position it answers 0.
ColumnPtr locate(const Call& call)
{
    FixedBuilder<int32_t> out;
    NullMarks nulls(call.rows);
    int32_t* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        to[row] = 0;
        const bool given = call.arguments.size() > 2;
        if (given && call.arguments[2]->isNull(row)) continue;
        if (call.arguments[0]->isNull(row) || call.arguments[1]->isNull(row)) nulls.mark(row);
        else to[row] = positionOf(textAt(*call.arguments[1], row), textAt(*call.arguments[0], row), given ? call.arguments[2]->value<int32_t>(row) : 1);
    }
    return columnFrom(call.result, out, nulls.buffer());
}

ColumnPtr replace(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row), wanted = textAt(*call.arguments[1], row);
        const std::string_view other = call.arguments.size() > 2 ? textAt(*call.arguments[2], row) : std::string_view();
        if (wanted.empty()) return out.pushText(text);
        result.clear();
        size_t from = 0;
        for (size_t place = findText(text, wanted); place != kNowhere; place = findText(text, wanted, from)) {
            result += text.substr(from, place - from);
            result += other;
            from = place + wanted.size();
        }
        result += text.substr(from);
        out.pushText(result);
    });
}

ColumnPtr translate(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row), from = textAt(*call.arguments[1], row), to = textAt(*call.arguments[2], row);
        result.clear();
        for (size_t at = 0; at < text.size();) {
            const std::string_view character = text.substr(at, characterSize(text, at));
            at += character.size();
            size_t index = 0, place = 0;
            while (place < from.size() && from.substr(place, characterSize(from, place)) != character) {
                place += characterSize(from, place);
                ++index;
            }
            if (place >= from.size()) {
                result += character;
            } else if (const size_t target = byteOfCharacter(to, index); target < to.size()) {
                result += to.substr(target, characterSize(to, target));
            }
        }
        out.pushText(result);
    });
}

// Where the `count`-th delimiter from the end begins, npos when there are fewer.
size_t delimiterFromEnd(std::string_view text, std::string_view delimiter, int64_t count)
{
    size_t place = text.size();
    for (; count > 0; --count) {
        if (place < delimiter.size()) return kNowhere;
        place = text.rfind(delimiter, place - delimiter.size());
        if (place == kNowhere) return kNowhere;
    }
    return place;
}

std::string_view beforeDelimiter(std::string_view text, std::string_view delimiter, int64_t count)
{
    if (delimiter.empty() || count == 0) return {};
    if (count < 0) {
        const size_t place = delimiterFromEnd(text, delimiter, -count);
        return place == kNowhere ? text : text.substr(place + delimiter.size());
    }
    size_t from = 0;
    for (; count > 0; --count) {
        const size_t place = findText(text, delimiter, from);
        if (place == kNowhere) return text;
        if (count == 1) return text.substr(0, place);
        from = place + delimiter.size();
    }
    return text;
}

ColumnPtr substringIndex(const Call& call)
{
    return viewRows(call, [&](size_t row) { return beforeDelimiter(textAt(*call.arguments[0], row), textAt(*call.arguments[1], row), call.arguments[2]->value<int32_t>(row)); });
}

std::string_view partOf(std::string_view text, std::string_view delimiter, int64_t part)
{
    if (delimiter.empty()) return part == 1 || part == -1 ? text : std::string_view();
    if (part < 0) {
        int64_t parts = 1;
        for (size_t place = findText(text, delimiter); place != kNowhere; place = findText(text, delimiter, place + delimiter.size())) ++parts;
        part += parts + 1;
        if (part < 1) return {};
    }
    size_t from = 0;
    for (; part > 1; --part) {
        const size_t place = findText(text, delimiter, from);
        if (place == kNowhere) return {};
        from = place + delimiter.size();
    }
    const size_t to = findText(text, delimiter, from);
    return text.substr(from, to == kNowhere ? to : to - from);
}

ColumnPtr splitPart(const Call& call)
{
    return viewRows(call, [&](size_t row) -> std::optional<std::string_view> {
        const int32_t part = call.arguments[2]->value<int32_t>(row);
        if (part != 0) return partOf(textAt(*call.arguments[0], row), textAt(*call.arguments[1], row), part);
        call.errors.add(row, "split_part counts parts from 1, or from the end with negative numbers, but got 0");
        return std::nullopt;
    });
}

ColumnPtr findInSet(const Call& call)
{
    return mapRows<int32_t, StringRef, StringRef>(call, [](const StringRef& wanted, const StringRef& list) {
        if (wanted.view().find(',') != kNowhere) return 0;
        int32_t index = 1;
        for (size_t from = 0;; ++index) {
            const size_t to = list.view().find(',', from);
            if (list.view().substr(from, to == kNowhere ? to : to - from) == wanted.view()) return index;
            if (to == kNowhere) return 0;
            from = to + 1;
        }
    });
}

}

void addTextSearch(std::vector<Function>& all)
{
    const Type text = TypeKind::String, number = TypeKind::Int;
    all.push_back({.name = "contains", .family = "text", .usage = "contains(text, wanted)", .help = "Whether the text contains another one.", .example = {"contains('Spark SQL', 'Spark')", "true"}, .resolve = pairOfTexts("contains"), .evaluate = contains});
    all.push_back(pairTest("startswith", "startswith(text, start)", "Whether the text begins with another one.", {"startswith('Spark SQL', 'Spark')", "true"}, [](std::string_view a, std::string_view b) { return a.starts_with(b); }));
    all.push_back(pairTest("endswith", "endswith(text, end)", "Whether the text ends with another one.", {"endswith('Spark SQL', 'SQL')", "true"}, [](std::string_view a, std::string_view b) { return a.ends_with(b); }));
    all.push_back({.name = "instr", .family = "text", .usage = "instr(text, wanted)", .help = "Where a text first occurs, counted from 1; 0 when it does not.", .example = {"instr('SparkSQL', 'SQL')", "6"}, .resolve = takes("instr", {text, text}, number), .evaluate = instr});
    all.push_back({.name = "locate", .aliases = {"position", "charindex"}, .family = "text", .usage = "locate(wanted, text[, from])", .help = "Where a text first occurs at or after a position, counted from 1; 0 when it does not.", .example = {"locate('bar', 'foobarbar', 5)", "7"}, .resolve = takes("locate", {text, text, number}, number, 1), .evaluate = locate, .seesNulls = true});
    all.push_back({.name = "replace", .family = "text", .usage = "replace(text, wanted[, other])", .help = "Every occurrence replaced, or removed.", .example = {"replace('ABCabc', 'abc', 'DEF')", "\"ABCDEF\""}, .resolve = takes("replace", {text, text, text}, text, 1), .evaluate = replace});
    all.push_back({.name = "translate", .family = "text", .usage = "translate(text, from, to)", .help = "Every character of `from` replaced by the one at its place in `to`, or removed when there is none.", .example = {"translate('AaBbCc', 'abc', '123')", "\"A1B2C3\""}, .resolve = takes("translate", {text, text, text}, text), .evaluate = translate});
    all.push_back({.name = "substring_index", .family = "text", .usage = "substring_index(text, delimiter, count)", .help = "What stands before the count-th delimiter, or after it counted from the end when negative.", .example = {"substring_index('www.apache.org', '.', 2)", "\"www.apache\""}, .resolve = takes("substring_index", {text, text, number}, text), .evaluate = substringIndex});
    all.push_back({.name = "split_part", .family = "text", .usage = "split_part(text, delimiter, part)", .help = "One part of a delimited text, counted from 1, or from the end when negative; empty beyond the last.", .example = {"split_part('11.12.13', '.', 3)", "\"13\""}, .resolve = takes("split_part", {text, text, number}, text), .evaluate = splitPart, .canFail = true});
    all.push_back({.name = "find_in_set", .family = "text", .usage = "find_in_set(wanted, list)", .help = "The place of a text in a list separated by commas, counted from 1; 0 when it is not there.", .example = {"find_in_set('ab', 'abc,b,ab,c,def')", "3"}, .resolve = takes("find_in_set", {text, text}, number), .evaluate = findInSet});
}

}
