// Text: lengths, pieces, padding, trimming, joining. Positions count characters from 1; of BINARY, bytes.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/utf8.h"

#include <limits>

namespace streamwright {

namespace {

// What positions count: characters of text, bytes of BINARY.
struct Units {
    bool bytes;
    explicit Units(const Type& type) : bytes(type.is(TypeKind::Binary)) {}
    size_t count(std::string_view text) const { return bytes ? text.size() : characterCount(text); }
    size_t offset(std::string_view text, size_t index) const { return bytes ? std::min(index, text.size()) : byteOfCharacter(text, index); }
    // Units [from, to), cut to what there is.
    std::string_view range(std::string_view text, int64_t from, int64_t to) const
    {
        if (to <= from || to <= 0) return {};
        const size_t begin = offset(text, static_cast<size_t>(std::max<int64_t>(from, 0)));
        const size_t taken = offset(text.substr(begin), static_cast<size_t>(to - std::max<int64_t>(from, 0)));
        return text.substr(begin, taken);
    }
    // SQL's substring: from 1, from the end when negative.
    std::string_view substring(std::string_view text, int64_t position, int64_t length) const
    {
        const int64_t start = position > 0 ? position - 1 : position < 0 ? static_cast<int64_t>(count(text)) + position : 0;
        return range(text, start, start + length);
    }
};

// The first parameter is STRING or BINARY, the result is of its type; `others` follow, the last `optional` may be left out.
Resolve textOrBinary(std::string name, std::vector<Type> others, size_t optional = 0)
{
    return [=](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const bool binary = !arguments.empty() && arguments[0].type.is(TypeKind::Binary);
        const Type text = binary ? TypeKind::Binary : TypeKind::String;
        std::vector<Type> types{text};
        // VOID stands for the type of the first.
        for (const Type& other : others) types.push_back(other.is(TypeKind::Void) ? text : other);
        return takes(name, std::move(types), text, optional)(arguments);
    };
}
const Type kSame = TypeKind::Void;

Resolve lengthOf(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const bool binary = !arguments.empty() && arguments[0].type.is(TypeKind::Binary);
        return takes(name, {binary ? TypeKind::Binary : TypeKind::String}, TypeKind::Int)(arguments);
    };
}

ColumnPtr length(const Call& call)
{
    const Units units(call.arguments[0]->type());
    return mapRows<int32_t, StringRef>(call, [&](const StringRef& text) { return static_cast<int32_t>(units.count(text.view())); });
}

ColumnPtr byteLength(const Call& call)
{
    return mapRows<int32_t, StringRef>(call, [](const StringRef& text) { return static_cast<int32_t>(text.size()); });
}

ColumnPtr bitLength(const Call& call)
{
    return mapRows<int32_t, StringRef>(call, [](const StringRef& text) { return static_cast<int32_t>(text.size() * 8); });
}

ColumnPtr substring(const Call& call)
{
    const Units units(call.result);
    const int32_t* positions = call.arguments[1]->values<int32_t>();
    const int32_t* lengths = call.arguments.size() > 2 ? call.arguments[2]->values<int32_t>() : nullptr;
    return viewRows(call, [&](size_t row) { return units.substring(textAt(*call.arguments[0], row), positions[row], lengths ? lengths[row] : std::numeric_limits<int32_t>::max()); });
}

ColumnPtr left(const Call& call)
{
    const Units units(call.result);
    return viewRows(call, [&](size_t row) { return units.range(textAt(*call.arguments[0], row), 0, call.arguments[1]->value<int32_t>(row)); });
}

ColumnPtr right(const Call& call)
{
    const Units units(call.result);
    return viewRows(call, [&](size_t row) {
        const std::string_view text = textAt(*call.arguments[0], row);
        const int64_t count = call.arguments[1]->value<int32_t>(row);
        return count <= 0 ? std::string_view() : units.range(text, std::max<int64_t>(static_cast<int64_t>(units.count(text)) - count, 0), std::numeric_limits<int32_t>::max());
    });
}

// `length` units of padding from repeating `pad`.
void appendPadding(const Units& units, std::string_view pad, size_t length, std::string& out)
{
    const size_t padUnits = units.count(pad);
    for (; length >= padUnits; length -= padUnits) out += pad;
    out += units.range(pad, 0, static_cast<int64_t>(length));
}

// Texts beyond this are refused: lengths are 32 bits.
constexpr size_t kLongestText = std::numeric_limits<int32_t>::max();

template <bool kLeft>
ColumnPtr pad(const Call& call)
{
    const Units units(call.result);
    std::string result;
    const std::string_view blank = units.bytes ? std::string_view("\0", 1) : std::string_view(" ");
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        const int64_t wanted = call.arguments[1]->value<int32_t>(row);
        const std::string_view padding = call.arguments.size() > 2 ? textAt(*call.arguments[2], row) : blank;
        const int64_t missing = wanted - static_cast<int64_t>(units.count(text));
        if (missing <= 0 || padding.empty()) return out.pushText(units.range(text, 0, wanted));
        checkStop(call);
        out.expectText(text.size() + static_cast<size_t>(missing) / units.count(padding) * padding.size());
        result.clear();
        if (!kLeft) result += text;
        appendPadding(units, padding, static_cast<size_t>(missing), result);
        if (kLeft) result += text;
        if (result.size() > kLongestText) return fail(call, row, out, fmt::format("text would be longer than {} bytes", kLongestText));
        out.pushText(result);
    });
}

