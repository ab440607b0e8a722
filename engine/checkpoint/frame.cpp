#include "engine/checkpoint/frame.h"

#include "engine/columns/block.h"

namespace streamwright {

namespace {

// Reads a file forward through a window, so that a walk over many small frames makes few reads.
class Window {
public:
    explicit Window(const File& file) : file_(file) {}

    // `size` bytes at `offset`; null when the file ends before.
    Result<const char*> at(int64_t offset, size_t size)
    {
        if (offset >= start_ && offset + static_cast<int64_t>(size) <= start_ + static_cast<int64_t>(held_)) return bytes_.data() + (offset - start_);
        constexpr size_t kStep = 1 << 20;
        if (bytes_.size() < std::max(size, kStep)) bytes_.resize(std::max(size, kStep));
        auto got = file_.readAt(offset, bytes_.data(), bytes_.size());
        if (!got) return got.error();
        start_ = offset;
        held_ = *got;
        return held_ >= size ? bytes_.data() : nullptr;
    }

private:
    const File& file_;
    std::vector<char> bytes_;
    int64_t start_ = 0;
    size_t held_ = 0;
};

}

std::string frameHeader(FrameKind kind, uint32_t records, std::string_view first, std::string_view second)
{
    std::string header(static_cast<size_t>(kFrameHeader), '\0');
    const auto length = static_cast<uint32_t>(first.size() + second.size());
    std::memcpy(header.data(), "SWF", 3);
    header[3] = static_cast<char>(kind);
    std::memcpy(header.data() + 4, &length, 4);
    std::memcpy(header.data() + 8, &records, 4);
    uint32_t crc = crc32c(std::string_view(header).substr(0, 12));
    crc = crc32c(second, crc32c(first, crc));
    std::memcpy(header.data() + 12, &crc, 4);
    return header;
}

std::optional<FrameHeader> parseFrameHeader(const char* bytes)
{
    if (std::memcmp(bytes, "SWF", 3) != 0) return std::nullopt;
    FrameHeader header;
    header.kind = static_cast<FrameKind>(bytes[3]);
    std::memcpy(&header.length, bytes + 4, 4);
    std::memcpy(&header.records, bytes + 8, 4);
    std::memcpy(&header.crc, bytes + 12, 4);
    if (header.length > kLargestPayload) return std::nullopt;
    return header;
}

bool frameIsWhole(const char* frame, const FrameHeader& header)
{
    const uint32_t crc = crc32c({frame, 12});
    return crc32c({frame + kFrameHeader, header.length}, crc) == header.crc;
}

std::string frameKey(std::string_view key, Timestamp at, uint32_t check)
{
    std::string bytes(13 + key.size(), '\0');
    std::memcpy(bytes.data(), &at.micros, 8);
    std::memcpy(bytes.data() + 8, &check, 4);
    bytes[12] = static_cast<char>(key.size());
    std::memcpy(bytes.data() + 13, key.data(), key.size());
    return bytes;
}

std::optional<FrameKey> parseFrameKey(std::string_view payload)
{
    if (payload.size() < 13) return std::nullopt;
    FrameKey key;
    std::memcpy(&key.at.micros, payload.data(), 8);
    std::memcpy(&key.check, payload.data() + 8, 4);
    key.size = 13 + static_cast<unsigned char>(payload[12]);
    if (payload.size() < key.size) return std::nullopt;
    key.key = payload.substr(13, key.size - 13);
    return key;
}

uint32_t checkSum(std::string_view records) { return crc32c(records); }

Error damagedFrame(const std::filesystem::path& file, int64_t byte, std::string_view what)
{
    return permanent(fmt::format("{} is damaged at byte {}: {}", file.string(), byte, what),
                     "`streamwright checkpoint verify` shows what else is damaged; `streamwright checkpoint rewind` goes back to an epoch that does not need it");
}

Result<int64_t> walkFrames(const File& file, Walk walk, const std::function<void(int64_t, const FrameHeader&, std::string_view)>& take)
{
    Window window(file);
    int64_t at = 0;
    while (at + kFrameHeader <= file.size()) {
        auto bytes = window.at(at, static_cast<size_t>(kFrameHeader));
        if (!bytes) return bytes.error();
        const auto header = *bytes ? parseFrameHeader(*bytes) : std::nullopt;
        if (!header || at + kFrameHeader + header->length > file.size()) return at;
        std::string_view payload;
        if (walk == Walk::Payloads) {
            bytes = window.at(at, static_cast<size_t>(kFrameHeader) + header->length);
            if (!bytes) return bytes.error();
            if (!*bytes || !frameIsWhole(*bytes, *header)) return at;
            payload = {*bytes + kFrameHeader, header->length};
        }
        take(at, *header, payload);
        at += kFrameHeader + header->length;
    }
    return at;
}

}
