#include "engine/formats/text.h"

#include "engine/formats/byte_mask.h"

#include <bit>
#include <simdjson.h>

namespace streamwright {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes of the well-formed sequence at `at`, 0 if there is none; `bad` is then how many bytes one U+FFFD
// stands for: the longest start of a sequence, at least one, and the whole of an encoded surrogate.
size_t sequenceAt(std::string_view text, size_t at, size_t& bad)
{
    const auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
    const unsigned first = byte(0);
    bad = 1;
    if (first < 0x80) return 1;
    size_t length = 0;
    unsigned low = 0x80, high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        if (first == 0xE0) low = 0xA0;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        if (first == 0xF0) low = 0x90;
        if (first == 0xF4) high = 0x8F;
    } else {
        return 0;
    }
    if (byte(1) < low || byte(1) > high) return 0;
    for (size_t i = 2; i < length; ++i) {
        bad = i;
        if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    }
    // Half of a surrogate pair: well formed, but no character.
    bad = 3;
    return first == 0xED && byte(1) > 0x9F ? 0 : length;
}

}

void LineScanner::scanBlock()
{
    const Bytes64 bytes(block_);
    const uint64_t valid = lowBits(static_cast<uint64_t>(end_ - block_));
    const uint64_t feeds = bytes.equal('\n') & valid;
    const uint64_t returns = bytes.equal('\r') & valid;
    pairs_ = feeds & ((returns << 1) | uint64_t{returned_});
    ends_ = feeds | returns;
    returned_ = (valid & ~(valid >> 1) & returns) != 0;
    base_ = block_;
    block_ += 64;
}

// Benchmark: line_scan.
size_t LineScanner::next(StringRef* out, size_t most)
{
    size_t count = 0;
    while (true) {
        uint64_t ends = ends_;
        const char* line = line_;
        if ((ends & pairs_) == 0) {
            while (ends && count < most) {
                const char* end = base_ + std::countr_zero(ends);
                out[count++] = StringRef::padded(line, static_cast<uint32_t>(end - line));
                line = end + 1;
                ends &= ends - 1;
            }
        } else {
            while (ends && count < most) {
                const char* end = base_ + std::countr_zero(ends);
                const bool pair = (pairs_ & ends & (0 - ends)) != 0;
                if (!pair) out[count++] = StringRef::padded(line, static_cast<uint32_t>(end - line));
                line = end + 1;
                ends &= ends - 1;
            }
        }
        ends_ = ends;
        line_ = line;
        if (ends || block_ >= end_) {
            // The `\n` of a pair is taken with its `\r`, so that `rest` never points at it.
            if (ends & (0 - ends) & pairs_) {
                ++line_;
                ends_ &= ends_ - 1;
            }
            if (count == most || block_ >= end_) return count;
            continue;
        }
        if (count == most) return count;
        scanBlock();
    }
}

size_t LineCounter::take(const char* data, size_t size)
{
    for (size_t at = 0; at < size; at += 64) {
        const Bytes64 bytes(data + at);
        const uint64_t valid = lowBits(size - at);
        const uint64_t feeds = bytes.equal('\n') & valid;
        const uint64_t returns = bytes.equal('\r') & valid;
        // A line ends at its `\r`; the `\n` behind is counted as nothing.
        uint64_t ends = (feeds | returns) & ~(feeds & ((returns << 1) | uint64_t{returned_}));
        const int64_t count = std::popcount(ends);
        if (lines_ + count >= limit_) {
            for (int64_t skip = limit_ - lines_ - 1; skip > 0; --skip) ends &= ends - 1;
            size_t taken = at + static_cast<size_t>(std::countr_zero(ends)) + 1;
            returned_ = data[taken - 1] == '\r';
            if (returned_ && taken < size && data[taken] == '\n') {
                ++taken;
                returned_ = false;
            }
            lines_ = limit_;
            return taken;
        }
        lines_ += count;
        returned_ = (valid & ~(valid >> 1) & returns) != 0;
    }
    return size;
}

const char* firstLineStart(const char* at, const char* end, char before)
{
    if (before == '\n') return at;
    if (before == '\r') return at < end && *at == '\n' ? at + 1 : at;
    for (; at < end; ++at) {
        if (*at == '\n') return at + 1;
        if (*at == '\r') return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
    }
    return end;
}

bool isUtf8(std::string_view text) { return simdjson::validate_utf8(text); }

std::string repairUtf8(std::string_view text)
{
    std::string repaired;
    repaired.reserve(text.size() + 8);
    for (size_t at = 0; at < text.size();) {
        size_t bad = 1;
        if (const size_t length = sequenceAt(text, at, bad)) {
            repaired.append(text.substr(at, length));
            at += length;
        } else {
            repaired += kReplacement;
            at += bad;
        }
    }
    return repaired;
}

Owner repairRecords(std::span<StringRef> records)
{
    std::shared_ptr<std::vector<std::shared_ptr<Buffer>>> kept;
    for (StringRef& record : records) {
        if (isUtf8(record.view())) continue;
        const std::string repaired = repairUtf8(record.view());
        auto buffer = Buffer::allocate(repaired.size());
        std::memcpy(buffer->data(), repaired.data(), repaired.size());
        record = StringRef(buffer->data(), static_cast<uint32_t>(repaired.size()));
        if (!kept) kept = std::make_shared<std::vector<std::shared_ptr<Buffer>>>();
        kept->push_back(std::move(buffer));
    }
    return kept;
}

const SchemaPtr& textSchema()
{
    static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"value", TypeKind::String}});
    return schema;
}

}
