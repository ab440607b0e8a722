#include "engine/columns/block_stream.h"

#include <array>
#include <bit>
#include <bitset>
#include <cstring>
#include <type_traits>
#include <zstd.h>

namespace streamwright {

namespace {

// How a stream is stored.
// Nibbles: bytes of at most 16 values, as a table of these and half a byte each.
enum class Form : uint8_t { Constant, Raw, Zstd, Nibbles };
// How numbers and text were changed before they were stored.
enum class Change : uint8_t { None, Difference, Transposed };

constexpr int kLevel = 1;
constexpr size_t kNibbleValues = 16;

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

ZSTD_CCtx* compressor()
{
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
    return context.get();
}

bool constant(const char* data, size_t size) { return size < 2 || std::memcmp(data, data + 1, size - 1) == 0; }

// The sum of squared counts in a sample of the bytes: 1 / kSample of it when all are different, the more the
// fewer there are.
constexpr size_t kSample = 4096;

uint64_t squaredCounts(const char* data, size_t size)
{
    uint32_t counts[256] = {};
    const size_t stride = size / kSample;
    for (size_t i = 0; i < kSample; ++i) ++counts[static_cast<uint8_t>(data[i * stride])];
    uint64_t squares = 0;
    for (const uint32_t count : counts) squares += uint64_t{count} * count;
    return squares;
}

void appendConstant(std::string& out, char value)
{
    out.push_back(static_cast<char>(Form::Constant));
    out.push_back(value);
}

bool appendZstd(std::string& out, const char* data, size_t size)
{
    thread_local std::vector<char> packed;
    if (packed.size() < ZSTD_compressBound(size)) packed.resize(ZSTD_compressBound(size));
    const size_t length = ZSTD_compressCCtx(compressor(), packed.data(), packed.size(), data, size, kLevel);
    if (ZSTD_isError(length) || length >= size - size / 32) return false;
    const uint64_t stored = length;
    out.push_back(static_cast<char>(Form::Zstd));
    out.append(reinterpret_cast<const char*>(&stored), sizeof(stored));
    out.append(packed.data(), length);
    return true;
}

bool appendNibbles(std::string& out, const char* data, size_t size)
{
    std::array<uint8_t, 256> code{};
    for (size_t i = 0; i < size; ++i) code[static_cast<uint8_t>(data[i])] = 1;
    std::array<char, kNibbleValues> values{};
    size_t count = 0;
    for (size_t value = 0; value < code.size(); ++value) {
        if (code[value] == 0) continue;
        if (count == values.size()) return false;
        values[count] = static_cast<char>(value);
        code[value] = static_cast<uint8_t>(count++);
    }
    out.push_back(static_cast<char>(Form::Nibbles));
    out.append(values.data(), values.size());
    const size_t start = out.size();
    out.resize(start + (size + 1) / 2);
    const auto* in = reinterpret_cast<const uint8_t*>(data);
    for (size_t i = 0; i < size / 2; ++i) out[start + i] = static_cast<char>(code[in[2 * i]] | code[in[2 * i + 1]] << 4);
    if (size % 2 == 1) out.back() = static_cast<char>(code[in[size - 1]]);
    return true;
}

void appendStream(std::string& out, const char* data, size_t size)
{
    // What a sample of bytes that are all as frequent as each other gives, and what ten such values give.
    constexpr uint64_t kRandom = 80'000, kTenValues = 1'800'000;
    if (size == 0) return;
    if (constant(data, size)) return appendConstant(out, *data);
    const bool large = size >= kSample;
    const uint64_t squares = large ? squaredCounts(data, size) : 0;
    // To try zstd on random bytes costs time and wins nothing; on random digits it wins little over half of them.
    if (large && squares >= kRandom && squares < kTenValues && appendNibbles(out, data, size)) return;
    if (size >= 64 && !(large && squares < kRandom) && appendZstd(out, data, size)) return;
    out.push_back(static_cast<char>(Form::Raw));
    out.append(data, size);
}

// Signed differences as small unsigned numbers: 0, -1, 1, -2 … become 0, 1, 2, 3 ….
template <class T>
T fold(T difference)
{
    return static_cast<T>(static_cast<T>(difference << 1) ^ static_cast<T>(-static_cast<std::make_signed_t<T>>(difference >> (sizeof(T) * 8 - 1))));
}

template <class T>
T unfold(T folded)
{
    return static_cast<T>((folded >> 1) ^ static_cast<T>(-static_cast<std::make_signed_t<T>>(folded & 1)));
}

template <class T>
bool differencesAreNarrower(const T* values, size_t size)
{
    const size_t sample = std::min<size_t>(size, 4096);
    const size_t stride = size / std::max<size_t>(sample, 1);
    uint64_t plain = 0, difference = 0;
    for (size_t i = 1; i < sample; ++i) {
        const T here = values[i * stride];
        plain += static_cast<uint64_t>(std::bit_width(here));
        difference += static_cast<uint64_t>(std::bit_width(fold<T>(static_cast<T>(here - values[i * stride - 1]))));
    }
    return difference + sample < plain;
}

// The length that all texts have, if it is one that suits planes; 0 otherwise.
uint32_t planeLength(const uint32_t* lengths, size_t rows)
{
    constexpr uint32_t kLongest = 40;
    if (rows < 64 || lengths[0] == 0 || lengths[0] > kLongest) return 0;
    for (size_t i = 1; i < rows; ++i) {
        if (lengths[i] != lengths[0]) return 0;
    }
    return lengths[0];
}

// Whether a quarter of the bytes can be saved where each place of the texts, all of one length, stands by
// itself: all of a place that has one value in a sample, half of one that has the values of a nibble.
bool placesRepeat(const StringRef* texts, size_t rows, uint32_t length)
{
    const size_t stride = std::max<size_t>(rows / 64, 1);
    uint32_t halves = 0;
    for (uint32_t place = 0; place < length; ++place) {
        std::bitset<256> values;
        for (size_t i = 0; i < rows; i += stride) values.set(static_cast<uint8_t>(texts[i].data()[place]));
        halves += values.count() == 1 ? 2 : values.count() <= kNibbleValues ? 1 : 0;
    }
    return halves * 2 >= length;
}

}

void appendVarint(std::string& out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

void appendBits(std::string& out, const uint8_t* values, size_t size)
{
    std::vector<char> bits((size + 7) / 8);
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t eight;
        std::memcpy(&eight, values + i, 8);
        // Gathers the lowest bit of each byte into the top byte.
        bits[i / 8] = static_cast<char>(((eight & 0x0101010101010101ull) * 0x0102040810204080ull) >> 56);
    }
    for (; i < size; ++i) bits[i / 8] = static_cast<char>(bits[i / 8] | ((values[i] & 1) << (i % 8)));
    appendStream(out, bits.data(), bits.size());
}

template <class T>
void appendNumbers(std::string& out, const T* values, size_t size)
{
    const bool differences = differencesAreNarrower(values, size);
    out.push_back(static_cast<char>(differences ? Change::Difference : Change::None));
    std::vector<T> folded;
    if (differences) {
        folded.resize(size);
        T previous = 0;
        for (size_t i = 0; i < size; ++i) {
            folded[i] = fold<T>(static_cast<T>(values[i] - previous));
            previous = values[i];
        }
        values = folded.data();
    }
    T any = 0;
    for (size_t i = 0; i < size; ++i) any = static_cast<T>(any | values[i]);
    std::vector<uint8_t> plane(size);
    for (size_t p = 0; p < sizeof(T); ++p) {
        const auto shift = static_cast<unsigned>(p * 8);
        if (size > 0 && static_cast<uint8_t>(any >> shift) == 0) {
            appendConstant(out, 0);
            continue;
        }
        for (size_t i = 0; i < size; ++i) plane[i] = static_cast<uint8_t>(values[i] >> shift);
        appendStream(out, reinterpret_cast<const char*>(plane.data()), size);
    }
}

template void appendNumbers<uint32_t>(std::string&, const uint32_t*, size_t);
template void appendNumbers<uint64_t>(std::string&, const uint64_t*, size_t);

void appendText(std::string& out, const StringRef* texts, const std::vector<uint32_t>& lengths, size_t total)
{
    const size_t rows = lengths.size();
    const uint32_t length = planeLength(lengths.data(), rows);
    std::vector<char> joined(std::max<size_t>(total, 1));   // a place to copy nothing to
    char* at = joined.data();
    if (length > 0 && placesRepeat(texts, rows, length)) {
        // Keys such as numbers have places that hardly change: byte planes by place.
        constexpr size_t kStep = 256;   // rows whose text stays in the first cache
        for (size_t first = 0; first < rows; first += kStep) {
            const size_t last = std::min(rows, first + kStep);
            for (size_t i = first; i < last; ++i) {
                const char* text = texts[i].data();
                for (uint32_t place = 0; place < length; ++place) at[place * rows + i] = text[place];
            }
        }
        out.push_back(static_cast<char>(Change::Transposed));
        for (uint32_t place = 0; place < length; ++place) appendStream(out, at + place * rows, rows);
        return;
    }
    for (size_t i = 0; i < rows; ++i) {
        std::memcpy(at, texts[i].data(), lengths[i]);
        at += lengths[i];
    }
    out.push_back(static_cast<char>(Change::None));
    appendStream(out, joined.data(), total);
}

bool StreamReader::spend(size_t bytes)
{
    if (bytes > limit_) return false;
    limit_ -= bytes;
    return true;
}

std::optional<uint8_t> StreamReader::byte()
{
    if (bytes_.empty()) return std::nullopt;
    const auto value = static_cast<uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
}

std::optional<uint64_t> StreamReader::varint()
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto next = byte();
        if (!next) return std::nullopt;
        value |= static_cast<uint64_t>(*next & 0x7F) << shift;
        if (!(*next & 0x80)) return value;
    }
    return std::nullopt;
}

