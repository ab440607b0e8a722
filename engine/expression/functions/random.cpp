// Values that differ from row to row by themselves: functions of a seed and the row's number, so that a batch run
// again gives them again. rand and randn give in row n what Spark gives in the first row of partition n.
#include "engine/expression/functions/families.h"
#include "engine/expression/picked_arrays.h"
#include "engine/expression/signature.h"

#include <cmath>

namespace streamwright {

namespace {

uint32_t rotated(uint32_t value, int by) { return (value << by) | (value >> (32 - by)); }

// Scala's MurmurHash3 of the seed's bytes, the most significant first, as Spark scrambles its seeds.
uint32_t hashOfSeed(uint64_t seed, uint32_t hash)
{
    const auto swapped = [](uint32_t word) { return __builtin_bswap32(word); };
    for (const uint32_t word : {swapped(static_cast<uint32_t>(seed >> 32)), swapped(static_cast<uint32_t>(seed))}) {
        hash = rotated(hash ^ (rotated(word * 0xCC9E2D51u, 15) * 0x1B873593u), 13) * 5 + 0xE6546B64u;
    }
    hash ^= 8;
    hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
    hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
    return hash ^ (hash >> 16);
}

// Spark's XORShiftRandom.
class Random {
public:
    explicit Random(uint64_t seed)
    {
        const uint32_t low = hashOfSeed(seed, 0x3C074A61u);
        state_ = (uint64_t{hashOfSeed(seed, low)} << 32) | low;
    }

    uint64_t bits(int count)
    {
        state_ ^= state_ << 21;
        state_ ^= state_ >> 35;
        state_ ^= state_ << 4;
        return state_ & ((1ull << count) - 1);
    }
    double uniform()
    {
        const uint64_t high = bits(26) << 27;
        return static_cast<double>(high + bits(27)) * 0x1p-53;
    }
    // Java's nextGaussian: Marsaglia's polar method.
    double gaussian()
    {
        while (true) {
            const double a = 2 * uniform() - 1, b = 2 * uniform() - 1;
            const double square = a * a + b * b;
            if (square < 1 && square != 0) return a * std::sqrt(-2 * std::log(square) / square);
        }
    }
    // An even number below `end`, which is far below 2^53.
    uint64_t below(uint64_t end) { return static_cast<uint64_t>(uniform() * static_cast<double>(end)); }

private:
    uint64_t state_;
};

// The generator of a row. `own` is where a seed may stand; behind it come the call's and the row's number.
Random randomOf(const Call& call, size_t own, size_t row)
{
    const size_t count = call.arguments.size();
    const auto number = static_cast<uint64_t>(call.arguments[count - 1]->value<int64_t>(row));
    if (count > own + 2) {
        // NULL is 0, as in Spark.
        const Column& seed = *call.arguments[own];
        return Random((seed.isNull(row) ? 0 : static_cast<uint64_t>(seed.value<int64_t>(row))) + number);
    }
    return Random(call.context.seed + static_cast<uint64_t>(call.arguments[count - 2]->value<int64_t>(row)) + number);
}

// The arguments, then perhaps a literal seed.
template <class F>
Resolve withSeed(std::string name, size_t own, F resolve)
{
    return [=](std::span<const ArgumentType> arguments) -> Result<Signature> {
        if (arguments.size() > own && (!arguments[own].literal || !(isIntegral(arguments[own].type.kind()) || arguments[own].type.is(TypeKind::Void)) || arguments.size() > own + 1)) {
            return mistake(fmt::format("the seed of {} must be a whole number that is written out, but got {}", name, simpleNames(arguments.subspan(own))));
        }
        auto signature = resolve(arguments.first(std::min(own, arguments.size())));
        if (signature && arguments.size() > own) signature->arguments.push_back(TypeKind::BigInt);
        return signature;
    };
}

template <double (Random::*value)()>
ColumnPtr doubles(const Call& call)
{
    FixedBuilder<double> out;
    double* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        Random random = randomOf(call, 0, row);
        to[row] = (random.*value)();
    }
    return columnFrom(call.result, out);
}

Result<Signature> resolveUniform(std::span<const ArgumentType> arguments)
{
    const bool numbers = arguments.size() == 2 && isNumeric(arguments[0].type.kind()) && isNumeric(arguments[1].type.kind());
    if (!numbers) return wrongArguments("uniform", "(number, number[, seed])", arguments);
    const Type type = *commonType(arguments);
    return Signature{{type, type}, type};
}

template <class T>
ColumnPtr uniformValues(const Call& call)
{
    FixedBuilder<T> out;
    T* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        const auto low = static_cast<double>(call.arguments[0]->value<T>(row)), high = static_cast<double>(call.arguments[1]->value<T>(row));
        to[row] = static_cast<T>(low + randomOf(call, 2, row).uniform() * (high - low));
    }
    NullMarks nulls(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        if (call.arguments[0]->isNull(row) || call.arguments[1]->isNull(row)) nulls.mark(row);
    }
    return columnFrom(call.result, out, nulls.buffer());
}

ColumnPtr uniform(const Call& call)
{
    switch (call.result.kind()) {
        case TypeKind::Int: return uniformValues<int32_t>(call);
        case TypeKind::BigInt: return uniformValues<int64_t>(call);
        case TypeKind::Float: return uniformValues<float>(call);
        default: return uniformValues<double>(call);
    }
}

