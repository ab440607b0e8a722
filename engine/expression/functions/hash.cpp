// Checksums and hashes.
#include "engine/expression/digest.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/xxhash64.h"

namespace streamwright {

namespace {

void appendHex(std::string_view bytes, std::string& out)
{
    for (const char c : bytes) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
}

ColumnPtr digest(const Call& call, std::string (*of)(std::string_view))
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        appendHex(of(textAt(*call.arguments[0], row)), result);
        out.pushText(result);
    });
}

ColumnPtr sha2Rows(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const int bits = call.arguments[1]->value<int32_t>(row);
        const std::string bytes = sha2(textAt(*call.arguments[0], row), bits == 0 ? 256 : bits);
        if (bytes.empty()) return out.pushNull();
        result.clear();
        appendHex(bytes, result);
        out.pushText(result);
    });
}

// hash and xxhash64 chain all values through the seed 42.
Resolve anything(std::string name, Type result)
{
    return [name, result](std::span<const ArgumentType> arguments) -> Result<Signature> {
        if (arguments.empty()) return wrongArguments(name, "at least one value", arguments);
        std::vector<Type> types;
        for (const ArgumentType& argument : arguments) types.push_back(argument.type);
        return Signature{std::move(types), result};
    };
}

template <class Hash, class R>
ColumnPtr chained(const Call& call, Hash (*hash)(const Column&, size_t, Hash))
{
    FixedBuilder<R> out;
    R* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        Hash value = 42;
        for (const ColumnPtr& column : call.arguments) value = hash(*column, row, value);
        to[row] = static_cast<R>(value);
    }
    return columnFrom(call.result, out);
}

}

void addHashFunctions(std::vector<Function>& all)
{
    const Type text = TypeKind::String, binary = TypeKind::Binary;
    all.push_back({.name = "md5", .family = "text", .usage = "md5(value)", .help = "The MD5 digest in hex.", .example = {"md5('Spark')", "\"8cde774d6f7333752ed72cacddb05126\""}, .resolve = takes("md5", {binary}, text), .evaluate = [](const Call& call) { return digest(call, md5); }});
    all.push_back({.name = "sha1", .aliases = {"sha"}, .family = "text", .usage = "sha1(value)", .help = "The SHA-1 digest in hex.", .example = {"sha1('Spark')", "\"85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c\""}, .resolve = takes("sha1", {binary}, text), .evaluate = [](const Call& call) { return digest(call, sha1); }});
    all.push_back({.name = "sha2", .family = "text", .usage = "sha2(value, bits)", .help = "The SHA-2 digest in hex, of 224, 256, 384 or 512 bits; 0 means 256, others give NULL.", .example = {"sha2('Spark', 256)", "\"529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b\""}, .resolve = takes("sha2", {binary, TypeKind::Int}, text), .evaluate = sha2Rows});
    all.push_back({.name = "crc32", .family = "text", .usage = "crc32(value)", .help = "The CRC-32 checksum, as of zip files.", .example = {"crc32('Spark')", "1557323817"}, .resolve = takes("crc32", {binary}, TypeKind::BigInt), .evaluate = [](const Call& call) { return mapRows<int64_t, StringRef>(call, [](const StringRef& bytes) { return crc32(bytes.view()); }); }});
    all.push_back({.name = "hash", .family = "text", .usage = "hash(value, ...)", .help = "A 32-bit hash of the values, Spark's Murmur3.", .example = {"hash('abc')", "1322437556"}, .resolve = anything("hash", TypeKind::Int), .evaluate = [](const Call& call) { return chained<uint32_t, int32_t>(call, murmur3); }, .seesNulls = true});
    all.push_back({.name = "xxhash64", .family = "text", .usage = "xxhash64(value, ...)", .help = "A 64-bit hash of the values, Spark's xxHash64.", .example = {"xxhash64('abc')", "1423657621850124518"}, .resolve = anything("xxhash64", TypeKind::BigInt), .evaluate = [](const Call& call) { return chained<uint64_t, int64_t>(call, xxhash64); }, .seesNulls = true});
}

}
