// One frame of an append-only file: a header of 16 bytes and its payload. Shared by the receive log and the
// outbox. Header: "SWF" and the kind, length of the payload, records in it, CRC-32C of these and the payload. Records
// that came under a key have it in their frame, so that both are there or neither.
#pragma once
#include "engine/base/files.h"
#include "engine/base/ids.h"

#include <functional>
#include <optional>

namespace streamwright {

enum class FrameKind : char { Lines = 'L', Record = 'R', Rejected = 'X', Outbox = 'O', KeyedLines = 'K', KeyedRecord = 'k' };

inline constexpr int64_t kFrameHeader = 16;
inline constexpr uint32_t kLargestPayload = 1u << 30;

struct FrameHeader {
    FrameKind kind = FrameKind::Lines;
    uint32_t length = 0;
    uint32_t records = 0;
    uint32_t crc = 0;
};

// A frame as the parts of one write: the header and up to two parts of payload.
std::string frameHeader(FrameKind kind, uint32_t records, std::string_view first, std::string_view second = {});
// Nothing when the 16 bytes are no header.
std::optional<FrameHeader> parseFrameHeader(const char* bytes);
// `header` and `payload` lie one after the other at `frame`.
bool frameIsWhole(const char* frame, const FrameHeader& header);

// What stands before the records of a keyed frame.
struct FrameKey {
    std::string_view key;
    Timestamp at;               // when they arrived
    uint32_t check = 0;         // check sum of the records
    size_t size = 0;            // of all this: the records begin behind it
};
inline bool isKeyed(FrameKind kind) { return kind == FrameKind::KeyedLines || kind == FrameKind::KeyedRecord; }
std::string frameKey(std::string_view key, Timestamp at, uint32_t check);
// Nothing when the payload does not begin with one.
std::optional<FrameKey> parseFrameKey(std::string_view payload);
// Check sum of the records of a keyed frame.
uint32_t checkSum(std::string_view records);

// The error of a frame that cannot be used.
Error damagedFrame(const std::filesystem::path& file, int64_t byte, std::string_view what);

// Walks the frames of a file from its start; `payloads` also checks every CRC. Calls `take` with the byte at
// which a frame begins, its header and (with payloads) its payload. Answers the end of the last whole frame;
// what lies behind it is torn.
enum class Walk : unsigned char { Headers, Payloads };
Result<int64_t> walkFrames(const File& file, Walk walk, const std::function<void(int64_t, const FrameHeader&, std::string_view)>& take);

}
