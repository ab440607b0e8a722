#include "engine/nodes/sources/shared/file_pieces.h"

#include "engine/formats/text.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace streamwright {

namespace {

constexpr size_t kCountBytes = 256 << 10;
// From so many lines on, several threads count them.
constexpr int64_t kManyLines = 200'000;
constexpr size_t kCounters = 4;

// The lines that end in bytes [from, to), as far as the file has them.
Result<int64_t> linesIn(PlacedFile& file, int64_t from, int64_t to)
{
    LineCounter counter(INT64_MAX);
    const auto buffer = Buffer::allocate(kCountBytes);
    // A `\n` in front may belong to the `\r` before it.
    if (from > 0) {
        auto before = file.readAt(from - 1, buffer->data(), 1);
        if (!before) return before.error();
        if (*before == 1 && buffer->data()[0] == '\r') counter.follow();
    }
    for (int64_t at = from; at < to;) {
        auto got = file.readAt(at, buffer->data(), std::min(kCountBytes, static_cast<size_t>(to - at)));
        if (!got) return got.error();
        if (*got == 0) break;
        counter.take(buffer->data(), *got);
        at += static_cast<int64_t>(*got);
    }
    return counter.lines();
}

// Whole pieces of a file that together have fewer lines than a batch takes.
struct CountedPieces {
    int64_t bytes = 0;
    int64_t lines = 0;
};

// Counts the pieces from byte `from` on by several threads until `most` lines are passed. An error ends it early:
// whoever reads on meets it again.
CountedPieces countPieces(const FilePlace& place, const FoundFile& file, int64_t from, int64_t most)
{
    const int64_t size = place.pieceBytes();
    const int64_t pieces = (file.size - from) / size;
    std::vector<int64_t> lines(static_cast<size_t>(pieces), -1);
    std::atomic<int64_t> next = 0, counted = 0;
    const auto count = [&] {
        while (counted < most) {
            const int64_t piece = next++;
            if (piece >= pieces) return;
            const int64_t at = from + piece * size;
            auto opened = place.openPlanned(file, std::max<int64_t>(at - 1, 0), at + size, nullptr);
            if (!opened) return;
            const auto found = linesIn(**opened, at, at + size);
            if (!found) return;
            lines[static_cast<size_t>(piece)] = *found;
            counted += *found;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (size_t i = 1; i < std::min<size_t>(kCounters, std::thread::hardware_concurrency()); ++i) threads.emplace_back(count);
        count();
    }
    CountedPieces whole;
    for (const int64_t each : lines) {
        if (each < 0 || whole.lines + each >= most) break;
        whole.bytes += size;
        whole.lines += each;
    }
    return whole;
}

}

// "FROM TO SIZE MODIFIED LENGTH PATH" for each: a path may hold any bytes, so its length is told.
std::string segmentsText(const std::vector<FileSegment>& segments)
{
    std::string text;
    for (const FileSegment& each : segments) {
        fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {}", each.from, each.to, each.file.size, each.file.modified, each.file.path.size(), each.file.path);
    }
    return text;
}

Result<std::vector<FileSegment>> segmentsOf(std::string_view text)
{
    std::vector<FileSegment> segments;
    while (!text.empty()) {
        const auto from = takeNumber(text), to = takeNumber(text), size = takeNumber(text), modified = takeNumber(text), length = takeNumber(text);
        if (!from || !to || !size || !modified || !length || *length < 0 || static_cast<size_t>(*length) > text.size()) {
            return permanent("the logged list of files cannot be understood", "`streamwright checkpoint verify` shows what is damaged");
        }
        const auto path = static_cast<size_t>(*length);
        segments.push_back({{std::string(text.substr(0, path)), *size, *modified}, *from, *to});
        text.remove_prefix(path);
    }
    return segments;
}

Result<std::optional<int64_t>> FileCut::take(const WaitingFile& file)
{
    auto opened = place_.open(file.file);
    if (!opened) return opened.error();
    if (!*opened) return std::optional<int64_t>();
    int64_t until = file.file.size;
    if (limit_) {
        auto cut = lineEndAfter(**opened, file, *limit_ - rows_);
        if (!cut) return cut.error();
        if (!format_.wholeFiles) until = *cut;
        full_ = rows_ >= *limit_;
    }
    segments_.push_back({file.file, file.from, until});
    full_ |= maxFiles_ > 0 && static_cast<int64_t>(segments_.size()) >= maxFiles_;
    return std::optional(until);
}

// Where the `most`-th line ends, or the file; counts the lines.
Result<int64_t> FileCut::lineEndAfter(PlacedFile& opened, const WaitingFile& file, int64_t most)
{
    // The header of a file is no row.
    const int64_t header = format_.header && file.from == 0 ? 1 : 0;
    CountedPieces whole;
    if (most >= kManyLines && file.file.size - file.from >= 2 * place_.pieceBytes()) whole = countPieces(place_, file.file, file.from, most + header);
    LineCounter counter(most + header - whole.lines);
    const auto buffer = Buffer::allocate(kCountBytes);
    int64_t at = file.from + whole.bytes;
    char last = '\n';
    // Where whole pieces end, a line end may go on.
    if (whole.bytes > 0) {
        auto got = opened.readAt(at - 1, buffer->data(), 1);
        if (!got) return got.error();
        last = buffer->data()[0];
        if (last == '\r') counter.follow();
    }
    while (at < file.file.size && !counter.full()) {
        auto got = opened.readAt(at, buffer->data(), std::min(kCountBytes, static_cast<size_t>(file.file.size - at)));
        if (!got) return got.error();
        if (*got == 0) break;
        const size_t taken = counter.take(buffer->data(), *got);
        at += static_cast<int64_t>(taken);
        last = buffer->data()[taken - 1];
    }
    // The line feed of a last `\r\n` belongs to the line.
    if (counter.endedInReturn() && at < file.file.size) {
        auto got = opened.readAt(at, buffer->data(), 1);
        if (!got) return got.error();
        if (*got == 1 && buffer->data()[0] == '\n') ++at;
    }
    rows_ += whole.lines + counter.lines() + (last == '\n' || last == '\r' ? 0 : 1) - header;
    return at;
}

Result<int64_t> LineNumbers::lineAt(PlacedFile& file, int64_t at)
{
    const std::scoped_lock lock(mutex_);
    const auto known = std::prev(known_.upper_bound(at));
    const auto lines = linesIn(file, known->first, at);
    if (!lines) return lines.error();
    return known_.emplace(at, known->second + *lines).first->second;
}

Result<FilePieces::Pieces> FilePieces::of(const Range& range, const FileFormat& format) const
{
    std::lock_guard lock(mutex_);
    if (pieces_ && detail_ == range.detail) return pieces_;
    const auto segments = segmentsOf(range.detail);
    if (!segments) return segments.error();
    auto pieces = std::make_shared<std::vector<FilePiece>>();
    for (const FileSegment& each : *segments) {
        const int64_t size = format.wholeFiles ? std::max<int64_t>(each.to - each.from, 1) : bytes_;
        const auto lines = std::make_shared<LineNumbers>();
        for (int64_t from = each.from; from < each.to; from += size) pieces->push_back({each, from, std::min(from + size, each.to), lines});
    }
    detail_ = range.detail;
    return pieces_ = std::move(pieces);
}

}