enum class Side : unsigned char { Left = 1, Right = 2, Both = 3 };
constexpr bool has(Side side, Side wanted) { return (static_cast<int>(side) & static_cast<int>(wanted)) != 0; }

// The character that ends at `end` begins here.
size_t characterBefore(std::string_view text, size_t end)
{
    size_t at = end - 1;
    while (at > 0 && end - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    return at;
}

std::string_view trimmed(std::string_view text, std::string_view characters, Side side)
{
    if (characters.size() == 1) {
        while (has(side, Side::Left) && !text.empty() && text.front() == characters[0]) text.remove_prefix(1);
        while (has(side, Side::Right) && !text.empty() && text.back() == characters[0]) text.remove_suffix(1);
        return text;
    }
    const auto listed = [&](std::string_view character) {
        for (size_t at = 0; at < characters.size(); at += characterSize(characters, at)) {
            if (characters.substr(at, characterSize(characters, at)) == character) return true;
        }
        return false;
    };
    while (has(side, Side::Left) && !text.empty() && listed(text.substr(0, characterSize(text, 0)))) text.remove_prefix(characterSize(text, 0));
    while (has(side, Side::Right) && !text.empty() && listed(text.substr(characterBefore(text, text.size())))) text.remove_suffix(text.size() - characterBefore(text, text.size()));
    return text;
}

// The text is argument `textIndex`, the characters are the other one.
ColumnPtr trim(const Call& call, Side side, size_t textIndex)
{
    const std::vector<ColumnPtr> textFirst{call.arguments[textIndex]};
    const Call views{.arguments = textFirst, .rows = call.rows, .result = call.result, .context = call.context, .errors = call.errors, .nulls = call.nulls};
    const Column* characters = call.arguments.size() > 1 ? call.arguments[1 - textIndex].get() : nullptr;
    return viewRows(views, [&](size_t row) { return trimmed(textAt(*textFirst[0], row), characters ? textAt(*characters, row) : " ", side); });
}

Function trimFunction(std::string name, std::string help, FunctionExample example, Side side)
{
    return {.name = name, .family = "text", .usage = name + "([characters, ]text)", .help = std::move(help), .example = std::move(example),
            .resolve = takes(name, {TypeKind::String, TypeKind::String}, TypeKind::String, 1),
            .evaluate = [side](const Call& call) { return trim(call, side, call.arguments.size() - 1); }};
}

ColumnPtr repeat(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        const auto times = static_cast<size_t>(std::max(call.arguments[1]->value<int32_t>(row), 0));
        if (text.size() * times > kLongestText) return fail(call, row, out, fmt::format("text would be longer than {} bytes", kLongestText));
        out.expectText(text.size() * times);
        result.clear();
        for (size_t i = 0; i < times; ++i) {
            if (i % 4096 == 0) checkStop(call);
            result += text;
        }
        out.pushText(result);
    });
}

ColumnPtr space(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const auto count = static_cast<size_t>(std::max(call.arguments[0]->value<int32_t>(row), 0));
        out.expectText(count);
        result.assign(count, ' ');
        out.pushText(result);
    });
}

