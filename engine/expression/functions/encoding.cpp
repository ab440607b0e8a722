// Text to bytes and back, and whether bytes are text.
#include "engine/columns/schema.h"
#include "engine/expression/charset.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/order.h"
#include "engine/expression/signature.h"
#include "engine/expression/utf8.h"

namespace streamwright {

namespace {

std::string unknownCharset(std::string_view name) { return fmt::format("character set must be one of {}, but is {}", kCharsetNames, name); }

template <bool kEncode>
ColumnPtr transcode(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view name = textAt(*call.arguments[1], row);
        const auto charset = findCharset(name);
        if (!charset) return fail(call, row, out, unknownCharset(name));
        result.clear();
        const std::string_view from = textAt(*call.arguments[0], row);
        if (kEncode ? encodeText(from, *charset, result) : decodeText(from, *charset, result)) return out.pushText(result);
        fail(call, row, out, fmt::format("{} {}", kEncode ? "the text has a character that does not exist in" : "the bytes are not well-formed", name));
    });
}

// decode(value, search, result, …[, default]): the result beside the first search that equals the value.
ColumnPtr decodeCases(const Call& call)
{
    const size_t count = call.arguments.size();
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        for (size_t i = 1; i + 1 < count; i += 2) {
            if (equalRows(*call.arguments[0], row, *call.arguments[i], row)) return out.pushFrom(*call.arguments[i + 1], row);
        }
        if (count % 2 == 0) out.pushFrom(*call.arguments[count - 1], row);
        else out.pushNull();
    });
}

Result<Signature> resolveDecode(std::span<const ArgumentType> arguments)
{
    if (arguments.size() <= 2) return takes("decode", {TypeKind::Binary, TypeKind::String}, TypeKind::String)(arguments);
    std::vector<ArgumentType> compared{arguments[0]}, results;
    for (size_t i = 1; i < arguments.size(); ++i) (i % 2 == 1 && i + 1 < arguments.size() ? compared : results).push_back(arguments[i]);
    const auto key = commonType(compared), result = commonType(results);
    if (!key || !result) return wrongArguments("decode", "a value, then searches of its type each with a result", arguments);
    std::vector<Type> types{*key};
    for (size_t i = 1; i < arguments.size(); ++i) types.push_back(i % 2 == 1 && i + 1 < arguments.size() ? *key : *result);
    return Signature{std::move(types), *result};
}

ColumnPtr decode(const Call& call)
{
    if (call.arguments.size() > 2) return decodeCases(call);
    // It sees NULLs for the other form: here one of them makes the result NULL.
    const std::vector<ColumnPtr> both(call.arguments.begin(), call.arguments.end());
    std::vector<uint8_t> nulls(call.rows);
    for (size_t row = 0; row < call.rows; ++row) nulls[row] = both[0]->isNull(row) || both[1]->isNull(row);
    return transcode<false>({.arguments = both, .rows = call.rows, .result = call.result, .context = call.context, .errors = call.errors, .nulls = nulls.data()});
}

ColumnPtr base64(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        appendBase64(textAt(*call.arguments[0], row), result);
        out.pushText(result);
    });
}

ColumnPtr unbase64(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        if (decodeBase64(textAt(*call.arguments[0], row), result)) out.pushText(result);
        else fail(call, row, out, fmt::format("the text is not base 64: {}", textAt(*call.arguments[0], row)));
    });
}

std::optional<unsigned> hexDigit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f') return (c | 32) - 'a' + 10;
    return std::nullopt;
}

bool decodeHex(std::string_view text, std::string& out)
{
    const std::string padded = (text.size() % 2 == 1 ? "0" : "") + std::string(text);
    for (size_t i = 0; i < padded.size(); i += 2) {
        const auto high = hexDigit(padded[i]), low = hexDigit(padded[i + 1]);
        if (!high || !low) return false;
        out += static_cast<char>(*high * 16 + *low);
    }
    return true;
}

enum class Failing : unsigned char { Error, Null };

template <Failing kFailing>
ColumnPtr toBinary(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        const std::string_view format = call.arguments.size() > 1 ? textAt(*call.arguments[1], row) : "hex";
        result.clear();
        bool good = false;
        if (sameName(format, "hex")) good = decodeHex(text, result);
        else if (sameName(format, "base64")) good = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n") == std::string_view::npos && decodeBase64(text, result);
        else if (sameName(format, "utf-8") || sameName(format, "utf8")) good = encodeText(text, Charset::Utf8, result);
        else if (kFailing == Failing::Error) return fail(call, row, out, fmt::format("to_binary format must be hex, base64 or utf-8, but is {}", format));
        if (good) return out.pushText(result);
        if (kFailing == Failing::Null) return out.pushNull();
        fail(call, row, out, fmt::format("the text is not {}: {}", format, text));
    });
}

