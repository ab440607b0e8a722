// What the hand-written limit programs share. They know their data and do nothing that it does not need.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <immintrin.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace limit {

[[noreturn]] inline void fail(const std::string& what)
{
    std::perror(what.c_str());
    std::exit(1);
}

struct Input {
    explicit Input(const char* path) : file(::open(path, O_RDONLY))
    {
        struct stat status {};
        if (file < 0 || ::fstat(file, &status) != 0) fail(path);
        size = status.st_size;
    }
    int file;
    int64_t size = 0;
};

// Bytes to read into: they begin with a page, into which the kernel copies faster, and 64 more can be read behind them.
class Bytes {
public:
    explicit Bytes(size_t size) : data_(static_cast<char*>(std::aligned_alloc(4096, (size + 64 + 4095) / 4096 * 4096))) {}
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    ~Bytes() { std::free(data_); }
    char* data() const { return data_; }

private:
    char* data_;
};

// Calls take(begin, end) with whole lines of the bytes [from, to), which must begin and end at lines.
// 64 bytes behind `end` can be read.
template <class Take>
void readLines(const Input& input, int64_t from, int64_t to, Take&& take)
{
    constexpr size_t kChunk = 256 << 10;
    const Bytes buffer(kChunk);
    while (from < to) {
        const ssize_t got = ::pread(input.file, buffer.data(), std::min<size_t>(kChunk, static_cast<size_t>(to - from)), from);
        if (got <= 0) fail("pread");
        const char* end = static_cast<const char*>(::memrchr(buffer.data(), '\n', static_cast<size_t>(got)));
        if (!end) fail("a line is too long");
        take(buffer.data(), end + 1);
        from += end + 1 - buffer.data();
    }
}

// The first start of a line at or after `at`.
inline int64_t lineStart(const Input& input, int64_t at)
{
    if (at <= 0 || at >= input.size) return at <= 0 ? 0 : input.size;
    char bytes[4096];
    const ssize_t got = ::pread(input.file, bytes, sizeof(bytes), at - 1);
    const void* feed = ::memchr(bytes, '\n', static_cast<size_t>(got));
    return feed ? at + (static_cast<const char*>(feed) - bytes) : input.size;
}

// A bit per byte that equals one of two.
inline uint64_t maskOf(const char* at, char a, char b)
{
#ifdef __AVX512BW__
    const __m512i bytes = _mm512_loadu_si512(at);
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(a)) | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b));
#else
    uint64_t mask = 0;
    for (int half = 0; half < 4; ++half) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + half * 16));
        const __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(a)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b)));
        mask |= static_cast<uint64_t>(static_cast<uint16_t>(_mm_movemask_epi8(equal))) << (half * 16);
    }
    return mask;
#endif
}

// A text of at most 16 bytes, zeros behind it.
struct Key {
    uint64_t low = 0;
    uint64_t high = 0;
    bool operator==(const Key&) const = default;
    uint64_t hash() const { return _mm_crc32_u64(_mm_crc32_u64(0, low), high) * 0x9E3779B97F4A7C15ull; }
    std::string text() const
    {
        char bytes[17] = {};
        std::memcpy(bytes, this, 16);
        return bytes;
    }
};

inline Key keyOf(const char* at, size_t size)
{
    alignas(64) static constexpr uint8_t kMasks[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    if (size > 16) {
        std::fputs("the limit programs know texts of at most 16 bytes\n", stderr);
        std::exit(1);
    }
    const __m128i bytes = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), _mm_loadu_si128(reinterpret_cast<const __m128i*>(kMasks + 16 - size)));
    return {static_cast<uint64_t>(_mm_cvtsi128_si64(bytes)), static_cast<uint64_t>(_mm_extract_epi64(bytes, 1))};
}

inline uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

struct Slot {
    Key key;
    uint64_t count = 0;     // 0: empty
    uint64_t batch = 0;     // the last one that changed it
};

// Open addressing, at most 70 % full.
class Table {
public:
    explicit Table(size_t slots) { allocate(slots); }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    ~Table() { ::munmap(slots_, bytes()); }

    void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash >> shift_], 1); }
    Slot& find(const Key& key, uint64_t hash)
    {
        if (size_ * 10 >= (mask_ + 1) * 7) grow();
        size_t at = hash >> shift_;
        while (slots_[at].count != 0 && !(slots_[at].key == key)) at = (at + 1) & mask_;
        if (slots_[at].count == 0) {
            slots_[at].key = key;
            ++size_;
        }
        return slots_[at];
    }
    template <class Visit>
    void each(Visit&& visit) const
    {
        for (size_t at = 0; at <= mask_; ++at) {
            if (slots_[at].count != 0) visit(slots_[at]);
        }
    }
    size_t size() const { return size_; }

private:
    size_t bytes() const { return (mask_ + 1) * sizeof(Slot); }
    void allocate(size_t slots)
    {
        mask_ = slots - 1;
        shift_ = __builtin_clzll(slots) + 1;
        slots_ = static_cast<Slot*>(::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (slots_ == MAP_FAILED) fail("mmap");
        ::madvise(slots_, bytes(), MADV_HUGEPAGE);
    }
    void grow()
    {
        Slot* old = slots_;
        const size_t count = mask_ + 1;
        allocate(count * 2);
        for (size_t i = 0; i < count; ++i) {
            if (old[i].count == 0) continue;
            size_t at = old[i].key.hash() >> shift_;
            while (slots_[at].count != 0) at = (at + 1) & mask_;
            slots_[at] = old[i];
        }
        ::munmap(old, count * sizeof(Slot));
    }

    Slot* slots_ = nullptr;
    size_t mask_ = 0;
    int shift_ = 0;
    size_t size_ = 0;
};

}