ColumnPtr reverse(const Call& call)
{
    if (call.result.is(TypeKind::Array)) return reverseArrays(call);
    const Units units(call.result);
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        result.clear();
        for (size_t end = text.size(); end > 0;) {
            const size_t at = units.bytes ? end - 1 : characterBefore(text, end);
            result += text.substr(at, end - at);
            end = at;
        }
        out.pushText(result);
    });
}

Result<Signature> resolveReverse(std::span<const ArgumentType> arguments)
{
    if (arguments.size() == 1 && arguments[0].type.is(TypeKind::Array)) return Signature{{arguments[0].type}, arguments[0].type};
    return textOrBinary("reverse", {})(arguments);
}

Result<Signature> resolveConcat(std::span<const ArgumentType> arguments)
{
    const bool anyArray = std::any_of(arguments.begin(), arguments.end(), [](const ArgumentType& a) { return a.type.is(TypeKind::Array); });
    if (anyArray) {
        const auto type = commonType(arguments);
        if (!type) return wrongArguments("concat", "texts, binaries or arrays of one type", arguments);
        return Signature{std::vector<Type>(arguments.size(), *type), *type};
    }
    const bool allBinary = !arguments.empty() && std::all_of(arguments.begin(), arguments.end(), [](const ArgumentType& a) { return a.type.is(TypeKind::Binary); });
    const Type type = allBinary ? TypeKind::Binary : TypeKind::String;
    return takesMany("concat", type, type, 0)(arguments);
}

ColumnPtr concat(const Call& call)
{
    if (call.result.is(TypeKind::Array)) return concatArrays(call);
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        for (const ColumnPtr& column : call.arguments) result += textAt(*column, row);
        out.pushText(result);
    });
}

Result<Signature> resolveConcatWith(std::span<const ArgumentType> arguments)
{
    std::vector<Type> types;
    for (const ArgumentType& argument : arguments) types.push_back(argument.type.is(TypeKind::Array) && !types.empty() ? Type::array(TypeKind::String) : Type(TypeKind::String));
    for (size_t i = 0; i < types.size(); ++i) {
        if (!convertsImplicitly(arguments[i], types[i])) return wrongArguments("concat_ws", "a separator, then strings or arrays of strings", arguments);
    }
    if (types.empty()) return wrongArguments("concat_ws", "a separator, then strings or arrays of strings", arguments);
    return Signature{std::move(types), TypeKind::String};
}

ColumnPtr concatWith(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        if (call.arguments[0]->isNull(row)) return out.pushNull();
        const std::string_view separator = textAt(*call.arguments[0], row);
        result.clear();
        bool first = true;
        const auto add = [&](const Column& column, size_t at) {
            if (column.isNull(at)) return;
            if (!first) result += separator;
            first = false;
            result += textAt(column, at);
        };
        for (const ColumnPtr& column : call.arguments.subspan(1)) {
            if (!column->type().is(TypeKind::Array)) add(*column, row);
            else if (!column->isNull(row)) {
                for (uint32_t e = column->offsets()[row]; e < column->offsets()[row + 1]; ++e) add(*column->element(), e);
            }
        }
        out.pushText(result);
    });
}

ColumnPtr overlay(const Call& call)
{
    const Units units(call.result);
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row), other = textAt(*call.arguments[1], row);
        const int64_t position = call.arguments[2]->value<int32_t>(row);
        const int64_t given = call.arguments.size() > 3 ? call.arguments[3]->value<int32_t>(row) : -1;
        const int64_t length = given >= 0 ? given : static_cast<int64_t>(units.count(other));
        result = units.substring(text, 1, position - 1);
        result += other;
        result += units.substring(text, position + length, std::numeric_limits<int32_t>::max());
        out.pushText(result);
    });
}

ColumnPtr firstCode(const Call& call)
{
    return mapRows<int32_t, StringRef>(call, [](const StringRef& text) { return text.size() == 0 ? 0 : static_cast<int32_t>(codePointAt(text.view(), 0)); });
}

ColumnPtr fromCode(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const int64_t code = call.arguments[0]->value<int64_t>(row);
        result.clear();
        if (code >= 0) appendCodePoint(static_cast<char32_t>(code & 0xFF), result);
        out.pushText(result);
    });
}

