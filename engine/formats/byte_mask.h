// Which of 64 bytes are a given one, as a bit mask: the widest vectors the build machine has.
#pragma once
#include <cstdint>
#include <cstring>

#if defined(__AVX512BW__) || defined(__AVX2__) || defined(__SSE2__)
#include <immintrin.h>
#endif

namespace streamwright {

class Bytes64 {
public:
    // 64 readable bytes.
    explicit Bytes64(const char* data)
    {
#if defined(__AVX512BW__)
        bytes_ = _mm512_loadu_si512(data);
#elif defined(__AVX2__)
        for (int i = 0; i < 2; ++i) bytes_[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + 32 * i));
#elif defined(__SSE2__)
        for (int i = 0; i < 4; ++i) bytes_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 16 * i));
#else
        std::memcpy(bytes_, data, 64);
#endif
    }

    uint64_t equal(char c) const
    {
#if defined(__AVX512BW__)
        return _mm512_cmpeq_epi8_mask(bytes_, _mm512_set1_epi8(c));
#elif defined(__AVX2__)
        uint64_t mask = 0;
        for (int i = 0; i < 2; ++i) mask |= uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes_[i], _mm256_set1_epi8(c))))} << (32 * i);
        return mask;
#elif defined(__SSE2__)
        uint64_t mask = 0;
        for (int i = 0; i < 4; ++i) mask |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes_[i], _mm_set1_epi8(c))))} << (16 * i);
        return mask;
#else
        uint64_t mask = 0;
        for (int i = 0; i < 64; ++i) mask |= uint64_t{bytes_[i] == c} << i;
        return mask;
#endif
    }

private:
#if defined(__AVX512BW__)
    __m512i bytes_;
#elif defined(__AVX2__)
    __m256i bytes_[2];
#elif defined(__SSE2__)
    __m128i bytes_[4];
#else
    char bytes_[64];
#endif
};

// The lowest `count` bits, count up to 64.
inline uint64_t lowBits(uint64_t count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }

}