ColumnPtr isUtf8(const Call& call)
{
    return mapRows<uint8_t, StringRef>(call, [](const StringRef& text) { return isValidUtf8(text.view()); });
}

ColumnPtr makeUtf8(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        appendValidUtf8(textAt(*call.arguments[0], row), result);
        out.pushText(result);
    });
}

template <Failing kFailing>
ColumnPtr validateUtf8(const Call& call)
{
    return viewRows(call, [&](size_t row) -> std::optional<std::string_view> {
        const std::string_view text = textAt(*call.arguments[0], row);
        if (isValidUtf8(text)) return text;
        if (kFailing == Failing::Error) call.errors.add(row, "the text is not valid UTF-8");
        return std::nullopt;
    });
}

}

void addEncodingFunctions(std::vector<Function>& all)
{
    const Type text = TypeKind::String, binary = TypeKind::Binary;
    all.push_back({.name = "encode", .family = "text", .usage = "encode(text, charset)", .help = "The bytes of a text in a character set: " + std::string(kCharsetNames) + ".", .example = {"encode('abc', 'utf-8')", "\"616263\""}, .resolve = takes("encode", {text, text}, binary), .evaluate = transcode<true>, .canFail = true});
    all.push_back({.name = "decode", .family = "text", .usage = "decode(binary, charset) or decode(value, search, result, ...[, default])", .help = "Bytes as text; or the result beside the first search that equals the value.", .example = {"decode(2, 1, 'one', 2, 'two', 'many')", "\"two\""}, .resolve = resolveDecode, .evaluate = decode, .canFail = true, .seesNulls = true});
    all.push_back({.name = "base64", .family = "text", .usage = "base64(binary)", .help = "Bytes in base 64.", .example = {"base64('abc')", "\"YWJj\""}, .resolve = takes("base64", {binary}, text), .evaluate = base64});
    all.push_back({.name = "unbase64", .family = "text", .usage = "unbase64(text)", .help = "The bytes that a text in base 64 stands for; other characters are passed over.", .example = {"string(unbase64('YWJj'))", "\"abc\""}, .resolve = takes("unbase64", {text}, binary), .evaluate = unbase64, .canFail = true});
    all.push_back({.name = "to_binary", .family = "text", .usage = "to_binary(text[, format])", .help = "The bytes of a text written in hex (the default), base64 or utf-8.", .example = {"to_binary('abc', 'utf-8')", "\"616263\""}, .resolve = takes("to_binary", {text, text}, binary, 1), .evaluate = toBinary<Failing::Error>, .canFail = true});
    all.push_back({.name = "try_to_binary", .family = "text", .usage = "try_to_binary(text[, format])", .help = "As to_binary, but NULL when the text or the format is wrong.", .example = {"try_to_binary('a!', 'base64')", "null"}, .resolve = takes("try_to_binary", {text, text}, binary, 1), .evaluate = toBinary<Failing::Null>});
    all.push_back({.name = "is_valid_utf8", .family = "text", .usage = "is_valid_utf8(text)", .help = "Whether the bytes are well-formed UTF-8.", .example = {"is_valid_utf8(x'80')", "false"}, .resolve = takes("is_valid_utf8", {text}, TypeKind::Boolean), .evaluate = isUtf8});
    all.push_back({.name = "make_valid_utf8", .family = "text", .usage = "make_valid_utf8(text)", .help = "The text with U+FFFD for every broken piece.", .example = {"make_valid_utf8(x'61C262')", "\"a\xEF\xBF\xBD" "b\""}, .resolve = takes("make_valid_utf8", {text}, text), .evaluate = makeUtf8});
    all.push_back({.name = "validate_utf8", .family = "text", .usage = "validate_utf8(text)", .help = "The text itself; the row fails when it is not well-formed UTF-8.", .example = {"validate_utf8('Spark')", "\"Spark\""}, .resolve = takes("validate_utf8", {text}, text), .evaluate = validateUtf8<Failing::Error>, .canFail = true});
    all.push_back({.name = "try_validate_utf8", .family = "text", .usage = "try_validate_utf8(text)", .help = "The text itself, or NULL when it is not well-formed UTF-8.", .example = {"try_validate_utf8(x'80')", "null"}, .resolve = takes("try_validate_utf8", {text}, text), .evaluate = validateUtf8<Failing::Null>});
}

}