// The chosen argument; rows beyond the last one fail.
ColumnPtr choose(const Call& call)
{
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        if (call.arguments[0]->isNull(row)) return out.pushNull();
        const int32_t index = call.arguments[0]->value<int32_t>(row);
        if (index < 1 || static_cast<size_t>(index) >= call.arguments.size()) return fail(call, row, out, fmt::format("elt index must be 1 to {}, but is {}", call.arguments.size() - 1, index));
        out.pushFrom(*call.arguments[static_cast<size_t>(index)], row);
    });
}

Result<Signature> resolveChoose(std::span<const ArgumentType> arguments)
{
    const bool binary = arguments.size() > 1 && std::all_of(arguments.begin() + 1, arguments.end(), [](const ArgumentType& a) { return a.type.is(TypeKind::Binary); });
    std::vector<Type> types(arguments.size(), binary ? TypeKind::Binary : TypeKind::String);
    if (arguments.size() < 2 || !convertsImplicitly(arguments[0], TypeKind::Int)) return wrongArguments("elt", "an int and at least one text", arguments);
    types[0] = TypeKind::Int;
    for (size_t i = 1; i < types.size(); ++i) {
        if (!convertsImplicitly(arguments[i], types[i])) return wrongArguments("elt", "an int and at least one text", arguments);
    }
    const Type result = types[1];
    return Signature{std::move(types), result};
}

void addLengthsAndCase(std::vector<Function>& all)
{
    const Type text = TypeKind::String;
    all.push_back({.name = "length", .aliases = {"len", "char_length", "character_length"}, .family = "text", .usage = "length(text)", .help = "How many characters a text has, or bytes a binary.", .example = {"length('Spark SQL ')", "10"}, .resolve = lengthOf("length"), .evaluate = length});
    all.push_back({.name = "octet_length", .family = "text", .usage = "octet_length(text)", .help = "How many bytes a text has in UTF-8.", .example = {"octet_length('é')", "2"}, .resolve = lengthOf("octet_length"), .evaluate = byteLength});
    all.push_back({.name = "bit_length", .family = "text", .usage = "bit_length(text)", .help = "How many bits a text has in UTF-8.", .example = {"bit_length('ß')", "16"}, .resolve = lengthOf("bit_length"), .evaluate = bitLength});
    all.push_back({.name = "upper", .aliases = {"ucase"}, .family = "text", .usage = "upper(text)", .help = "The text in upper case.", .example = {"upper('SparkSql')", "\"SPARKSQL\""}, .resolve = takes("upper", {text}, text), .evaluate = upperText});
    all.push_back({.name = "lower", .aliases = {"lcase"}, .family = "text", .usage = "lower(text)", .help = "The text in lower case.", .example = {"lower('SparkSql')", "\"sparksql\""}, .resolve = takes("lower", {text}, text), .evaluate = lowerText});
    all.push_back({.name = "initcap", .family = "text", .usage = "initcap(text)", .help = "The first letter of every word in upper case, all others in lower case; words are separated by spaces.", .example = {"initcap('sPark sql')", "\"Spark Sql\""}, .resolve = takes("initcap", {text}, text), .evaluate = initialCaps});
    all.push_back({.name = "ascii", .family = "text", .usage = "ascii(text)", .help = "The code of the first character; 0 for an empty text.", .example = {"ascii('A')", "65"}, .resolve = takes("ascii", {text}, TypeKind::Int), .evaluate = firstCode});
    all.push_back({.name = "chr", .aliases = {"char"}, .family = "text", .usage = "chr(code)", .help = "The character of a code; codes beyond 255 are taken modulo 256.", .example = {"chr(65)", "\"A\""}, .resolve = takes("chr", {TypeKind::BigInt}, text), .evaluate = fromCode});
}

