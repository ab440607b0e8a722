#include "engine/checkpoint/receive_log.h"

#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/key_files.h"
#include "engine/checkpoint/log_segment.h"

#include <charconv>

namespace streamwright {

std::string LogPosition::text() const { return fmt::format("{}:{}", segment, byte); }

std::optional<LogPosition> LogPosition::parse(std::string_view text)
{
    LogPosition position;
    if (text.empty()) return position;
    const char* end = text.data() + text.size();
    auto part = std::from_chars(text.data(), end, position.segment);
    if (part.ec != std::errc() || part.ptr == end || *part.ptr != ':') return std::nullopt;
    part = std::from_chars(part.ptr + 1, end, position.byte);
    if (part.ec != std::errc() || part.ptr != end || position.segment < 0 || position.byte < 0) return std::nullopt;
    return position;
}

namespace {

using SegmentPtr = std::shared_ptr<LogSegment>;

// Frames of lines are cut at about this size, so that a reader checks and holds little at once.
constexpr size_t kFrameBytes = 1 << 20;

class SegmentedLog final : public ReceiveLog {
public:
    explicit SegmentedLog(std::filesystem::path folder) : folder_(std::move(folder)), keyFiles_(folder_) {}

    // 1. find the segments. 2. cut the torn tail of the last one. 3. what is there is durable or about to be.
    Result<void> start(LogPosition needed)
    {
        if (auto made = makeFolder(folder_); !made) return made;
        std::error_code failure;
        for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
            if (const auto number = LogSegment::numberOf(entry.path())) segments_[*number] = nullptr;
        }
        if (failure) return fileError("list", folder_, failure.value());
        const int64_t newest = segments_.empty() ? 0 : segments_.rbegin()->first;
        if (newest < needed.segment) return permanent(fmt::format("{} is missing: received records are lost", (folder_ / LogSegment::nameOf(needed.segment)).string()));
        if (segments_.empty()) return {};
        for (auto& [number, segment] : segments_) {
            auto opened = number < newest ? LogSegment::open(folder_, number) : LogSegment::openLast(folder_, number, needed.segment == number ? needed.byte : 0);
            if (!opened) return opened.error();
            segment = std::move(*opened);
        }
        tornBytes_ = segments_.rbegin()->second->tornBytes();
        // A crash may have come between the write and the fsync: make sure before anybody counts on it.
        if (auto synced = segments_.rbegin()->second->sync(); !synced) return synced;
        end_ = durable_ = segments_.rbegin()->second->end();
        return syncFolder(folder_);
    }

    Result<LogPosition> append(std::string_view lines) override
    {
        const std::scoped_lock lock(mutex_);
        const LogPosition before = end_;
        for (std::string_view rest = lines; !rest.empty();) {
            std::string_view piece = rest;
            if (piece.size() > kFrameBytes) {
                size_t cut = piece.rfind('\n', kFrameBytes);
                if (cut == std::string_view::npos) cut = piece.find('\n', kFrameBytes);
                piece = piece.substr(0, cut + 1);
            }
            const auto records = static_cast<uint32_t>(std::count(piece.begin(), piece.end(), '\n'));
            if (auto done = write(FrameKind::Lines, records, piece, {}); !done) {
                takeBack(before);
                return done.error();
            }
            rest.remove_prefix(piece.size());
        }
        return end_;
    }

    Result<LogPosition> appendRecord(std::string_view record) override
    {
        const std::scoped_lock lock(mutex_);
        if (auto done = write(FrameKind::Record, 1, record, {}); !done) return done.error();
        return end_;
    }

    Result<LogPosition> appendKeyed(std::string_view key, Timestamp at, Keyed kind, std::string_view records) override
    {
        const auto count = kind == Keyed::Record ? 1 : static_cast<uint32_t>(std::count(records.begin(), records.end(), '\n'));
        const std::string prefix = frameKey(key, at, checkSum(records));
        const std::scoped_lock lock(mutex_);
        if (auto done = write(kind == Keyed::Record ? FrameKind::KeyedRecord : FrameKind::KeyedLines, count, prefix, records); !done) return done.error();
        return end_;
    }

    Result<LogPosition> appendRejected(std::string_view head, std::string_view reason) override
    {
        // The reason, a NUL byte, the head.
        const std::scoped_lock lock(mutex_);
        const std::string why = std::string(reason.substr(0, reason.find('\0'))) + '\0';
        if (auto done = write(FrameKind::Rejected, 1, why, head); !done) return done.error();
        return end_;
    }

