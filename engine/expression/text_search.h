// Finding bytes and words in text, 64 bytes at a time. The text must lie in a Buffer (or in a column's
// views, which do): up to 64 bytes behind its end are read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace streamwright {

// Bit i is set where at[i] == byte, i from 0 to 63.
inline uint64_t byteMask(const char* at, char byte)
{
#if defined(__AVX512BW__)
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8(byte));
#elif defined(__AVX2__)
    const __m256i wanted = _mm256_set1_epi8(byte);
    const auto half = [&](const char* p) { return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)), wanted))); };
    return half(at) | static_cast<uint64_t>(half(at + 32)) << 32;
#elif defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8(byte);
    const auto quarter = [&](const char* p) { return static_cast<uint64_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), wanted))); };
    return quarter(at) | quarter(at + 16) << 16 | quarter(at + 32) << 32 | quarter(at + 48) << 48;
#else
    uint64_t mask = 0;
    for (int i = 0; i < 64; ++i) mask |= static_cast<uint64_t>(at[i] == byte) << i;
    return mask;
#endif
}

// The lowest `count` bits, count from 0 to 64.
inline uint64_t lowBits(size_t count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }

// Where `wanted` begins in `text` at `from` or later; npos when nowhere. Candidates are places where the
// first and the last byte are right.
inline size_t findText(std::string_view text, std::string_view wanted, size_t from = 0)
{
    if (wanted.empty()) return from <= text.size() ? from : std::string_view::npos;
    if (text.size() < wanted.size() || from > text.size() - wanted.size()) return std::string_view::npos;
    const size_t places = text.size() - wanted.size() + 1;
    const size_t last = wanted.size() - 1;
    for (size_t at = from; at < places; at += 64) {
        uint64_t mask = byteMask(text.data() + at, wanted[0]) & byteMask(text.data() + at + last, wanted[last]) & lowBits(places - at);
        for (; mask != 0; mask &= mask - 1) {
            const size_t place = at + static_cast<size_t>(__builtin_ctzll(mask));
            if (last < 2 || std::memcmp(text.data() + place + 1, wanted.data() + 1, last - 1) == 0) return place;
        }
    }
    return std::string_view::npos;
}

inline bool containsText(std::string_view text, std::string_view wanted) { return findText(text, wanted) != std::string_view::npos; }

}
