// The byte streams inside a block: numbers in byte planes, bits, text, each stored in the form that suits
// it. Private to block.cpp.
#pragma once
#include "engine/base/memory.h"
#include "engine/columns/string_ref.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

void appendVarint(std::string& out, uint64_t value);
// `size` bytes of 0 or 1 as bits.
void appendBits(std::string& out, const uint8_t* values, size_t size);
// uint32_t or uint64_t: as they are or as differences, whichever is narrower, split into byte planes.
template <class T>
void appendNumbers(std::string& out, const T* values, size_t size);
// The first lengths[i] bytes of each text, `total` in all.
void appendText(std::string& out, const StringRef* texts, const std::vector<uint32_t>& lengths, size_t total);

// Reads what the functions above wrote; never beyond the bytes given, never more memory than `limit`.
// A null or empty answer: the bytes are not such a stream.
class StreamReader {
public:
    StreamReader(std::string_view bytes, size_t limit) : bytes_(bytes), limit_(limit) {}

    bool atEnd() const { return bytes_.empty(); }
    // Takes so many bytes from the limit; false when it is used up.
    bool spend(size_t bytes);
    std::optional<uint8_t> byte();
    std::optional<uint64_t> varint();
    std::optional<std::string_view> bytes(size_t size);
    std::shared_ptr<Buffer> bits(size_t size);
    template <class T>
    std::shared_ptr<Buffer> numbers(size_t size);
    std::shared_ptr<Buffer> text(size_t total, const uint32_t* lengths, size_t rows);

private:
    // One stored stream of `size` bytes into `into`.
    bool stream(char* into, size_t size);
    bool nibbles(char* into, size_t size);

    std::string_view bytes_;
    size_t limit_;
};

}