    Result<void> sync() override
    {
        SegmentPtr segment;
        LogPosition until;
        {
            const std::scoped_lock lock(mutex_);
            if (durable_ == end_) return {};
            if (lost_) return *lost_;
            segment = segments_.rbegin()->second;
            until = end_;
        }
        // Segments before the last were made durable when the next one began.
        auto done = segment->sync();
        const std::scoped_lock lock(mutex_);
        if (!done) {
            lost_ = done.error();
            return done;
        }
        ++fsyncs_;
        durable_ = std::max(durable_, until);
        return {};
    }

    LogPosition end() const override
    {
        const std::scoped_lock lock(mutex_);
        return end_;
    }
    LogPosition durableEnd() const override
    {
        const std::scoped_lock lock(mutex_);
        return durable_;
    }
    LogPosition begin() const override
    {
        const std::scoped_lock lock(mutex_);
        return segments_.empty() ? LogPosition{} : LogPosition{segments_.begin()->first, 0};
    }
    int64_t fsyncs() const override { return fsyncs_.load(); }
    int64_t tornBytes() const override { return tornBytes_; }

    Result<Ahead> ahead(LogPosition from, std::optional<int64_t> rows, LogPosition limit) override
    {
        Ahead ahead{from, 0};
        auto done = eachSegment(from, limit, [&](LogSegment& segment, int64_t first, int64_t last) -> Result<bool> {
            const std::optional<int64_t> left = rows ? std::optional(*rows - ahead.rows) : std::nullopt;
            auto part = segment.ahead(first, left, last);
            if (!part) return part.error();
            ahead.rows += part->rows;
            ahead.until = {segment.number(), part->byte};
            return !rows || ahead.rows < *rows;
        });
        if (!done) return done.error();
        return ahead;
    }

    Result<std::vector<LogPosition>> cut(LogPosition from, LogPosition until, int64_t bytes) override
    {
        std::vector<LogPosition> places{from};
        auto done = eachSegment(from, until, [&](LogSegment& segment, int64_t first, int64_t last) -> Result<bool> {
            auto frames = segment.frameStarts(first, last, bytes);
            if (!frames) return frames.error();
            for (const int64_t byte : *frames) {
                const LogPosition place{segment.number(), byte};
                if (place > places.back() && place < until) places.push_back(place);
            }
            return true;
        });
        if (!done) return done.error();
        if (places.back() < until) places.push_back(until);
        return places;
    }

    Result<void> read(LogPosition from, LogPosition until, const std::function<Result<void>(const LogChunk&)>& take) override
    {
        return eachSegment(from, until, [&](LogSegment& segment, int64_t first, int64_t last) -> Result<bool> {
            auto done = segment.read(first, last, take);
            if (!done) return done.error();
            return true;
        });
    }

    Result<void> eachKey(const std::function<void(const ReceivedKey&)>& take) override
    {
        const std::scoped_lock keys(keysMutex_);
        if (auto loaded = keyFiles_.load(take); !loaded) return loaded;
        for (const auto& [number, segment] : segments_) {
            auto walked = segment->eachKey([&](const FrameKey& key, LogPosition until) { take({key.key, key.at, key.check, until}); });
            if (!walked) return walked;
        }
        return {};
    }

    void keepKeys() override
    {
        const std::scoped_lock keys(keysMutex_);
        keepsKeys_ = true;
    }

    Result<void> forgetKeysBefore(Timestamp since) override
    {
        const std::scoped_lock keys(keysMutex_);
        return keyFiles_.forgetBefore(since);
    }

    Result<void> forgetBefore(LogPosition position) override
    {
        const std::scoped_lock keys(keysMutex_);
        std::vector<SegmentPtr> gone;
        {
            const std::scoped_lock lock(mutex_);
            // The last segment stays: its number tells where to go on.
            for (auto segment = segments_.begin(); !segments_.empty() && segment != std::prev(segments_.end()) && segment->first < position.segment; ++segment) gone.push_back(segment->second);
        }
        for (const SegmentPtr& segment : gone) {
            if (keepsKeys_) {
                if (auto kept = keyFiles_.keep(*segment); !kept) return kept;
            }
            {
                const std::scoped_lock lock(mutex_);
                segments_.erase(segment->number());
            }
            if (auto removed = removeAll(segment->path()); !removed) return removed;
        }
        return {};
    }

private:
    // Under the lock.
    Result<void> write(FrameKind kind, uint32_t records, std::string_view first, std::string_view second)
    {
        if (lost_) return *lost_;
        if (first.size() + second.size() > kLargestPayload) {
            return permanent(fmt::format("a record of {} bytes is longer than the receive log takes: {} bytes", first.size() + second.size(), kLargestPayload));
        }
        if (segments_.empty() || end_.byte >= kSegmentBytes) {
            if (auto rolled = roll(); !rolled) return rolled;
        }
        LogSegment& segment = *segments_.rbegin()->second;
        if (auto done = segment.append(kind, records, first, second); !done) return done;
        end_ = segment.end();
        return {};
    }