ColumnPtr randomText(const Call& call)
{
    constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string text;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const int32_t length = call.arguments[0]->isNull(row) ? 0 : call.arguments[0]->value<int32_t>(row);
        if (length < 0 || length > (1 << 20)) return fail(call, row, out, fmt::format("the length of randstr must be from 0 to 1048576, but is {}", length));
        Random random = randomOf(call, 1, row);
        text.clear();
        for (int32_t i = 0; i < length; ++i) text += kLetters[random.below(kLetters.size())];
        out.pushText(text);
    });
}

ColumnPtr uuids(const Call& call)
{
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        Random random = randomOf(call, 0, row);
        const uint64_t first = random.bits(32), second = random.bits(16), third = random.bits(12), fourth = random.bits(14), fifth = random.bits(48);
        out.pushText(fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", first, second, third, 0x8000 | fourth, fifth));
    });
}

Result<Signature> resolveShuffle(std::span<const ArgumentType> arguments)
{
    if (arguments.size() != 1 || (!arguments[0].type.is(TypeKind::Array) && !arguments[0].type.is(TypeKind::Void))) return wrongArguments("shuffle", "(array[, seed])", arguments);
    const Type type = arguments[0].type.is(TypeKind::Array) ? arguments[0].type : Type::array(TypeKind::Void);
    return Signature{{type}, type};
}

ColumnPtr shuffled(const Call& call)
{
    const ElementRange elements(*call.arguments[0]);
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        if (call.arguments[0]->isNull(row)) {
            out.closeNull();
            continue;
        }
        Random random = randomOf(call, 1, row);
        const size_t begin = out.rowBegin();
        out.pickRange(elements.begin(row), elements.end(row));
        for (size_t left = out.picks().size() - begin; left > 1; --left) std::swap(out.picks()[begin + left - 1], out.picks()[begin + random.below(left)]);
        out.closeRow();
    }
    return out.finish(call, *elements.column());
}

ColumnPtr rowIds(const Call& call) { return call.arguments.back(); }

Resolve nothingBefore(const char* name, Type result)
{
    return withSeed(name, 0, [result](std::span<const ArgumentType>) -> Result<Signature> { return Signature{{}, result}; });
}

}

void addRandomFunctions(std::vector<Function>& all)
{
    all.push_back({.name = "rand", .aliases = {"random"}, .family = "math", .usage = "rand([seed])", .help = "A random number from 0 to below 1, other in every row; for the columns of source.generate, which number their rows.", .example = {"rand(0)", "0.7604953758285915"}, .resolve = nothingBefore("rand", TypeKind::Double), .evaluate = doubles<&Random::uniform>, .seesNulls = true, .numbered = true});
    all.push_back({.name = "randn", .family = "math", .usage = "randn([seed])", .help = "A random number of the standard normal distribution, other in every row; for the columns of source.generate.", .example = {"randn(0)", "1.6034991609278433"}, .resolve = nothingBefore("randn", TypeKind::Double), .evaluate = doubles<&Random::gaussian>, .seesNulls = true, .numbered = true});
    all.push_back({.name = "uniform", .family = "math", .usage = "uniform(low, high[, seed])", .help = "A random number from low to below high, other in every row; for the columns of source.generate.", .example = {"uniform(10, 20, 0)", "17"}, .resolve = withSeed("uniform", 2, resolveUniform), .evaluate = uniform, .seesNulls = true, .numbered = true});
    all.push_back({.name = "randstr", .family = "text", .usage = "randstr(length[, seed])", .help = "Random letters and digits, other in every row; for the columns of source.generate.", .example = {"length(randstr(5, 0))", "5"}, .resolve = withSeed("randstr", 1, [](std::span<const ArgumentType> arguments) { return takes("randstr", {TypeKind::Int}, TypeKind::String)(arguments); }), .evaluate = randomText, .canFail = true, .seesNulls = true, .numbered = true});
    all.push_back({.name = "uuid", .family = "text", .usage = "uuid([seed])", .help = "A random UUID of version 4, other in every row; for the columns of source.generate.", .example = {"substring(uuid(7), 15, 1)", "\"4\""}, .resolve = nothingBefore("uuid", TypeKind::String), .evaluate = uuids, .seesNulls = true, .numbered = true});
    all.push_back({.name = "shuffle", .family = "array", .usage = "shuffle(array[, seed])", .help = "The elements in a random order, other in every row; for the columns of source.generate.", .example = {"sort_array(shuffle(array(3, 1, 2), 5))", "[1,2,3]"}, .resolve = withSeed("shuffle", 1, resolveShuffle), .evaluate = shuffled, .seesNulls = true, .numbered = true});
    all.push_back({.name = "monotonically_increasing_id", .family = "math", .usage = "monotonically_increasing_id()", .help = "The number of the row, from 0 on; for the columns of source.generate.", .example = {"monotonically_increasing_id()", "0"}, .resolve = takes("monotonically_increasing_id", {}, TypeKind::BigInt), .evaluate = rowIds, .seesNulls = true, .numbered = true});
}

}
