// One file of the receive log. One thread appends; any number read.
#pragma once
#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/receive_log.h"

namespace streamwright {

class LogSegment {
public:
    static std::string nameOf(int64_t number);   // "00000001.log"
    static std::optional<int64_t> numberOf(const std::filesystem::path& path);
    static Result<std::unique_ptr<LogSegment>> create(const std::filesystem::path& folder, int64_t number);
    // Looks at nothing yet.
    static Result<std::unique_ptr<LogSegment>> open(const std::filesystem::path& folder, int64_t number);
    // For those who only look: makes and changes nothing.
    static Result<std::unique_ptr<LogSegment>> openToRead(const std::filesystem::path& folder, int64_t number);
    // Checks every frame and cuts what follows the last whole one; refused if that is before `needed`.
    static Result<std::unique_ptr<LogSegment>> openLast(const std::filesystem::path& folder, int64_t number, int64_t needed);

    int64_t number() const { return number_; }
    const std::filesystem::path& path() const { return file_.path(); }
    int64_t tornBytes() const { return tornBytes_; }    // that openLast cut
    LogPosition end() const { return {number_, size_.load()}; }

    Result<void> append(FrameKind kind, uint32_t records, std::string_view first, std::string_view second);
    Result<void> sync() { return file_.sync(); }
    Result<void> truncate(int64_t byte);

    struct Ahead {
        int64_t byte = 0;
        int64_t rows = 0;
    };
    Result<Ahead> ahead(int64_t from, std::optional<int64_t> rows, int64_t until);
    // Starts of frames in [from, until), at least `bytes` apart.
    Result<std::vector<int64_t>> frameStarts(int64_t from, int64_t until, int64_t bytes);
    // Calls `take` with each key, and the place behind its records.
    Result<void> eachKey(const std::function<void(const FrameKey&, LogPosition)>& take);
    Result<void> read(int64_t from, int64_t until, const std::function<Result<void>(const LogChunk&)>& take);

private:
    struct Frame {
        int64_t byte = 0;
        uint32_t length = 0;
        uint32_t records = 0;
        FrameKind kind = FrameKind::Lines;
        int64_t end() const { return byte + kFrameHeader + length; }
    };

    LogSegment(int64_t number, File file) : number_(number), file_(std::move(file)), size_(file_.size()) {}
    // The frames that touch [from, until); reads the headers of an old segment once.
    Result<std::vector<Frame>> frames(int64_t from, int64_t until);
    // Checked against its CRC.
    Result<std::string> payload(const Frame& frame) const;

    int64_t number_;
    File file_;
    std::atomic<int64_t> size_;
    int64_t tornBytes_ = 0;
    std::mutex mutex_;              // guards the index
    bool indexed_ = false;
    std::vector<Frame> index_;
};

}
