#include "engine/runtime/memory_log.h"

#include <algorithm>
#include <deque>

namespace streamwright {

namespace {

enum class Kind : unsigned char { Lines, Record, Rejected };

// Positions count bytes in segment 1; a record without a line end takes one byte more than it has.
struct Block {
    int64_t from;
    int64_t until;
    Kind kind;
    std::shared_ptr<Buffer> bytes;
    uint32_t reason = 0;        // Rejected: size of the head; the reason stands behind it
};

class MemoryLog final : public ReceiveLog {
public:
    Result<LogPosition> append(std::string_view lines) override { return add(Kind::Lines, lines, {}, static_cast<int64_t>(lines.size())); }
    Result<LogPosition> appendRecord(std::string_view record) override { return add(Kind::Record, record, {}, static_cast<int64_t>(record.size()) + 1); }
    Result<LogPosition> appendRejected(std::string_view head, std::string_view reason) override
    {
        return add(Kind::Rejected, head, reason, static_cast<int64_t>(head.size()) + 1);
    }

    Result<LogPosition> appendKeyed(std::string_view, Timestamp, Keyed kind, std::string_view records) override { return kind == Keyed::Lines ? append(records) : appendRecord(records); }
    Result<void> eachKey(const std::function<void(const ReceivedKey&)>&) override { return {}; }
    void keepKeys() override {}
    Result<void> forgetKeysBefore(Timestamp) override { return {}; }

    Result<void> sync() override { return {}; }
    LogPosition end() const override
    {
        std::lock_guard lock(mutex_);
        return {1, end_};
    }
    LogPosition durableEnd() const override { return end(); }
    int64_t fsyncs() const override { return 0; }
    LogPosition begin() const override
    {
        std::lock_guard lock(mutex_);
        return {1, blocks_.empty() ? end_ : blocks_.front().from};
    }

    Result<Ahead> ahead(LogPosition from, std::optional<int64_t> rows, LogPosition limit) override
    {
        Ahead ahead{from, 0};
        const int64_t most = rows.value_or(INT64_MAX);
        for (const Block& block : between(from.byte, limit.byte)) {
            if (ahead.rows >= most) break;
            if (block.kind != Kind::Lines) {
                ++ahead.rows;
                ahead.until = {1, block.until};
                continue;
            }
            const char* at = block.bytes->data() + (std::max(from.byte, block.from) - block.from);
            const char* end = block.bytes->data() + (std::min(limit.byte, block.until) - block.from);
            if (!rows) {
                ahead.rows += std::count(at, end, '\n');
                at = end;
            }
            for (; at < end && ahead.rows < most; ++ahead.rows) at = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at))) + 1;
            ahead.until = {1, block.from + (at - block.bytes->data())};
        }
        return ahead;
    }

    Result<std::vector<LogPosition>> cut(LogPosition from, LogPosition until, int64_t bytes) override
    {
        std::vector<LogPosition> places{from};
        for (const Block& block : between(from.byte, until.byte)) {
            if (block.from - places.back().byte >= bytes && block.from > from.byte) places.push_back({1, block.from});
        }
        places.push_back(until);
        return places;
    }

    Result<void> read(LogPosition from, LogPosition until, const std::function<Result<void>(const LogChunk&)>& take) override
    {
        for (const Block& block : between(from.byte, until.byte)) {
            LogChunk chunk{.from = {1, std::max(from.byte, block.from)}, .until = {1, std::min(until.byte, block.until)}, .buffer = block.bytes};
            const char* start = block.bytes->data();
            if (block.kind == Kind::Lines) {
                const char* at = start + (chunk.from.byte - block.from);
                const char* end = start + (chunk.until.byte - block.from);
                while (at < end) {
                    const char* stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
                    chunk.records.push_back(StringRef::padded(at, static_cast<uint32_t>(stop - at)));
                    at = stop + 1;
                }
            } else if (block.kind == Kind::Record) {
                chunk.records.emplace_back(start, static_cast<uint32_t>(block.bytes->size()));
            } else {
                chunk.rejected.push_back({StringRef(start + block.reason, static_cast<uint32_t>(block.bytes->size()) - block.reason), StringRef(start, block.reason)});
            }
            if (auto taken = take(chunk); !taken) return taken;
        }
        return {};
    }

    Result<void> forgetBefore(LogPosition position) override
    {
        std::lock_guard lock(mutex_);
        while (!blocks_.empty() && blocks_.front().until <= position.byte) blocks_.pop_front();
        return {};
    }

private:
    Result<LogPosition> add(Kind kind, std::string_view bytes, std::string_view more, int64_t length)
    {
        auto buffer = Buffer::allocate(bytes.size() + more.size());
        std::memcpy(buffer->data(), bytes.data(), bytes.size());
        if (!more.empty()) std::memcpy(buffer->data() + bytes.size(), more.data(), more.size());
        std::lock_guard lock(mutex_);
        blocks_.push_back({end_, end_ + length, kind, std::move(buffer), static_cast<uint32_t>(bytes.size())});
        end_ += length;
        return LogPosition{1, end_};
    }

    // The blocks that hold something of [from, until); they share their bytes.
    std::vector<Block> between(int64_t from, int64_t until) const
    {
        std::lock_guard lock(mutex_);
        auto first = std::upper_bound(blocks_.begin(), blocks_.end(), from, [](int64_t byte, const Block& block) { return byte < block.until; });
        std::vector<Block> found;
        for (; first != blocks_.end() && first->from < until; ++first) found.push_back(*first);
        return found;
    }

    mutable std::mutex mutex_;
    std::deque<Block> blocks_;
    int64_t end_ = 0;
};

}

std::unique_ptr<ReceiveLog> memoryLog() { return std::make_unique<MemoryLog>(); }

}
