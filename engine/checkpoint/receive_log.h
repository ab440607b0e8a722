// What arrived from a source that cannot be asked again, kept in segments of framed records under
// received/<node>/. The runtime turns receivers into replayable sources with it; no node knows it.
// One thread appends, one syncs, any number read; all may be different threads at once.
//
// A frame is a header of 16 bytes (magic and kind, length, records, CRC-32C of these and the payload) and
// its payload. A frame of lines holds many records, each ended by '\n', so that a flood costs one header
// per buffer. A segment ends at 64 MiB. A torn tail is cut at the last whole frame when the log is opened.
// Keys of records outlive their segment in a file beside it, NUMBER.keys, as frames without records.
#pragma once
#include "engine/base/files.h"
#include "engine/base/ids.h"
#include "engine/columns/column.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace streamwright {

// A place between two records. `byte` counts file bytes in the segment; between the lines of one frame it
// points at the first byte of the next line.
struct LogPosition {
    int64_t segment = 0;    // 0: before the first segment, the very start
    int64_t byte = 0;
    auto operator<=>(const LogPosition&) const = default;

    std::string text() const;   // "3:1048576"
    static std::optional<LogPosition> parse(std::string_view text);   // empty text is the very start
};

// Records that share one buffer, whose views live as long as the buffer.
struct LogChunk {
    struct Rejected {
        StringRef reason;
        StringRef head;
    };
    LogPosition from;
    LogPosition until;
    Owner buffer;
    std::vector<StringRef> records;     // without their line ends; in order of arrival
    std::vector<Rejected> rejected;     // refused by the receiver, with the first bytes
};

// A key under which records came.
struct ReceivedKey {
    std::string_view key;
    Timestamp at;               // when they arrived
    uint32_t check = 0;         // check sum of their bytes (frame.h)
    LogPosition until;          // the place behind them
};

class ReceiveLog {
public:
    static constexpr int64_t kSegmentBytes = 64 << 20;

    // Makes the folder, cuts a torn tail. `needed` is the furthest place that a logged range names: a log that
    // is not whole up to there is damaged, not torn, and is refused uncut. For the holder of the checkpoint's
    // lock only.
    static Result<std::unique_ptr<ReceiveLog>> open(const std::filesystem::path& folder, LogPosition needed = {});
    // How far a log that is not opened is whole. Only reads.
    static LogPosition wholeUntil(const std::filesystem::path& folder);
    virtual ~ReceiveLog() = default;

    // Each returns the end of the log behind it. On an error (disk full: Transient) nothing of the call
    // counts: it may be made again.
    // Whole lines, each ended by '\n', in one or more frames.
    virtual Result<LogPosition> append(std::string_view lines) = 0;
    // One record that may hold any bytes, also a line that the end of a connection cut off.
    virtual Result<LogPosition> appendRecord(std::string_view record) = 0;
    // The same under a key of at most 255 bytes: the records and the key survive together or not at all. `records`
    // are whole lines, or one record of any bytes.
    enum class Keyed : unsigned char { Lines, Record };
    virtual Result<LogPosition> appendKeyed(std::string_view key, Timestamp at, Keyed kind, std::string_view records) = 0;
    // A record that is refused: its first bytes and why.
    virtual Result<LogPosition> appendRejected(std::string_view head, std::string_view reason) = 0;

    // Makes durable what was appended before the call. Permanent when the disk lost bytes.
    virtual Result<void> sync() = 0;
    virtual LogPosition end() const = 0;
    virtual LogPosition durableEnd() const = 0;
    virtual int64_t fsyncs() const = 0;
    // Bytes that `open` cut off behind the last whole frame.
    virtual int64_t tornBytes() const { return 0; }

    // The place up to `rows` records after `from`, at most `limit`; refused records count too.
    struct Ahead {
        LogPosition until;
        int64_t rows = 0;
    };
    virtual Result<Ahead> ahead(LogPosition from, std::optional<int64_t> rows, LogPosition limit) = 0;
    // Places that cut [from, until) into pieces of about `bytes`, so that many workers can read them:
    // from, …, until. The same for the same log.
    virtual Result<std::vector<LogPosition>> cut(LogPosition from, LogPosition until, int64_t bytes) = 0;
    // Calls `take` with the records of [from, until), in order. A torn or flipped byte is a Permanent error
    // that names file and byte.
    virtual Result<void> read(LogPosition from, LogPosition until, const std::function<Result<void>(const LogChunk&)>& take) = 0;

    // Calls `take` with all keys that are kept. Before anything is appended.
    virtual Result<void> eachKey(const std::function<void(const ReceivedKey&)>& take) = 0;
    // From now on keys outlive their segment, until they are forgotten; a file of them goes with its youngest.
    virtual void keepKeys() = 0;
    virtual Result<void> forgetKeysBefore(Timestamp since) = 0;

    // Deletes the segments that lie wholly before `position`.
    virtual Result<void> forgetBefore(LogPosition position) = 0;
    virtual LogPosition begin() const = 0;   // of what is still there
};

}
