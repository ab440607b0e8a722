#include "engine/expression/xxhash64.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace streamwright {

namespace {

constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87ull;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Full;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9ull;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63ull;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5ull;

uint64_t finish(uint64_t hash)
{
    hash = (hash ^ (hash >> 33)) * kPrime2;
    hash = (hash ^ (hash >> 29)) * kPrime3;
    return hash ^ (hash >> 32);
}

uint64_t addLong(uint64_t hash, uint64_t value)
{
    hash ^= std::rotl(value * kPrime2, 31) * kPrime1;
    return std::rotl(hash, 27) * kPrime1 + kPrime4;
}

uint64_t addInt(uint64_t hash, uint32_t value)
{
    hash ^= value * kPrime1;
    return std::rotl(hash, 23) * kPrime2 + kPrime3;
}

uint64_t hashLong(uint64_t value, uint64_t seed) { return finish(addLong(seed + kPrime5 + 8, value)); }
uint64_t hashInt(uint32_t value, uint64_t seed) { return finish(addInt(seed + kPrime5 + 4, value)); }

template <class Bits>
Bits load(const char* at)
{
    Bits bits;
    std::memcpy(&bits, at, sizeof(Bits));
    return bits;
}

// Four lanes of 8 bytes, while there are 32.
uint64_t addStripes(const char*& at, const char* end, uint64_t seed)
{
    uint64_t lanes[4] = {seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
    for (; end - at >= 32; at += 32) {
        for (int lane = 0; lane < 4; ++lane) lanes[lane] = std::rotl(lanes[lane] + load<uint64_t>(at + 8 * lane) * kPrime2, 31) * kPrime1;
    }
    uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const uint64_t lane : lanes) hash = (hash ^ (std::rotl(lane * kPrime2, 31) * kPrime1)) * kPrime1 + kPrime4;
    return hash;
}

// One form for -0.0 and 0.0 and for every NaN.
template <class Bits, class T>
Bits bitsOf(T value)
{
    if (value == 0) value = 0;
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
    return std::bit_cast<Bits>(value);
}

}

uint64_t xxhash64(const char* data, size_t size, uint64_t seed)
{
    const char* at = data;
    const char* const end = data + size;
    uint64_t hash = size >= 32 ? addStripes(at, end, seed) : seed + kPrime5;
    hash += size;
    for (; end - at >= 8; at += 8) hash = addLong(hash, load<uint64_t>(at));
    if (end - at >= 4) {
        hash = addInt(hash, load<uint32_t>(at));
        at += 4;
    }
    for (; at < end; ++at) hash = std::rotl(hash ^ (static_cast<unsigned char>(*at) * kPrime5), 11) * kPrime1;
    return finish(hash);
}

uint64_t xxhash64(const Column& column, size_t row, uint64_t seed)
{
    if (column.isNull(row)) return seed;
    switch (column.type().kind()) {
        case TypeKind::Void: return seed;
        case TypeKind::Boolean: return hashInt(column.value<uint8_t>(row), seed);
        case TypeKind::Int:
        case TypeKind::Date: return hashInt(static_cast<uint32_t>(column.value<int32_t>(row)), seed);
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return hashLong(static_cast<uint64_t>(column.value<int64_t>(row)), seed);
        case TypeKind::Float: return hashInt(bitsOf<uint32_t>(column.value<float>(row)), seed);
        case TypeKind::Double: return hashLong(bitsOf<uint64_t>(column.value<double>(row)), seed);
        case TypeKind::String:
        case TypeKind::Binary: return xxhash64(column.values<StringRef>()[row].data(), column.text(row).size(), seed);
        case TypeKind::Array:
            for (uint32_t e = column.offsets()[row]; e < column.offsets()[row + 1]; ++e) seed = xxhash64(*column.element(), e, seed);
            return seed;
        case TypeKind::Struct:
            for (const ColumnPtr& child : column.children()) seed = xxhash64(*child, row, seed);
            return seed;
    }
    return seed;
}

}