void addPieces(std::vector<Function>& all)
{
    const Type text = TypeKind::String, number = TypeKind::Int;
    all.push_back({.name = "substring", .aliases = {"substr"}, .family = "text", .usage = "substring(text, position[, length])", .help = "The piece from a position on, counted from 1, or from the end when negative.",
        .example = {"substring('Spark SQL', 5, 1)", "\"k\""}, .resolve = textOrBinary("substring", {number, number}, 1), .evaluate = substring});
    all.push_back({.name = "left", .family = "text", .usage = "left(text, count)", .help = "The first characters.", .example = {"left('Spark SQL', 3)", "\"Spa\""}, .resolve = textOrBinary("left", {number}), .evaluate = left});
    all.push_back({.name = "right", .family = "text", .usage = "right(text, count)", .help = "The last characters.", .example = {"right('Spark SQL', 3)", "\"SQL\""}, .resolve = takes("right", {text, number}, text), .evaluate = right});
    all.push_back({.name = "lpad", .family = "text", .usage = "lpad(text, length[, padding])", .help = "Filled up on the left to a length, or cut to it.", .example = {"lpad('hi', 5, '?')", "\"???hi\""}, .resolve = textOrBinary("lpad", {number, kSame}, 1), .evaluate = pad<true>, .canFail = true});
    all.push_back({.name = "rpad", .family = "text", .usage = "rpad(text, length[, padding])", .help = "Filled up on the right to a length, or cut to it.", .example = {"rpad('hi', 5, '?')", "\"hi???\""}, .resolve = textOrBinary("rpad", {number, kSame}, 1), .evaluate = pad<false>, .canFail = true});
    all.push_back(trimFunction("trim", "Without the characters (spaces unless told) at both ends. Also TRIM(BOTH characters FROM text).", {"trim('  a b ')", "\"a b\""}, Side::Both));
    all.push_back(trimFunction("ltrim", "Without the characters (spaces unless told) at the front.", {"ltrim('  a ')", "\"a \""}, Side::Left));
    all.push_back(trimFunction("rtrim", "Without the characters (spaces unless told) at the end.", {"rtrim('  a ')", "\"  a\""}, Side::Right));
    all.push_back({.name = "btrim", .family = "text", .usage = "btrim(text[, characters])", .help = "As trim, with the characters last.", .example = {"btrim('xyayx', 'xy')", "\"a\""},
        .resolve = takes("btrim", {text, text}, text, 1), .evaluate = [](const Call& call) { return trim(call, Side::Both, 0); }});
    all.push_back({.name = "repeat", .family = "text", .usage = "repeat(text, times)", .help = "The text several times.", .example = {"repeat('123', 2)", "\"123123\""}, .resolve = takes("repeat", {text, number}, text), .evaluate = repeat, .canFail = true});
    all.push_back({.name = "space", .family = "text", .usage = "space(count)", .help = "So many spaces.", .example = {"space(2)", "\"  \""}, .resolve = takes("space", {number}, text), .evaluate = space});
    all.push_back({.name = "reverse", .family = "text", .usage = "reverse(value)", .help = "A text or an array from its end.", .example = {"reverse('Spark')", "\"krapS\""}, .resolve = resolveReverse, .evaluate = reverse});
    all.push_back({.name = "overlay", .family = "text", .usage = "overlay(text, other, position[, length])", .help = "`other` laid over the text at a position. Also OVERLAY(text PLACING other FROM position FOR length).",
        .example = {"overlay('Spark SQL', 'CORE', 7)", "\"Spark CORE\""}, .resolve = textOrBinary("overlay", {kSame, number, number}, 1), .evaluate = overlay});
}

void addJoining(std::vector<Function>& all)
{
    all.push_back({.name = "concat", .family = "text", .usage = "concat(value, ...)", .help = "Texts, binaries or arrays one after the other; NULL when one of them is.", .example = {"concat('Spark', 'SQL')", "\"SparkSQL\""}, .resolve = resolveConcat, .evaluate = concat});
    all.push_back({.name = "concat_ws", .family = "text", .usage = "concat_ws(separator, value, ...)", .help = "Texts and arrays of texts joined by a separator; NULLs are left out.", .example = {"concat_ws(',', 'a', NULL, 'b')", "\"a,b\""}, .resolve = resolveConcatWith, .evaluate = concatWith, .seesNulls = true});
    all.push_back({.name = "elt", .family = "text", .usage = "elt(index, text, ...)", .help = "The text at an index, counted from 1.", .example = {"elt(1, 'scala', 'java')", "\"scala\""}, .resolve = resolveChoose, .evaluate = choose, .canFail = true, .seesNulls = true});
}

}

std::vector<Function> textFunctions()
{
    std::vector<Function> all;
    addLengthsAndCase(all);
    addPieces(all);
    addJoining(all);
    addTextSearch(all);
    addTextDistance(all);
    addEncodingFunctions(all);
    addFormatFunctions(all);
    addHashFunctions(all);
    addUrlFunctions(all);
    return all;
}

}
