#include "engine/expression/digest.h"

#include <array>
#include <bit>
#include <cmath>

namespace streamwright {

namespace {

constexpr std::array<uint32_t, 256> kCrcTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value & 1 ? 0xEDB88320u : 0u) ^ value >> 1;
        table[i] = value;
    }
    return table;
}();

// The message with its padding: a 1 bit, zeros, and the length in bits, to whole blocks.
std::string padded(std::string_view bytes, size_t block, bool bigEndian)
{
    std::string message(bytes);
    message += '\x80';
    const size_t lengthBytes = block / 8;
    while (message.size() % block != block - lengthBytes) message += '\0';
    const unsigned __int128 bits = static_cast<unsigned __int128>(bytes.size()) * 8;
    for (size_t i = 0; i < lengthBytes; ++i) message += static_cast<char>(static_cast<unsigned char>(bits >> (8 * (bigEndian ? lengthBytes - 1 - i : i)) & 0xFF));
    return message;
}

template <class Word>
Word loadBig(const char* at)
{
    Word word = 0;
    for (size_t i = 0; i < sizeof(Word); ++i) word = static_cast<Word>(word << 8 | static_cast<unsigned char>(at[i]));
    return word;
}

template <class Word>
void storeBig(Word word, std::string& out)
{
    for (size_t i = sizeof(Word); i-- > 0;) out += static_cast<char>(static_cast<unsigned char>(word >> (8 * i) & 0xFF));
}

