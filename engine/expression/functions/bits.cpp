// Bits, and numbers written in other bases.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"

#include <bit>

namespace streamwright {

namespace {

constexpr char kDigits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Digits of `value` from the end of `buffer`, no leading zeros.
std::string_view inBase(uint64_t value, unsigned base, std::span<char, 64> buffer)
{
    size_t at = buffer.size();
    do {
        buffer[--at] = kDigits[value % base];
        value /= base;
    } while (value != 0);
    return {buffer.data() + at, buffer.size() - at};
}

ColumnPtr toBase(const Call& call, unsigned base)
{
    char buffer[64];
    return buildRows(call, [&](size_t row, ColumnBuilder& out) { out.pushText(inBase(static_cast<uint64_t>(call.arguments[0]->value<int64_t>(row)), base, buffer)); });
}

ColumnPtr hex(const Call& call)
{
    if (call.arguments[0]->type().is(TypeKind::BigInt)) return toBase(call, 16);
    std::string text;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        text.clear();
        for (const char c : textAt(*call.arguments[0], row)) {
            text += kDigits[static_cast<unsigned char>(c) >> 4];
            text += kDigits[static_cast<unsigned char>(c) & 15];
        }
        out.pushText(text);
    });
}

Result<Signature> resolveHex(std::span<const ArgumentType> arguments)
{
    if (arguments.size() == 1) {
        const Type& type = arguments[0].type;
        if (isIntegral(type.kind())) return Signature{{TypeKind::BigInt}, TypeKind::String};
        if (isText(type.kind())) return Signature{{type}, TypeKind::String};
        if (type.is(TypeKind::Void)) return Signature{{TypeKind::String}, TypeKind::String};
    }
    return wrongArguments("hex", "(bigint), (string) or (binary)", arguments);
}

int digitValue(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

ColumnPtr unhex(const Call& call)
{
    std::string bytes;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        bytes.clear();
        // An odd number of digits has a zero put before it.
        for (size_t i = 0; i < text.size();) {
            const int high = text.size() % 2 == 1 && i == 0 ? 0 : digitValue(text[i++]);
            const int low = digitValue(text[i++]);
            if (high > 15 || low > 15) return out.pushNull();
            bytes += static_cast<char>(high * 16 + low);
        }
        out.pushText(bytes);
    });
}

// conv as Spark's NumberConverter: unsigned 64 bits, digits up to the first that the base does not have.
ColumnPtr convertBase(const Call& call)
{
    char buffer[64];
    std::string text;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const int from = call.arguments[1]->value<int32_t>(row), to = call.arguments[2]->value<int32_t>(row);
        std::string_view number = textAt(*call.arguments[0], row);
        while (!number.empty() && number.front() == ' ') number.remove_prefix(1);
        while (!number.empty() && number.back() == ' ') number.remove_suffix(1);
        if (from < 2 || from > 36 || std::abs(to) < 2 || std::abs(to) > 36 || number.empty()) return out.pushNull();
        bool negative = number.front() == '-';
        if (negative) number.remove_prefix(1);
        unsigned __int128 value = 0;
        for (const char c : number) {
            if (digitValue(c) >= from) break;
            value = value * static_cast<unsigned>(from) + static_cast<unsigned>(digitValue(c));
            if (value >> 64) return fail(call, row, out, fmt::format("conv overflows 64 bits: {}", number));
        }
        auto bits = static_cast<uint64_t>(value);
        if (negative && to > 0) bits = static_cast<int64_t>(bits) < 0 ? ~0ull : 0 - bits;
        if (to < 0 && static_cast<int64_t>(bits) < 0) {
            bits = 0 - bits;
            negative = true;
        }
        text.clear();
        if (negative && to < 0) text += '-';
        text += inBase(bits, static_cast<unsigned>(std::abs(to)), buffer);
        out.pushText(text);
    });
}

ColumnPtr bitCount(const Call& call)
{
    if (call.arguments[0]->type().is(TypeKind::Boolean)) return mapRows<int32_t, uint8_t>(call, [](uint8_t x) { return int32_t{x}; });
    return mapRows<int32_t, int64_t>(call, [](int64_t x) { return std::popcount(static_cast<uint64_t>(x)); });
}

Result<Signature> resolveBitCount(std::span<const ArgumentType> arguments)
{
    if (arguments.size() == 1) {
        if (arguments[0].type.is(TypeKind::Boolean)) return Signature{{TypeKind::Boolean}, TypeKind::Int};
        if (isIntegral(arguments[0].type.kind()) || arguments[0].type.is(TypeKind::Void)) return Signature{{TypeKind::BigInt}, TypeKind::Int};
    }
    return wrongArguments("bit_count", "(bigint) or (boolean)", arguments);
}

