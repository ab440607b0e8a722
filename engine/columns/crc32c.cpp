#include "engine/columns/block.h"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace streamwright {

namespace {

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) uint32_t hardwareCrc(const char* at, size_t size, uint32_t crc)
{
    uint64_t wide = crc;
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    auto narrow = static_cast<uint32_t>(wide);
    for (; size > 0; ++at, --size) narrow = _mm_crc32_u8(narrow, static_cast<uint8_t>(*at));
    return narrow;
}
const bool kHardware = __builtin_cpu_supports("sse4.2") != 0;

#elif defined(__ARM_FEATURE_CRC32)

uint32_t hardwareCrc(const char* at, size_t size, uint32_t crc)
{
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        crc = __crc32cd(crc, word);
    }
    for (; size > 0; ++at, --size) crc = __crc32cb(crc, static_cast<uint8_t>(*at));
    return crc;
}
constexpr bool kHardware = true;

#else

uint32_t hardwareCrc(const char*, size_t, uint32_t crc) { return crc; }
constexpr bool kHardware = false;

#endif

constexpr std::array<uint32_t, 256> makeTable()
{
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0u);
        table[i] = value;
    }
    return table;
}

uint32_t tableCrc(const char* at, size_t size, uint32_t crc)
{
    static constexpr std::array<uint32_t, 256> kTable = makeTable();
    for (; size > 0; ++at, --size) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(*at)) & 0xFF];
    return crc;
}

}

uint32_t crc32c(std::string_view bytes, uint32_t seed)
{
    const uint32_t crc = ~seed;
    return ~(kHardware ? hardwareCrc(bytes.data(), bytes.size(), crc) : tableCrc(bytes.data(), bytes.size(), crc));
}

}
