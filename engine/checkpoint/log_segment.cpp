#include "engine/checkpoint/log_segment.h"

#include <charconv>

namespace streamwright {

namespace {

// A chunk takes frames until it holds so many bytes.
constexpr int64_t kChunkBytes = 1 << 20;

// The lines of a payload from byte `skip` to byte `until` of it, without their ends.
void addLines(const char* payload, int64_t skip, int64_t until, std::vector<StringRef>& records)
{
    const char* at = payload + skip;
    const char* end = payload + until;
    while (at < end) {
        const auto* stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
        if (!stop) stop = end;
        // The bytes lie in a Buffer, whose padding may be read.
        records.push_back(StringRef::padded(at, static_cast<uint32_t>(stop - at)));
        at = stop + 1;
    }
}

}

std::string LogSegment::nameOf(int64_t number) { return fmt::format("{:08d}.log", number); }

std::optional<int64_t> LogSegment::numberOf(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    int64_t number = 0;
    const auto part = std::from_chars(name.data(), name.data() + name.size(), number);
    if (part.ec != std::errc() || number < 1 || nameOf(number) != name) return std::nullopt;
    return number;
}

Result<std::unique_ptr<LogSegment>> LogSegment::create(const std::filesystem::path& folder, int64_t number)
{
    // A crash between making a segment and its first fsync may leave the name.
    if (auto gone = removeAll(folder / nameOf(number)); !gone) return gone.error();
    auto file = File::create(folder / nameOf(number));
    if (!file) return file.error();
    std::unique_ptr<LogSegment> segment(new LogSegment(number, std::move(*file)));
    segment->indexed_ = true;
    return segment;
}

Result<std::unique_ptr<LogSegment>> LogSegment::open(const std::filesystem::path& folder, int64_t number)
{
    auto file = File::append(folder / nameOf(number));
    if (!file) return file.error();
    return std::unique_ptr<LogSegment>(new LogSegment(number, std::move(*file)));
}

Result<std::unique_ptr<LogSegment>> LogSegment::openToRead(const std::filesystem::path& folder, int64_t number)
{
    auto file = File::read(folder / nameOf(number));
    if (!file) return file.error();
    return std::unique_ptr<LogSegment>(new LogSegment(number, std::move(*file)));
}

Result<std::unique_ptr<LogSegment>> LogSegment::openLast(const std::filesystem::path& folder, int64_t number, int64_t needed)
{
    auto opened = open(folder, number);
    if (!opened) return opened;
    LogSegment& segment = **opened;
    auto whole = walkFrames(segment.file_, Walk::Payloads, [&](int64_t byte, const FrameHeader& header, std::string_view) {
        segment.index_.push_back({byte, header.length, header.records, header.kind});
    });
    if (!whole) return whole.error();
    if (*whole < needed) return damagedFrame(segment.path(), *whole, fmt::format("no whole record begins there, but records up to byte {} were received", needed));
    if (*whole < segment.file_.size()) {
        segment.tornBytes_ = segment.file_.size() - *whole;
        if (auto cut = segment.truncate(*whole); !cut) return cut.error();
    }
    segment.indexed_ = true;
    return opened;
}

Result<void> LogSegment::append(FrameKind kind, uint32_t records, std::string_view first, std::string_view second)
{
    const std::string header = frameHeader(kind, records, first, second);
    const Frame frame{size_.load(), static_cast<uint32_t>(first.size() + second.size()), records, kind};
    if (auto done = file_.write({header, first, second}); !done) return done;
    const std::scoped_lock lock(mutex_);
    index_.push_back(frame);
    size_.store(frame.end());
    return {};
}

Result<void> LogSegment::truncate(int64_t byte)
{
    if (auto done = file_.truncate(byte); !done) return done;
    const std::scoped_lock lock(mutex_);
    while (!index_.empty() && index_.back().byte >= byte) index_.pop_back();
    size_.store(byte);
    return {};
}

Result<std::vector<LogSegment::Frame>> LogSegment::frames(int64_t from, int64_t until)
{
    const std::scoped_lock lock(mutex_);
    if (!indexed_) {
        auto whole = walkFrames(file_, Walk::Headers, [&](int64_t byte, const FrameHeader& header, std::string_view) {
            index_.push_back({byte, header.length, header.records, header.kind});
        });
        if (!whole) return whole.error();
        if (*whole < file_.size()) {
            index_.clear();
            return damagedFrame(path(), *whole, "no whole record begins there");
        }
        indexed_ = true;
    }
    auto first = std::upper_bound(index_.begin(), index_.end(), from, [](int64_t byte, const Frame& frame) { return byte < frame.end(); });
    auto last = std::lower_bound(first, index_.end(), until, [](const Frame& frame, int64_t byte) { return frame.byte < byte; });
    return std::vector<Frame>(first, last);
}

Result<std::string> LogSegment::payload(const Frame& frame) const
{
    std::string bytes(static_cast<size_t>(kFrameHeader) + frame.length, '\0');
    auto got = file_.readAt(frame.byte, bytes.data(), bytes.size());
    if (!got) return got.error();
    const auto header = *got == bytes.size() ? parseFrameHeader(bytes.data()) : std::nullopt;
    if (!header || header->length != frame.length || !frameIsWhole(bytes.data(), *header)) return damagedFrame(path(), frame.byte, "the check sum of its records differs");
    return bytes.substr(static_cast<size_t>(kFrameHeader));
}

Result<void> LogSegment::eachKey(const std::function<void(const FrameKey&, LogPosition)>& take)
{
    auto whole = walkFrames(file_, Walk::Payloads, [&](int64_t byte, const FrameHeader& header, std::string_view payload) {
        const auto key = isKeyed(header.kind) ? parseFrameKey(payload) : std::nullopt;
        if (key) take(*key, {number_, byte + kFrameHeader + header.length});
    });
    if (!whole) return whole.error();
    if (*whole < size_.load()) return damagedFrame(path(), *whole, "no whole record begins there");
    return {};
}

Result<LogSegment::Ahead> LogSegment::ahead(int64_t from, std::optional<int64_t> rows, int64_t until)
{
    auto touched = frames(from, until);
    if (!touched) return touched.error();
    Ahead ahead{from, 0};
    for (const Frame& frame : *touched) {
        const bool whole = from <= frame.byte && frame.end() <= until;
        if (whole && (!rows || ahead.rows + frame.records <= *rows)) {
            ahead.rows += frame.records;
            ahead.byte = frame.end();
            continue;
        }
        if (rows && ahead.rows >= *rows) return ahead;
        // A part of a frame of lines: count its line ends.
        auto bytes = payload(frame);
        if (!bytes) return bytes.error();
        const int64_t start = frame.byte + kFrameHeader;
        const bool lines = frame.kind == FrameKind::Lines || frame.kind == FrameKind::KeyedLines;
        const auto key = isKeyed(frame.kind) ? parseFrameKey(*bytes) : FrameKey{};
        if (!key) return damagedFrame(path(), frame.byte, "it has no key");
        size_t at = static_cast<size_t>(std::max(from - start, static_cast<int64_t>(key->size)));
        const auto end = static_cast<size_t>(std::min<int64_t>(until - start, frame.length));
        while (at < end && (!rows || ahead.rows < *rows)) {
            const size_t stop = lines ? bytes->find('\n', at) : end;
            at = std::min(end, stop == std::string::npos ? end : lines ? stop + 1 : end);
            ++ahead.rows;
        }
        ahead.byte = start + static_cast<int64_t>(at);
    }
    return ahead;
}

Result<std::vector<int64_t>> LogSegment::frameStarts(int64_t from, int64_t until, int64_t bytes)
{
    auto touched = frames(from, until);
    if (!touched) return touched.error();
    std::vector<int64_t> starts;
    int64_t last = from - bytes;
    for (const Frame& frame : *touched) {
        if (frame.byte < from || frame.byte - last < bytes) continue;
        starts.push_back(frame.byte);
        last = frame.byte;
    }
    return starts;
}

Result<void> LogSegment::read(int64_t from, int64_t until, const std::function<Result<void>(const LogChunk&)>& take)
{
    auto touched = frames(from, until);
    if (!touched) return touched.error();
    for (size_t first = 0; first < touched->size();) {
        // 1. as many frames as fill a chunk. 2. one read. 3. views into it.
        size_t last = first + 1;
        while (last < touched->size() && (*touched)[last].end() - (*touched)[first].byte <= kChunkBytes) ++last;
        const int64_t start = (*touched)[first].byte;
        const int64_t size = (*touched)[last - 1].end() - start;
        auto buffer = Buffer::allocate(static_cast<size_t>(size));
        auto got = file_.readAt(start, buffer->data(), static_cast<size_t>(size));
        if (!got) return got.error();
        LogChunk chunk;
        chunk.from = {number_, std::max(from, start)};
        chunk.until = {number_, std::min(until, start + size)};
        chunk.buffer = buffer;
        for (size_t f = first; f < last; ++f) {
            const Frame& frame = (*touched)[f];
            const char* bytes = buffer->data() + (frame.byte - start);
            const bool there = frame.end() - start <= static_cast<int64_t>(*got);
            const auto header = there ? parseFrameHeader(bytes) : std::nullopt;
            if (!header || header->length != frame.length || !frameIsWhole(bytes, *header)) {
                return damagedFrame(path(), frame.byte, there ? "the check sum of its records differs" : "the file ends before the record does");
            }
            const char* payload = bytes + kFrameHeader;
            const int64_t base = frame.byte + kFrameHeader;
            const auto key = isKeyed(frame.kind) ? parseFrameKey({payload, frame.length}) : FrameKey{};
            if (!key) return damagedFrame(path(), frame.byte, "it has no key");
            if (frame.kind == FrameKind::Lines || frame.kind == FrameKind::KeyedLines) {
                addLines(payload, std::max(from - base, static_cast<int64_t>(key->size)), std::min<int64_t>(until - base, frame.length), chunk.records);
            } else if (frame.kind == FrameKind::Record || frame.kind == FrameKind::KeyedRecord) {
                chunk.records.push_back(StringRef::padded(payload + key->size, frame.length - static_cast<uint32_t>(key->size)));
            } else if (frame.kind == FrameKind::Rejected) {
                const size_t why = std::min<size_t>(strnlen(payload, frame.length), frame.length);
                const size_t head = std::min<size_t>(why + 1, frame.length);
                chunk.rejected.push_back({StringRef::padded(payload, static_cast<uint32_t>(why)), StringRef::padded(payload + head, static_cast<uint32_t>(frame.length - head))});
            } else {
                return damagedFrame(path(), frame.byte, "it is no record of a receive log");
            }
        }
        if (auto done = take(chunk); !done) return done;
        first = last;
    }
    return {};
}

}