    // Ends the last segment, durably, and begins a new one, whose name is durable too.
    Result<void> roll()
    {
        if (!segments_.empty()) {
            if (auto done = segments_.rbegin()->second->sync(); !done) {
                lost_ = done.error();
                return done;
            }
            ++fsyncs_;
            durable_ = end_;
        }
        const int64_t number = segments_.empty() ? 1 : segments_.rbegin()->first + 1;
        auto segment = LogSegment::create(folder_, number);
        if (!segment) return segment.error();
        if (auto done = syncFolder(folder_); !done) {
            (void)removeAll((*segment)->path());
            return done;
        }
        ++fsyncs_;
        if (end_ == durable_) durable_ = {number, 0};
        end_ = {number, 0};
        segments_[number] = std::move(*segment);
        return {};
    }

    // Under the lock: drops what an append wrote before it failed.
    void takeBack(LogPosition before)
    {
        while (!segments_.empty() && segments_.rbegin()->first > before.segment) {
            (void)removeAll(segments_.rbegin()->second->path());
            segments_.erase(std::prev(segments_.end()));
        }
        end_ = before;
        durable_ = std::min(durable_, end_);
        if (segments_.empty()) return;
        if (auto done = segments_.rbegin()->second->truncate(before.byte); !done) lost_ = done.error();
    }

    // The parts of [from, until) in each segment; `visit` answers whether to go on.
    Result<void> eachSegment(LogPosition from, LogPosition until, const std::function<Result<bool>(LogSegment&, int64_t, int64_t)>& visit)
    {
        if (until <= from) return {};
        std::vector<SegmentPtr> parts;
        {
            const std::scoped_lock lock(mutex_);
            const int64_t first = segments_.empty() ? 0 : segments_.begin()->first;
            if (segments_.empty() || std::max<int64_t>(from.segment, 1) < first || until > end_) {
                return permanent(fmt::format("{} holds {} to {}, wanted are {} to {}", folder_.string(), LogPosition{first, 0}.text(), end_.text(), from.text(), until.text()),
                                 "the received records were deleted or belong to another checkpoint");
            }
            for (int64_t number = std::max<int64_t>(from.segment, 1); number <= until.segment; ++number) {
                const auto found = segments_.find(number);
                if (found == segments_.end()) return permanent(fmt::format("{} is missing: received records are lost", (folder_ / LogSegment::nameOf(number)).string()));
                parts.push_back(found->second);
            }
        }
        for (const SegmentPtr& segment : parts) {
            const int64_t first = segment->number() == from.segment ? from.byte : 0;
            const int64_t last = segment->number() == until.segment ? until.byte : segment->end().byte;
            if (first >= last) continue;
            auto more = visit(*segment, first, last);
            if (!more) return more.error();
            if (!*more) return {};
        }
        return {};
    }

    std::filesystem::path folder_;
    std::mutex keysMutex_;          // taken before mutex_; guards the two
    KeyFiles keyFiles_;
    bool keepsKeys_ = false;
    mutable std::mutex mutex_;
    std::map<int64_t, SegmentPtr> segments_;
    LogPosition end_;
    LogPosition durable_;
    int64_t tornBytes_ = 0;
    std::optional<Error> lost_;     // a sync failed: what follows cannot be trusted before a restart
    std::atomic<int64_t> fsyncs_{0};
};

}

Result<std::unique_ptr<ReceiveLog>> ReceiveLog::open(const std::filesystem::path& folder, LogPosition needed)
{
    auto log = std::make_unique<SegmentedLog>(folder);
    if (auto started = log->start(needed); !started) return started.error();
    return std::unique_ptr<ReceiveLog>(std::move(log));
}

LogPosition ReceiveLog::wholeUntil(const std::filesystem::path& folder)
{
    std::map<int64_t, std::filesystem::path> segments;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
        if (const auto number = LogSegment::numberOf(entry.path())) segments[*number] = entry.path();
    }
    LogPosition whole;
    for (const auto& [number, path] : segments) {
        if (whole.segment != 0 && number != whole.segment + 1) return whole;
        auto file = File::read(path);
        if (!file) return whole;
        auto end = walkFrames(*file, Walk::Payloads, [](int64_t, const FrameHeader&, std::string_view) {});
        if (!end) return whole;
        whole = {number, *end};
        if (*end < file->size()) return whole;
    }
    return whole;
}

}