// The first 64 bits behind the point of the cube roots of the first 80 primes (FIPS 180-4); SHA-256 takes
// the upper halves of the first 64.
constexpr std::array<uint64_t, 80> kRoundConstants{
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec, 0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

template <class Word>
struct Sha2Shape;
template <>
struct Sha2Shape<uint32_t> {
    static constexpr size_t kRounds = 64;
    static constexpr int kSmall0[3] = {7, 18, 3}, kSmall1[3] = {17, 19, 10}, kBig0[3] = {2, 13, 22}, kBig1[3] = {6, 11, 25};
    static uint32_t constant(size_t i) { return static_cast<uint32_t>(kRoundConstants[i] >> 32); }
};
template <>
struct Sha2Shape<uint64_t> {
    static constexpr size_t kRounds = 80;
    static constexpr int kSmall0[3] = {1, 8, 7}, kSmall1[3] = {19, 61, 6}, kBig0[3] = {28, 34, 39}, kBig1[3] = {14, 18, 41};
    static uint64_t constant(size_t i) { return kRoundConstants[i]; }
};

template <class Word>
std::string sha2Of(std::string_view bytes, std::array<Word, 8> state, size_t digestBytes)
{
    using Shape = Sha2Shape<Word>;
    const auto small = [](Word x, const int (&by)[3]) { return static_cast<Word>(std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ x >> by[2]); };
    const auto big = [](Word x, const int (&by)[3]) { return static_cast<Word>(std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ std::rotr(x, by[2])); };
    const size_t block = 16 * sizeof(Word);
    const std::string message = padded(bytes, block, true);
    for (size_t at = 0; at < message.size(); at += block) {
        std::array<Word, Shape::kRounds> w{};
        for (size_t i = 0; i < 16; ++i) w[i] = loadBig<Word>(message.data() + at + i * sizeof(Word));
        for (size_t i = 16; i < Shape::kRounds; ++i) w[i] = w[i - 16] + small(w[i - 15], Shape::kSmall0) + w[i - 7] + small(w[i - 2], Shape::kSmall1);
        auto [a, b, c, d, e, f, g, h] = state;
        for (size_t i = 0; i < Shape::kRounds; ++i) {
            const Word t1 = h + big(e, Shape::kBig1) + ((e & f) ^ (~e & g)) + Shape::constant(i) + w[i];
            const Word t2 = big(a, Shape::kBig0) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        const std::array<Word, 8> added{a, b, c, d, e, f, g, h};
        for (size_t i = 0; i < 8; ++i) state[i] += added[i];
    }
    std::string digest;
    for (const Word word : state) storeBig(word, digest);
    digest.resize(digestBytes);
    return digest;
}

uint32_t mixIn(uint32_t hash, uint32_t word)
{
    hash ^= std::rotl(word * 0xcc9e2d51u, 15) * 0x1b873593u;
    return std::rotl(hash, 13) * 5 + 0xe6546b64u;
}

uint32_t finalMix(uint32_t hash, uint32_t size)
{
    hash ^= size;
    hash = (hash ^ hash >> 16) * 0x85ebca6bu;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
    return hash ^ hash >> 16;
}

uint32_t murmurInt(uint32_t value, uint32_t seed) { return finalMix(mixIn(seed, value), 4); }
uint32_t murmurLong(uint64_t value, uint32_t seed) { return finalMix(mixIn(mixIn(seed, static_cast<uint32_t>(value)), static_cast<uint32_t>(value >> 32)), 8); }

// Whole words, then every byte left as a word of its own with its sign, as Spark does.
uint32_t murmurBytes(std::string_view bytes, uint32_t seed)
{
    uint32_t hash = seed;
    size_t at = 0;
    for (; at + 4 <= bytes.size(); at += 4) {
        uint32_t word = 0;
        std::memcpy(&word, bytes.data() + at, 4);
        hash = mixIn(hash, word);
    }
    for (; at < bytes.size(); ++at) hash = mixIn(hash, static_cast<uint32_t>(static_cast<int32_t>(static_cast<signed char>(bytes[at]))));
    return finalMix(hash, static_cast<uint32_t>(bytes.size()));
}

}

uint32_t crc32(std::string_view bytes)
{
    uint32_t crc = 0xFFFFFFFF;
    for (const char c : bytes) crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
    return ~crc;
}

std::string md5(std::string_view bytes)
{
    static constexpr std::array<int, 16> kShifts{7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
    // RFC 1321: the whole part of 2^32 |sin(i + 1)|.
    static const std::array<uint32_t, 64> kSines = [] {
        std::array<uint32_t, 64> sines{};
        for (size_t i = 0; i < 64; ++i) sines[i] = static_cast<uint32_t>(std::floor(std::fabs(std::sin(static_cast<double>(i + 1))) * 4294967296.0));
        return sines;
    }();
    std::array<uint32_t, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const std::string message = padded(bytes, 64, false);
    for (size_t at = 0; at < message.size(); at += 64) {
        std::array<uint32_t, 16> w{};
        std::memcpy(w.data(), message.data() + at, 64);
        auto [a, b, c, d] = state;
        for (size_t i = 0; i < 64; ++i) {
            uint32_t f = 0;
            size_t word = 0;
            switch (i / 16) {
                case 0: f = (b & c) | (~b & d), word = i; break;
                case 1: f = (d & b) | (~d & c), word = (5 * i + 1) % 16; break;
                case 2: f = b ^ c ^ d, word = (3 * i + 5) % 16; break;
                default: f = c ^ (b | ~d), word = 7 * i % 16; break;
            }
            const uint32_t rotated = std::rotl(a + f + kSines[i] + w[word], kShifts[i / 16 * 4 + i % 4]);
            a = d, d = c, c = b, b += rotated;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    }
    return {reinterpret_cast<const char*>(state.data()), 16};
}

std::string sha1(std::string_view bytes)
{
    std::array<uint32_t, 5> state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    const std::string message = padded(bytes, 64, true);
    for (size_t at = 0; at < message.size(); at += 64) {
        std::array<uint32_t, 80> w{};
        for (size_t i = 0; i < 16; ++i) w[i] = loadBig<uint32_t>(message.data() + at + 4 * i);
        for (size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        auto [a, b, c, d, e] = state;
        for (size_t i = 0; i < 80; ++i) {
            const uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
            const uint32_t constant = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
            const uint32_t next = std::rotl(a, 5) + f + e + constant + w[i];
            e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
    }
    std::string digest;
    for (const uint32_t word : state) storeBig(word, digest);
    return digest;
}

std::string sha2(std::string_view bytes, int bits)
{
    switch (bits) {
        case 224: return sha2Of<uint32_t>(bytes, {0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4}, 28);
        case 256: return sha2Of<uint32_t>(bytes, {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, 32);
        case 384:
            return sha2Of<uint64_t>(bytes, {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4}, 48);
        case 512:
            return sha2Of<uint64_t>(bytes, {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179}, 64);
        default: return {};
    }
}

uint32_t murmur3(const Column& column, size_t row, uint32_t seed)
{
    if (column.isNull(row)) return seed;
    switch (column.type().kind()) {
        case TypeKind::Void: return seed;
        case TypeKind::Boolean: return murmurInt(column.value<uint8_t>(row), seed);
        case TypeKind::Int:
        case TypeKind::Date: return murmurInt(static_cast<uint32_t>(column.value<int32_t>(row)), seed);
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return murmurLong(static_cast<uint64_t>(column.value<int64_t>(row)), seed);
        case TypeKind::Float: {
            const float value = column.value<float>(row);
            return murmurInt(std::isnan(value) ? 0x7fc00000u : std::bit_cast<uint32_t>(value + 0.0f), seed);
        }
        case TypeKind::Double: {
            const double value = column.value<double>(row);
            return murmurLong(std::isnan(value) ? 0x7ff8000000000000ull : std::bit_cast<uint64_t>(value + 0.0), seed);
        }
        case TypeKind::String:
        case TypeKind::Binary: return murmurBytes(column.value<StringRef>(row).view(), seed);
        case TypeKind::Array:
            for (uint32_t e = column.offsets()[row]; e < column.offsets()[row + 1]; ++e) seed = murmur3(*column.element(), e, seed);
            return seed;
        case TypeKind::Struct:
            for (const ColumnPtr& child : column.children()) seed = murmur3(*child, row, seed);
            return seed;
    }
    return seed;
}

}