std::optional<std::string_view> StreamReader::bytes(size_t size)
{
    if (size > bytes_.size()) return std::nullopt;
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
}

bool StreamReader::stream(char* into, size_t size)
{
    if (size == 0) return true;
    const auto form = byte();
    if (!form) return false;
    if (*form == static_cast<uint8_t>(Form::Constant)) {
        const auto value = byte();
        if (value) std::memset(into, *value, size);
        return value.has_value();
    }
    if (*form == static_cast<uint8_t>(Form::Raw)) {
        const auto raw = bytes(size);
        if (raw) std::memcpy(into, raw->data(), size);
        return raw.has_value();
    }
    if (*form == static_cast<uint8_t>(Form::Nibbles)) return nibbles(into, size);
    if (*form != static_cast<uint8_t>(Form::Zstd)) return false;
    const auto header = bytes(8);
    if (!header) return false;
    uint64_t length;
    std::memcpy(&length, header->data(), 8);
    if (length > bytes_.size()) return false;
    const auto packed = bytes(static_cast<size_t>(length));
    return packed && ZSTD_decompress(into, size, packed->data(), packed->size()) == size;
}

bool StreamReader::nibbles(char* into, size_t size)
{
    const auto values = bytes(kNibbleValues);
    const auto packed = values ? bytes((size + 1) / 2) : std::nullopt;
    if (!packed) return false;
    const auto* in = reinterpret_cast<const uint8_t*>(packed->data());
    for (size_t i = 0; i < size; ++i) into[i] = (*values)[(in[i / 2] >> (i % 2 * 4)) & 15];
    return true;
}