enum class Shift { Left, Right, RightUnsigned };

template <class T, Shift kShift>
T shifted(T value, int32_t count)
{
    using Unsigned = std::make_unsigned_t<T>;
    const int bits = count & static_cast<int>(sizeof(T) * 8 - 1);
    if constexpr (kShift == Shift::Left) return static_cast<T>(static_cast<Unsigned>(value) << bits);
    else if constexpr (kShift == Shift::Right) return static_cast<T>(value >> bits);
    else return static_cast<T>(static_cast<Unsigned>(value) >> bits);
}

template <Shift kShift>
Function shiftFunction(std::string name, std::string help, FunctionExample example)
{
    return {.name = name, .family = "math", .usage = name + "(number, bits)", .help = std::move(help), .example = std::move(example),
            .resolve = [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
                if (arguments.size() != 2 || !convertsImplicitly(arguments[0], TypeKind::BigInt) || !convertsImplicitly(arguments[1], TypeKind::Int)) return wrongArguments(name, "(int or bigint, int)", arguments);
                const Type type = arguments[0].type.is(TypeKind::BigInt) ? TypeKind::BigInt : TypeKind::Int;
                return Signature{{type, TypeKind::Int}, type};
            },
            .evaluate = [](const Call& call) {
                if (call.result.is(TypeKind::Int)) return mapRows<int32_t, int32_t, int32_t>(call, shifted<int32_t, kShift>);
                return mapRows<int64_t, int64_t, int32_t>(call, shifted<int64_t, kShift>);
            }};
}

ColumnPtr getBit(const Call& call)
{
    return mapChecked<int32_t, int64_t, int32_t>(call, [&](size_t row, int64_t value, int32_t position) -> std::optional<int32_t> {
        if (position >= 0 && position < 64) return static_cast<int32_t>(static_cast<uint64_t>(value) >> position & 1);
        call.errors.add(row, fmt::format("bit position must be 0 to 63, but is {}", position));
        return std::nullopt;
    });
}

}

void addBitFunctions(std::vector<Function>& all)
{
    all.push_back({.name = "bin", .family = "math", .usage = "bin(number)", .help = "The number in base 2; negative numbers in 64 bits of two's complement.", .example = {"bin(13)", "\"1101\""},
        .resolve = takes("bin", {TypeKind::BigInt}, TypeKind::String), .evaluate = [](const Call& call) { return toBase(call, 2); }});
    all.push_back({.name = "hex", .family = "math", .usage = "hex(value)", .help = "A whole number, or the bytes of a text, in base 16.", .example = {"hex('Spark')", "\"537061726B\""}, .resolve = resolveHex, .evaluate = hex});
    all.push_back({.name = "unhex", .family = "math", .usage = "unhex(text)", .help = "The bytes that a text in base 16 stands for; NULL when it is none.", .example = {"unhex('4142')", "\"4142\""},
        .resolve = takes("unhex", {TypeKind::String}, TypeKind::Binary), .evaluate = unhex});
    all.push_back({.name = "conv", .family = "math", .usage = "conv(number, from_base, to_base)", .help = "A number's text from one base to another, bases 2 to 36; a negative to_base gives signed results.",
        .example = {"conv('100', 2, 10)", "\"4\""}, .resolve = takes("conv", {TypeKind::String, TypeKind::Int, TypeKind::Int}, TypeKind::String), .evaluate = convertBase, .canFail = true});
    all.push_back({.name = "bit_count", .family = "math", .usage = "bit_count(value)", .help = "How many bits are set.", .example = {"bit_count(7)", "3"}, .resolve = resolveBitCount, .evaluate = bitCount});
    all.push_back({.name = "getbit", .aliases = {"bit_get"}, .family = "math", .usage = "getbit(number, position)", .help = "The bit at a position, counted from 0 at the right.", .example = {"getbit(11, 0)", "1"},
        .resolve = takes("getbit", {TypeKind::BigInt, TypeKind::Int}, TypeKind::Int), .evaluate = getBit, .canFail = true});
    all.push_back(shiftFunction<Shift::Left>("shiftleft", "Shifts the bits to the left.", {"shiftleft(2, 1)", "4"}));
    all.push_back(shiftFunction<Shift::Right>("shiftright", "Shifts the bits to the right, keeping the sign.", {"shiftright(-4, 1)", "-2"}));
    all.push_back(shiftFunction<Shift::RightUnsigned>("shiftrightunsigned", "Shifts the bits to the right, filling with zeros.", {"shiftrightunsigned(-4, 1)", "2147483646"}));
}

}
