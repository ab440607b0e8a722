// A 16-byte view of a string (as in Umbra, CIDR 2020, and Arrow's StringView): up to 12 bytes stand in
// the view itself, a longer string keeps its first 4 bytes and a pointer. Copying a view copies no text;
// who makes a view of a long string sees to it that the bytes outlive it (Column keeps the buffers).
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace streamwright {

// Whether `size` bytes are the same; `size` > 8. Keys are mostly short: two loads each cost less than a call.
inline bool sameBytes(const char* a, const char* b, size_t size) noexcept
{
    if (size > 16) return std::memcmp(a, b, size) == 0;
    const auto load = [](const char* at) {
        uint64_t value;
        std::memcpy(&value, at, 8);
        return value;
    };
    return ((load(a) ^ load(b)) | (load(a + size - 8) ^ load(b + size - 8))) == 0;
}

class StringRef {
public:
    static constexpr uint32_t kInlineBytes = 12;

    StringRef() noexcept : low_(0), high_(0) {}

    StringRef(const char* data, uint32_t size) noexcept
    {
        char bytes[16] = {};
        std::memcpy(bytes, &size, 4);
        if (size <= kInlineBytes) {
            std::memcpy(bytes + 4, data, size);
        } else {
            std::memcpy(bytes + 4, data, 4);
            std::memcpy(bytes + 8, &data, 8);
        }
        std::memcpy(&low_, bytes, 8);
        std::memcpy(&high_, bytes + 8, 8);
    }

    // An empty view may have no data at all, which memcpy must not be given.
    explicit StringRef(std::string_view text) noexcept : StringRef(text.data() ? text.data() : "", static_cast<uint32_t>(text.size())) {}

    // As the constructor, but reads 16 bytes whatever the size: `data` must lie in a Buffer (its padding allows it).
    static StringRef padded(const char* data, uint32_t size) noexcept
    {
        StringRef ref;
        if (size <= kInlineBytes) {
            // The size, then `size` bytes of the twelve: two loads, a mask and a shift by four bytes.
            using Bytes = char __attribute__((vector_size(16)));
            using Words = int __attribute__((vector_size(16)));
            alignas(16) static constexpr uint8_t kKept[28] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
            Bytes bytes, kept;
            std::memcpy(&bytes, data, 16);
            std::memcpy(&kept, kKept + kInlineBytes - size, 16);
            const Bytes shifted = __builtin_shufflevector(bytes & kept, Bytes{}, 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
            const Bytes whole = shifted | reinterpret_cast<Bytes>(Words{static_cast<int>(size)});
            std::memcpy(static_cast<void*>(&ref), &whole, 16);
        } else {
            uint32_t prefix = 0;
            std::memcpy(&prefix, data, 4);
            ref.low_ = size | (static_cast<uint64_t>(prefix) << 32);
            ref.high_ = reinterpret_cast<uint64_t>(data);
        }
        return ref;
    }

    uint32_t size() const noexcept { return static_cast<uint32_t>(low_); }
    bool isInline() const noexcept { return size() <= kInlineBytes; }
    // Points into this object when the string is inline: do not keep it beyond the view.
    const char* data() const noexcept
    {
        return isInline() ? reinterpret_cast<const char*>(this) + 4 : reinterpret_cast<const char*>(high_);
    }
    std::string_view view() const noexcept { return {data(), size()}; }

    // Size and first four bytes; the other eight bytes: inline text or the pointer.
    uint64_t low() const noexcept { return low_; }
    uint64_t high() const noexcept { return high_; }

    bool operator==(const StringRef& other) const noexcept
    {
        if (low_ != other.low_) return false;
        if (high_ == other.high_) return true;
        return !isInline() && sameBytes(data(), other.data(), size());
    }

    // By unsigned bytes, as Spark compares UTF-8.
    int compare(const StringRef& other) const noexcept
    {
        const uint32_t common = size() < other.size() ? size() : other.size();
        const int order = std::memcmp(data(), other.data(), common);
        if (order != 0) return order;
        return size() < other.size() ? -1 : size() > other.size() ? 1 : 0;
    }

private:
    uint64_t low_;
    uint64_t high_;
};

static_assert(sizeof(StringRef) == 16);

}