std::shared_ptr<Buffer> StreamReader::bits(size_t size)
{
    const size_t packedSize = (size + 7) / 8;
    if (!spend(size + packedSize)) return nullptr;
    std::vector<char> packed(packedSize);
    if (!stream(packed.data(), packedSize)) return nullptr;
    auto buffer = Buffer::allocate(size);
    for (size_t i = 0; i < size; ++i) buffer->data()[i] = static_cast<char>((packed[i / 8] >> (i % 8)) & 1);
    return buffer;
}

template <class T>
std::shared_ptr<Buffer> StreamReader::numbers(size_t size)
{
    const auto change = byte();
    if (!change || *change > static_cast<uint8_t>(Change::Difference) || size > limit_ / (2 * sizeof(T)) || !spend(size * (sizeof(T) + 1))) return nullptr;
    auto buffer = Buffer::allocate(size * sizeof(T));
    T* values = reinterpret_cast<T*>(buffer->data());
    std::memset(values, 0, size * sizeof(T));
    std::vector<uint8_t> plane(size);
    for (size_t p = 0; p < sizeof(T); ++p) {
        if (!stream(reinterpret_cast<char*>(plane.data()), size)) return nullptr;
        const auto shift = static_cast<unsigned>(p * 8);
        if (size > 0 && constant(reinterpret_cast<const char*>(plane.data()), size) && plane[0] == 0) continue;
        for (size_t i = 0; i < size; ++i) values[i] = static_cast<T>(values[i] | static_cast<T>(static_cast<T>(plane[i]) << shift));
    }
    if (*change == static_cast<uint8_t>(Change::Difference)) {
        T previous = 0;
        for (size_t i = 0; i < size; ++i) values[i] = previous = static_cast<T>(previous + unfold<T>(values[i]));
    }
    return buffer;
}

template std::shared_ptr<Buffer> StreamReader::numbers<uint32_t>(size_t);
template std::shared_ptr<Buffer> StreamReader::numbers<uint64_t>(size_t);

std::shared_ptr<Buffer> StreamReader::text(size_t total, const uint32_t* lengths, size_t rows)
{
    const auto change = byte();
    if (!change || !spend(total)) return nullptr;
    auto buffer = Buffer::allocate(total);
    if (*change == static_cast<uint8_t>(Change::None)) return stream(buffer->data(), total) ? buffer : nullptr;
    const uint32_t length = planeLength(lengths, rows);
    if (*change != static_cast<uint8_t>(Change::Transposed) || length == 0) return nullptr;
    std::vector<char> plane(rows);
    for (uint32_t place = 0; place < length; ++place) {
        if (!stream(plane.data(), rows)) return nullptr;
        char* out = buffer->data() + place;
        for (size_t i = 0; i < rows; ++i) out[i * length] = plane[i];
    }
    return buffer;
}

}
